"""An agent has accepted a task: its conversation gets the timer that its policy asks for (`timers: on-accept`).

Decides whether something is missing, and writes that; what happens when the timer fires is another matter.
Nothing multiplies: a timer is one value of the conversation, and each acceptance asks for the same. So transfers,
copies and late events end where a single event does.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from ..chat import TOLERANCE, ChannelStatus, Conversation, ConversationState, DecisionKind, Known, Snapshot
from ..policy import Policy
from ..twilio_api import AlreadyClosedError, ReservationAccepted, TwilioApi, Visit, stored
from .reading import Hint, Reader


class Reason(enum.StrEnum):
    """Why a timer was given, or none; the values stand in the log."""

    NEW_TASK = "new_task"
    NO_TIMER = "no_timer"
    ARMED_ALREADY = "armed_already"
    CLOSED = "closed"
    TASK_OVER = "task_over"
    LEFT = "left"
    PAUSED = "paused"
    EXEMPT = "exempt"


UNTOUCHED = {ChannelStatus.INACTIVE: Reason.LEFT, ChannelStatus.PAUSE: Reason.PAUSED}


@dataclass(frozen=True)
class Arm:
    """Give the conversation a timer.

    Attributes:
        reason: why.
        timer: its length; it starts again with every message.
        attributes: the conversation's, with the SIDs that belong to it; None when they stand there.
    """

    kind: ClassVar = DecisionKind.ARM
    reason: Reason
    timer: timedelta
    attributes: str | None


@dataclass(frozen=True)
class Keep:
    """Leave the conversation as it is."""

    kind: ClassVar = DecisionKind.KEEP
    reason: Reason


@dataclass(frozen=True)
class Acceptance:
    """What was seen and decided; an `Arm` was carried out.

    Attributes:
        snapshot: what was seen, without messages.
        decision: what followed.
        rule: of the policy.
    """

    snapshot: Snapshot
    decision: Arm | Keep
    rule: str


def decide_on_accept(snapshot: Snapshot, task_sid: str, policy: Policy, now: datetime) -> Arm | Keep:
    """Decide whether this acceptance is a reason to give the conversation its timer.

    Args:
        snapshot: conversation, tasks and channel as they are now.
        task_sid: the task that was accepted.
        policy: which timer a conversation gets.
        now: Twilio's own time.
    """
    conversation = snapshot.conversation
    task = next((task for task in snapshot.live_tasks if task.sid == task_sid), None)
    if conversation.state is ConversationState.CLOSED:
        return Keep(Reason.CLOSED)
    if task is None:
        return Keep(Reason.TASK_OVER)
    if snapshot.channel and snapshot.channel.status in UNTOUCHED:
        return Keep(UNTOUCHED[snapshot.channel.status])
    ruling = policy.ruling(snapshot.subject)
    if ruling.exempt:
        return Keep(Reason.EXEMPT)
    timer = ruling.treatment.earliest
    noted = conversation.known is not None and conversation.known.task == task.sid
    if noted and _will_wake_us(conversation, now + timer):
        return Keep(Reason.ARMED_ALREADY)
    attributes = stored(conversation, Known(task.sid, task.interaction, task.channel))
    return Arm(Reason.NO_TIMER if noted else Reason.NEW_TASK, timer, attributes)


def _will_wake_us(conversation: Conversation, at: datetime) -> bool:
    """Whether a timer that we gave is still there: it fires by then, or starts with the next message.

    An early firing is decided anew. The length of somebody else's timer is not to be seen, only when it fires; that is
    why the first acceptance of a task always writes.
    """
    if conversation.state is not ConversationState.ACTIVE:
        return True
    return conversation.inactive_at is not None and conversation.inactive_at <= at + TOLERANCE


class Arming:
    """Arms conversations; one for the whole process, safe for many threads."""

    def __init__(self, api: TwilioApi, reader: Reader, policy: Policy) -> None:
        self._api = api
        self._reader = reader
        self._policy = policy

    def arm(self, visit: Visit, event: ReservationAccepted) -> Acceptance:
        """See to it that the conversation has its timer; what the event says is only where to look.

        Raises:
            NotFoundError: our service has no such conversation.
            TwilioError: it could not be done now; another try can.
        """
        sid = event.conversation_sid
        hint = Hint((event.task_sid,), event.interaction, event.channel)
        snapshot = self._reader.read_without_messages(visit, sid, hint)
        decision = decide_on_accept(snapshot, event.task_sid, self._policy, visit.now)
        rule = self._policy.ruling(snapshot.subject).rule
        if isinstance(decision, Arm):
            try:
                self._api.give_timer(visit, sid, decision.timer, decision.attributes)
            except AlreadyClosedError:
                decision = Keep(Reason.CLOSED)
        return Acceptance(snapshot, decision, rule)
