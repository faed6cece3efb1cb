"""What became of the last task of a chat without a live one, as TaskRouter's events show it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.chat import (
    Channel,
    ChannelStatus,
    ChatSids,
    Conversation,
    ConversationState,
    Invite,
    LastTask,
    Snapshot,
    Task,
    TaskEvent,
    TaskFate,
    TaskStatus,
    known_tasks,
    last_task,
)
from function.chat.attributes import with_own_notes
from tests.function.silences import at

ANN, BEN = "WK" + "a" * 32, "WK" + "b" * 32
WT, SECOND, THIRD = ("WT" + digit * 32 for digit in "123")
CREATED, ACCEPTED = TaskEvent("task.created", at(0)), TaskEvent("reservation.accepted", at(1))
COMPLETED, WRAPUP, CANCELED, DELETED, SYSTEM_DELETED = (
    f"task.{end}" for end in ("completed", "wrapup", "canceled", "deleted", "system-deleted")
)
ENDS = {
    COMPLETED: TaskFate.FINISHED,
    WRAPUP: TaskFate.FINISHED,
    CANCELED: TaskFate.LOST,
    DELETED: TaskFate.LOST,
    SYSTEM_DELETED: TaskFate.LOST,
}


def fate(*kinds: str) -> TaskFate | None:
    """Return what became of a task with these events, a minute apart."""
    last = last_task({WT: [TaskEvent(kind, at(minute)) for minute, kind in enumerate(kinds)]})
    return last.fate if last else None


@pytest.mark.parametrize(("kind", "expected"), ENDS.items())
def test_a_task_is_finished_or_lost(kind: str, expected: TaskFate) -> None:
    """An agent completes it or wraps up; a workflow cancels it, or somebody or TaskRouter deletes it."""
    assert expected is fate("task.created", kind)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((WRAPUP, COMPLETED), TaskFate.FINISHED),
        ((WRAPUP, CANCELED), TaskFate.FINISHED),
        ((CANCELED, COMPLETED), TaskFate.LOST),
        ((DELETED, COMPLETED), TaskFate.LOST),
        ((COMPLETED, DELETED), TaskFate.FINISHED),
        ((COMPLETED, SYSTEM_DELETED), TaskFate.FINISHED),
        ((SYSTEM_DELETED, COMPLETED), TaskFate.FINISHED),
        ((SYSTEM_DELETED, WRAPUP), TaskFate.FINISHED),
        ((SYSTEM_DELETED, CANCELED), TaskFate.LOST),
    ],
)
def test_the_first_end_decides(kinds: tuple[str, ...], expected: TaskFate) -> None:
    """TaskRouter also deletes ended tasks, so its deletion counts only if there is no other end."""
    assert expected is fate(*kinds)


@pytest.mark.parametrize(
    "events", [(), (CREATED,), (CREATED, ACCEPTED), (CREATED, TaskEvent("task.updated", at(1)))], ids=len
)
def test_without_an_end_there_is_no_fate(events: tuple[TaskEvent, ...]) -> None:
    """Events may be late."""
    assert last_task({WT: events}) is None
    assert last_task({}) is None


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_fate_has_the_time_of_creation_and_whether_an_agent_accepted(newest_first: bool) -> None:
    """The order of events does not matter; a task that was created more than thirty days ago has no such time."""
    end = TaskEvent(SYSTEM_DELETED, at(9))
    events = [end, ACCEPTED, CREATED] if newest_first else [CREATED, ACCEPTED, end]

    assert last_task({WT: events}) == LastTask(WT, TaskFate.LOST, accepted=True, made_at=at(0))
    assert last_task({WT: [CREATED, end]}) == LastTask(WT, TaskFate.LOST, accepted=False, made_at=at(0))
    assert last_task({WT: [ACCEPTED, end]}) == LastTask(WT, TaskFate.LOST, accepted=True, made_at=None)


def test_a_fate_names_each_worker_who_accepted_once_and_in_order() -> None:
    """Workers of earlier tasks count too: the customer may have read their messages last."""
    taken = [TaskEvent("reservation.accepted", at(minute), worker) for minute, worker in ((4, BEN), (1, ANN), (2, ANN))]
    last = last_task({WT: [*taken, TaskEvent(COMPLETED, at(5))], SECOND: [CREATED, TaskEvent(CANCELED, at(9))]})

    assert last
    assert (last.task, last.accepted, last.workers) == (SECOND, True, (ANN, BEN))


def test_the_task_that_ended_last_decides() -> None:
    """An agent has had the chat if any of the tasks was accepted."""
    first = [CREATED, ACCEPTED, TaskEvent(COMPLETED, at(5))]
    second = [TaskEvent("task.created", at(4)), TaskEvent(CANCELED, at(9))]
    unended = [TaskEvent("task.created", at(10))]

    expected = LastTask(SECOND, TaskFate.LOST, accepted=True, made_at=at(4))

    assert last_task({WT: first, SECOND: second}) == expected
    assert last_task({SECOND: second, WT: first, THIRD: unended}) is None, "its end may be orders later"
    assert last_task({SECOND: second, WT: first, THIRD: unended}, whole=False) == expected


kinds = st.sampled_from([*ENDS, "task.created", "reservation.accepted", "task.updated"])
minutes = st.lists(st.integers(0, 99), max_size=6, unique=True)
events = minutes.flatmap(
    lambda at_these: st.tuples(*(st.builds(TaskEvent, kinds, st.just(at(one))) for one in at_these))
)


@given(events.flatmap(lambda orders: st.tuples(st.just(orders), st.permutations(orders))))
def test_a_fate_does_not_depend_on_the_order_of_events(
    orders: tuple[Sequence[TaskEvent], Sequence[TaskEvent]],
) -> None:
    """There is a fate whenever there is an end among the events."""
    one, other = (last_task({WT: events}) for events in orders)

    assert other == one
    assert any(event.kind in ENDS for event in orders[0]) is (one is not None)


# -- which tasks a chat is known to have had --------------------------------------------------------------------------

CH, KD, UO = "CH" + "1" * 32, "KD" + "1" * 32, "UO" + "1" * 32


def chat(*tasks: Task, invites: Sequence[Invite] | None = None, proven: bool = True, noted: str = "") -> Snapshot:
    """Return a chat with these tasks, whose channel has these invites."""
    attributes = ChatSids((noted,)).written_into(with_own_notes("{}", CH) or "") if noted else None
    channel = Channel(KD, UO, ChannelStatus.ACTIVE, invites=None if invites is None else tuple(invites), proven=proven)
    return Snapshot(Conversation(CH, ConversationState.INACTIVE, at(0), None, attributes or "{}"), (), tasks, channel)


def asked(task: str, minute: float | None, conversation: str = CH) -> Invite:
    """Return an invite."""
    return Invite(task, conversation, None if minute is None else at(minute))


TASK = Task(WT, TaskStatus.COMPLETED, at(1), "", "{}")


def test_tasks_are_known_by_invites_by_themselves_and_by_our_note_the_newest_first() -> None:
    """Each task is listed once."""
    invites = [asked(WT, 1), asked(SECOND, 5)]

    assert known_tasks(chat(invites=invites)) == (SECOND, WT)
    assert known_tasks(chat(replace(TASK, sid=THIRD, created_at=at(7)), invites=invites)) == (THIRD, SECOND, WT)
    assert known_tasks(chat(TASK, invites=invites, noted=SECOND)) == (SECOND, WT)
    assert known_tasks(chat(TASK, invites=invites, noted=THIRD)) == (SECOND, WT, THIRD)
    assert known_tasks(chat(noted=WT)) == (WT,)
    assert known_tasks(chat()) == ()
    assert known_tasks(replace(chat(), channel=None)) == ()


@pytest.mark.parametrize(
    ("invites", "proven"),
    [([asked(WT, 1, "CH" + "2" * 32)], True), ([asked(WT, 1)], False), (None, True)],
    ids=["of another conversation", "of a channel that is not proven", "that cannot be read"],
)
def test_what_is_not_proven_is_not_the_chats_last_task(invites: list[Invite] | None, proven: bool) -> None:
    """A chat is not released because another chat's task was lost."""
    assert known_tasks(chat(invites=invites, proven=proven)) == ()


def test_invites_without_a_time_are_as_old_as_the_chat_in_the_order_of_the_list() -> None:
    """The last one in the list counts as the newest."""
    assert known_tasks(chat(invites=[asked(WT, None), asked(SECOND, None)])) == (SECOND, WT)
    assert known_tasks(chat(invites=[asked(WT, 1), asked(SECOND, None)])) == (WT, SECOND)


def test_a_hint_is_not_one_of_the_chats_tasks() -> None:
    """It may belong to another chat."""
    assert known_tasks(replace(chat(), hints=(TASK,))) == ()
