"""An agent has accepted a task: its conversation gets the timer that its policy asks for (`timers: on-accept`).

Reads, and writes what `chat/acceptance.py` decides. Nothing multiplies: a timer is one value of the conversation, and
each acceptance asks for the same. So transfers, copies and late events end where a single event does.
"""

import threading
from dataclasses import dataclass

from ..chat import Arm, Case, ChatSids, Keep, Reason, Snapshot, decide_on_accept
from ..policy import Policy
from ..twilio_api import AlreadyClosedError, Attempt, ReservationAccepted, TwilioApi
from .locks import NewLock
from .memory import Memory
from .reading import MAX_HINTS, Reader


@dataclass(frozen=True)
class AcceptedReport:
    """What was seen and decided; an `Arm` was carried out.

    Attributes:
        case: what was seen, without messages, and the policy as it applies to it.
        decision: what followed.
    """

    case: Case
    decision: Arm | Keep

    @property
    def snapshot(self) -> Snapshot:
        """What was seen."""
        return self.case.snapshot

    @property
    def rule(self) -> str:
        """Name of the policy's rule; `default` where none matched."""
        return self.case.applied.rule


class TimerSetup:
    """Arms conversations; one for the whole process, safe for many threads."""

    def __init__(self, api: TwilioApi, reader: Reader, policy: Policy, lock: NewLock = threading.Lock) -> None:
        self._api = api
        self._reader = reader
        self._policy = policy
        self._armed: Memory[str] = Memory(MAX_HINTS, lock)

    def arm(self, attempt: Attempt, event: ReservationAccepted) -> AcceptedReport:
        """See to it that the conversation has its timer; what the event says is only where to look.

        Raises:
            NotFoundError: our service has no such conversation.
            TwilioError: it could not be done now; another try can.
        """
        sid = event.conversation_sid
        sids = ChatSids((event.task_sid,), event.interaction, event.channel)
        snapshot = self._reader.read_without_messages(attempt, sid, sids)
        case = Case.of(snapshot, self._policy, attempt.now)
        decision = decide_on_accept(case, event.task_sid, armed=self._armed.get(sid) == event.task_sid)
        if isinstance(decision, Arm):
            try:
                self._api.give_timer(attempt, sid, decision.timer)
                self._armed.put(sid, event.task_sid)
            except AlreadyClosedError:
                decision = Keep(Reason.CLOSED)
        return AcceptedReport(case, decision)
