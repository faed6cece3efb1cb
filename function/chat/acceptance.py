"""Decides whether an agent's acceptance sets the conversation's timer (`timers: on-accept`). No I/O."""

from datetime import timedelta

from .case import TOLERANCE, Case
from .decision import Arm, Keep, Reason
from .decisions import SET_ASIDE
from .facts import ConversationState


def decide_on_accept(case: Case, task_sid: str, *, armed: bool = False) -> Arm | Keep:
    """Decide whether this acceptance sets the conversation's timer.

    Args:
        case: conversation, tasks and channel as they are now; without messages.
        task_sid: the task that was accepted.
        armed: whether this process has already set the timer for this task.
    """
    snapshot = case.snapshot
    # A timer does no harm, so a hint is enough: without an interaction, TaskRouter is just adding the agent to the
    # conversation, and the task cannot be proven yet.
    task = next((task for task in (*snapshot.live_tasks, *snapshot.hints) if task.sid == task_sid), None)
    if case.closed:
        return Keep(Reason.CLOSED)
    if task is None or not task.live:
        return Keep(Reason.FOREIGN_TASK if task_sid in snapshot.foreign else Reason.TASK_OVER)
    if snapshot.channel and snapshot.channel.status in SET_ASIDE:
        return Keep(SET_ASIDE[snapshot.channel.status])
    if case.applied.exempt:
        return Keep(Reason.EXEMPT)
    noted = snapshot.conversation.noted
    is_noted = armed or (noted is not None and task.sid in noted.tasks)
    # If the task is not proven, its rule is unknown, so the earliest step of all plans counts: firing early is safe.
    timer = case.plan.earliest if task in snapshot.live_tasks else case.earliest
    if is_noted and _will_wake_us(case, timer):
        return Keep(Reason.ARMED_ALREADY)
    reason = Reason.NO_TIMER if is_noted else Reason.NEW_TASK
    return Arm(reason, timer)


def _will_wake_us(case: Case, timer: timedelta) -> bool:
    """Whether our timer is still there: it fires by then, or starts with the next message.

    Firing early is safe, because the conversation is read and decided again. The API shows when a timer fires, but not
    its length; therefore the first acceptance of a task always writes, and so does its copy in another process.
    """
    conversation = case.snapshot.conversation
    if conversation.state is not ConversationState.ACTIVE:
        return True
    fires_by = case.now + timer + TOLERANCE
    return conversation.inactive_at is not None and conversation.inactive_at <= fires_by
