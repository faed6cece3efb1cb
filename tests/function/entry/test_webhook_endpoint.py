"""HTTP in and out, over real sockets: which requests are accepted, and how all others are answered."""

import json
import socket
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.request_validator import RequestValidator

from tests.world.driving import Chat, Twilio, eventually, post
from tests.world.running import RunningFunction

NOBODYS = "a" * 27 + "="
"""A signature to look at, over nothing."""


@pytest.fixture
def chat(twilio: Twilio, function: RunningFunction) -> Chat:
    """A chat whose customer has been silent for an hour; no event was sent."""
    twilio.configure("http://127.0.0.1:9/nobody", "PT8M")
    chat = twilio.chat()
    chat.says("customer")
    chat.says("agent")
    twilio.advance("PT1H")
    twilio.clear_log()
    return chat


def test_a_genuine_event_is_answered_when_it_is_done(twilio: Twilio, chat: Chat, function: RunningFunction) -> None:
    """204 without a body; the warning is posted by then."""
    assert twilio.send(function.url, twilio.event(chat)).status == 204
    assert chat.ours == ["warning"]


@pytest.mark.parametrize("token", ["the token of tomorrow"])
def test_a_secondary_token_is_accepted(twilio: Twilio, chat: Chat, function: RunningFunction, token: str) -> None:
    """No request is refused while the token changes."""
    assert twilio.send(function.url, twilio.event(chat), token=token).status == 204
    assert chat.ours == ["warning"]


def test_strangers_are_refused_and_cost_no_call(twilio: Twilio, chat: Chat, function: RunningFunction) -> None:
    """Another token, another URL, another body, no signature, half a signature: 403, and Twilio is not called."""
    event = twilio.event(chat)
    body = urlencode(event).encode()
    url = f"{function.url}/conversations"

    statuses = [
        twilio.send(function.url, event, token="foreign").status,
        twilio.send(function.url, event, signed_url=url.replace("http:", "https:")).status,
        twilio.send(function.url, event, signed_url="http://elsewhere.example/conversations").status,
        post(url, body).status,
        post(url, body, signature="").status,
        post(url, body, signature="é☂".encode().decode("latin-1")).status,
        post(url, b"\xff\xfe", signature="abc").status,
        post(url, b"", signature="abc").status,
    ]

    assert [403] * len(statuses) == statuses
    assert twilio.requests() == []
    assert chat.ours == []


def test_forged_headers_do_not_help(twilio: Twilio, chat: Chat, function: RunningFunction) -> None:
    """The signature is checked against the configured URL, not against the request's own."""
    signed = twilio.send(function.url, twilio.event(chat), signed_url="http://elsewhere.example/conversations")
    forged = {"Host": "elsewhere.example", "X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "http"}

    assert signed.status == 403
    assert post(f"{function.url}/conversations", b"", signature="x", headers=forged).status == 403


def test_a_signed_request_behind_a_front_is_accepted(twilio: Twilio, chat: Chat, function: RunningFunction) -> None:
    """The front may change the path: only its last segment selects the route."""
    event = twilio.event(chat)
    signature = _signature(twilio, function, event)

    reply = post(f"{function.url}/some-function/conversations", urlencode(event).encode(), signature=signature)

    assert reply.status == 204
    assert chat.ours == ["warning"]


@pytest.mark.parametrize(
    "overrides",
    [
        {"ChatServiceSid": "IS" + "0" * 32},
        {"AccountSid": "AC" + "0" * 32},
        {"Reason": "API"},
        {"Reason": "EVENT"},
        {"StateTo": "active"},
        {"EventType": "onMessageAdded"},
    ],
)
def test_an_event_that_is_not_ours_costs_no_call(
    twilio: Twilio, chat: Chat, function: RunningFunction, overrides: dict[str, str]
) -> None:
    """Another service, another account, a change that no timer made: 204, without any call."""
    assert twilio.send(function.url, twilio.event(chat, **overrides)).status == 204
    assert twilio.requests() == []


def test_a_conversation_of_another_service_is_never_touched(twilio: Twilio, function: RunningFunction) -> None:
    """Even if an event says that it is ours, every request uses the path of our service."""
    other = twilio.rest("POST", "conversations/v1/Services", FriendlyName="other")["sid"]
    chat = twilio.chat(service=other)
    chat.says("customer")
    chat.says("agent")
    before = chat.truth

    reply = twilio.send(function.url, twilio.event(chat))

    assert reply.status == 204
    assert function.lines(conversation=chat.conversation)[-1]["reason"] == "gone"
    assert chat.truth == before


def test_a_deleted_conversation_is_ignored(twilio: Twilio, function: RunningFunction, chat: Chat) -> None:
    """There is nothing to do."""
    assert twilio.send(function.url, twilio.event(chat, ConversationSid="CH" + "0" * 32)).status == 204


@pytest.mark.parametrize(
    "overrides", [{"ConversationSid": None}, {"ConversationSid": "x"}, {"Reason": None}, {"EventType": None}]
)
def test_a_genuine_request_with_bad_parameters_is_malformed(
    twilio: Twilio, chat: Chat, function: RunningFunction, overrides: dict[str, str | None]
) -> None:
    """400: it can never work."""
    assert twilio.send(function.url, twilio.event(chat, **overrides)).status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_only_posts_are_accepted(function: RunningFunction, method: str) -> None:
    """405, with the allowed method."""
    reply = post(f"{function.url}/conversations", b"", method=method, signature="x")

    assert (reply.status, reply.headers.get("Allow")) == (405, "POST")


@pytest.mark.parametrize("path", ["/", "/sweep", "/conversations/more", "/Conversations"])
def test_other_routes_are_refused(function: RunningFunction, path: str) -> None:
    """403: nobody can sign for a URL that is not configured."""
    assert post(function.url + path, b"", signature="x").status == 403


def test_a_body_that_is_too_large_is_refused_unread(function: RunningFunction) -> None:
    """413, by the header or by what arrives."""
    url = f"{function.url}/conversations"

    assert post(url, b"x" * (64 * 1024 + 1), signature=NOBODYS).status == 413
    assert post(url, b"x" * (64 * 1024), signature=NOBODYS).status == 403
    assert b" 413 " in _chunked(url, 40)


def test_refusals_are_logged_without_what_was_sent(function: RunningFunction) -> None:
    """A stranger must not write into our log."""
    post(f"{function.url}/conversations", b"EventType=INJECTED", signature="INJECTED")

    eventually(lambda: function.lines(event="refused"))
    assert "INJECTED" not in json.dumps(function.lines(event="refused"))


def test_lines_of_one_request_are_grouped_by_googles_trace(twilio: Twilio, function: RunningFunction) -> None:
    """Without a project's name there is no such field."""
    reply = post(
        f"{function.url}/conversations", b"", signature="x", headers={"X-Cloud-Trace-Context": "0" * 32 + "/1;o=1"}
    )

    assert reply.status == 403
    assert not [line for line in function.lines() if "logging.googleapis.com/trace" in line]


def _signature(twilio: Twilio, function: RunningFunction, event: dict[str, str]) -> str:
    validator = RequestValidator(twilio.account.auth_token)
    return str(validator.compute_signature(f"{function.url}/conversations", event))


def _chunked(url: str, chunks: int) -> bytes:
    """Return the status line after sending this many chunks of 4 KiB without a length."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as connection:
        headers = f"Host: x\r\nX-Twilio-Signature: {NOBODYS}\r\nTransfer-Encoding: chunked"
        head = f"POST {parts.path} HTTP/1.1\r\n{headers}\r\n\r\n"
        connection.sendall(head.encode())
        connection.sendall((b"1000\r\n" + b"x" * 4096 + b"\r\n") * chunks + b"0\r\n\r\n")
        return connection.recv(64)
