"""What to do about a silence: (snapshot, policy, now) -> decision. Pure, and in the order of the table in the docs.

Decides; how a decision becomes calls is left to `handling`.
"""

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from ..policy import Do, Policy, Ruling, Step, StepKind, TaskEnding, Treatment, Waiting
from ..settings import Mode
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
    PARKED = "parked"
    EMAIL = "email"
    EXEMPT = "exempt"
    DO_NOT_TIME_OUT = "do_not_time_out"
    CHANNEL_UNKNOWN = "channel_unknown"
    TRANSFER = "transfer"
    NOTICE_SENT = "notice_sent"
    NO_LIVE_TASK = "no_live_task"
    QUEUED = "queued"
    AGENT_SILENT = "agent_silent"
    NOT_YET = "not_yet"
    CUSTOMER_SILENT = "customer_silent"


class Unsaid(enum.StrEnum):
    """Why a customer is not told; the values stand in the log."""

    OUTSIDE_WINDOW = "outside_window"
    REFUSED = "refused"


class DecisionKind(enum.StrEnum):
    """What the log calls a decision."""

    KEEP = "keep"
    REARM = "rearm"
    WARN = "warn"
    NOTIFY = "notify"
    END = "end"
    FINISH = "finish"
    ARM = "arm"


@dataclass(frozen=True)
class Keep:
    """Leave everything as it is; if nothing is said, look again at `until` (None: no time changes this decision)."""

    kind: ClassVar = DecisionKind.KEEP
    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True)
class Rearm:
    """Leave the chat alone and see to it that the timer fires at `target`."""

    kind: ClassVar = DecisionKind.REARM
    reason: Reason
    target: datetime


@dataclass(frozen=True)
class Warn:
    """Post the warning; if the silence goes on, the next step is due at `then`."""

    kind: ClassVar = DecisionKind.WARN
    reason: Reason
    step: Step
    answers: int
    then: datetime


@dataclass(frozen=True)
class Notify:
    """Tell of an agent's silence, once: in the log, on the task, and to the customer if there is a text for that."""

    kind: ClassVar = DecisionKind.NOTIFY
    reason: Reason
    step: Step
    answers: int
    since: datetime
    say: bool


@dataclass(frozen=True)
class End:
    """End the chat, with the closing notice unless it stands there already or cannot reach the customer."""

    kind: ClassVar = DecisionKind.END
    reason: Reason
    step: Step
    answers: int
    notice: bool = True
    unsaid: Unsaid | None = None
    task_ending: TaskEnding = TaskEnding.COMPLETE


@dataclass(frozen=True)
class Finish:
    """The conversation is closed; release what is left over: interaction channel, tasks."""

    kind: ClassVar = DecisionKind.FINISH
    reason: Reason


Decision = Keep | Rearm | Warn | Notify | End | Finish


def allowed(mode: Mode, decision: Decision) -> bool:
    """Whether this mode lets a decision be carried out."""
    match mode:
        case Mode.OBSERVE:
            return False
        case Mode.WARN_ONLY:
            return not isinstance(decision, End | Finish)
        case Mode.ENFORCE:
            return True


def decide(  # noqa: C901, PLR0911 -- one return for each row of the table
    snapshot: Snapshot, policy: Policy, now: datetime, *, closed_by_timer: bool = False, refused: bool = False
) -> Decision:
    """Decide about one conversation; the first row that matches wins.

    Args:
        snapshot: the conversation as it is now.
        policy: when to warn and when to end.
        now: Twilio's own time.
        closed_by_timer: the event said that Twilio's closed timer closed the conversation.
        refused: Twilio has just refused to take a text for this customer; there is no use in another one.
    """
    newest = snapshot.newest_counted
    ruling = policy.ruling(snapshot.subject)
    treatment = ruling.treatment
    unsaid = Unsaid.REFUSED if refused else None if snapshot.reachable(now) else Unsaid.OUTSIDE_WINDOW
    step, due_at = _next_step(snapshot, treatment, now, warn=unsaid is None)
    end = End(Reason.CUSTOMER_SILENT, treatment.steps[-1], newest.index, unsaid is None, unsaid, treatment.task_ending)

    if snapshot.conversation.state is ConversationState.CLOSED:
        reason = Reason.CLOSED_BY_TIMER if closed_by_timer else Reason.CLOSED
        return Finish(reason) if snapshot.live_tasks or _channel_left_over(snapshot) else Keep(reason)
    if untouchable := _untouchable(snapshot, ruling):
        return Keep(untouchable)
    if (until := snapshot.do_not_time_out_until) and now < until - TOLERANCE:
        return _wait(Reason.DO_NOT_TIME_OUT, until, treatment, now)
    if _channel_unknown(snapshot):
        return Keep(Reason.CHANNEL_UNKNOWN)
    if _transferring(snapshot):
        return Rearm(Reason.TRANSFER, now + treatment.steps[0].after)
    if snapshot.sent(StepKind.CLOSING):
        return replace(end, reason=Reason.NOTICE_SENT, notice=False, unsaid=None)
    if not snapshot.live_tasks and (snapshot.agent_wrote or _wrapping_up(snapshot)):
        return Keep(Reason.NO_LIVE_TASK)
    if snapshot.newest_live_task and all(task.waits for task in snapshot.live_tasks):
        return _queued(snapshot.newest_live_task.created_at, treatment, end, now)
    if not _customers_turn(snapshot, newest):
        return _agent_silent(snapshot, treatment, end, now)
    if now < due_at - TOLERANCE:
        return Rearm(Reason.NOT_YET, _at_least_a_minute(due_at, now))
    if step.kind is StepKind.WARNING:
        following = treatment.steps[step.number]
        return Warn(
            Reason.CUSTOMER_SILENT, step, newest.index, _at_least_a_minute(newest.sent_at + following.after, now)
        )
    return end


def _next_step(snapshot: Snapshot, treatment: Treatment, now: datetime, *, warn: bool) -> tuple[Step, datetime]:
    """The step that comes next in this silence, and when it is due.

    Of several warnings that are overdue only the last is sent. Whoever was warned late has a minute left all the same.
    """
    newest = snapshot.newest_counted
    warned = snapshot.sent(StepKind.WARNING)
    sent = warned.marker.step if warned and warned.marker else 0
    steps = treatment.steps if warn else treatment.steps[-1:]
    coming = [step for step in steps if step.number > sent or step.kind is StepKind.CLOSING]
    warnings_due = [
        step for step in coming if step.kind is StepKind.WARNING and newest.sent_at + step.after - TOLERANCE <= now
    ]
    step = warnings_due[-1] if warnings_due else coming[0]
    due_at = newest.sent_at + step.after
    return step, max(due_at, warned.sent_at + SHORTEST_TIMER) if warned else due_at


def _queued(since: datetime, treatment: Treatment, end: End, now: datetime) -> Decision:
    """Nobody has accepted yet: keep, unless the policy ends it after so long."""
    if treatment.when_queued.do is not Do.END:
        return Keep(Reason.QUEUED)
    due_at = since + treatment.when_queued.after
    if now < due_at - TOLERANCE:
        return _wait(Reason.QUEUED, due_at, treatment, now)
    return replace(end, reason=Reason.QUEUED, step=_unanswered(treatment, treatment.when_queued))


def _agent_silent(snapshot: Snapshot, treatment: Treatment, end: End, now: datetime) -> Decision:
    """The customer waits for an answer: keep, unless the policy tells of it or ends it after so long.

    Telling counts from the first unanswered word. An end counts from the newest: who still writes is still there.
    """
    waiting = treatment.when_agent_silent
    if waiting.do is Do.KEEP:
        return Keep(Reason.AGENT_SILENT)
    task = snapshot.newest_live_task
    since = snapshot.waiting_since
    if waiting.do is Do.END:
        newest = snapshot.newest_counted.sent_at
        since = max(newest, task.created_at) if task else newest
    elif task is None or _told(snapshot):
        return Keep(Reason.AGENT_SILENT)
    due_at = since + waiting.after
    if now < due_at - TOLERANCE:
        return _wait(Reason.AGENT_SILENT, due_at, treatment, now)
    if waiting.do is Do.END:
        return replace(end, reason=Reason.AGENT_SILENT, step=_unanswered(treatment, waiting))
    text = treatment.texts.agent_silent
    said = any(
        message.marker.kind is StepKind.AGENT_SILENT and not snapshot.agent_spoke_after(message.marker.answers)
        for message in snapshot.messages
        if message.marker
    )
    step = Step(0, StepKind.AGENT_SILENT, waiting.after, text or treatment.texts.unanswered)
    say = text is not None and not said and end.unsaid is None
    return Notify(Reason.AGENT_SILENT, step, end.answers, since, say)


def _told(snapshot: Snapshot) -> bool:
    """Whether this silence of the agent who has the chat now was told of already."""
    task = snapshot.claimable_task
    mark = task.agent_silent if task else None
    return bool(task and mark and mark.since >= task.created_at and not snapshot.agent_spoke_after(mark.answers))


def _unanswered(treatment: Treatment, waiting: Waiting) -> Step:
    """The end of a chat whose customer waited: the closing step, with other words."""
    return replace(treatment.steps[-1], after=waiting.after, text=treatment.texts.unanswered)


def _wait(reason: Reason, until: datetime, treatment: Treatment, now: datetime) -> Decision:
    """Look again at that time: by the timer if it is so near that a silence which begins meanwhile is seen in time."""
    target = _at_least_a_minute(until, now)
    return Rearm(reason, target) if target - now <= treatment.steps[0].after else Keep(reason, until)


def _channel_left_over(snapshot: Snapshot) -> bool:
    """Nothing but the interaction channel is still there; while an agent wraps up it is theirs."""
    channel = snapshot.channel
    if channel is None or not channel.proven or _wrapping_up(snapshot):
        return False
    return channel.status not in {ChannelStatus.CLOSED, ChannelStatus.FAILED, ChannelStatus.UNKNOWN}


def _wrapping_up(snapshot: Snapshot) -> bool:
    """An agent is finishing the chat, whether they wrote or not."""
    return any(task.status is TaskStatus.WRAPPING for task in snapshot.tasks)


def _untouchable(snapshot: Snapshot, ruling: Ruling) -> Reason | None:
    if snapshot.channel and snapshot.channel.status is ChannelStatus.INACTIVE:
        return Reason.LEFT
    if snapshot.channel and snapshot.channel.status is ChannelStatus.PAUSE:
        return Reason.PAUSED
    if snapshot.conversation.parked and not snapshot.live_tasks:
        return Reason.PARKED
    if ruling.exempt:
        return Reason.EMAIL if snapshot.channel_kind == "email" else Reason.EXEMPT
    return None


def _channel_unknown(snapshot: Snapshot) -> bool:
    """It cannot be fetched, and no live task shows a worker: it may have been left."""
    channel = snapshot.channel
    return channel is not None and channel.status is ChannelStatus.UNKNOWN and not _has_worker(snapshot)


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
