"""What a policy's rules look at, and what its owners wrote for us: questions to a snapshot. Pure."""

from datetime import datetime

from ..policy import Subject
from .attributes import do_not_time_out_until, read_object
from .facts import Snapshot


def subject_of(snapshot: Snapshot) -> Subject:
    """What a policy's rules look at."""
    task = snapshot.newest_live_task or snapshot.newest_task
    return Subject(
        channel=channel_kind(snapshot),
        queue=task.queue if task else (),
        workflow=task.workflow if task else (),
        task=read_object(task.attributes) or {} if task else {},
        conversation=read_object(snapshot.conversation.attributes) or {},
    )


def channel_kind(snapshot: Snapshot) -> str:
    """How the customer writes: by the interaction channel, the customer's binding, or what the task says."""
    if snapshot.channel and snapshot.channel.kind:
        return snapshot.channel.kind.lower()
    bindings = (each.binding.lower() for each in snapshot.authorship.participants if each.binding)
    task = snapshot.newest_live_task
    named = (read_object(task.attributes) or {}).get("channelType") if task else None
    return next(bindings, "") or (named.lower() if isinstance(named, str) else "") or (task.kind if task else "")


def on_hold_until(subject: Subject) -> datetime | None:
    """Until when somebody asked us to leave this chat alone: the later of task and conversation."""
    times = (do_not_time_out_until(subject.task), do_not_time_out_until(subject.conversation))
    return max((time for time in times if time), default=None)
