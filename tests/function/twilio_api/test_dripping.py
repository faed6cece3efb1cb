"""An answer is complete in time or there is none: bytes that arrive one by one do not extend a call."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from function.twilio_api.attempt import Attempt
from function.twilio_api.connections import Connections
from function.twilio_api.errors import UnavailableError
from function.twilio_api.rate_limiter import RateLimiter
from function.twilio_api.transport import MAX_BYTES, READ_TIMEOUT, Transport
from simulator.tls import new_identity

HEAD = b"HTTP/1.1 200 OK\r\nDate: Mon, 05 Jan 2026 00:08:00 GMT\r\nContent-Type: application/json\r\n"
JSON = b'{"sid": "CH1", "friendly_name": "' + b"x" * 3000 + b'"}'
ZIPPED = gzip.compress(JSON)


def whole(body: bytes, *more: bytes) -> bytes:
    """Return an answer with its length."""
    return HEAD + b"".join(more) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes) -> bytes:
    """Return an answer in chunks of ten bytes."""
    chunks = [body[at : at + 10] for at in range(0, len(body), 10)]
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks)


@dataclass
class Dripping:
    """A server that sends an answer's first bytes at once and the others one by one."""

    answer: bytes = whole(JSON)
    at_once: int = 0
    pause: float = 0.02
    tls: ssl.SSLContext | None = None
    seen: list[bytes] = field(default_factory=list)
    _listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def url(self) -> str:
        """The server's address."""
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self._listening.getsockname()[1]}/x"

    def serve(self) -> None:
        """Serve until closed."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._drip, args=(connection,), daemon=True).start()

    def _drip(self, connection: socket.socket) -> None:
        try:
            connection = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
        except OSError:
            return
        with connection:
            self.seen.append(connection.recv(65_536))
            try:
                connection.sendall(self.answer[: self.at_once])
                for at in range(self.at_once, len(self.answer)):
                    time.sleep(self.pause)
                    connection.sendall(self.answer[at : at + 1])
            except OSError:
                return

    def close(self) -> None:
        """Stop."""
        self._listening.close()


@pytest.fixture
def server() -> Iterator[Dripping]:
    """Start a server that is slow."""
    dripping = Dripping()
    threading.Thread(target=dripping.serve, daemon=True).start()
    yield dripping
    dripping.close()


def call(server: Dripping, seconds: float, method: str = "GET") -> str:
    """Make a call, and return the text of its answer."""
    attempt = Attempt.lasting(seconds)
    operation = Transport(server.url, rate_limiter=RateLimiter(limits=False)).operation(attempt, "call")
    return operation.request(method, server.url).text


@pytest.mark.parametrize(
    ("answer", "at_once"),
    [
        (whole(JSON), 0),
        (whole(JSON), len(HEAD) + 60),
        (chunked(JSON), len(HEAD) + 60),
        (whole(ZIPPED, b"Content-Encoding: gzip\r\n"), len(HEAD) + 60),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 300 + whole(JSON), 0),
    ],
    ids=["head", "body", "chunks", "gzip", "interim answers"],
)
def test_an_answer_that_drips_ends_with_the_attempt(server: Dripping, answer: bytes, at_once: int) -> None:
    """This holds for every part of an answer: a byte in time does not extend it."""
    server.answer, server.at_once = answer, at_once
    began = time.monotonic()

    with pytest.raises(UnavailableError, match="call: "):
        call(server, 0.5)
    assert 0.4 < time.monotonic() - began < 0.8


def test_an_answer_that_drips_ends_with_the_call(server: Dripping) -> None:
    """A write is given up after its own limit, even if the attempt has more time."""
    began = time.monotonic()

    with pytest.raises(UnavailableError):
        call(server, 10, "POST")
    assert READ_TIMEOUT - 0.1 < time.monotonic() - began < READ_TIMEOUT + 0.5
    assert len(server.seen) == 1


@pytest.mark.parametrize("answer", [whole(JSON), chunked(JSON) + b"0\r\n\r\n"], ids=["with a length", "in chunks"])
def test_an_answer_that_drips_for_a_moment_is_an_answer(server: Dripping, answer: bytes) -> None:
    """It is complete in time."""
    server.answer, server.at_once = answer, len(answer) - 10

    assert call(server, 4) == JSON.decode()


def test_an_answer_larger_than_any_of_twilios_is_not_kept(server: Dripping) -> None:
    """Neither is one that grows so large while it is read, because memory is bounded."""
    bomb = gzip.compress(b" " * (MAX_BYTES + 1))
    server.answer = whole(bomb, b"Content-Encoding: gzip\r\n")
    server.at_once = len(server.answer)

    with pytest.raises(UnavailableError, match=r"^call: answer of more than 16 MiB$"):
        call(server, 4)


def test_an_answer_over_tls_that_drips_ends_with_the_attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS sends bytes in records; the trusted authorities are those of the environment."""
    identity = new_identity()
    trusted = tmp_path / "authority.pem"
    trusted.write_text(identity.authority)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    dripping = Dripping(tls=identity.context)
    threading.Thread(target=dripping.serve, daemon=True).start()
    began = time.monotonic()

    with pytest.raises(UnavailableError, match="call: "):
        call(dripping, 0.5)
    dripping.close()

    assert 0.4 < time.monotonic() - began < 0.8
    assert dripping.seen


def test_a_server_with_an_unknown_certificate_gets_no_request() -> None:
    """Its authority is not trusted, so neither a request nor a password is sent."""
    dripping = Dripping(tls=new_identity().context)
    threading.Thread(target=dripping.serve, daemon=True).start()

    with pytest.raises(UnavailableError, match=r"^call: SSLError$"):
        call(dripping, 4)
    dripping.close()

    assert dripping.seen == []


def test_the_trusted_authorities_are_read_once() -> None:
    """Reading them for each connection would take tens of milliseconds of the only core."""
    connections = Connections(hosts=1, each=1)
    secure = requests.Request("GET", "https://conversations.twilio.com/v1").prepare()
    keys = [connections.build_connection_pool_key_attributes(secure, verify=True)[1] for _ in range(2)]

    assert keys[0]["ssl_context"] is keys[1]["ssl_context"]
    assert ssl.CERT_REQUIRED is keys[0]["ssl_context"].verify_mode
