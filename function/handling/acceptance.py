"""Sets a conversation's timer when an agent accepts its task (`timers: on-accept`), as `chat/acceptance.py` decides.

A timer is one value of the conversation, and each acceptance asks for the same one. So transfers, copies and late
events have the same result as a single event.
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
    """What was read and decided about an acceptance; an `Arm` has been applied.

    Attributes:
        case: the snapshot, without messages, and the applied policy.
        decision: what was decided.
    """

    case: Case
    decision: Arm | Keep

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot, without messages."""
        return self.case.snapshot

    @property
    def rule(self) -> str:
        """Name of the applied rule; `default` if none matched."""
        return self.case.applied.rule


class TimerSetup:
    """Sets timers on acceptances. One for the whole process, safe for many threads."""

    def __init__(self, api: TwilioApi, reader: Reader, policy: Policy, lock: NewLock = threading.Lock) -> None:
        self._api = api
        self._reader = reader
        self._policy = policy
        self._armed: Memory[str] = Memory(MAX_HINTS, lock)

    def arm(self, attempt: Attempt, event: ReservationAccepted) -> AcceptedReport:
        """Set the conversation's timer if needed; the event only shows where to look.

        Raises:
            NotFoundError: our service has no such conversation.
            TwilioError: it failed now, and may work if tried again.
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
