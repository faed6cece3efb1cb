"""Reads request bodies within a time limit and a size limit, or discards them.

gunicorn, as functions-framework runs it, gives each request a thread and waits for the body without a limit, so a few
slow clients could keep Twilio's requests out.
"""

import io
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from flask import Request

MAX_BYTES = 64 * 1024
"""Maximum size of a body. Twilio's events about a conversation's state have less than 1 KB, those about a task more."""

BODY_TIMEOUT = 0.5
"""Maximum seconds for a body. Twilio sends it together with the headers."""

SOCKET_KEY = "gunicorn.socket"
"""Key of the WSGI environment under which gunicorn puts the socket (gunicorn, `http/wsgi.py`). Without it, as under
another server, there is no time limit."""


class TooLargeError(Exception):
    """The body is larger than any event of Twilio's."""


class TooSlowError(Exception):
    """The body did not arrive in time, or not completely."""


@dataclass
class _Reading:
    """A body that is being read.

    Attributes:
        until: when it must be complete, in seconds on the monotonic clock.
        connection: the client's socket; None once the body is complete.
    """

    until: float
    connection: socket.socket | None


class BodyReader:
    """Reads bodies, with one thread for the whole process that cuts off slow clients."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._readings: deque[_Reading] = deque()
        self._watchdog: threading.Thread | None = None

    def read(self, request: Request) -> bytes:
        """Read a request's whole body.

        Raises:
            TooLargeError: the body is larger than any event.
            TooSlowError: the body did not arrive in time, or not completely.
        """
        reading = self._begin(request.environ.get(SOCKET_KEY))
        try:
            body = _read(request)
        except OSError:
            raise TooSlowError from None
        finally:
            self._end(reading)
        if len(body) > MAX_BYTES:
            raise TooLargeError
        if len(body) < (request.content_length or 0):
            raise TooSlowError
        _mark_consumed(request)
        return body

    def _begin(self, connection: socket.socket | None) -> _Reading | None:
        """Have the client cut off in half a second, if its connection is known."""
        if connection is None:
            return None
        reading = _Reading(time.monotonic() + BODY_TIMEOUT, connection)
        with self._lock:
            if self._watchdog is None:
                self._watchdog = threading.Thread(target=self._watch, name="body-watchdog", daemon=True)
                self._watchdog.start()
            self._readings.append(reading)
            if len(self._readings) == 1:
                self._lock.notify()
        return reading

    def _end(self, reading: _Reading | None) -> None:
        if reading is not None:
            with self._lock:
                reading.connection = None

    def _watch(self) -> None:
        """Shut down the sockets of late clients for reading: whoever reads from one sees its end."""
        with self._lock:
            while True:
                if not self._readings:
                    self._lock.wait()
                elif (left := self._readings[0].until - time.monotonic()) > 0:
                    self._lock.wait(left)
                elif connection := self._readings.popleft().connection:
                    _stop_receiving(connection)


def _read(request: Request) -> bytes:
    """Read a body; of one that is too large, only as much as shows that it is."""
    source, length = request.environ["wsgi.input"], request.content_length or 0
    most = MAX_BYTES + 1 if request.environ.get("wsgi.input_terminated") else min(length, MAX_BYTES + 1)
    body = b""
    while len(body) < most and (part := source.read(most - len(body))):
        body += part
        if len(body) == length:
            break
    return body


def discard_body(request: Request) -> None:
    """Discard a request's unread body and let its connection end.

    Otherwise functions-framework (`read_request`) or the server would read the rest.
    """
    environ = request.environ
    connection: socket.socket | None = environ.get(SOCKET_KEY)
    if connection and (environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ):
        with suppress(OSError):
            # Closing a socket with unread bytes resets the connection, and the client never sees the response.
            connection.recv(MAX_BYTES, socket.MSG_DONTWAIT)
        _stop_receiving(connection)
    _mark_consumed(request)


def _mark_consumed(request: Request) -> None:
    request.environ.update({"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"})
    request.environ.pop("HTTP_TRANSFER_ENCODING", None)


def _stop_receiving(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
