"""The facts of a snapshot that a policy's rules are matched against. No I/O."""

from datetime import datetime

from ..policy import Subject
from .attributes import do_not_time_out_until, read_object
from .facts import Snapshot, Task


def subject_of(snapshot: Snapshot) -> Subject:
    """Return the facts that rules are matched against."""
    return _subject(snapshot, snapshot.newest_live_task or snapshot.newest_task)


def subjects_of_hints(snapshot: Snapshot) -> tuple[Subject, ...]:
    """Return the same facts as if one of the hints were the chat's task, for each, unless it has a live one."""
    return () if snapshot.live_tasks else tuple(_subject(snapshot, task) for task in snapshot.open_hints)


def _subject(snapshot: Snapshot, task: Task | None) -> Subject:
    return Subject(
        channel=channel_kind(snapshot),
        queue=task.queue if task else (),
        workflow=task.workflow if task else (),
        task=read_object(task.attributes) or {} if task else {},
        conversation=read_object(snapshot.conversation.attributes) or {},
    )


def channel_kind(snapshot: Snapshot) -> str:
    """Return the type of channel: from the interaction channel, the customer's binding, or the task."""
    if snapshot.channel and snapshot.channel.kind:
        return snapshot.channel.kind.lower()
    bindings = (each.binding.lower() for each in snapshot.authorship.participants if each.binding)
    task = snapshot.newest_live_task
    named = (read_object(task.attributes) or {}).get("channelType") if task else None
    return next(bindings, "") or (named.lower() if isinstance(named, str) else "") or (task.kind if task else "")


def on_hold_until(subject: Subject) -> datetime | None:
    """Return until when the chat is on hold: the later `doNotTimeOutUntil` of task and conversation."""
    times = (do_not_time_out_until(subject.task), do_not_time_out_until(subject.conversation))
    return max((time for time in times if time), default=None)
