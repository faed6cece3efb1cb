"""What became of the tasks of a chat that has no live one: finished by somebody, or lost. Pure.

TaskRouter deletes a task five minutes after its end, so a chat whose agent is done and one whose task was cancelled in
the queue look alike. Its events tell them apart; they are kept for 30 days (Twilio docs, TaskRouter events reference,
read 2026-11-27).
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .attributes import LastTask, TaskFate
from .facts import Snapshot


class Ended(enum.StrEnum):
    """What ends a task; the values are TaskRouter's."""

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
"""How long TaskRouter's events are waited for: how late they may be is not documented."""

ACCEPTED = "reservation.accepted"
CREATED = "task.created"


@dataclass(frozen=True)
class TaskEvent:
    """One of TaskRouter's events about a task.

    Attributes:
        kind: such as `task.canceled`.
        at: when it happened.
        worker: WK..., of an event about a reservation.
    """

    kind: str
    at: datetime
    worker: str | None = None


def last_task(histories: Mapping[str, Sequence[TaskEvent]], *, whole: bool = True) -> LastTask | None:
    """What became of the task that ended last; None where no event tells of an end.

    The first of a task's ends decides. A deletion by TaskRouter itself comes after its time has passed, and with some
    also after any other end: it means something only where it is the only one.

    Args:
        histories: by task.
        whole: only where the end of each of them is told: another's may be late.
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
    workers = [event.worker for event in sorted(accepted, key=lambda event: event.at) if event.worker]
    return replace(last, workers=tuple(dict.fromkeys(workers)))


def last_task_unknown(task: str, noted: LastTask | None, now: datetime, *, denied: bool) -> LastTask:
    """What is known of a task of which no event tells; after an hour nobody asks any more.

    Args:
        task: its SID.
        noted: what was noted about it before.
        now: Twilio's time.
        denied: nobody lets us ask.
    """
    asked_at = noted.asked_at if noted and noted.asked_at else now
    given_up = denied or now >= asked_at + EVENTS_ARRIVE_WITHIN
    return LastTask(task, TaskFate.UNKNOWN, asked_at=None if given_up else asked_at)


def known_tasks(snapshot: Snapshot) -> tuple[str, ...]:
    """SIDs of the tasks that a chat is known to have had, the newest first: by invites, by tasks, by our note."""
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
