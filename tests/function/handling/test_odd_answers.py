"""No missing field, odd date or odd type in Twilio's answers keeps a silent customer from being released."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from simulator.faults import REMOVED
from tests.world.others import MALFORMED_ROWS, ODD_FIELDS, UNKNOWN
from tests.world.world import World

CONVERSATION = r"(GET|POST) .*/Conversations/CH\w+$"
PARTICIPANTS = r"GET .*/Participants.*"
MESSAGES = r"GET .*/Messages.*"
TASK = r"(GET|POST) .*/Tasks/WT\w+$"
CHANNEL = r"GET .*/Channels/UO\w+$"


@dataclass(frozen=True)
class Oddity:
    """A field of an answer with another value, or missing if there is none."""

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
    """The chat is closed within two sweeps of the timeout, the agent's task is ended, and nothing fails."""
    oddity = ODDITIES[name]
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(oddity.match, kind="odd", at=oddity.at, value=oddity.value, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT25M")

        assert world.lines(event="failed") == []
        assert (chat.state, chat.task_statuses) == ("closed", ["completed"])


@pytest.mark.parametrize("name", ODDITIES)
def test_a_customer_who_waits_is_not_cut_off_whatever_an_answer_lacks(name: str) -> None:
    """They are neither warned nor ended for a day."""
    oddity = ODDITIES[name]
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "and now?")
        world.twilio.fault(oddity.match, kind="odd", at=oddity.at, value=oddity.value, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT20H")

        assert (chat.ours, chat.task_statuses) == ([], ["assigned"])


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
def test_an_unknown_status_keeps_the_chat_with_growing_pauses(oddity: Oddity) -> None:
    """The log names it; it is read again within an hour, and at most a dozen times in ten hours."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(oddity.match, kind="odd", at=oddity.at, value=oddity.value, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT10H")

        lines = world.lines(conversation=chat.conversation)
        assert (chat.ours, world.lines(event="failed")) == ([], [])
        assert {line["reason"] for line in lines} == {"unknown_status"}
        assert 2 <= len(lines) <= 16


@pytest.mark.parametrize("date", ["2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize(
    ("match", "at"),
    [
        (r"GET .*/Participants", "participants.*.date_created"),
        (r"GET .*/Messages", "messages.*.date_created"),
        (r"GET .*/Tasks/WT\w+$", "date_created"),
    ],
    ids=["participants", "messages", "task"],
)
def test_a_time_in_the_future_keeps_no_silent_customer(match: str, at: str, date: str) -> None:
    """Nothing was created or written later than now: the silent customer is released, and nothing overflows."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.fault(match, kind="odd", at=at, value=date, times=None)
        world.twilio.advance("PT2H")

        assert (chat.state, world.lines(outcome="failed")) == ("closed", [])


@pytest.mark.parametrize("date", ["2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_close_in_the_future_keeps_no_agents_task(date: str) -> None:
    """The site closed the conversation: the agent has `timeout`, counted at the latest from now."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT2M")
        world.twilio.rest("POST", chat.path, State="closed")
        world.twilio.fault(r"GET .*/Conversations/CH\w+$", kind="odd", at="date_updated", value=date, times=None)
        world.twilio.advance("P2D")

        assert chat.task_statuses == ["completed"]


def test_a_chat_of_the_year_1_does_not_fail() -> None:
    """Messages with such a time are decided as usual, and nothing is computed before the calendar begins."""
    with World() as world:
        world.schedule_sweep()
        world.twilio.answered()
        date = "0001-01-01T00:00:00Z"
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.*.date_created", value=date, times=None)
        world.twilio.advance("PT2H")

        assert world.lines(outcome="failed") == []


def test_a_timer_of_the_year_1_does_not_fail() -> None:
    """The customer is warned and ended on time, and no line reports a failure."""
    with World() as world:
        chat = world.twilio.answered()
        match, date = r"(GET|POST) .*/Conversations/CH\w+$", "0001-01-01T00:00:00Z"
        world.twilio.fault(match, kind="odd", at="timers.date_inactive", value=date, times=None)
        world.twilio.advance("PT12M")

        assert (chat.state, world.lines(outcome="failed")) == ("closed", [])


@pytest.mark.parametrize("value", [REMOVED, None], ids=["missing", "null"])
def test_attributes_that_are_missing_from_an_answer_are_not_overwritten(value: object) -> None:
    """Their content is unknown, so no note is written."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.rest("POST", chat.path, Attributes='{"crm": 12}')
        match = r"GET .*/Conversations/CH\w+$"
        world.twilio.fault(match, kind="odd", at="attributes", value=value, times=None)
        world.twilio.advance("PT9M")
        world.simulation.faults.clear()
        attributes = world.twilio.rest("GET", chat.path)["attributes"]

        assert (chat.ours, json.loads(attributes).get("crm")) == (["warning"], 12)


@pytest.mark.parametrize("value", [REMOVED, None], ids=["missing", "null"])
def test_a_tasks_attributes_that_are_missing_from_an_answer_are_not_overwritten(value: object) -> None:
    """The answer to our claim lacks them: the attributes of Flex and of others stay."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(r"POST .*/Tasks/WT\w+$", kind="odd", at="attributes", value=value, times=None)
        world.twilio.advance("PT10M")

        assert (chat.state, chat.truth.tasks[0].attributes.get("conversationSid")) == ("closed", chat.conversation)


def test_a_malformed_message_may_be_the_customers() -> None:
    """The newest message cannot be read and may be a waiting customer's, so nobody is warned because of an older one.

    The row counts as part of the list.
    """
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "but when?")
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.0", value=None, times=None)
        world.twilio.advance("PT20M")

        assert chat.ours == []


def test_a_malformed_invite_is_skipped() -> None:
    """The log names the row; the agent who joined proves the task, and the chat is released."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.fault(r"GET .*/Invites", kind="odd", at="invites.0", value=None, times=None)
        world.twilio.advance("PT1H")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


@pytest.mark.parametrize("match", [r"/Conversations/CH\w+$", r"/Tasks/WT\w+$", r"/Channels/UO\w+$"])
def test_an_answer_without_its_sid_is_about_what_was_asked_for(match: str) -> None:
    """We know which resource we read, so the silent customer is released."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.fault(f"(GET|POST) .*{match}", kind="odd", at="sid", value=REMOVED, times=None)
        world.twilio.advance("PT1H")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


def test_an_unknown_status_of_an_unproven_task_is_read_again_within_an_hour() -> None:
    """It is shown for half an hour while every webhook is lost; then the silent customer is released."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        world.configure(webhook="")
        world.twilio.show_status(chat.conversation, "task", UNKNOWN)
        world.schedule_sweep()
        world.twilio.advance("PT30M")
        world.twilio.show_status(chat.conversation, "task", None)
        world.twilio.advance("PT90M")

        assert chat.state == "closed"


def test_a_task_whose_worker_is_unknown_is_read_again_within_an_hour() -> None:
    """The participants were malformed for half an hour while every webhook was lost."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        world.configure(webhook="")
        world.twilio.fault(r"GET .*/Participants", kind="odd", at="participants.*.identity", value=REMOVED, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT30M")
        world.simulation.faults.clear()
        world.twilio.advance("PT90M")

        assert chat.state == "closed"


@pytest.mark.parametrize("interaction", [True, False])
def test_a_task_that_shows_an_unknown_status_from_the_beginning_keeps_the_chat(interaction: bool) -> None:
    """The customer waits in the queue, and a bot has asked them to."""
    with World() as world:
        chat = world.twilio.chat("queued", interaction=interaction)
        chat.says("customer", "hello?")
        chat.says("bot", "please hold")
        world.twilio.show_status(chat.conversation, "task", UNKNOWN)
        world.twilio.advance("PT2H")

        assert (chat.ours, chat.task_statuses) == ([], ["pending"])


def test_every_kind_of_odd_answer_is_given() -> None:
    """A pattern that hits no request would test nothing: each hits in an hour of a lost chat and a silent one."""
    matches = {oddity.match for oddity in (*ODD_FIELDS, *MALFORMED_ROWS)}
    with World() as world:
        world.schedule_sweep()
        for match in matches:
            world.twilio.fault(match, kind="slow", seconds=0, times=None)
        chat = world.twilio.answered()
        world.twilio.answered(interaction=False)
        world.twilio.advance("PT9M")
        chat.does("delete")
        world.twilio.advance("PT1H")

        assert {each["match"] for each in world.simulation.faults.as_json() if each["hit"]} == matches
