"""States and timers of conversations: bounds, firing, re-activation, final close."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException

from simulator.running import RunningSimulator

from .conftest import Receiver, World, connect


def refused(world: World, code: int, **update: str) -> None:
    """Check that creating such a conversation is refused with this code."""
    with pytest.raises(TwilioRestException) as caught:
        world.conversations.create(**update)
    assert caught.value.code == code
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("update", "code"),
    [
        ({"timers_inactive": "PT59S"}, 50375),
        ({"timers_closed": "PT9M59S"}, 50376),
        ({"state": "sleeping"}, 50378),
        ({"state": "initializing"}, 50378),
        ({"state": ""}, 50374),
        ({"timers_inactive": "10 minutes"}, 50379),
        ({"timers_inactive": "P1M"}, 50379),
        ({"timers_inactive": ""}, 50379),
        ({"timers_closed": "PT"}, 50380),
        ({"state": "closed"}, 50384),
    ],
)
def test_bad_states_and_timers_are_refused_with_their_code(world: World, update: dict[str, str], code: int) -> None:
    """The codes are those of Twilio's catalogue."""
    refused(world, code, **update)


def test_a_refused_update_changes_nothing(world: World) -> None:
    """Everything is checked before anything is written."""
    conversation = world.conversations.create(attributes='{"a":1}', state="active", timers_inactive="PT10M")
    with pytest.raises(TwilioRestException):
        world.conversations(conversation.sid).update(attributes='{"a":2}', state="inactive", timers_inactive="PT1S")

    read = world.conversations(conversation.sid).fetch()
    assert (read.attributes, read.state, read.timers) == ('{"a":1}', "active", conversation.timers)


def test_an_inactive_timer_fires_once_with_its_reason(world: World, receiver: Receiver) -> None:
    """Active becomes inactive; the webhook has Reason=TIMER and no `State`."""
    world.listen(receiver.url, "onConversationStateUpdated")
    world.default_timers(inactive="PT10M")
    chat = world.chat()

    assert world.advance("PT10M", before=True) == []
    (delivery,) = world.advance("PT0S")
    assert world.advance("P1D") == []

    assert (
        delivery["kind"],
        delivery["status"],
        delivery["conversation"],
    ) == ("onConversationStateUpdated", 204, chat["conversation"])
    (event,) = receiver.got
    assert {name: value for name, value in event.params.items() if name != "MessagingServiceSid"} == {
        "EventType": ["onConversationStateUpdated"],
        "AccountSid": [world.simulator.account_sid],
        "Source": ["API"],
        "ChatServiceSid": [world.service_sid],
        "ConversationSid": [chat["conversation"]],
        "StateUpdated": ["2026-01-05T00:10:00.000Z"],
        "StateFrom": ["active"],
        "StateTo": ["inactive"],
        "Reason": ["TIMER"],
    }
    read = world.conversation(chat).fetch()
    assert (read.state, read.timers) == ("inactive", {})


def test_every_message_restarts_the_timer_whoever_writes_it(world: World) -> None:
    """Messages of customer, agent and bot, and over REST."""
    world.default_timers(inactive="PT10M")
    chat = world.chat(stage="assigned")
    for minute, speaker in enumerate(("customer", "agent", "bot"), start=1):
        world.advance("PT1M")
        world.say(chat, speaker)
        assert world.conversation(chat).fetch().timers["date_inactive"] == f"2026-01-05T00:{10 + minute}:00Z"


def test_an_edit_does_not_restart_the_timer(world: World) -> None:
    """Only new messages are activity."""
    world.default_timers(inactive="PT10M")
    chat = world.chat()
    message = world.say(chat, "customer")
    world.advance("PT5M")
    world.conversation(chat).messages(message["sid"]).update(body="edited", attributes='{"edited":true}')

    assert world.conversation(chat).fetch().timers["date_inactive"] == "2026-01-05T00:10:00Z"


def test_a_customers_message_re_activates_with_reason_event(world: World, receiver: Receiver) -> None:
    """The timer starts again with that message."""
    world.listen(receiver.url, "onConversationStateUpdated")
    world.default_timers(inactive="PT10M")
    chat = world.chat()
    world.advance("PT15M")
    said = world.say(chat, "customer")

    assert [one["kind"] for one in said["deliveries"]] == ["onConversationStateUpdated"]
    event = receiver.got[-1]
    assert (event.value("StateFrom"), event.value("StateTo"), event.value("Reason")) == ("inactive", "active", "EVENT")
    read = world.conversation(chat).fetch()
    assert (read.state, read.timers) == ("active", {"date_inactive": "2026-01-05T00:25:00Z"})


def test_a_rest_message_re_activates_without_a_webhook(world: World, receiver: Receiver) -> None:
    """A notice re-activates the conversation; by default no webhook fires."""
    world.listen(receiver.url, "onConversationStateUpdated", "onMessageAdded")
    world.default_timers(inactive="PT10M")
    chat = world.chat()
    world.advance("PT10M")
    world.conversation(chat).messages.create(body="Still there?")

    assert world.conversation(chat).fetch().state == "active"
    assert receiver.events() == ["onConversationStateUpdated"]
    assert world.truth(chat)["history"][-1]["reason"] == "EVENT"


def test_in_the_other_dialect_a_rest_messages_re_activation_fires(
    running: RunningSimulator, receiver: Receiver
) -> None:
    """The platform does not document it; both answers exist."""
    world = connect(running, dialect={"restReactivation": "echoed"})
    world.listen(receiver.url, "onConversationStateUpdated")
    world.default_timers(inactive="PT10M")
    chat = world.chat()
    world.advance("PT10M")
    world.conversation(chat).messages.create(body="Still there?")
    world.advance("PT0S")

    assert [one.value("Reason") for one in receiver.got] == ["TIMER", "EVENT"]


def test_a_new_participant_re_activates_and_restarts_the_timer(world: World) -> None:
    """As a message does."""
    world.default_timers(inactive="PT10M")
    chat = world.chat()
    world.advance("PT12M")
    world.conversation(chat).participants.create(identity="supervisor")

    read = world.conversation(chat).fetch()
    assert (read.state, read.timers["date_inactive"]) == ("active", "2026-01-05T00:22:00Z")


def test_setting_active_by_rest_re_arms_an_inactive_conversation(world: World) -> None:
    """The timer has its old length, or the one in the request."""
    world.default_timers(inactive="PT10M")
    chat = world.chat()
    world.advance("PT12M")
    assert world.conversation(chat).update(state="active").timers["date_inactive"] == "2026-01-05T00:22:00Z"
    world.conversation(chat).update(state="inactive")

    read = world.conversation(chat).update(state="active", timers_inactive="PT2M")

    assert read.timers["date_inactive"] == "2026-01-05T00:14:00Z"


def test_setting_the_state_it_has_leaves_the_timer_alone(world: World) -> None:
    """Active to active is no activity."""
    world.default_timers(inactive="PT10M")
    chat = world.chat()
    world.advance("PT5M")

    assert world.conversation(chat).update(state="active").timers["date_inactive"] == "2026-01-05T00:10:00Z"


@pytest.mark.parametrize(
    ("origin", "after_update", "after_reactivation"),
    [
        ("latest_activity", "2026-01-05T00:25:00Z", "2026-01-05T01:20:00Z"),
        ("message_or_reactivation", "2026-01-05T00:22:00Z", "2026-01-05T01:20:00Z"),
        ("message", "2026-01-05T00:22:00Z", "2026-01-05T01:00:01Z"),
    ],
)
def test_the_dialect_decides_from_when_the_timer_counts(
    running: RunningSimulator, origin: str, after_update: str, after_reactivation: str
) -> None:
    """A message at minute 2; the timer is set to 20 minutes at minute 5; set active again after an hour."""
    world = connect(running, dialect={"timerOrigin": origin})
    world.default_timers(inactive="PT10M")
    chat = world.chat()
    world.advance("PT2M")
    world.say(chat, "customer")
    world.advance("PT3M")
    context = world.conversation(chat)
    assert context.update(state="active", timers_inactive="PT20M").timers["date_inactive"] == after_update
    world.advance("PT55M")

    assert context.update(state="active").timers["date_inactive"] == after_reactivation


def test_pt0s_clears_a_timer(world: World) -> None:
    """It removes the timer."""
    world.default_timers(inactive="PT10M", closed="PT1H")
    chat = world.chat()

    read = world.conversation(chat).update(timers_inactive="PT0S", timers_closed="PT0S")

    assert read.timers == {}
    assert world.advance("P2D") == []
    assert world.conversation(chat).fetch().state == "active"


def test_default_timers_apply_to_conversations_created_from_then_on(world: World) -> None:
    """Existing ones keep theirs; a timer given at creation takes precedence."""
    before = world.chat()
    world.default_timers(inactive="PT10M", closed="P1D")
    given = world.conversations.create(state="active", timers_inactive="PT30M")

    assert world.conversation(before).fetch().timers == {}
    assert given.timers == {
        "date_inactive": "2026-01-05T00:30:00Z",
        "date_closed": "2026-01-06T00:00:00Z",
    }


def test_the_closed_timer_closes_for_good(world: World, receiver: Receiver) -> None:
    """First inactive, then closed, both by TIMER and both counted from the last message."""
    world.listen(receiver.url, "onConversationStateUpdated")
    world.default_timers(inactive="PT5M", closed="PT15M")
    chat = world.chat()
    world.advance("PT1H")

    assert [
        (one.value("StateTo"), one.value("Reason"), (one.value("StateUpdated") or "")[11:16]) for one in receiver.got
    ] == [("inactive", "TIMER", "00:05"), ("closed", "TIMER", "00:15")]
    assert (world.conversation(chat).fetch().state, world.conversation(chat).fetch().timers) == ("closed", {})


def test_an_inactive_conversation_still_shows_when_it_will_close(world: World) -> None:
    """It no longer shows when it would become inactive."""
    world.default_timers(inactive="PT5M", closed="PT15M")
    chat = world.chat()
    world.advance("PT6M")

    assert world.conversation(chat).fetch().timers == {"date_closed": "2026-01-05T00:15:00Z"}


@pytest.mark.parametrize(
    "write",
    [
        lambda c: c.update(state="active"),
        lambda c: c.update(state="closed"),
        lambda c: c.update(attributes="{}"),
        lambda c: c.messages.create(body="too late"),
        lambda c: c.messages(c.messages.list()[0].sid).update(body="too late"),
        lambda c: c.messages(c.messages.list()[0].sid).delete(),
        lambda c: c.participants.create(identity="late"),
        lambda c: c.participants(c.participants.list()[0].sid).update(attributes="{}"),
        lambda c: c.participants(c.participants.list()[0].sid).delete(),
    ],
)
def test_nothing_can_be_written_to_a_closed_conversation(world: World, write: object) -> None:
    """Every write is 50377; it can still be read."""
    chat = world.chat()
    world.say(chat, "customer")
    context = world.conversation(chat)
    context.update(state="closed")

    with pytest.raises(TwilioRestException) as caught:
        write(context)  # type: ignore[operator]

    assert (caught.value.status, caught.value.code) == (400, 50377)
    assert len(context.messages.list()) == 1


def test_a_closed_conversations_timers_do_not_fire(world: World) -> None:
    """Nothing fires after the close."""
    world.default_timers(inactive="PT5M", closed="PT15M")
    chat = world.chat()
    world.conversation(chat).update(state="closed")

    world.advance("P1D")

    assert [change["reason"] for change in world.truth(chat)["history"]] == ["API"]


def test_a_customer_cannot_write_into_a_closed_conversation(world: World) -> None:
    """The control plane passes the platform's refusal on, with its code."""
    chat = world.chat()
    world.conversation(chat).update(state="closed")
    with pytest.raises(Exception, match="50377"):
        world.say(chat, "customer")


def test_a_deleted_conversation_is_gone_with_its_timers(world: World) -> None:
    """404, and no webhook."""
    world.default_timers(inactive="PT5M")
    chat = world.chat()
    world.conversation(chat).delete()

    with pytest.raises(TwilioRestException) as caught:
        world.conversation(chat).fetch()

    assert (caught.value.status, caught.value.code) == (404, 20404)
    assert world.advance("P1D") == []


def test_timers_without_state_are_refused_in_the_other_dialect(running: RunningSimulator) -> None:
    """Error 50382 exists; an experiment on the platform passed without State."""
    refused(connect(running, dialect={"creationTimers": "refused_without_state"}), 50382, timers_inactive="PT5M")


@pytest.mark.parametrize("by", ["request", "timer"])
@pytest.mark.parametrize("stage", ["queued", "assigned", "wrapping"])
def test_closing_a_conversation_does_nothing_to_its_task(world: World, stage: str, by: str) -> None:
    """This holds over REST and by its timer; the interaction's channel stays too."""
    chat = world.chat(stage=stage)
    before = world.truth(chat)
    world.conversation(chat).update(**({"state": "closed"} if by == "request" else {"timers_closed": "PT10M"}))
    world.advance("PT10M")

    after = world.truth(chat)
    assert after["state"] == "closed"
    assert after["tasks"] == before["tasks"]
    assert after["interactionChannel"] == before["interactionChannel"]
