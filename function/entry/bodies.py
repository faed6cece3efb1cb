"""Requests' bodies: read within a moment and within bounds, or left alone.

Decides how long a client may take. The server gives a thread to each request and waits for its body as long as the
client likes (gunicorn's threads, as functions-framework runs them); a handful of slow clients would keep Twilio out.
"""

import io
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from flask import Request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_input_stream

MAX_BYTES = 64 * 1024
"""Twilio's events about a conversation's state have less than one kilobyte, those about a task some more."""

WITHIN = 0.5
"""Seconds for a body: Twilio sends it together with the head."""

CONNECTION = "gunicorn.socket"
"""Where gunicorn puts a request's connection (gunicorn, `http/wsgi.py`); other servers are not bounded."""


class TooLargeError(Exception):
    """No event of Twilio's has so many bytes."""


class TooSlowError(Exception):
    """The body did not come, or not in time."""


@dataclass
class _Reading:
    """A body that is being read: until when, and from where; None once it is there."""

    until: float
    connection: socket.socket | None


class Bodies:
    """Reads bodies; one for the whole process, with one thread that shows slow clients out."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._readings: deque[_Reading] = deque()
        self._usher: threading.Thread | None = None

    def read(self, request: Request) -> bytes:
        """The whole body.

        Raises:
            TooLargeError: it is larger than an event.
            TooSlowError: it did not come in time.
        """
        body = bytearray()
        source = get_input_stream(request.environ)
        try:
            with self._in_time(request.environ.get(CONNECTION)):
                while len(body) <= MAX_BYTES and (part := source.read(MAX_BYTES + 1 - len(body))):
                    body += part
        except (ClientDisconnected, OSError):
            raise TooSlowError from None
        if len(body) > MAX_BYTES:
            raise TooLargeError
        if len(body) < (request.content_length or 0):
            raise TooSlowError
        _taken(request)
        return bytes(body)

    @contextmanager
    def _in_time(self, connection: socket.socket | None) -> Iterator[None]:
        if connection is None:
            yield
            return
        reading = _Reading(time.monotonic() + WITHIN, connection)
        with self._lock:
            if self._usher is None:
                self._usher = threading.Thread(target=self._show_out, name="usher", daemon=True)
                self._usher.start()
            self._readings.append(reading)
            if len(self._readings) == 1:
                self._lock.notify()
        try:
            yield
        finally:
            with self._lock:
                reading.connection = None

    def _show_out(self) -> None:
        """Stop listening to whoever is late: what reads from them finds that they have ended."""
        with self._lock:
            while True:
                if not self._readings:
                    self._lock.wait()
                elif (left := self._readings[0].until - time.monotonic()) > 0:
                    self._lock.wait(left)
                elif connection := self._readings.popleft().connection:
                    _stop_listening(connection)


def leave(request: Request) -> None:
    """Leave what is unread of a body, and let the connection end: nobody waits for what is still to come.

    Else functions-framework would read what a function has not (`read_request`), and the server what that has not.
    """
    environ = request.environ
    connection: socket.socket | None = environ.get(CONNECTION)
    if connection and (environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ):
        with suppress(OSError):
            # A connection that is closed over what has arrived is reset, and its client never sees the answer.
            connection.recv(MAX_BYTES, socket.MSG_DONTWAIT)
        _stop_listening(connection)
    _taken(request)


def _taken(request: Request) -> None:
    request.environ.update({"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"})
    request.environ.pop("HTTP_TRANSFER_ENCODING", None)


def _stop_listening(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
