"""The decision table: the first row of `ROWS` that returns a decision for a case decides. No I/O.

A row is a function. Its docstring says what the snapshot shows and, after the colon, what is decided; `python -m
dev.function_pages` makes the table in docs/architecture.md from these sentences. `handling` applies decisions.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ..policy import Step, StepKind, TaskEnding, WaitAction
from . import dialogue
from .attributes import TaskFate
from .authorship import Author
from .case import SHORTEST_TIMER, Case
from .decision import Decision, Finish, Keep, NoTextReason, Notify, Rearm, Reason, Share, Warn
from .facts import ChannelStatus

SET_ASIDE = {ChannelStatus.INACTIVE: Reason.LEFT, ChannelStatus.PAUSE: Reason.PAUSED}
"""Status of the interaction channel -> how an agent has set the chat aside."""

LONGEST_PAUSE = timedelta(hours=1)
"""Maximum time until a conversation with an unknown status is read again."""


def decide(case: Case) -> Decision:
    """Decide about one chat."""
    return first_answer(case)[1]


def unknown_status(case: Case) -> Decision | None:
    """Twilio shows a status that we do not know: keep, and look again after a pause as long as the silence."""
    if case.snapshot.unknown_status is None:
        return None
    if not case.snapshot.conversation.state.known:
        return Keep(Reason.UNKNOWN_STATUS, _growing_pause(case))
    return case.wait(Reason.UNKNOWN_STATUS, _growing_pause(case))


def closed(case: Case) -> Decision | None:
    """The conversation is closed, and nothing is left over: keep."""
    snapshot = case.snapshot
    left_over = snapshot.live_tasks or _channel_left_over(case) or any(task.wrapped for task in snapshot.tasks)
    return None if not case.closed or left_over else Keep(_closed(case))


def set_aside(case: Case) -> Decision | None:
    """An agent left, paused or parked the chat, and it is open: keep."""
    snapshot = case.snapshot
    if case.closed or not snapshot.set_aside:
        return None
    return Keep(SET_ASIDE.get(snapshot.channel.status, Reason.PARKED) if snapshot.channel else Reason.PARKED)


def exempt(case: Case) -> Decision | None:
    """The policy exempts the chat (by default, email): keep."""
    if not case.applied.exempt:
        return None
    return Keep(Reason.EMAIL if case.subject.channel == "email" else Reason.EXEMPT)


def on_hold(case: Case) -> Decision | None:
    """`doNotTimeOutUntil` on task or conversation is in the future: keep until then."""
    return None if case.held_until is None else case.wait(Reason.DO_NOT_TIME_OUT, case.held_until)


def closed_by_us(case: Case) -> Decision | None:
    """The conversation is closed, and we were ending the chat: release what is left over, at once."""
    if not case.closed or not case.closed_by_us:
        return None
    return Finish(_closed(case), Share.ALL, case.plan.task_ending)


def closed_by_others(case: Case) -> Decision | None:
    """Somebody else closed it: leave an assigned task to its agent for `timeout`, then wrap it up; end the rest.

    What we put into wrapping is completed after another `timeout`, unless `taskEnding` is `wrap`.
    """
    if not case.closed:
        return None
    snapshot, timeout, reason = case.snapshot, case.plan.timeout, _closed(case)
    if case.has_worker:
        until = case.closed_at + timeout
        if case.reached(until):
            return Finish(reason, Share.WRAP, TaskEnding.WRAP)
        return Finish(reason, Share.WAITING) if any(task.waits for task in snapshot.live_tasks) else Keep(reason, until)
    if snapshot.live_tasks or _channel_left_over(case):
        # Closing the channel would complete a wrap-up, which is its agent's.
        return Finish(reason, Share.WAITING if case.wraps_up else Share.ALL, case.plan.task_ending)
    since = min(task.wrapped.since for task in snapshot.tasks if task.wrapped)
    if case.plan.task_ending is not TaskEnding.COMPLETE:
        return Keep(reason)
    return Finish(reason) if case.reached(since + timeout) else Keep(reason, since + timeout)


def channel_unknown(case: Case) -> Decision | None:
    """The channel cannot be fetched, no live task has a worker, and none was lost: keep, an agent may have left."""
    channel = case.snapshot.channel
    unknown = channel is not None and channel.status is ChannelStatus.UNKNOWN
    known_otherwise = case.has_worker or case.snapshot.lost
    return Keep(Reason.CHANNEL_UNKNOWN) if unknown and not known_otherwise else None


def transfer(case: Case) -> Decision | None:
    """A colleague was invited: keep for `pendingInvite` at most, and re-arm for a whole first step.

    Counted from the invite or the newest message, whichever is later: "my colleague is on the way" is followed by a
    customer who waits, however long ago the colleague was invited.
    """
    snapshot, channel = case.snapshot, case.snapshot.channel
    by_channel = channel is not None and channel.status is ChannelStatus.TRANSFER and not snapshot.lost
    if not by_channel and not (case.has_worker and snapshot.coming):
        return None
    since = max([case.newest.sent_at, *(task.created_at for task in snapshot.coming)])
    bound = since + case.plan.pending_invite
    if case.reached(bound):
        return None
    target = min(case.now + case.plan.steps[0].after, bound)
    return Rearm(Reason.TRANSFER, case.earliest_timer(target))


def notice_sent(case: Case) -> Decision | None:
    """Our closing notice answers the newest counted message: end now, without a second notice."""
    if not case.notice_stands:
        return None
    return replace(case.end(Reason.NOTICE_SENT), notice=False, unsaid=None)


def events_pending(case: Case) -> Decision | None:
    """No task is live, and TaskRouter does not say yet what became of the last: look again, with growing pauses."""
    last = case.snapshot.last_task
    if last is None or last.asked_at is None or case.snapshot.live_tasks or case.snapshot.open_hints:
        return None
    return case.wait(Reason.NO_LIVE_TASK, case.now + max(case.now - last.asked_at, SHORTEST_TIMER))


def left_over(case: Case) -> Decision | None:
    """An agent finished the chat, and it stays open: end, after as long as `whenLeftOver` says."""
    last, waiting = case.snapshot.last_task, case.plan.when_left_over
    finished = last is not None and last.fate is TaskFate.FINISHED
    may_be_taken_up = case.snapshot.live_tasks or case.snapshot.open_hints
    if not finished or waiting.action is not WaitAction.END or may_be_taken_up:
        return None
    due_at = case.newest.sent_at + waiting.after
    if not case.reached(due_at):
        return case.wait(Reason.LEFT_OVER, due_at)
    end = case.end_unanswered(Reason.LEFT_OVER, waiting)
    # A customer whose last message was answered gets no notice.
    waits = case.newest.by is Author.CUSTOMER and not case.newest.left
    return end if waits else replace(end, notice=False, unsaid=NoTextReason.FINISHED)


def no_live_task(case: Case) -> Decision | None:
    """No task is live and none was lost, and an agent wrote, wraps up or has finished: keep."""
    snapshot, last = case.snapshot, case.snapshot.last_task
    agents = dialogue.agent_wrote(snapshot.messages)
    if snapshot.live_tasks or snapshot.lost or (snapshot.waiting and not agents):
        return None
    finished = last is not None and last.fate is TaskFate.FINISHED
    return Keep(Reason.NO_LIVE_TASK) if agents or case.wraps_up or finished else None


def queued(case: Case) -> Decision | None:
    """No agent has accepted the task, or it was lost before one did: keep; or end, after as long as `whenQueued` says.

    A task that cannot be proven to be the chat's keeps it from being ended once an agent wrote; if the chat's own task
    was lost, for `pendingInvite` at most.
    """
    snapshot, waiting = case.snapshot, case.plan.when_queued
    tasks, lost = snapshot.live_tasks or snapshot.waiting, snapshot.lost
    if lost and tasks and case.reached(max(case.newest.sent_at, tasks[-1].created_at) + case.plan.pending_invite):
        tasks = ()
    if tasks:
        if not all(task.waits for task in tasks):
            return None
        made_at = tasks[-1].created_at
    elif lost and not lost.accepted and case.newest.by is Author.CUSTOMER:
        made_at = lost.made_at or case.waiting_since
    else:
        return None
    proven = snapshot.live_tasks or lost or not dialogue.agent_wrote(snapshot.messages)
    if waiting.action is not WaitAction.END or not proven:
        return Keep(Reason.QUEUED)
    due_at = made_at + waiting.after
    return case.end_unanswered(Reason.QUEUED, waiting) if case.reached(due_at) else case.wait(Reason.QUEUED, due_at)


def agent_silent(case: Case) -> Decision | None:
    """The customer waits for an answer: keep; or notify once, or end, after as long as `whenAgentSilent` says.

    Kept chats stay inactive: any message wakes them, and Twilio re-arms their timer by itself.
    """
    if dialogue.customers_turn(case.snapshot):
        return None
    snapshot, waiting = case.snapshot, case.plan.when_agent_silent
    if waiting.action is WaitAction.KEEP:
        return Keep(Reason.AGENT_SILENT)
    # A notification counts from the first unanswered message, an end from the newest, because a customer who still
    # writes is still there.
    task = snapshot.newest_live_task
    since = case.waiting_since
    if waiting.action is WaitAction.END:
        since = max(case.newest.sent_at, task.created_at) if task else case.newest.sent_at
    elif task is None or _notified(case):
        return Keep(Reason.AGENT_SILENT)
    due_at = since + waiting.after
    if not case.reached(due_at):
        return case.wait(Reason.AGENT_SILENT, due_at)
    if waiting.action is WaitAction.END:
        return case.end_unanswered(Reason.AGENT_SILENT, waiting)
    texts = case.plan.texts
    step = Step(0, StepKind.AGENT_SILENT, waiting.after, texts.agent_silent or texts.unanswered)
    with_text = texts.agent_silent is not None and not _text_sent(case) and case.unsaid is None
    return Notify(Reason.AGENT_SILENT, step, case.newest.index, since, with_text)


def not_yet(case: Case) -> Decision | None:
    """The silence is shorter than the next step: keep, and aim the timer at the step."""
    _, due_at = case.next_step
    return None if case.reached(due_at) else Rearm(Reason.NOT_YET, case.aim(due_at))


def warning_due(case: Case) -> Decision | None:
    """A warning is due, and a text reaches the customer: warn."""
    step, _ = case.next_step
    if step.kind is not StepKind.WARNING:
        return None
    following = case.silent_since + case.plan.steps[step.number].after
    return Warn(Reason.CUSTOMER_SILENT, step, case.newest.index, case.earliest_timer(following))


def end_due(case: Case) -> Decision:
    """The timeout is reached: end, without a notice if no text reaches the customer."""
    return case.end(Reason.CUSTOMER_SILENT)


Row = Callable[[Case], Decision | None]

ROWS: tuple[Row, ...] = (
    unknown_status,
    closed,
    set_aside,
    exempt,
    on_hold,
    closed_by_us,
    closed_by_others,
    channel_unknown,
    transfer,
    notice_sent,
    events_pending,
    left_over,
    no_live_task,
    queued,
    agent_silent,
    not_yet,
    warning_due,
    end_due,
)
"""In order. The last row always decides."""


def first_answer(case: Case) -> tuple[Row, Decision]:
    """Return the row that decides, and its decision."""
    return next((row, decision) for row in ROWS if (decision := row(case)))


def _closed(case: Case) -> Reason:
    return Reason.CLOSED_BY_TIMER if case.closed_by_timer else Reason.CLOSED


def _growing_pause(case: Case) -> datetime:
    """Return when to read an unknown status again: after as long as the silence has lasted, within bounds."""
    return case.now + min(max(case.now - case.newest.sent_at, SHORTEST_TIMER), LONGEST_PAUSE)


def _notified(case: Case) -> bool:
    """Whether this silence of the agent who has the chat now was reported before."""
    task = case.snapshot.oldest_live_task
    mark = task.agent_silent if task else None
    if task is None or mark is None:
        return False
    return mark.since >= task.created_at and not dialogue.agent_wrote_after(case.snapshot, mark.answered_index)


def _text_sent(case: Case) -> bool:
    """Whether the customer got a text about an agent's silence, and no agent has written since."""
    return any(
        message.marker.kind is StepKind.AGENT_SILENT
        and not dialogue.agent_wrote_after(case.snapshot, message.marker.answered_index)
        for message in case.snapshot.messages
        if message.marker
    )


def _channel_left_over(case: Case) -> bool:
    """Whether the interaction channel is still open and no agent is wrapping up."""
    channel = case.snapshot.channel
    if channel is None or not channel.proven or case.wraps_up:
        return False
    return channel.status not in {ChannelStatus.CLOSED, ChannelStatus.FAILED, ChannelStatus.UNKNOWN}
