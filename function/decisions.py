"""What to do about a silence: (snapshot, policy, now) -> decision. Pure, and in the order of the table in the docs.

Decides; how a decision becomes calls is left to `carry_out.py`.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from .policy import Policy, Step, StepKind
from .snapshot import ChannelStatus, ConversationState, Message, Snapshot, TaskStatus, Who

TOLERANCE = timedelta(seconds=5)
"""A step counts as reached this much earlier: Twilio's times are whole seconds and its timers have a jitter."""

SHORTEST_TIMER = timedelta(minutes=1)
"""Twilio's least inactive timer (error 50375); nobody is ended sooner than this after a warning either."""


class Reason(enum.StrEnum):
    """Why; the values stand in the log."""

    CLOSED = "closed"
    CLOSED_BY_TIMER = "closed_by_timer"
    LEFT = "left"
    PAUSED = "paused"
    EMAIL = "email"
    CHANNEL_UNKNOWN = "channel_unknown"
    TRANSFER = "transfer"
    NOTICE_SENT = "notice_sent"
    NO_LIVE_TASK = "no_live_task"
    QUEUED = "queued"
    AGENT_SILENT = "agent_silent"
    NOT_YET = "not_yet"
    CUSTOMER_SILENT = "customer_silent"


@dataclass(frozen=True)
class Keep:
    """Leave everything as it is; if nothing is said, look again at `until` (None: no time changes this decision)."""

    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True)
class Rearm:
    """Leave the chat alone and see to it that the timer fires at `target`."""

    reason: Reason
    target: datetime


@dataclass(frozen=True)
class Warn:
    """Post the warning; if the silence goes on, the next step is due at `then`."""

    reason: Reason
    step: Step
    answers: int
    then: datetime


@dataclass(frozen=True)
class End:
    """End the chat, with the closing notice unless it stands there already."""

    reason: Reason
    step: Step
    answers: int
    notice: bool = True


@dataclass(frozen=True)
class Finish:
    """The conversation is closed; release what is left over: interaction channel, tasks."""

    reason: Reason


Decision = Keep | Rearm | Warn | End | Finish


def decide(  # noqa: PLR0911 -- one return for each row of the table
    snapshot: Snapshot, policy: Policy, now: datetime, *, closed_by_timer: bool = False
) -> Decision:
    """Decide about one conversation; the first row that matches wins.

    Args:
        snapshot: the conversation as it is now.
        policy: when to warn and when to end.
        now: Twilio's own time.
        closed_by_timer: the event said that Twilio's closed timer closed the conversation.
    """
    newest = snapshot.newest_counted
    step, due_at = _next_step(snapshot, policy, now)
    closing = policy.steps[-1]

    if snapshot.conversation.state is ConversationState.CLOSED:
        reason = Reason.CLOSED_BY_TIMER if closed_by_timer else Reason.CLOSED
        return Finish(reason) if snapshot.live_tasks else Keep(reason)
    if untouchable := _untouchable(snapshot):
        return Keep(untouchable)
    if _transferring(snapshot):
        return Rearm(Reason.TRANSFER, _at_least_a_minute(due_at, now))
    if snapshot.sent(StepKind.CLOSING):
        return End(Reason.NOTICE_SENT, closing, newest.index, notice=False)
    if not snapshot.live_tasks and snapshot.agent_wrote:
        return Keep(Reason.NO_LIVE_TASK)
    if snapshot.live_tasks and all(task.waits for task in snapshot.live_tasks):
        return Keep(Reason.QUEUED)
    if not _customers_turn(snapshot, newest):
        return Keep(Reason.AGENT_SILENT)
    if now < due_at - TOLERANCE:
        return Rearm(Reason.NOT_YET, _at_least_a_minute(due_at, now))
    if step.kind is StepKind.WARNING:
        following = policy.steps[step.number]
        return Warn(
            Reason.CUSTOMER_SILENT, step, newest.index, _at_least_a_minute(newest.sent_at + following.after, now)
        )
    return End(Reason.CUSTOMER_SILENT, step, newest.index)


def _next_step(snapshot: Snapshot, policy: Policy, now: datetime) -> tuple[Step, datetime]:
    """The step that comes next in this silence, and when it is due.

    Of several warnings that are overdue only the last is sent. Whoever was warned late has a minute left all the same.
    """
    newest = snapshot.newest_counted
    warned = snapshot.sent(StepKind.WARNING)
    sent = warned.marker.step if warned and warned.marker else 0
    coming = [step for step in policy.steps if step.number > sent or step.kind is StepKind.CLOSING]
    warnings_due = [
        step for step in coming if step.kind is StepKind.WARNING and newest.sent_at + step.after - TOLERANCE <= now
    ]
    step = warnings_due[-1] if warnings_due else coming[0]
    due_at = newest.sent_at + step.after
    return step, max(due_at, warned.sent_at + SHORTEST_TIMER) if warned else due_at


def _untouchable(snapshot: Snapshot) -> Reason | None:
    channel = snapshot.channel
    if channel is None:
        return None
    if channel.kind == "email":
        return Reason.EMAIL
    if channel.status is ChannelStatus.INACTIVE:
        return Reason.LEFT
    if channel.status is ChannelStatus.PAUSE:
        return Reason.PAUSED
    if channel.status is ChannelStatus.UNKNOWN and not _has_worker(snapshot):
        return Reason.CHANNEL_UNKNOWN
    return None


def _transferring(snapshot: Snapshot) -> bool:
    """The channel says so, or a second task waits while somebody still holds the first."""
    if snapshot.channel is not None and snapshot.channel.status is ChannelStatus.TRANSFER:
        return True
    return _has_worker(snapshot) and any(task.waits for task in snapshot.live_tasks)


def _has_worker(snapshot: Snapshot) -> bool:
    return any(task.status is TaskStatus.ASSIGNED for task in snapshot.live_tasks)


def _customers_turn(snapshot: Snapshot, newest: Message) -> bool:
    """Somebody answered the customer: the agent who has the chat now, or a bot while nobody has it."""
    task = snapshot.newest_live_task
    if newest.by is Who.AUTOMATED:
        return task is None
    if newest.by is not Who.AGENT or task is None:
        return False
    # Twilio's times are whole seconds: in the very second of the task's creation, only an agent who is still here can
    # have written after it; the first agent of a transfer has gone.
    return newest.sent_at > task.created_at or (newest.present and newest.sent_at == task.created_at)


def _at_least_a_minute(target: datetime, now: datetime) -> datetime:
    return max(target, now + SHORTEST_TIMER)
