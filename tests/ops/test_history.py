"""What happened in a chat, from its messages, our marks on them and TaskRouter's events."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from function.chat import (
    Authorship,
    Case,
    ConversationState,
    Evidence,
    LastTask,
    Marker,
    Participant,
    RawMessage,
    TaskFate,
)
from function.policy import StepKind, parse_policy
from ops.history import Happening, History, Verdict, Who, history_of
from ops.twilio_reads import TaskHappening
from tests.function.silences import at, chat

CUSTOMER, AGENT = "MB" + "1" * 32, "MB" + "2" * 32
PEOPLE = (Participant(CUSTOMER, "customer", has_address=False, role_sid=None),)
OURS = Authorship(PEOPLE, our_author="system")
BY_TASK = Evidence(worker_identities=frozenset({"ann"}))


def said(index: int, minutes: float, who: str) -> RawMessage:
    """A message of somebody who takes part, or did."""
    sid = CUSTOMER if who == "customer" else AGENT
    return RawMessage(index, at(minutes), who, sid, None)


def posted(index: int, minutes: float, kind: StepKind, answered: int) -> RawMessage:
    """A message of ours."""
    return RawMessage(index, at(minutes), "system", None, Marker(kind, 1, answered))


def history(
    *messages: RawMessage,
    tasks: dict[str, tuple[TaskHappening, ...]] | None = None,
    state: ConversationState = ConversationState.CLOSED,
    last_task: LastTask | None = None,
    closed_at: datetime | None = None,
) -> History:
    """The history of a chat with these messages."""
    snapshot = chat(tasks=(), channel=None, state=state)
    conversation = replace(snapshot.conversation, updated_at=closed_at or at(30))
    snapshot = replace(snapshot, conversation=conversation, authorship=OURS, last_task=last_task)
    known = replace(snapshot, messages=snapshot.classify_all(reversed(messages)))
    return history_of(Case.of(known, parse_policy({}), at(60)), messages, tasks or {}, BY_TASK)


HELLO, ANSWER = said(0, 0, "customer"), said(1, 1, "ann")
WARNING = posted(2, 9, StepKind.WARNING, 1)
NOTICE = posted(3, 11, StepKind.CLOSING, 1)


def test_a_chat_that_we_ended_is_told_in_order() -> None:
    """An agent who has left is known by the task that they had."""
    found = history(HELLO, ANSWER, WARNING, NOTICE)

    assert [(each.at, each.who, each.what) for each in found.happened] == [
        (at(0), Who.TWILIO, "created"),
        (at(0), Who.CUSTOMER, "message 0"),
        (at(1), Who.AGENT, "message 1"),
        (at(9), Who.WE, "warning 1, 8 min after message 1"),
        (at(11), Who.WE, "closing notice, 10 min after message 1"),
        (at(30), Who.TWILIO, "closed"),
    ]
    assert (found.verdict, found.sentence, found.late_reply) == (
        Verdict.ENDED_BY_US,
        "We ended it: the customer did not answer message 1 for 10 min.",
        False,
    )


def test_a_message_after_our_notice_is_named() -> None:
    """Somebody has to contact this customer."""
    found = history(HELLO, ANSWER, NOTICE, said(4, 11.5, "customer"))

    assert found.late_reply
    assert found.sentence.endswith("The customer wrote 30 s after the notice (message 4): contact them.")


def test_a_customer_who_waited_is_not_called_silent() -> None:
    """`whenAgentSilent`, or an operator, ended the chat."""
    found = history(HELLO, posted(1, 20, StepKind.CLOSING, 0))

    assert found.sentence == "We ended it: nobody answered the customer's message 0 for 20 min."


def test_without_a_notice_the_tasks_outcome_shows_that_we_ended_it() -> None:
    """No text reached the customer."""
    ended = TaskHappening("task.completed", at(11), "Support", outcome="inactivity_timeout")

    found = history(HELLO, ANSWER, tasks={"WT1": (ended,)})

    assert found.sentence == "We ended it without a notice, because no text reached the customer."
    assert Happening(at(11), Who.TASK, "WT1 completed (queue Support, outcome inactivity_timeout)") in found.happened


@pytest.mark.parametrize(
    ("messages", "last_task", "sentence"),
    [
        ((HELLO,), None, "Somebody else closed it; it has no closing notice and no outcome of ours."),
        (
            (HELLO, ANSWER, WARNING),
            LastTask("WT1", TaskFate.FINISHED),
            "An agent who finished it closed it after our warning; it has no closing notice and no outcome of ours.",
        ),
        ((), None, "Somebody else closed it; it has no message."),
    ],
)
def test_a_chat_that_somebody_else_closed_is_not_ours(
    messages: tuple[RawMessage, ...], last_task: LastTask | None, sentence: str
) -> None:
    """Whether we warned in it is said."""
    found = history(*messages, last_task=last_task)

    assert (found.verdict, found.sentence) == (Verdict.CLOSED_BY_OTHERS, sentence)


def test_somebody_who_left_and_is_not_known_is_called_that() -> None:
    """Whether it was the agent cannot be seen any more."""
    assert history(HELLO, said(1, 1, "bob")).happened[2] == Happening(at(1), Who.GONE, "message 1")


def test_what_happened_to_a_task_has_queue_agent_and_reason() -> None:
    """As far as TaskRouter's events say; other events are left out."""
    events = (
        TaskHappening("task.created", at(0), "Support"),
        TaskHappening("task-queue.entered", at(0), "Support"),
        TaskHappening("reservation.accepted", at(1), "Support", "Ann"),
        TaskHappening("task.canceled", at(2), why="customer left"),
    )

    found = history(tasks={"WT1": events})

    assert [each.what for each in found.happened if each.who is Who.TASK] == [
        "WT1 queued (queue Support)",
        "WT1 accepted (queue Support, by Ann)",
        "WT1 cancelled (reason 'customer left')",
    ]


def test_an_open_chat_is_open() -> None:
    """With what we did so far."""
    found = history(HELLO, ANSWER, WARNING, state=ConversationState.ACTIVE, closed_at=at(1) + timedelta())

    assert (found.verdict, found.sentence) == (Verdict.OPEN, "It is open. We have warned in it.")
