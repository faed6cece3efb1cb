"""Says of each row of the decision table why it decided about a case, or why it did not.

The rows are the function's own (`function/chat/decisions.py`). A sentence here names the fact that the row looked at.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from function.chat import ROWS, Author, Case, ChannelStatus, TaskFate, first_answer
from function.policy import Step, StepKind
from ops.wording import ago, clock_time, duration_words


@dataclass(frozen=True)
class RowAnswer:
    """What one row of the table says of a case.

    Attributes:
        row: its name, such as `warning due`.
        matched: whether it decided.
        why: the fact that it looked at.
    """

    row: str
    matched: bool
    why: str


def asked_rows(case: Case) -> tuple[RowAnswer, ...]:
    """Return what each row says, down to the one that decides; the rows below it are not asked."""
    deciding, _ = first_answer(case)
    asked = ROWS[: ROWS.index(deciding) + 1]
    return tuple(RowAnswer(_name(row.__name__), row is deciding, FACTS[row.__name__](case)) for row in asked)


def step_name(step: Step) -> str:
    """A step as people call it."""
    return f"warning {step.number}" if step.kind is StepKind.WARNING else "the end"


def _name(row: str) -> str:
    return row.replace("_", " ")


def _unknown_status(case: Case) -> str:
    status = case.snapshot.unknown_status
    return f"Twilio shows {status.value!r}" if status else "Twilio documents every status that it shows"


def _closed(case: Case) -> str:
    if not case.closed:
        return _state(case)
    left = _left_over_parts(case)
    return f"closed, and left over: {', '.join(left)}" if left else "closed, and nothing is left over"


def _set_aside(case: Case) -> str:
    snapshot = case.snapshot
    if snapshot.channel is None:
        return "parked" if snapshot.set_aside else "no interaction channel, and not parked"
    if snapshot.set_aside and not snapshot.left_or_paused:
        return "parked"
    return f"channel {snapshot.channel.status.value}"


def _exempt(case: Case) -> str:
    return f"rule {case.applied.rule!r} {'exempts' if case.applied.exempt else 'does not exempt'} it"


def _on_hold(case: Case) -> str:
    until = case.held_until
    return f"doNotTimeOutUntil {clock_time(until)}" if until else "no doNotTimeOutUntil in the future"


def _closed_by_us(case: Case) -> str:
    if not case.closed:
        return _state(case)
    return "we were ending it" if case.closed_by_us else "no closing notice of ours answers the last word"


def _closed_by_others(case: Case) -> str:
    if not case.closed:
        return _state(case)
    return f"closed {ago(case.now - case.closed_at)}, and left over: {', '.join(_left_over_parts(case))}"


def _channel_unknown(case: Case) -> str:
    channel = case.snapshot.channel
    if channel is None:
        return "no interaction channel"
    if channel.status is not ChannelStatus.UNKNOWN:
        return f"channel {channel.status.value}"
    known_otherwise = case.has_worker or case.snapshot.lost
    return f"the channel cannot be fetched{', but the task shows enough' if known_otherwise else ''}"


def _transfer(case: Case) -> str:
    channel, waiting = case.snapshot.channel, case.snapshot.waiting
    by_channel = channel is not None and channel.status is ChannelStatus.TRANSFER
    invited = case.has_worker and bool(waiting)
    if not by_channel and not invited:
        return f"channel {channel.status.value}, nobody else is invited" if channel else "nobody else is invited"
    since = max([case.newest.sent_at, *(task.created_at for task in waiting)])
    what = "a colleague was invited" if invited else "channel transfer, since"
    return f"{what} {ago(case.now - since)} (pendingInvite: {duration_words(case.plan.pending_invite)})"


def _notice_sent(case: Case) -> str:
    return "the closing notice was posted" if case.notice_stands else "no closing notice of ours answers the last word"


def _events_pending(case: Case) -> str:
    last = case.snapshot.last_task
    if case.snapshot.live_tasks or last is None:
        return _tasks(case)
    if last.asked_at is None:
        return f"what became of the last task is read: {last.fate.value}"
    return f"TaskRouter was first asked {ago(case.now - last.asked_at)}"


def _left_over(case: Case) -> str:
    last, waiting = case.snapshot.last_task, case.plan.when_left_over
    if last is None or last.fate is not TaskFate.FINISHED:
        return "no agent has finished it"
    return f"finished {ago(case.now - case.newest.sent_at)} (whenLeftOver: {_wait(waiting.action, waiting.after)})"


def _no_live_task(case: Case) -> str:
    snapshot = case.snapshot
    if snapshot.live_tasks:
        return _tasks(case)
    return f"{_tasks(case)}, last task {snapshot.last_task.fate.value}" if snapshot.last_task else _tasks(case)


def _queued(case: Case) -> str:
    waiting = case.plan.when_queued
    tasks = case.snapshot.live_tasks or case.snapshot.waiting
    if tasks and all(task.waits for task in tasks):
        created = ago(case.now - tasks[-1].created_at)
        return f"{_tasks(case)}, made {created} (whenQueued: {_wait(waiting.action, waiting.after)})"
    lost = case.snapshot.lost
    if lost is None:
        return _tasks(case)
    return f"the last task was lost, and {'an agent' if lost.accepted else 'nobody'} had accepted it"


def _agent_silent(case: Case) -> str:
    waiting = case.plan.when_agent_silent
    return f"{_last_word(case)} (whenAgentSilent: {_wait(waiting.action, waiting.after)})"


def _not_yet(case: Case) -> str:
    step, due_at = case.next_step
    silent = duration_words(case.now - case.silent_since)
    return f"silent for {silent}; {step_name(step)} is due at {clock_time(due_at)}"


def _warning_due(case: Case) -> str:
    step, due_at = case.next_step
    return f"{step_name(step)} is due since {clock_time(due_at)}"


def _end_due(case: Case) -> str:
    return f"silent for {duration_words(case.now - case.silent_since)} (timeout: {duration_words(case.plan.timeout)})"


FACTS: Mapping[str, Callable[[Case], str]] = {
    "unknown_status": _unknown_status,
    "closed": _closed,
    "set_aside": _set_aside,
    "exempt": _exempt,
    "on_hold": _on_hold,
    "closed_by_us": _closed_by_us,
    "closed_by_others": _closed_by_others,
    "channel_unknown": _channel_unknown,
    "transfer": _transfer,
    "notice_sent": _notice_sent,
    "events_pending": _events_pending,
    "left_over": _left_over,
    "no_live_task": _no_live_task,
    "queued": _queued,
    "agent_silent": _agent_silent,
    "not_yet": _not_yet,
    "warning_due": _warning_due,
    "end_due": _end_due,
}
"""Name of a row -> what it looked at, in a few words."""


def _state(case: Case) -> str:
    return f"conversation {case.snapshot.conversation.state.value}"


def _tasks(case: Case) -> str:
    tasks = case.snapshot.live_tasks or case.snapshot.hints
    return ", ".join(f"task {task.status.value}" for task in tasks) or "no live task"


def _left_over_parts(case: Case) -> list[str]:
    """What a closed conversation has left over: live tasks, those that we wrapped, and its channel if it is open."""
    tasks = [task for task in case.snapshot.tasks if task.live or task.wrapped]
    channel = case.snapshot.channel
    left = [f"task {task.sid} {task.status.value}" for task in tasks]
    still_open = channel is not None and channel.proven and channel.status.value not in {"closed", "failed", "unknown"}
    return [*left, f"channel {channel.status.value}"] if channel and still_open and not case.wraps_up else left


def _last_word(case: Case) -> str:
    who = {Author.CUSTOMER: "the customer", Author.AGENT: "the agent"}.get(case.newest.by, "a bot")
    return f"{who} wrote last, {ago(case.now - case.newest.sent_at)}"


def _wait(action: str, after: timedelta) -> str:
    return f"{action} after {duration_words(after)}" if after else action
