"""No missing field, no odd date and no odd type in an answer of Twilio keeps a silent customer from being released."""

from dataclasses import dataclass
from typing import Any

import pytest

from simulator.client import REMOVED
from tests.world.world import World

CONVERSATION = r"(GET|POST) .*/Conversations/CH\w+$"
PARTICIPANTS = r"GET .*/Participants.*"
MESSAGES = r"GET .*/Messages.*"
TASK = r"(GET|POST) .*/Tasks/WT\w+$"
CHANNEL = r"GET .*/Channels/UO\w+$"


@dataclass(frozen=True)
class Oddity:
    """A field of an answer that is another; without a value it is missing."""

    match: str
    at: str
    value: Any = REMOVED


ODDITIES = {
    "a conversation without its creation": Oddity(CONVERSATION, "date_created"),
    "a conversation created in words": Oddity(CONVERSATION, "date_created", "the day before yesterday"),
    "a conversation without its last change": Oddity(CONVERSATION, "date_updated"),
    "a conversation whose timers are a list": Oddity(CONVERSATION, "timers", []),
    "a timer that fires in words": Oddity(CONVERSATION, "timers.date_inactive", "soon"),
    "a timer without a zone": Oddity(CONVERSATION, "timers.date_inactive", "2026-01-05T00:08:00"),
    "attributes that are an object": Oddity(CONVERSATION, "attributes", {"name": "Ann"}),
    "attributes that are null": Oddity(CONVERSATION, "attributes", None),
    "participants without roles": Oddity(PARTICIPANTS, "participants.*.role_sid"),
    "participants who joined in words": Oddity(PARTICIPANTS, "participants.*.date_created", "yesterday"),
    "participants with a binding of text": Oddity(PARTICIPANTS, "participants.*.messaging_binding", "sms"),
    "participants with numbers for identities": Oddity(PARTICIPANTS, "participants.0.identity", 7),
    "messages without a time": Oddity(MESSAGES, "messages.*.date_created"),
    "the newest message without any time": Oddity(MESSAGES, "messages.0.date_created", "just now"),
    "a message without an index": Oddity(MESSAGES, "messages.1.index"),
    "messages with odd attributes": Oddity(MESSAGES, "messages.*.attributes", 3),
    "messages with odd receipts": Oddity(MESSAGES, "messages.*.delivery", "sent"),
    "a task without its creation": Oddity(TASK, "date_created"),
    "a task of the year 1": Oddity(TASK, "date_created", "0001-01-01T00:00:00Z"),
    "a task in a queue with a number for a name": Oddity(TASK, "task_queue_friendly_name", 12),
    "a task whose channel is null": Oddity(TASK, "task_channel_unique_name", None),
    "a channel of no type": Oddity(CHANNEL, "type", None),
    "a channel of a type of numbers": Oddity(CHANNEL, "type", 5),
}


@pytest.mark.parametrize("name", ODDITIES)
def test_a_silent_customer_is_released_whatever_an_answer_lacks(name: str) -> None:
    """Closed within a sweep or two of the timeout, with their agent's task ended; nothing failed."""
    oddity = ODDITIES[name]
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(oddity.match, kind="odd", at=oddity.at, value=oddity.value, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT25M")

        assert [] == world.lines(event="failed")
        assert ("closed", ["completed"]) == (chat.state, chat.task_statuses)


@pytest.mark.parametrize("name", ODDITIES)
def test_a_customer_who_waits_is_not_cut_off_whatever_an_answer_lacks(name: str) -> None:
    """Neither warned nor ended, for a day."""
    oddity = ODDITIES[name]
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "and now?")
        world.twilio.fault(oddity.match, kind="odd", at=oddity.at, value=oddity.value, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT20H")

        assert ([], ["assigned"]) == (chat.ours, chat.task_statuses)


@pytest.mark.parametrize(
    "oddity",
    [
        Oddity(CONVERSATION, "state", "on_fire"),
        Oddity(CONVERSATION, "state", None),
        Oddity(TASK, "assignment_status", "parked"),
        Oddity(TASK, "assignment_status"),
        Oddity(CHANNEL, "status", "busy"),
    ],
    ids=["a state", "no state", "a task's status", "no status of a task", "a channel's status"],
)
def test_a_status_that_nobody_knows_keeps_the_chat_with_growing_pauses(oddity: Oddity) -> None:
    """Named in the log, looked at again an hour later at the latest, and at most a dozen times in ten hours."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(oddity.match, kind="odd", at=oddity.at, value=oddity.value, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT10H")

        lines = world.lines(conversation=chat.conversation)
        assert ([], []) == (chat.ours, world.lines(event="failed"))
        assert {"unknown_status"} == {line["reason"] for line in lines}
        assert 2 <= len(lines) <= 16
