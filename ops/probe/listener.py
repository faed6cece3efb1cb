"""The webhooks that Twilio sends to a probe: a server on this machine, behind a tunnel of the operator's."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

import requests

from ops.probe.errors import ProbeError

MAXIMUM_BYTES = 65_536
IDEMPOTENCY_HEADER = "I-Twilio-Idempotency-Token"
_SECONDS = 10.0


@dataclass(frozen=True)
class Webhook:
    """One state event that arrived."""

    conversation: str
    state_to: str
    reason: str
    has_token: bool


class Listener:
    """Listens on loopback while the `with` block lasts.

    The URL ends in a secret, so nobody else's request is taken for Twilio's.

    Args:
        public_url: the tunnel's address, which leads to the port.
        port: on this machine; 0 chooses a free one.

    Raises:
        ProbeError: the port is in use.
    """

    def __init__(self, public_url: str, port: int) -> None:
        self._secret = secrets.token_urlsafe(24)
        self._lock = Lock()
        self._webhooks: list[Webhook] = []
        try:
            self._server = _Server(("127.0.0.1", port), _handler(f"/{self._secret}", self._receive))
        except OSError as error:
            raise ProbeError(f"cannot listen on port {port} ({error.strerror}); choose another with --port") from None
        self.port = self._server.server_port
        self.url = f"{public_url.rstrip('/')}/{self._secret}"
        self._public_url = public_url

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def check(self) -> None:
        """Ask ourselves through the tunnel.

        Raises:
            ProbeError: nothing answers there, or something else does.
        """
        try:
            found = str(requests.get(self.url, timeout=_SECONDS).status_code)
        except requests.RequestException as error:
            found = type(error).__name__
        if found != "204":
            raise ProbeError(
                f"{self._public_url} does not lead here ({found}): let the tunnel forward to "
                f"http://127.0.0.1:{self.port}, or leave --listen out"
            )

    def heard(self, conversation: str) -> list[Webhook]:
        """What arrived about a conversation."""
        with self._lock:
            return [webhook for webhook in self._webhooks if webhook.conversation == conversation]

    def _receive(self, form: Mapping[str, str], headers: Mapping[str, str]) -> None:
        webhook = Webhook(
            conversation=form.get("ConversationSid", ""),
            state_to=form.get("StateTo", ""),
            reason=form.get("Reason", ""),
            has_token=any(name.lower() == IDEMPOTENCY_HEADER.lower() for name in headers),
        )
        with self._lock:
            self._webhooks.append(webhook)


class _Server(ThreadingHTTPServer):
    """Quiet, because strangers reach a public address too."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing."""


def _handler(
    path: str, receive: Callable[[Mapping[str, str], Mapping[str, str]], None]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_GET(self) -> None:
            self._answer(204 if self.path == path else 404)

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != path or not length.isdecimal() or int(length) > MAXIMUM_BYTES:
                self._answer(404)
                return
            form = dict(parse_qsl(self.rfile.read(int(length)).decode("utf-8", "replace")))
            receive(form, dict(self.headers.items()))
            self._answer(204)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler
