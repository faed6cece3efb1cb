"""Warns and ends chats that the sweep leaves alone because they are overdue for more than a day."""

from dataclasses import dataclass
from datetime import timedelta

from function.chat import Case, ConversationState, Decision, End, Warn
from function.handling import Outcome
from function.twilio_api import TwilioError
from ops.chats import ATTEMPT_LASTS, ChatReader, patient
from ops.deployment import Deployment
from ops.terminal import Tell


@dataclass
class Counted:
    """The counts of a backfill."""

    read: int = 0
    warn: int = 0
    end: int = 0
    failed: int = 0

    @property
    def due(self) -> int:
        """Chats that are to be warned or ended."""
        return self.warn + self.end


class Backfill:
    """Warns and ends chats that are overdue for longer than a given time.

    Args:
        deployment: to work on.
        older_than: how long a step must be overdue.
        limit: the maximum of steps to carry out; None to only count.
    """

    def __init__(self, deployment: Deployment, older_than: timedelta, *, limit: int | None) -> None:
        self._chats = ChatReader(deployment)
        self._older_than = older_than
        self._limit = limit
        self._counted = Counted()

    def run(self, tell: Tell) -> Counted:
        """Read every inactive conversation, one after the other."""
        listed = list(self._chats.listed(ConversationState.INACTIVE))
        for done, (each, _) in enumerate(listed, start=1):
            if self._limit is not None and self._counted.due >= self._limit:
                break
            self._handle(each.sid)
            tell(done, len(listed))
        return self._counted

    def _handle(self, conversation_sid: str) -> None:
        try:
            report = self._chats.handler.handle(patient(ATTEMPT_LASTS), conversation_sid, veto=self._veto)
        except TwilioError:
            self._counted.failed += 1
            return
        self._counted.read += 1
        if report.outcome is Outcome.DONE or (self._limit is None and report.outcome is Outcome.DEFERRED):
            self._counted.warn += isinstance(report.decision, Warn)
            self._counted.end += isinstance(report.decision, End)

    def _veto(self, case: Case, decision: Decision) -> Outcome | None:
        """Keep what is not old enough; when counting, carry out nothing."""
        if not isinstance(decision, Warn | End):
            return Outcome.KEPT
        if case.now - case.newest.sent_at - decision.step.after <= self._older_than:
            return Outcome.KEPT
        return Outcome.DEFERRED if self._limit is None else None
