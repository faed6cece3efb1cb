"""What became of the last task of a chat without a live one: finished by somebody, or lost. No I/O.

TaskRouter deletes a task five minutes after its end (https://www.twilio.com/docs/taskrouter/lifecycle-task-state,
November 2026), so a chat whose agent is done looks like one whose task was cancelled in the queue. Only its events show
the difference; they are kept for 30 days (https://www.twilio.com/docs/taskrouter/api/event, November 2026).
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .attributes import LastTask, TaskFate
from .facts import Snapshot


class Ended(enum.StrEnum):
    """The events that end a task, by TaskRouter's names."""

    COMPLETED = "task.completed"
    WRAPUP = "task.wrapup"
    CANCELED = "task.canceled"
    DELETED = "task.deleted"
    SYSTEM_DELETED = "task.system-deleted"


_FATES = {
    Ended.COMPLETED: TaskFate.FINISHED,
    Ended.WRAPUP: TaskFate.FINISHED,
    Ended.CANCELED: TaskFate.LOST,
    Ended.DELETED: TaskFate.LOST,
    Ended.SYSTEM_DELETED: TaskFate.LOST,
}

EVENTS_ARRIVE_WITHIN = timedelta(hours=1)
"""How long to wait for a task's events. Twilio does not document how late they may be."""

ACCEPTED = "reservation.accepted"
CREATED = "task.created"


@dataclass(frozen=True)
class TaskEvent:
    """One of TaskRouter's events about a task.

    Attributes:
        kind: type of the event, such as `task.canceled`.
        at: when it happened.
        worker: WK... of an event about a reservation; None for other events.
    """

    kind: str
    at: datetime
    worker: str | None = None


def last_task(histories: Mapping[str, Sequence[TaskEvent]], *, whole: bool = True) -> LastTask | None:
    """Return what became of the task that ended last; None if no event shows an end.

    The first end of a task decides. A deletion by TaskRouter itself counts only if there is no other end, because it
    may follow any of them.

    Args:
        histories: the events of each task.
        whole: return None unless all tasks have an end, because an event may be late.
    """
    ends = {sid: end for sid, events in histories.items() if (end := _end(events))}
    if not ends or (whole and len(ends) < len(histories)):
        return None
    sid = max(ends, key=lambda task: ends[task].at)
    events = histories[sid]
    made_at = min((event.at for event in events if event.kind == CREATED), default=None)
    accepted = [event for each in histories.values() for event in each if event.kind == ACCEPTED]
    last = LastTask(sid, _FATES[Ended(ends[sid].kind)], accepted=bool(accepted), made_at=made_at)
    if last.fate is not TaskFate.LOST:
        return last
    if not accepted and not all(histories.values()):
        return None  # an acceptance may be among the events that are missing
    workers = [event.worker for event in sorted(accepted, key=lambda event: event.at) if event.worker]
    return replace(last, workers=tuple(dict.fromkeys(workers)))


def last_task_unknown(task: str, noted: LastTask | None, now: datetime, *, denied: bool) -> LastTask:
    """Return what to note about a task without an event of its end; after an hour its events are not read again.

    Args:
        task: SID of the task.
        noted: what was noted about it before.
        now: Twilio's time.
        denied: whether reading events is refused.
    """
    asked_at = noted.asked_at if noted and noted.asked_at else now
    given_up = denied or now >= asked_at + EVENTS_ARRIVE_WITHIN
    return LastTask(task, TaskFate.UNKNOWN, asked_at=None if given_up else asked_at)


def known_tasks(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the SIDs of all known tasks of a chat, newest first: from invites, tasks and our note."""
    channel, noted = snapshot.channel, snapshot.conversation.noted
    invites = channel.invites or () if channel and channel.proven else ()
    made_at = {invite.task: invite.created_at for invite in invites if invite.conversation == snapshot.conversation.sid}
    made_at |= {task.sid: task.created_at for task in snapshot.tasks}
    newest_first = sorted(
        enumerate(made_at),
        key=lambda each: (made_at[each[1]] or snapshot.conversation.created_at, each[0]),
        reverse=True,
    )
    return tuple(dict.fromkeys([*(sid for _, sid in newest_first), *(noted.tasks if noted else ())]))


def _end(events: Sequence[TaskEvent]) -> TaskEvent | None:
    ends = [event for event in events if event.kind in tuple(Ended)]
    by_somebody = [event for event in ends if event.kind != Ended.SYSTEM_DELETED]
    return min(by_somebody or ends, key=lambda event: event.at, default=None)
