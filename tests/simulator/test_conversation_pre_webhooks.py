"""Pre-webhooks: called before a change that fires, and the effect of their answer."""

from __future__ import annotations

import time

import pytest
from twilio.base.exceptions import TwilioRestException

from simulator.client import SimulatorError

from .conftest import Receiver, World


def ask(world: World, url: str, *filters: str) -> None:
    """Set the service's pre-webhook."""
    world.twilio.conversations.v1.services(world.service_sid).configuration.webhooks().update(
        pre_webhook_url=url, filters=list(filters)
    )


def delete_with_webhooks(world: World, path: str) -> None:
    """Delete and fire webhooks; Twilio's Python client 9.13 omits the header when it deletes."""
    answer = world.call(
        "DELETE", f"conversations/v1/Conversations/{path}", headers={"X-Twilio-Webhook-Enabled": "true"}
    )
    assert answer.status_code == 204


def test_a_message_waits_for_the_answer(world: World, receiver: Receiver) -> None:
    """The call has no SID and no index, because the message does not exist yet."""
    ask(world, receiver.url, "onMessageAdd")
    chat = world.chat()
    world.say(chat, "customer", "hello")

    (got,) = receiver.got
    assert tuple(got.value(name) for name in ("EventType", "Source", "Body", "MessageSid", "Index")) == (
        "onMessageAdd",
        "SDK",
        "hello",
        None,
        None,
    )
    assert [row.body for row in world.conversation(chat).messages.list()] == ["hello"]


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_an_error_rejects_the_message(world: World, receiver: Receiver, status: int) -> None:
    """The client is refused with 50057, nothing is written, nothing fires."""
    ask(world, receiver.url, "onMessageAdd", "onMessageAdded")
    receiver.status = status
    chat = world.chat()

    with pytest.raises(SimulatorError) as caught:
        world.say(chat, "customer", "hello")

    assert caught.value.body["code"] == 50057  # type: ignore[index]
    assert world.conversation(chat).messages.list() == []
    assert receiver.events() == ["onMessageAdd"]


def test_an_answer_can_change_the_message(world: World, receiver: Receiver) -> None:
    """Body, author and attributes."""
    ask(world, receiver.url, "onMessageAdd")
    receiver.status, receiver.body = 200, '{"body": "h***o", "attributes": "{\\"checked\\": true}"}'
    chat = world.chat()
    world.say(chat, "customer", "hello")

    (message,) = world.conversation(chat).messages.list()
    assert (message.body, message.attributes) == ("h***o", '{"checked": true}')


@pytest.mark.parametrize("body", ["", "{}", "[]", "nonsense", '{"body": 7}'])
def test_an_answer_without_fields_publishes_the_message_unchanged(world: World, receiver: Receiver, body: str) -> None:
    """Only a JSON object with text in it changes something."""
    ask(world, receiver.url, "onMessageAdd")
    receiver.status, receiver.body = 200, body
    chat = world.chat()
    world.say(chat, "customer", "hello")

    assert [row.body for row in world.conversation(chat).messages.list()] == ["hello"]


def test_no_answer_in_five_seconds_publishes_the_message_unchanged(world: World, receiver: Receiver) -> None:
    """The answer is too late."""
    ask(world, receiver.url, "onMessageAdd")
    receiver.delay = 6
    chat = world.chat()
    began = time.monotonic()
    world.say(chat, "customer", "hello")

    assert 4.8 < time.monotonic() - began < 5.9
    assert [row.body for row in world.conversation(chat).messages.list()] == ["hello"]


def test_without_a_receiver_the_message_is_published_unchanged(world: World) -> None:
    """A receiver that is down rejects nothing."""
    ask(world, "http://127.0.0.1:9/nobody", "onMessageAdd")
    chat = world.chat()
    world.say(chat, "customer", "hello")

    assert [row.body for row in world.conversation(chat).messages.list()] == ["hello"]


def test_rest_calls_it_only_if_the_request_asks_for_webhooks(world: World, receiver: Receiver) -> None:
    """A refusal has Twilio's format; timers call no pre-webhook."""
    ask(world, receiver.url, "onMessageAdd", "onConversationUpdate")
    receiver.status = 403
    context = world.conversation(world.chat())
    context.messages.create(body="unasked")
    with pytest.raises(TwilioRestException) as caught:
        context.messages.create(body="asked", x_twilio_webhook_enabled="true")
    context.update(timers_inactive="PT1M")
    world.advance("PT1M")

    assert (caught.value.status, caught.value.code) == (403, 50057)
    assert receiver.events() == ["onMessageAdd"]
    assert (context.fetch().state, [row.body for row in context.messages.list()]) == ("inactive", ["unasked"])


def test_every_kind_of_change_fires_before_and_after(world: World, receiver: Receiver) -> None:
    """In this order; a change of state has no pre-event."""
    changes = [f"on{what}{how}" for what in ("Conversation", "Message", "Participant") for how in ("Add", "Update")]
    after = [f"{name}d" if name.endswith("Update") else f"{name}ed" for name in changes]
    removals = ["onMessageRemove", "onParticipantRemove", "onConversationRemove"]
    ask(world, receiver.url, *changes, *removals, *after, "onConversationStateUpdated")
    world.listen(receiver.url, *changes, *removals, *after, "onConversationStateUpdated")
    loud = {"x_twilio_webhook_enabled": "true"}
    conversation = world.conversations.create(**loud)
    message = conversation.messages.create(body="a", **loud)
    message.update(body="b", **loud)
    participant = conversation.participants.create(identity="alice", **loud)
    participant.update(attributes="{}", **loud)
    delete_with_webhooks(world, f"{conversation.sid}/Participants/{participant.sid}")
    delete_with_webhooks(world, f"{conversation.sid}/Messages/{message.sid}")
    conversation.update(state="inactive", **loud)
    delete_with_webhooks(world, conversation.sid)
    world.advance("PT0S")

    order = ["onConversationAdd", "onMessageAdd", "onMessageUpdate", "onParticipantAdd", "onParticipantUpdate"]
    order += ["onParticipantRemove", "onMessageRemove", "onConversationUpdate", "onConversationRemove"]
    asked = [name for name in receiver.events() if name in {*changes, *removals}]
    assert asked == order
    for before, afterwards in zip(changes, after, strict=True):
        events = receiver.events()
        assert events.index(before) < events.index(afterwards)
    assert receiver.events().count("onConversationStateUpdated") == 1


def test_a_change_that_became_impossible_meanwhile_is_refused(world: World, receiver: Receiver) -> None:
    """The conversation was closed meanwhile: 50377, not a message in a closed conversation."""
    ask(world, receiver.url, "onMessageAdd")
    chat = world.chat()
    context = world.conversation(chat)
    receiver.before_answer = lambda: context.update(state="closed")

    with pytest.raises(SimulatorError) as caught:
        world.say(chat, "customer", "hello")

    assert caught.value.body["code"] == 50377  # type: ignore[index]


def test_a_services_pre_webhook_replaces_the_accounts(world: World, receiver: Receiver) -> None:
    """The account's is not called for that service."""
    world.twilio.conversations.v1.configuration.webhooks().update(
        pre_webhook_url=f"{receiver.url}/account", filters=["onMessageAdd"], method="POST"
    )
    world.say(world.chat(), "customer")
    ask(world, f"{receiver.url}/service", "onMessageAdd")
    world.say(world.chat(), "customer")

    assert [got.path for got in receiver.got] == ["/conversations/account", "/conversations/service"]
