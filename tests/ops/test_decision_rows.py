"""Each row of the decision table says in a few words why it decides, or why it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from function.chat import (
    ROWS,
    Author,
    Case,
    ChannelStatus,
    ConversationState,
    LastTask,
    Task,
    TaskFate,
    TaskStatus,
    first_answer,
)
from function.policy import parse_policy
from ops.decision_rows import FACTS, RowAnswer, asked_rows
from tests.function.chat.test_rows import POLICY, REACHED
from tests.function.silences import at, chat, says, task, with_conversation

HELLO, ANSWER = says(Author.CUSTOMER, 0, 0), says(Author.AGENT, 1, 1)
PLAIN = parse_policy({})


def answers(case: Case) -> dict[str, str]:
    """What each row that was asked says."""
    return {each.row: each.why for each in asked_rows(case)}


def test_every_row_has_its_sentence() -> None:
    """In the order of the table."""
    assert list(FACTS) == [row.__name__ for row in ROWS]


@pytest.mark.parametrize("name", [row.__name__ for row in ROWS])
def test_the_rows_down_to_the_one_that_decides_are_shown(name: str) -> None:
    """The last one is the function's own choice; none below it was asked."""
    snapshot, minutes = REACHED[name]
    case = Case.of(snapshot, POLICY, at(minutes))

    asked = asked_rows(case)

    assert [each.row for each in asked] == [row.__name__.replace("_", " ") for row in ROWS][: len(asked)]
    assert [each.matched for each in asked] == [False] * (len(asked) - 1) + [True]
    assert first_answer(case)[0].__name__ == name == asked[-1].row.replace(" ", "_")
    assert [each.row for each in asked if not each.why] == []


def test_a_silence_before_its_warning() -> None:
    """Every fact of an ordinary chat."""
    case = Case.of(chat(HELLO, ANSWER), PLAIN, at(7))

    assert answers(case) == {
        "unknown status": "Twilio documents every status that it shows",
        "closed": "conversation inactive",
        "set aside": "channel active",
        "exempt": "rule 'default' does not exempt it",
        "on hold": "no doNotTimeOutUntil in the future",
        "closed by us": "conversation inactive",
        "closed by others": "conversation inactive",
        "channel unknown": "channel active",
        "transfer": "channel active, nobody else is invited",
        "notice sent": "no closing notice of ours answers the last word",
        "events pending": "task assigned",
        "left over": "no agent has finished it",
        "no live task": "task assigned",
        "queued": "task assigned",
        "agent silent": "the agent wrote last, 6 min ago (whenAgentSilent: keep)",
        "not yet": "silent for 6 min; warning 1 is due at 2026-01-05 09:09:00Z",
    }


@pytest.mark.parametrize(
    ("minutes", "deciding"),
    [
        (9, RowAnswer("warning due", matched=True, why="warning 1 is due since 2026-01-05 09:09:00Z")),
        (4, RowAnswer("not yet", matched=True, why="silent for 3 min; warning 1 is due at 2026-01-05 09:09:00Z")),
    ],
)
def test_a_silence_is_compared_with_its_step(minutes: float, deciding: RowAnswer) -> None:
    """With the times of both."""
    assert asked_rows(Case.of(chat(HELLO, ANSWER), PLAIN, at(minutes)))[-1] == deciding


def test_the_end_is_compared_with_the_timeout() -> None:
    """A policy without warnings."""
    case = Case.of(chat(HELLO, ANSWER), parse_policy({"warnBefore": "PT0S"}), at(12))

    assert answers(case)["end due"] == "silent for 11 min (timeout: 10 min)"


def test_a_customer_who_waits() -> None:
    """By the policy's words."""
    policy = parse_policy({"policy": {"whenAgentSilent": {"do": "end", "after": "PT1H"}}})
    case = Case.of(chat(HELLO), policy, at(20))

    assert answers(case)["agent silent"] == "the customer wrote last, 20 min ago (whenAgentSilent: end after 1 h)"


def test_a_queued_chat_names_its_task() -> None:
    """And how long it has been there."""
    case = Case.of(chat(HELLO, tasks=(task(TaskStatus.PENDING),)), PLAIN, at(5))

    assert answers(case)["queued"] == "task pending, made 5 min ago (whenQueued: keep)"


@pytest.mark.parametrize(
    ("channel", "why"),
    [(ChannelStatus.INACTIVE, "channel inactive"), (ChannelStatus.PAUSE, "channel pause")],
)
def test_a_chat_that_was_set_aside_names_its_channel(channel: ChannelStatus, why: str) -> None:
    """As Twilio spells it."""
    assert answers(Case.of(chat(HELLO, ANSWER, channel=channel), PLAIN, at(9)))["set aside"] == why


def test_a_hold_names_its_end() -> None:
    """In UTC."""
    held = with_conversation(chat(HELLO, ANSWER), doNotTimeOutUntil="2026-01-05T12:00:00+01:00")

    assert answers(Case.of(held, PLAIN, at(9)))["on hold"] == "doNotTimeOutUntil 2026-01-05 11:00:00Z"


def test_a_closed_conversation_names_what_it_left_over() -> None:
    """Its task, and its channel if that is still open."""
    closed = chat(HELLO, ANSWER, state=ConversationState.CLOSED)
    closed = replace(closed, conversation=replace(closed.conversation, updated_at=at(2)))
    case = Case.of(closed, PLAIN, at(2) + timedelta(minutes=3))

    assert answers(case)["closed"] == "closed, and left over: task WT1 assigned, channel active"
    assert answers(case)["closed by others"].startswith("closed 3 min ago, and left over: task WT1 assigned")


@pytest.mark.parametrize(
    ("channel", "tasks", "why"),
    [
        (ChannelStatus.TRANSFER, (task(),), "channel transfer, since 4 min ago (pendingInvite: 1 h)"),
        (
            ChannelStatus.ACTIVE,
            (task(), task(TaskStatus.PENDING, created=3, number=2)),
            "a colleague was invited 2 min ago (pendingInvite: 1 h)",
        ),
    ],
)
def test_a_transfer_names_its_bound(channel: ChannelStatus, tasks: tuple[Task, ...], why: str) -> None:
    """Counted from the invite, or from the last word."""
    case = Case.of(chat(HELLO, ANSWER, channel=channel, tasks=tasks), PLAIN, at(5))

    assert answers(case)["transfer"] == why


@pytest.mark.parametrize(
    ("tasks", "why"),
    [
        ((task(),), "the channel cannot be fetched, but the task shows enough"),
        ((task(TaskStatus.PENDING),), "the channel cannot be fetched"),
    ],
)
def test_a_channel_that_cannot_be_fetched_says_whether_that_matters(tasks: tuple[Task, ...], why: str) -> None:
    """A task with a worker shows that nobody has left."""
    case = Case.of(chat(HELLO, tasks=tasks, channel=ChannelStatus.UNKNOWN), PLAIN, at(5))

    assert answers(case)["channel unknown"] == why


def test_a_task_that_was_lost_in_the_queue_is_named() -> None:
    """It was cancelled before anybody accepted it."""
    lost = replace(chat(HELLO, tasks=()), last_task=LastTask("WT1", TaskFate.LOST))

    assert answers(Case.of(lost, PLAIN, at(5)))["queued"] == "the last task was lost, and nobody had accepted it"
