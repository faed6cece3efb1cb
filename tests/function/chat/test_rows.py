"""Each row of the decision table decides about some chat, and the docs repeat the rows' sentences."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from dev import function_pages
from function.chat import (
    ROWS,
    Case,
    ChannelStatus,
    ConversationState,
    Decision,
    Keep,
    Rearm,
    Reason,
    Snapshot,
    TaskStatus,
    decide,
    first_answer,
)
from function.policy import parse_policy
from tests.function.chat.test_decisions import (
    ANSWER,
    ANSWERED,
    CLOSED,
    FINISHED,
    HELLO,
    QUEUED,
    SAID_GOODBYE,
    WARNED,
    ended,
    last_task_unknown,
)
from tests.function.silences import at, chat, task

POLICY = parse_policy({"policy": {"whenLeftOver": {"do": "end", "after": "PT1H"}}})
ON_HOLD = replace(task(), attributes='{"doNotTimeOutUntil": "2026-01-05T12:00:00Z"}')
REACHED: Mapping[str, tuple[Snapshot, float]] = {
    "unknown_status": (chat(HELLO, ANSWER, channel=ChannelStatus("handed_over")), 11),
    "closed": (chat(HELLO, ANSWER, tasks=(), channel=None, state=CLOSED), 10),
    "set_aside": (chat(HELLO, ANSWER, channel=ChannelStatus.INACTIVE), 10),
    "exempt": (chat(HELLO, ANSWER, kind="email"), 11),
    "on_hold": (chat(HELLO, ANSWER, tasks=(ON_HOLD,)), 11),
    "closed_by_us": (chat(HELLO, ANSWER, SAID_GOODBYE, state=CLOSED), 11),
    "closed_by_others": (chat(HELLO, ANSWER, state=CLOSED), 11),
    "channel_unknown": (chat(HELLO, tasks=QUEUED, channel=ChannelStatus.UNKNOWN), 11),
    "transfer": (chat(HELLO, ANSWER, channel=ChannelStatus.TRANSFER), 11),
    "notice_sent": (chat(HELLO, ANSWER, SAID_GOODBYE), 11),
    "events_pending": (last_task_unknown(ANSWERED), 11),
    "left_over": (ended(FINISHED, ANSWERED), 61),
    "no_live_task": (chat(HELLO, ANSWER, tasks=(task(TaskStatus.WRAPPING),)), 11),
    "queued": (chat(HELLO, tasks=QUEUED), 11),
    "agent_silent": (chat(HELLO), 11),
    "not_yet": (chat(HELLO, ANSWER), 2),
    "warning_due": (chat(HELLO, ANSWER), 9),
    "end_due": (chat(HELLO, ANSWER, WARNED), 11),
}
"""By the name of a row: a chat, and how many minutes into it somebody looks."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_each_row_decides_about_a_chat_of_its_own(row: object) -> None:
    """A row that no chat reaches would be dead code."""
    snapshot, minutes = REACHED[getattr(row, "__name__", "")]

    assert row is first_answer(Case.of(snapshot, POLICY, at(minutes)))[0]


def test_every_row_is_a_sentence_with_its_decision() -> None:
    """What the snapshot shows, a colon, and the decision: the docs' table is made from these."""
    rows = function_pages.decisions().splitlines()[2:]

    assert len(rows) == len(ROWS)
    assert [row for row in rows if "|  |" in row or row.count("|") != 3] == []
    assert set(REACHED) == {row.__name__ for row in ROWS}


@pytest.mark.parametrize(
    ("minutes", "decision"),
    [
        (1.25, Rearm(Reason.UNKNOWN_STATUS, at(2.25))),
        (6, Rearm(Reason.UNKNOWN_STATUS, at(11))),
        (21, Keep(Reason.UNKNOWN_STATUS, at(41))),
        (301, Keep(Reason.UNKNOWN_STATUS, at(361))),
    ],
)
def test_an_unknown_status_is_checked_again_after_a_pause_as_long_as_the_silence(
    minutes: float, decision: Decision
) -> None:
    """The pause is a minute to an hour; a timer is used if that is soon."""
    snapshot, _ = REACHED["unknown_status"]

    assert decide(Case.of(snapshot, POLICY, at(minutes))) == decision


def test_a_conversation_in_an_unknown_state_is_never_written_to() -> None:
    """A timer could change that state."""
    snapshot = chat(HELLO, ANSWER, state=ConversationState("archived"))

    assert decide(Case.of(snapshot, POLICY, at(6))) == Keep(Reason.UNKNOWN_STATUS, at(11))
