"""A conversation's own webhooks: their number, filters, keywords, and that they add to the service's."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from .conftest import Receiver, World


def webhook(url: str = "https://example.com/hook", *filters: str, **more: object) -> dict[str, object]:
    """The SDK's arguments for a webhook that gets messages."""
    return {
        "target": "webhook",
        "configuration_url": url,
        "configuration_filters": list(filters) or ["onMessageAdded"],
        **more,
    }


def code(action: Any, **form: object) -> int:
    """The code of a refusal."""
    with pytest.raises(TwilioRestException) as caught:
        action(**form)
    return int(caught.value.code)


def test_a_conversation_has_at_most_five(world: World) -> None:
    """50361 for the sixth; after a deletion there is room for another."""
    webhooks = world.conversations.create().webhooks
    sids = [webhooks.create(**webhook(f"https://example.com/{number}")).sid for number in range(5)]

    assert code(webhooks.create, **webhook()) == 50361
    webhooks(sids[0]).delete()
    assert webhooks.create(**webhook()).sid
    assert len(webhooks.list()) == 5


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"target": "pigeon"}, 50364),
        ({"configuration_url": ""}, 50369),
        ({"configuration_url": f"https://example.com/{'x' * 500}"}, 50372),
        ({"configuration_url": "example"}, 20001),
        ({"configuration_filters": []}, 50370),
        ({"configuration_filters": ["onMessageAdd"]}, 50365),
        ({"configuration_filters": ["onNonsense"]}, 50365),
        ({"configuration_method": "put"}, 20001),
        ({"target": "trigger"}, 50371),
        ({"target": "trigger", "configuration_triggers": ["a", "b", "c", "d", "e", "f"]}, 50362),
        ({"target": "trigger", "configuration_triggers": [""]}, 50366),
        ({"target": "trigger", "configuration_triggers": ["x" * 249]}, 50366),
        ({"target": "studio", "configuration_flow_sid": "FW1"}, 50367),
    ],
)
def test_each_mistake_has_its_own_code(world: World, wrong: dict[str, object], expected: int) -> None:
    """Nothing is created."""
    webhooks = world.conversations.create().webhooks

    assert code(webhooks.create, **{**webhook(), **wrong}) == expected
    assert webhooks.list() == []


def test_a_webhook_without_a_target_is_refused(world: World) -> None:
    """50368; the SDK cannot send such a request."""
    sid = world.conversations.create().sid

    assert world.call("POST", f"conversations/v1/Conversations/{sid}/Webhooks", {}).json()["code"] == 50368


def test_a_url_of_exactly_512_characters_is_accepted(world: World) -> None:
    """The bound itself is allowed."""
    url = "https://example.com/".ljust(512, "x")

    assert world.conversations.create().webhooks.create(**webhook(url)).configuration["url"] == url


def test_it_receives_events_in_addition_to_the_services(world: World, receiver: Receiver) -> None:
    """The service's webhook replaces the account's, but not the conversation's."""
    world.listen(f"{receiver.url}/service", "onMessageAdded")
    chat = world.chat()
    world.conversation(chat).webhooks.create(**webhook(f"{receiver.url}/scoped"))
    world.say(chat, "customer")
    world.say(world.chat(), "customer")

    assert sorted(got.path for got in receiver.got) == [
        "/conversations/scoped",
        "/conversations/service",
        "/conversations/service",
    ]


def test_it_follows_the_echo_rule(world: World, receiver: Receiver) -> None:
    """A change over REST fires only if the request asks for it; a timer's change always fires."""
    chat = world.chat()
    context = world.conversation(chat)
    context.webhooks.create(**webhook(receiver.url, "onMessageAdded", "onConversationStateUpdated"))
    context.messages.create(body="silent")
    context.messages.create(body="loud", x_twilio_webhook_enabled="true")
    context.update(timers_inactive="PT1M")
    world.advance("PT1M")

    assert [(got.value("EventType"), got.value("Body")) for got in receiver.got] == [
        ("onMessageAdded", "loud"),
        ("onConversationStateUpdated", None),
    ]


def test_a_trigger_receives_messages_with_one_of_its_keywords(world: World, receiver: Receiver) -> None:
    """It receives no other events."""
    chat = world.chat()
    world.conversation(chat).webhooks.create(
        target="trigger", configuration_url=receiver.url, configuration_triggers=["help", "agent"]
    )
    for body in ("hello", "I need help", "an agent, please"):
        world.say(chat, "customer", body)

    assert [got.value("Body") for got in receiver.got] == ["I need help", "an agent, please"]


def test_replay_after_sends_the_existing_messages(world: World, receiver: Receiver) -> None:
    """They start at that index, in order."""
    chat = world.chat()
    for body in ("zero", "one", "two"):
        world.say(chat, "customer", body)
    made = world.conversation(chat).webhooks.create(**webhook(receiver.url, configuration_replay_after=1))
    world.advance("PT0S")

    assert made.configuration["replay_after"] == 1
    assert sorted(str(got.value("Body")) for got in receiver.got) == ["one", "two"]


def test_it_receives_its_own_sid(world: World, receiver: Receiver) -> None:
    """The parameter is `WebhookSid`, also in a replay; the service's webhook has none."""
    world.listen(receiver.url, "onMessageAdded")
    chat = world.chat()
    world.say(chat, "customer")
    made = world.conversation(chat).webhooks.create(**webhook(receiver.url, configuration_replay_after=0))
    world.say(chat, "customer")

    assert sorted_by_arrival(receiver) == [None, made.sid, None, made.sid]


def sorted_by_arrival(receiver: Receiver) -> list[str | None]:
    """The webhooks' SIDs by message, the service's first: the webhooks of one change arrive in any order."""
    received = [(str(got.value("MessageSid")), got.value("WebhookSid")) for got in receiver.got]
    order = list(dict.fromkeys(message for message, _ in received))
    return [sid for message, sid in sorted(received, key=lambda one: (order.index(one[0]), one[1] or ""))]


@pytest.mark.parametrize("method", ["GET", "post", "Post"])
def test_its_method_keeps_the_spelling_that_was_sent(world: World, receiver: Receiver, method: str) -> None:
    """It is used in any spelling."""
    chat = world.chat()
    made = world.conversation(chat).webhooks.create(**webhook(receiver.url, configuration_method=method))
    world.say(chat, "customer")

    assert (made.fetch().configuration["method"], [got.method for got in receiver.got]) == (method, [method.upper()])


def test_an_update_keeps_what_is_not_sent(world: World, receiver: Receiver) -> None:
    """The webhook has a new address."""
    chat = world.chat()
    made = world.conversation(chat).webhooks.create(**webhook(configuration_method="get"))
    updated = made.update(configuration_url=receiver.url)
    world.say(chat, "customer", "hello")

    assert (updated.configuration["method"], updated.configuration["filters"]) == ("get", ["onMessageAdded"])
    assert [(got.method, got.value("Body")) for got in receiver.got] == [("GET", "hello")]


def test_a_deleted_one_gets_nothing_and_is_not_found(world: World, receiver: Receiver) -> None:
    """404."""
    chat = world.chat()
    made = world.conversation(chat).webhooks.create(**webhook(receiver.url))
    made.delete()
    world.say(chat, "customer")

    assert receiver.got == []
    assert code(made.fetch) == 20404


def test_a_closed_conversation_gets_none(world: World) -> None:
    """Closed is final: 50377, also for changing those that it has; they can still be read."""
    conversation = world.conversations.create()
    made = conversation.webhooks.create(**webhook())
    conversation.update(state="closed")

    assert code(conversation.webhooks.create, **webhook()) == 50377
    assert code(made.update, configuration_method="get") == 50377
    assert code(made.delete) == 50377
    assert [row.sid for row in conversation.webhooks.list()] == [made.sid]


def test_a_studio_flow_is_stored_and_nothing_is_called(world: World) -> None:
    """Flows are not simulated."""
    flow = f"FW{'a' * 32}"
    chat = world.chat()
    made = world.conversation(chat).webhooks.create(target="studio", configuration_flow_sid=flow)
    said = world.say(chat, "customer")

    assert (made.configuration, said["deliveries"]) == ({"flow_sid": flow}, [])
