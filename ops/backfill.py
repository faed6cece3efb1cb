"""Warns and ends chats that the sweep leaves alone because they are overdue for more than a day."""

from dataclasses import dataclass, field
from datetime import timedelta

from function.chat import Case, ConversationState, Decision, End, Warn
from function.handling import Outcome
from ops.chats import ATTEMPT_LASTS, ChatReader, patient
from ops.deployment import Deployment
from ops.messages import reason
from ops.terminal import Tell


@dataclass(frozen=True)
class ToLookAt:
    """A chat that a person should look at, and why."""

    conversation: str
    why: str


@dataclass
class Counted:
    """The counts of a backfill.

    Attributes:
        read: chats that could be read.
        warn: chats that are to be warned, or were.
        end: chats that are to be ended, or were, also those whose customer wrote meanwhile.
        withheld: those of them that the stack's mode leaves as they are.
        failed: chats that could not be read, or not be warned or ended.
        look_at: what the counts do not say.
    """

    read: int = 0
    warn: int = 0
    end: int = 0
    withheld: int = 0
    failed: int = 0
    look_at: list[ToLookAt] = field(default_factory=list)

    @property
    def due(self) -> int:
        """Chats that are to be warned or ended, and that the stack's mode lets be."""
        return self.warn + self.end - self.withheld

    @property
    def clean(self) -> bool:
        """Whether nothing failed, and nobody has to look at a chat."""
        return not self.failed and not self.look_at

    def record(
        self, conversation_sid: str, decision: Decision, outcome: Outcome, assigned: tuple[str, ...] = ()
    ) -> None:
        """Count a chat that was due, with the result."""
        match outcome:
            case Outcome.DONE | Outcome.UNVERIFIED | Outcome.LATE_REPLY | Outcome.DEFERRED | Outcome.WITHHELD:
                self.warn += isinstance(decision, Warn)
                self.end += isinstance(decision, End)
                self.withheld += outcome is Outcome.WITHHELD
            case Outcome.KEPT:
                pass  # not old enough, or somebody wrote meanwhile
            case _:
                self.failed += 1
        if why := _WHY.get(outcome):
            self.look_at.append(ToLookAt(conversation_sid, why))
        if assigned:
            why = f"complete {', '.join(assigned)} by hand, an agent still has it"
            self.look_at.append(ToLookAt(conversation_sid, why))

    def record_failure(self, conversation_sid: str, why: str) -> None:
        """Count a chat that could not be read, or not be warned or ended."""
        self.failed += 1
        self.look_at.append(ToLookAt(conversation_sid, why))


_WHY = {
    Outcome.LATE_REPLY: "the customer wrote while it was being ended: look at it",
    Outcome.UNVERIFIED: "ended; Twilio was too slow to look for a message that came too late: look at it",
    Outcome.CLAIMED_ELSEWHERE: "the function is working on it: try again in a minute",
}


class Backfill:
    """Warns and ends chats that are overdue for longer than a given time.

    Args:
        deployment: to work on.
        older_than: how long a step must be overdue.
        limit: the maximum of chats to try to warn or end; None to only count.
    """

    def __init__(self, deployment: Deployment, older_than: timedelta, *, limit: int | None) -> None:
        self._chats = ChatReader(deployment)
        self._older_than = older_than
        self._limit = limit
        self._counted = Counted()
        self._tried = set[str]()

    @property
    def counted(self) -> Counted:
        """What has been counted so far."""
        return self._counted

    def run(self, tell: Tell) -> Counted:
        """Read every inactive conversation, one after the other."""
        listing = self._chats.listed(ConversationState.INACTIVE)
        for each in listing.unread:
            self._counted.record_failure(each.conversation, each.why)
        for done, sid in enumerate(listing.sids, start=1):
            if self._limit is not None and len(self._tried) >= self._limit:
                break
            self._handle(sid)
            tell(done, len(listing.sids))
        return self._counted

    def _handle(self, conversation_sid: str) -> None:
        try:
            report = self._chats.handler.handle(patient(ATTEMPT_LASTS), conversation_sid, veto=self._veto)
        except Exception as error:  # noqa: BLE001 -- one chat does not keep the others from being warned or ended
            self._counted.record_failure(conversation_sid, reason(error))
            return
        except KeyboardInterrupt:
            if conversation_sid in self._tried:
                why = "interrupted: it may be warned or half ended; run it again"
                self._counted.record_failure(conversation_sid, why)
            raise
        self._counted.read += 1
        if self._is_due(report.case, report.decision):
            self._counted.record(conversation_sid, report.decision, report.outcome, report.assigned)

    def _veto(self, case: Case, decision: Decision) -> Outcome | None:
        """Keep what is not old enough; when counting, carry out nothing."""
        if not self._is_due(case, decision):
            return Outcome.KEPT
        if self._limit is None:
            return Outcome.DEFERRED
        self._tried.add(case.snapshot.conversation.sid)  # a failure too: it may have come as far as the notice
        return None

    def _is_due(self, case: Case, decision: Decision) -> bool:
        return isinstance(decision, Warn | End) and case.overdue(decision.step) > self._older_than
