"""What several rows ask about a chat: who closed it and when, and whether the customer's message will be read."""

from dataclasses import replace
from typing import Any

import pytest

from function.chat import Author, Case, ChannelStatus, Claim, Message, Snapshot, Task, TaskStatus
from function.policy import StepKind, parse_policy
from tests.function.chat.test_decisions import (
    ANSWER,
    CLOSED,
    HELLO,
    QUEUED,
    SAID_GOODBYE,
    WARNED,
    claimed,
    closed_at,
    customer,
    hinted,
)
from tests.function.silences import at, chat, ours, task, with_conversation

WRITTEN_SINCE = customer(4, 12)


def case(snapshot: Snapshot, minutes: float = 11, **inside: Any) -> Case:
    """Return a chat some minutes after it began, under a policy with these keys."""
    return Case.of(snapshot, parse_policy({"policy": inside}), at(minutes))


# -- who closed it ----------------------------------------------------------------------------------------------------


def talk(*messages: Message, tasks: tuple[Task, ...] = (task(),)) -> Snapshot:
    """Return a closed chat that an agent has answered."""
    return chat(HELLO, ANSWER, *messages, tasks=tasks, state=CLOSED)


COPIED = replace(task(), attributes=Claim("us", 2, 1, at(0), "WT" + "9" * 32).written_into("{}") or "")


@pytest.mark.parametrize(
    ("snapshot", "by_us"),
    [
        (talk(SAID_GOODBYE), True),
        (talk(SAID_GOODBYE, tasks=()), True),
        (talk(SAID_GOODBYE, WRITTEN_SINCE), False),
        (talk(WARNED), False),
        (talk(tasks=(claimed(2, 1),)), True),
        (talk(tasks=(replace(claimed(2, 1), status=TaskStatus.PENDING),)), True),
        (talk(tasks=(task(number=2), claimed(2, 1))), True),
        (talk(tasks=(replace(claimed(2, 1), status=TaskStatus.WRAPPING),)), False),
        (talk(tasks=(claimed(1, 1),)), False),
        (talk(tasks=(claimed(2, 0),)), False),
        (talk(), False),
    ],
    ids=[
        "our notice",
        "our notice, no task",
        "our notice, and a word since then",
        "our warning",
        "our claim",
        "our claim, queued",
        "our claim on one of two",
        "our claim on a task that is over",
        "our claim for a warning",
        "our claim for an older word",
        "nothing of ours",
    ],
)
def test_our_notice_or_our_claim_of_the_last_step_shows_that_we_were_ending_the_chat(
    snapshot: Snapshot, by_us: bool
) -> None:
    """It must be about this silence; the claim's lease may be over."""
    assert by_us is case(snapshot).closed_by_us
    assert by_us is case(snapshot, 999).closed_by_us


def test_a_claim_that_was_copied_from_another_task_is_ignored() -> None:
    """Other tasks copy a chat's attributes, including its claims."""
    assert not case(talk(tasks=(COPIED,))).closed_by_us


@pytest.mark.parametrize(
    ("snapshot", "minutes"),
    [(closed_at(30, talk()), 30), (talk(), 1), (chat(state=CLOSED), 0)],
    ids=["the conversation's last change", "its newest message", "its beginning"],
)
def test_a_chat_was_closed_when_it_was_changed_last(snapshot: Snapshot, minutes: float) -> None:
    """Nothing can be written to a closed conversation; without a time of change, the earliest possible time counts."""
    assert case(snapshot).closed_at == at(minutes)


# -- whether anybody is going to read it ------------------------------------------------------------------------------

UNREAD = chat(HELLO, tasks=(), channel=None)


@pytest.mark.parametrize(("minutes", "unread"), [(5 - 6 / 60, False), (5 - 5 / 60, True), (5, True), (9999, True)])
def test_a_message_that_nobody_will_read_is_reported_after_five_minutes(minutes: float, unread: bool) -> None:
    """It is reported while it is the newest."""
    assert case(UNREAD, minutes).unread == (HELLO if unread else None)


@pytest.mark.parametrize(
    "snapshot",
    [
        replace(UNREAD, conversation=talk().conversation),
        replace(UNREAD, channel=chat(channel=ChannelStatus.INACTIVE).channel),
        chat(HELLO, tasks=(), kind="email"),
        with_conversation(UNREAD, vip=True),
        hinted(UNREAD),
        chat(HELLO, tasks=QUEUED),
        chat(HELLO),
        chat(HELLO, ANSWER, tasks=()),
    ],
    ids=["closed", "left", "email", "exempt", "an agent may be asked", "queued", "an agent has it", "answered"],
)
def test_a_message_that_may_be_read_is_not_reported(snapshot: Snapshot) -> None:
    """The same is true of a message that was answered, or of a chat that is left alone."""
    assert case(snapshot, 99, exempt={"conversation": {"vip": True}}).unread is None


def test_our_own_messages_do_not_answer_it() -> None:
    """Messages of somebody who has left are not the customer's, because customers do not leave."""
    spoken = replace(UNREAD, messages=(ours(StepKind.CLOSING, 1, 3, answered_index=0), *UNREAD.messages))
    left = replace(UNREAD, messages=(Message(0, at(0), Author.CUSTOMER, left=True),))

    assert case(spoken, 9).unread == HELLO
    assert case(left, 9).unread is None
