"""An agent accepts a task: whether that is a reason to give the conversation its timer (`timers: on-accept`). Pure."""

from datetime import timedelta

from .case import TOLERANCE, Case
from .decision import Arm, Keep, Reason
from .decisions import SET_ASIDE
from .facts import ConversationState


def decide_on_accept(case: Case, task_sid: str, *, armed: bool = False) -> Arm | Keep:
    """Decide whether this acceptance is a reason to give the conversation its timer.

    Args:
        case: conversation, tasks and channel as they are now; without messages.
        task_sid: the task that was accepted.
        armed: this process gave the conversation its timer for this task before.
    """
    snapshot = case.snapshot
    # A timer does no harm, so a task that cannot be proven yet will do: without an interaction the agent is only now
    # being added to the conversation.
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
    # Whose rule cannot be known yet is looked at as early as anybody: an early firing is decided anew.
    timer = case.plan.earliest if task in snapshot.live_tasks else case.earliest
    if is_noted and _will_wake_us(case, timer):
        return Keep(Reason.ARMED_ALREADY)
    reason = Reason.NO_TIMER if is_noted else Reason.NEW_TASK
    return Arm(reason, timer)


def _will_wake_us(case: Case, timer: timedelta) -> bool:
    """Whether a timer that we gave is still there: it fires by then, or starts with the next message.

    An early firing is decided anew. The length of somebody else's timer is not to be seen, only when it fires; that is
    why the first acceptance of a task always writes, and so does a copy of it that another process gets.
    """
    conversation = case.snapshot.conversation
    if conversation.state is not ConversationState.ACTIVE:
        return True
    fires_by = case.now + timer + TOLERANCE
    return conversation.inactive_at is not None and conversation.inactive_at <= fires_by
