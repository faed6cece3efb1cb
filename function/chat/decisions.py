"""What to do about a silence: a case -> a decision, by the first row of `ROWS` that answers. Pure.

A row is a function. Its docstring says what the snapshot shows and, after the colon, what is decided; the table in
docs/architecture.md is made of these sentences. How a decision becomes calls is left to `handling`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ..policy import Do, Step, StepKind
from . import dialogue
from .case import SHORTEST_TIMER, Case
from .decision import Decision, Finish, Keep, Notify, Rearm, Reason, Warn
from .facts import ChannelStatus, ConversationState
from .subject import on_hold_until

SET_ASIDE = {ChannelStatus.INACTIVE: Reason.LEFT, ChannelStatus.PAUSE: Reason.PAUSED}
"""By an agent, as the interaction channel shows it."""

LONGEST_PAUSE = timedelta(hours=1)
"""Between two looks at what nobody can make sense of."""


def decide(case: Case) -> Decision:
    """Decide about one chat; the first row that answers wins."""
    return first_answer(case)[1]


def unknown_status(case: Case) -> Decision | None:
    """Twilio shows a status that nobody told us of: keep, and look again after as long a pause as the silence was."""
    if case.snapshot.unknown_status is None:
        return None
    pause = min(max(case.now - case.newest.sent_at, SHORTEST_TIMER), LONGEST_PAUSE)
    if not case.snapshot.conversation.state.known:
        return Keep(Reason.UNKNOWN_STATUS, case.now + pause)
    return case.wait(Reason.UNKNOWN_STATUS, case.now + pause)


def closed(case: Case) -> Decision | None:
    """The conversation is closed: release the channel and the tasks that are left, but not while an agent wraps up."""
    if case.snapshot.conversation.state is not ConversationState.CLOSED:
        return None
    reason = Reason.CLOSED_BY_TIMER if case.closed_by_timer else Reason.CLOSED
    return Finish(reason) if case.snapshot.live_tasks or _channel_left_over(case) else Keep(reason)


def set_aside(case: Case) -> Decision | None:
    """An agent left, paused or parked the chat: keep."""
    channel = case.snapshot.channel
    if channel and channel.status in SET_ASIDE:
        return Keep(SET_ASIDE[channel.status])
    return Keep(Reason.PARKED) if case.snapshot.conversation.parked and not case.snapshot.live_tasks else None


def exempt(case: Case) -> Decision | None:
    """The policy exempts the chat, as it exempts email unless told otherwise: keep."""
    if not case.ruling.exempt:
        return None
    return Keep(Reason.EMAIL if case.subject.channel == "email" else Reason.EXEMPT)


def on_hold(case: Case) -> Decision | None:
    """`doNotTimeOutUntil` on task or conversation is in the future: keep until then."""
    until = on_hold_until(case.subject)
    return None if until is None or case.reached(until) else case.wait(Reason.DO_NOT_TIME_OUT, until)


def channel_unknown(case: Case) -> Decision | None:
    """The channel cannot be fetched, and no live task has a worker: keep, because an agent may have left."""
    channel = case.snapshot.channel
    unknown = channel is not None and channel.status is ChannelStatus.UNKNOWN
    return Keep(Reason.CHANNEL_UNKNOWN) if unknown and not case.has_worker else None


def transfer(case: Case) -> Decision | None:
    """The chat is on its way to another agent: keep, and re-arm for a whole first step."""
    channel = case.snapshot.channel
    by_channel = channel is not None and channel.status is ChannelStatus.TRANSFER
    by_tasks = case.has_worker and any(task.waits for task in case.snapshot.live_tasks)
    return Rearm(Reason.TRANSFER, case.now + case.treatment.steps[0].after) if by_channel or by_tasks else None


def notice_sent(case: Case) -> Decision | None:
    """Our closing notice answers the newest counted message: end now, without a second notice."""
    if not dialogue.sent(case.snapshot, StepKind.CLOSING):
        return None
    return replace(case.end(Reason.NOTICE_SENT), notice=False, unsaid=None)


def no_live_task(case: Case) -> Decision | None:
    """No task is live, and an agent wrote earlier or is wrapping up: keep."""
    finishing = dialogue.agent_wrote(case.snapshot.messages) or case.wraps_up
    return Keep(Reason.NO_LIVE_TASK) if finishing and not case.snapshot.live_tasks else None


def queued(case: Case) -> Decision | None:
    """No agent has accepted the task: keep; or end, after as long as `whenQueued` says."""
    tasks, waiting = case.snapshot.live_tasks, case.treatment.when_queued
    if not tasks or not all(task.waits for task in tasks):
        return None
    if waiting.do is not Do.END:
        return Keep(Reason.QUEUED)
    due_at = tasks[-1].created_at + waiting.after
    return case.end_unanswered(Reason.QUEUED, waiting) if case.reached(due_at) else case.wait(Reason.QUEUED, due_at)


def agent_silent(case: Case) -> Decision | None:
    """The customer waits for an answer: keep; or notify once, or end, after as long as `whenAgentSilent` says.

    Kept chats stay inactive: any message wakes them, and Twilio re-arms their timer by itself.
    """
    if dialogue.customers_turn(case.snapshot):
        return None
    snapshot, waiting = case.snapshot, case.treatment.when_agent_silent
    if waiting.do is Do.KEEP:
        return Keep(Reason.AGENT_SILENT)
    # Telling counts from the first unanswered word, an end from the newest: who still writes is still there.
    task = snapshot.newest_live_task
    since = case.waiting_since
    if waiting.do is Do.END:
        since = max(case.newest.sent_at, task.created_at) if task else case.newest.sent_at
    elif task is None or _told(case):
        return Keep(Reason.AGENT_SILENT)
    due_at = since + waiting.after
    if not case.reached(due_at):
        return case.wait(Reason.AGENT_SILENT, due_at)
    if waiting.do is Do.END:
        return case.end_unanswered(Reason.AGENT_SILENT, waiting)
    texts = case.treatment.texts
    step = Step(0, StepKind.AGENT_SILENT, waiting.after, texts.agent_silent or texts.unanswered)
    say = texts.agent_silent is not None and not _said(case) and case.unsaid is None
    return Notify(Reason.AGENT_SILENT, step, case.newest.index, since, say)


def not_yet(case: Case) -> Decision | None:
    """The silence is shorter than the next step: keep, and aim the timer at the step."""
    _, due_at = case.next_step
    return None if case.reached(due_at) else Rearm(Reason.NOT_YET, case.at_least_a_minute(due_at))


def warning_due(case: Case) -> Decision | None:
    """A warning is due, and a text reaches the customer: warn."""
    step, _ = case.next_step
    if step.kind is not StepKind.WARNING:
        return None
    following = case.silent_since + case.treatment.steps[step.number].after
    return Warn(Reason.CUSTOMER_SILENT, step, case.newest.index, case.at_least_a_minute(following))


def end_due(case: Case) -> Decision:
    """The timeout is reached: end, in silence where no text reaches the customer."""
    return case.end(Reason.CUSTOMER_SILENT)


Row = Callable[[Case], Decision | None]

ROWS: tuple[Row, ...] = (
    unknown_status,
    closed,
    set_aside,
    exempt,
    on_hold,
    channel_unknown,
    transfer,
    notice_sent,
    no_live_task,
    queued,
    agent_silent,
    not_yet,
    warning_due,
    end_due,
)
"""The first that answers decides; the last always answers."""


def first_answer(case: Case) -> tuple[Row, Decision]:
    """The row that decides, and its decision."""
    return next((row, decision) for row in ROWS if (decision := row(case)))


def _told(case: Case) -> bool:
    """Whether this silence of the agent who has the chat now was told of already."""
    task = case.snapshot.oldest_live_task
    mark = task.agent_silent if task else None
    if task is None or mark is None:
        return False
    return mark.since >= task.created_at and not dialogue.agent_wrote_after(case.snapshot, mark.answers)


def _said(case: Case) -> bool:
    """Whether the customer was told of an agent's silence, and no agent has written since."""
    return any(
        message.marker.kind is StepKind.AGENT_SILENT
        and not dialogue.agent_wrote_after(case.snapshot, message.marker.answers)
        for message in case.snapshot.messages
        if message.marker
    )


def _channel_left_over(case: Case) -> bool:
    """Whether the interaction channel is still there, and nobody's; while an agent wraps up, it is theirs."""
    channel = case.snapshot.channel
    if channel is None or not channel.proven or case.wraps_up:
        return False
    return channel.status not in {ChannelStatus.CLOSED, ChannelStatus.FAILED, ChannelStatus.UNKNOWN}
