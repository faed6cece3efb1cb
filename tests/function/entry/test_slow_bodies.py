"""Clients that send their bodies byte by byte do not block genuine events."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import urlencode, urlsplit

import pytest

from tests.world.driving import Twilio
from tests.world.running import RunningFunction

MANY = 64
"""Four times as many as the function has threads here."""

NOBODYS = "a" * 27 + "="


@contextmanager
def slow_clients(url: str, headers: str, count: int = MANY) -> Iterator[list[socket.socket]]:
    """Open connections that have sent the head of a request and the first byte of its body."""
    parts = urlsplit(url)
    head = f"POST /conversations HTTP/1.1\r\nHost: x\r\n{headers}\r\n"
    with ExitStack() as stack:
        clients = []
        for _ in range(count):
            client = stack.enter_context(socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10))
            client.sendall(head.encode() + b"a")
            clients.append(client)
        yield clients


@pytest.mark.parametrize("signature", ["", f"X-Twilio-Signature: {NOBODYS}\r\n"], ids=["unsigned", "signed wrongly"])
@pytest.mark.parametrize("framing", ["Content-Length: 700\r\n", "Transfer-Encoding: chunked\r\n"])
def test_genuine_events_get_through(twilio: Twilio, function: RunningFunction, signature: str, framing: str) -> None:
    """All threads are taken by clients that could be Twilio; each has half a second, and others have none."""
    chat = twilio.answered()
    twilio.disturb(drop=1.0)
    twilio.advance("PT9M")

    with slow_clients(function.url, signature + framing):
        began = time.monotonic()
        reply = twilio.send(function.url, twilio.event(chat))
        took = time.monotonic() - began

    assert reply.status == 204
    assert chat.ours == ["warning"]
    assert took < (4 if signature else 1)


def test_a_client_that_never_finishes_is_disconnected(function: RunningFunction) -> None:
    """A byte every now and then does not extend the time: 408, and the connection is closed."""
    with slow_clients(function.url, f"X-Twilio-Signature: {NOBODYS}\r\nContent-Length: 700\r\n", 1) as (client,):
        began = time.monotonic()
        for _ in range(4):
            client.sendall(b"a")
            time.sleep(0.1)
        answer = client.recv(65_536)
        took = time.monotonic() - began

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert took < 2


def test_an_unsigned_request_is_refused_before_its_body_arrives(function: RunningFunction) -> None:
    """403 on the first byte; the rest is not read."""
    with slow_clients(function.url, "Content-Length: 700\r\n", 1) as (client,):
        began = time.monotonic()
        answer = client.recv(65_536)
        took = time.monotonic() - began
        client.sendall(b"a" * 699)
        rest = b"".join(iter(lambda: client.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert took < 0.4
    assert b"HTTP/1.1" not in rest


def test_a_connection_whose_request_was_read_stays_open(twilio: Twilio, function: RunningFunction) -> None:
    """This does not depend on the answer: only an unread rest closes a connection."""
    body = urlencode({**twilio.event(twilio.chat()), "EventType": "onMessageAdded"}).encode()
    parts = urlsplit(function.url)
    request = f"POST /conversations HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: {NOBODYS}\r\nContent-Length: {len(body)}"
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as client:
        for _ in range(3):
            client.sendall(request.encode() + b"\r\n\r\n" + body)
            assert client.recv(65_536).startswith(b"HTTP/1.1 403 ")


def test_many_genuine_events_at_once_are_all_read(twilio: Twilio, function: RunningFunction) -> None:
    """A client that sends a whole body is never disconnected, however many there are."""
    event = {**twilio.event(twilio.chat()), "EventType": "onMessageAdded"}

    with ThreadPoolExecutor(MANY) as pool:
        replies = list(pool.map(lambda _: twilio.send(function.url, event).status, range(4 * MANY)))

    assert replies == [204] * 4 * MANY
