"""Webhooks: which events they receive, their signature, their delivery, and disorder on the way."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from simulator.webhooks import sign

from .conftest import Received, Receiver, World

TOKEN = "12345"


def verified(world: World, url: str, got: Received) -> bool:
    """Whether Twilio's own validator accepts what arrived."""
    params = {name: values[0] for name, values in got.params.items()} if got.method == "POST" else {}
    return bool(RequestValidator(world.simulator.auth_token).validate(url, params, got.headers["X-Twilio-Signature"]))


def test_the_signature_matches_the_official_test_vector() -> None:
    """From the tests of Twilio's Python client."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    params = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }

    assert sign(TOKEN, url, params.items()) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
URLS = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["example.com", "hooks.example.com", "127.0.0.1"]),
    st.sampled_from(["", ":443", ":8701", ":80"]),
    st.sampled_from(["", "/", "/hook", "/a/b%20c"]),
    st.one_of(
        st.just(""), st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=3).map(lambda pairs: f"?{urlencode(pairs)}")
    ),
)


@given(URLS, st.lists(st.tuples(TEXT, st.one_of(TEXT, st.just("x" * 40_000))), max_size=6))
def test_a_signature_verifies_with_the_official_validator(url: str, params: list[tuple[str, str]]) -> None:
    """Empty, repeated, long and non-ASCII parameters; ports and queries in the URL; as a receiver parses them."""
    received = MultiDict(parse_qsl(urlencode(params), keep_blank_values=True))

    assert RequestValidator(TOKEN).validate(url, received, sign(TOKEN, f"{url}#not-signed", params))


@given(URLS, st.dictionaries(TEXT, TEXT, min_size=1, max_size=4), st.data())
def test_a_changed_request_does_not_verify(url: str, params: dict[str, str], data: st.DataObject) -> None:
    """One more character in any value is enough."""
    name = data.draw(st.sampled_from(sorted(params)))

    assert not RequestValidator(TOKEN).validate(
        url, {**params, name: f"{params[name]}!"}, sign(TOKEN, url, params.items())
    )


def test_a_delivered_webhook_verifies(world: World, receiver: Receiver) -> None:
    """With its body as it arrived: form-encoded, UTF-8, blanks kept."""
    world.listen(f"{receiver.url}?env=test", "onMessageAdded")
    chat = world.chat()
    world.say(chat, "customer", "Grüße, 日本 & co = 100 %")
    world.say(chat, "customer", "")

    assert [verified(world, f"{receiver.url}?env=test", got) for got in receiver.got] == [True, True]
    assert [got.value("Body") for got in receiver.got] == ["Grüße, 日本 & co = 100 %", ""]


def test_a_get_webhook_carries_and_signs_its_parameters_in_the_url(world: World, receiver: Receiver) -> None:
    """The method is the webhook's setting."""
    world.listen(receiver.url, "onMessageAdded")
    world.twilio.conversations.v1.services(world.service_sid).configuration.webhooks().update(method="GET")
    world.say(world.chat(), "customer", "a b")

    (got,) = receiver.got
    parts = urlsplit(receiver.url)
    assert (got.method, got.value("Body")) == ("GET", "a b")
    assert verified(world, f"{parts.scheme}://{parts.netloc}{got.path}", got)


def test_only_listed_filters_fire(world: World, receiver: Receiver) -> None:
    """Events that are not configured are not sent."""
    world.default_timers(inactive="PT5M")
    world.listen(receiver.url, "onConversationStateUpdated")
    chat = world.chat()
    world.say(chat, "customer")
    world.advance("PT5M")

    assert receiver.events() == ["onConversationStateUpdated"]


def test_participants_messages_fire_and_rest_messages_do_not(world: World, receiver: Receiver) -> None:
    """A request can ask for it with X-Twilio-Webhook-Enabled."""
    world.listen(receiver.url, "onMessageAdded", "onConversationStateUpdated", "onConversationUpdated")
    web, sms = world.chat(channel="web", stage="assigned"), world.chat(channel="sms")
    context = world.conversation(web)
    context.messages.create(body="silent")
    context.update(state="inactive")
    world.say(web, "bot")
    assert receiver.events() == []

    world.say(web, "customer")
    world.say(web, "agent")
    world.say(sms, "customer")
    context.messages.create(body="loud", x_twilio_webhook_enabled="true")
    context.update(state="inactive", x_twilio_webhook_enabled="true")
    world.advance("PT0S")

    assert [
        (got.value("Source"), got.value("ClientIdentity") is not None)
        for got in receiver.got
        if got.value("EventType") == "onMessageAdded"
    ] == [("SDK", True), ("SDK", True), ("SMS", False), ("API", False)]
    assert (
        next(got for got in receiver.got if got.value("EventType") == "onConversationStateUpdated").value("Reason")
        == "API"
    )


def test_a_services_webhook_replaces_the_accounts(world: World, receiver: Receiver) -> None:
    """It does so only for that service."""
    other = world.twilio.conversations.v1.services.create(friendly_name="other").sid
    world.twilio.conversations.v1.configuration.webhooks().update(
        post_webhook_url=f"{receiver.url}/account", filters=["onMessageAdded"], method="POST"
    )
    world.say(world.chat(), "customer")
    world.listen(f"{receiver.url}/service", "onConversationStateUpdated")
    world.say(world.chat(), "customer")
    world.say(world.chat(service=other), "customer")

    assert [got.path for got in receiver.got] == ["/conversations/account", "/conversations/account"]


def test_an_account_webhook_whose_target_is_flex_stays_inside(world: World, receiver: Receiver) -> None:
    """`target=flex` sends events within Twilio."""
    world.twilio.conversations.v1.configuration.webhooks().update(
        post_webhook_url=receiver.url, filters=["onMessageAdded"], method="POST", target="flex"
    )
    world.say(world.chat(), "customer")

    assert receiver.got == []


def test_a_webhook_is_delivered_once_whatever_the_answer(world: World, receiver: Receiver) -> None:
    """No answer of the receiver causes a retry."""
    receiver.status = 503
    world.default_timers(inactive="PT5M")
    world.listen(receiver.url, "onConversationStateUpdated")
    world.chat()

    assert [one["status"] for one in world.advance("P1D")] == [503]
    assert len(receiver.got) == 1


def test_a_receiver_has_five_seconds(world: World, receiver: Receiver) -> None:
    """Then Twilio disconnects; virtual time does not matter."""
    receiver.delay = 8
    world.default_timers(inactive="PT5M")
    world.listen(receiver.url, "onConversationStateUpdated")
    world.chat()
    began = time.monotonic()

    (delivery,) = world.advance("PT5M")

    assert (delivery["status"], delivery["error"]) == (None, "timeout")
    assert 4.8 < time.monotonic() - began < 7


def test_nobody_listening_is_a_failed_delivery(world: World) -> None:
    """It is logged, and nothing else happens."""
    world.default_timers(inactive="PT5M")
    world.listen("http://127.0.0.1:9/nobody", "onConversationStateUpdated")
    chat = world.chat()

    (delivery,) = world.advance("PT5M")

    assert delivery["status"] is None
    assert "127.0.0.1:9" in delivery["error"]
    assert world.conversation(chat).fetch().state == "inactive"


def test_the_clock_waits_for_what_a_receiver_does(world: World, receiver: Receiver) -> None:
    """Deliveries happen at their timer's instant, one after the other."""
    world.default_timers(inactive="PT5M")
    world.listen(receiver.url, "onConversationStateUpdated")
    first = world.chat()
    world.advance("PT1M")
    second = world.chat()

    deliveries = world.advance("PT1H")

    assert [(one["conversation"], one["at"]) for one in deliveries] == [
        (first["conversation"], "2026-01-05T00:05:00Z"),
        (second["conversation"], "2026-01-05T00:06:00Z"),
    ]


@pytest.mark.parametrize(
    ("disorder", "delivered", "received"),
    [
        ({"drop": 1}, [None], 0),
        ({"duplicate": 2}, [204, 204, 204], 3),
        ({}, [204], 1),
    ],
)
def test_webhooks_can_be_lost_and_doubled(
    world: World, receiver: Receiver, disorder: dict[str, int], delivered: list[int | None], received: int
) -> None:
    """The control plane sets it; an empty object ends it."""
    world.default_timers(inactive="PT5M")
    world.listen(receiver.url, "onConversationStateUpdated")
    world.chat()
    world.control("POST", "delivery", disorder)

    assert [one["status"] for one in world.advance("PT5M")] == delivered
    assert len(receiver.got) == received


def test_webhooks_can_be_late(world: World, receiver: Receiver) -> None:
    """The event has its own time, the delivery the time of its arrival."""
    world.default_timers(inactive="PT5M")
    world.listen(receiver.url, "onConversationStateUpdated")
    world.chat()
    world.control("POST", "delivery", {"delay": "PT30S"})

    assert world.advance("PT5M29S") == []
    (delivery,) = world.advance("PT1S")

    assert delivery["at"] == "2026-01-05T00:05:30Z"
    assert receiver.got[0].value("StateUpdated") == "2026-01-05T00:05:00.000Z"


def test_deliveries_are_logged_with_what_was_sent(world: World, receiver: Receiver) -> None:
    """Tests and people can read it."""
    world.listen(receiver.url, "onMessageAdded")
    chat = world.chat()
    world.say(chat, "customer", "hello")

    (delivery,) = world.control("GET", "deliveries")["deliveries"]

    assert (delivery["params"]["Body"], delivery["status"]) == ("hello", 204)
    assert [one["kind"] for one in world.truth(chat)["deliveries"]] == ["onMessageAdded"]
