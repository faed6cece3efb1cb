"""Reads conversations as the function does: what is decided about one, which are open, which are overdue.

The function's own code decides, on a fresh snapshot. Only `Backfill` writes, and only with a maximum.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from function.bootstrap import bootstrap
from function.chat import Case, ConversationState, Decision, End, Keep, Rearm, Warn
from function.contract import format_duration
from function.handling import Handler, Outcome
from function.twilio_api import Attempt, Listed, TwilioError
from ops.deployment import Deployment

ATTEMPT_LASTS = 15.0
LISTING = 600.0


def explained(deployment: Deployment, conversation_sid: str) -> dict[str, str]:
    """What would be decided about a conversation now, and the facts of the decision.

    Raises:
        TwilioError: it cannot be read.
    """
    attempt = _patient(ATTEMPT_LASTS)
    report = _handler(deployment).handle(attempt, conversation_sid, veto=lambda *_: Outcome.WITHHELD)
    snapshot, decision = report.snapshot, report.decision
    newest, task = report.case.newest, snapshot.newest_live_task
    facts = {
        "decision": decision.kind.value,
        "reason": decision.reason.value,
        "rule": report.rule,
        "last word": f"{newest.by.value}, {format_duration(max(attempt.now - newest.sent_at, timedelta()))} ago",
        "conversation": snapshot.conversation.state.value,
        "task": f"{task.sid} {task.status.value}" if task else "none that is live",
        "channel": snapshot.channel.status.value if snapshot.channel else "none",
        "timer": _time(snapshot.conversation.inactive_at),
    }
    if isinstance(decision, Warn | End):
        facts["step"] = f"{decision.step.number}, due after {format_duration(decision.step.after)}"
    if isinstance(decision, Rearm):
        facts["next step"] = _time(decision.target)
    if isinstance(decision, Keep) and decision.until:
        facts["looked at again"] = _time(decision.until)
    return facts


def open_conversations(deployment: Deployment) -> list[tuple[str, str, str, str]]:
    """Open conversations of our service: SID, state, time of the last update, time of the timer; the newest first."""
    handler = _handler(deployment)
    rows = [
        (each, state.value)
        for state in (ConversationState.ACTIVE, ConversationState.INACTIVE)
        for each in _listed(handler, state)
    ]
    rows.sort(key=lambda row: row[0].updated_at, reverse=True)
    return [(each.sid, state, _time(each.updated_at), _time(each.inactive_at)) for each, state in rows]


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
        self._handler = _handler(deployment)
        self._older_than = older_than
        self._limit = limit
        self._counted = Counted()

    def run(self) -> Counted:
        """Read every inactive conversation, one after the other."""
        for listed in list(_listed(self._handler, ConversationState.INACTIVE)):
            if self._limit is not None and self._counted.due >= self._limit:
                break
            try:
                report = self._handler.handle(_patient(ATTEMPT_LASTS), listed.sid, veto=self._veto)
            except TwilioError:
                self._counted.failed += 1
                continue
            self._counted.read += 1
            if report.outcome is Outcome.DONE or (self._limit is None and report.outcome is Outcome.DEFERRED):
                self._counted.warn += isinstance(report.decision, Warn)
                self._counted.end += isinstance(report.decision, End)
        return self._counted

    def _veto(self, case: Case, decision: Decision) -> Outcome | None:
        """Keep what is not old enough; when counting, carry out nothing."""
        if not isinstance(decision, Warn | End):
            return Outcome.KEPT
        if case.now - case.newest.sent_at - decision.step.after <= self._older_than:
            return Outcome.KEPT
        return Outcome.DEFERRED if self._limit is None else None


def _handler(deployment: Deployment) -> Handler:
    return bootstrap(deployment.settings).handler


def _listed(handler: Handler, state: ConversationState) -> Iterator[Listed]:
    attempt = _patient(LISTING)
    url: str | None = None
    while True:
        page = handler.api.list_conversations(attempt, state, url)
        yield from page.listed
        url = page.next_url
        if url is None:
            return


def _patient(seconds: float) -> Attempt:
    """An attempt with a longer deadline, because no webhook waits for the answer."""
    return Attempt.lasting(seconds, patience=seconds)


def _time(at: datetime | None) -> str:
    return at.isoformat().replace("+00:00", "Z") if at else "none"
