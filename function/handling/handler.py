"""Handles one conversation, for webhooks and the sweep: reads it, decides and applies, in rounds until one succeeds.

Decides how often and how long to try.
"""

import random
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta

from ..chat import (
    SHORTEST_TIMER,
    Case,
    ChatSids,
    Decision,
    End,
    Keep,
    NoTextReason,
    Notify,
    Reason,
    Snapshot,
    allowed,
    decide,
    newest_counted_among,
)
from ..policy import WaitAction
from ..settings import Mode, Settings
from ..twilio_api import (
    AlreadyClosedError,
    Attempt,
    DeferredError,
    Listed,
    NotFoundError,
    ReservationAccepted,
    TwilioApi,
    TwilioError,
    UnavailableError,
)
from .acceptance import AcceptedReport, TimerSetup
from .already_logged import Alarm, AlreadyLogged
from .conversation_locks import ConversationLocks
from .decision_applier import DecisionApplier
from .locks import NewLock
from .orphans import OrphanRelease, Orphans
from .outcomes import Outcome, RetryError, RetryReason
from .reading import Reader

ROUNDS = 4
"""Maximum of rounds before the conversation is left to the next timer."""

ENOUGH_FOR_ANOTHER_ROUND = 1.0
"""Seconds that must be left of the attempt."""

RESERVE = 0.5
"""Seconds kept back for requesting a callback after everything else has failed."""

TASK_LASTS = timedelta(hours=12)
"""Half of the 24 hours for which TaskRouter keeps an assigned task, which cannot be changed
(https://www.twilio.com/docs/taskrouter/api/task, November 2026)."""


@dataclass(frozen=True)
class Report:
    """What was read, decided and done about one conversation.

    Attributes:
        case: the snapshot and the applied policy.
        decision: what was decided.
        outcome: how applying it went.
        unsaid: why no text was sent to the customer; None if one was, or none was due.
        repeated: whether this process has logged this silence of an agent before.
        assigned: SIDs of tasks that their agents still have after the end.
        alarm: an alarm that was not logged before.
        listed: the conversation as a list shows it now, if only our note was written.
    """

    case: Case
    decision: Decision
    outcome: Outcome
    unsaid: NoTextReason | None = None
    repeated: bool = False
    assigned: tuple[str, ...] = ()
    alarm: Alarm | None = None
    listed: Listed | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The conversation as it was read."""
        return self.case.snapshot

    @property
    def rule(self) -> str:
        """Name of the applied rule; `default` if none matched."""
        return self.case.applied.rule


Veto = Callable[[Case, Decision], Outcome | None]
"""May stop a decision from being applied, by returning an outcome. It may be called more than once for an event."""


class Handler:
    """Handles conversations. One for the whole process, safe for many threads."""

    def __init__(
        self, settings: Settings, api: TwilioApi, *, chance: random.Random, lock: NewLock = threading.Lock
    ) -> None:
        """Connect the handler.

        Args:
            settings: policy, mode and author.
            api: makes the calls to Twilio.
            chance: names attempts.
            lock: makes locks.
        """
        self.api = api
        self._settings = settings
        self._chance = chance
        self._reader = Reader(api, settings.author, settings.policy.bots, lock)
        self._timer_setup = TimerSetup(api, self._reader, settings.policy, lock)
        self._locks = ConversationLocks(lock)
        self._orphans = OrphanRelease(settings, api, lock)
        self._logged = AlreadyLogged(lock)

    def handle(
        self, attempt: Attempt, conversation_sid: str, *, closed_by_timer: bool = False, veto: Veto | None = None
    ) -> Report:
        """Read one conversation, decide, and apply the decision.

        Args:
            attempt: limits the time.
            conversation_sid: CH...
            closed_by_timer: whether the event says that Twilio's closed timer closed it.
            veto: called before a decision is applied.

        Raises:
            NotFoundError: our service has no such conversation.
            DeferredError: a rate limit leaves no room now.
            TwilioError: it failed now; the next timer may succeed.
        """
        applier = DecisionApplier(self.api, attempt, conversation_sid, self._chance)
        rounds = _Rounds(
            self._settings, self._reader, self._logged, applier, attempt, conversation_sid, closed_by_timer, veto
        )
        with self._locks.hold(conversation_sid, attempt, spare=ENOUGH_FOR_ANOTHER_ROUND):
            return rounds.run()

    def accepted(self, attempt: Attempt, event: ReservationAccepted) -> AcceptedReport:
        """Set the timer of an accepted task's conversation, in any mode, because that posts and ends nothing.

        Raises:
            NotFoundError: our service has no such conversation.
            TwilioError: it failed now, and may work if tried again.
        """
        with self._locks.hold(event.conversation_sid, attempt, spare=ENOUGH_FOR_ANOTHER_ROUND):
            return self._timer_setup.arm(attempt, event)

    @property
    def outlasts_tasks(self) -> bool:
        """Whether the policy acts on chats whose task may be gone, so that tasks must be noted while they are there."""
        policy = self._settings.policy
        ends = any(WaitAction.END in {each.when_left_over.action, each.when_queued.action} for each in policy.plans)
        return ends or policy.longest_silence > TASK_LASTS

    def release_orphans(self, attempt: Attempt, conversation_sid: str, tasks: Collection[str]) -> Orphans:
        """End the tasks with our mark of a conversation that our service does not have (any more).

        Raises:
            TwilioError: it failed now, and may work if tried again.
        """
        return self._orphans.release(attempt, conversation_sid, tasks)

    def add_hint(self, conversation_sid: str, sids: ChatSids) -> None:
        """Remember SIDs that may belong to a conversation; they are proven before they are used."""
        self._reader.add_hint(conversation_sid, sids)

    def set_timer(self, attempt: Attempt, conversation_sid: str) -> bool:
        """Set the timer of a conversation without one to the policy's earliest step; return whether that worked.

        A timer that fires too early is set again to the right time.
        """
        if self._settings.mode is Mode.OBSERVE:
            return False
        try:
            self.api.arm(attempt, conversation_sid, self._settings.policy.earliest)
        except TwilioError:
            return False
        return True

    def request_callback(self, attempt: Attempt, conversation_sid: str) -> bool:
        """Set the timer so that Twilio calls again in a minute; False if that failed or the mode does not allow it."""
        if self._settings.mode is Mode.OBSERVE:
            return False
        attempt.reserve = attempt.pace = 0.0
        try:
            self.api.arm(attempt, conversation_sid, SHORTEST_TIMER)
        except TwilioError:
            return False
        return True


@dataclass
class _Rounds:
    """One attempt: rounds of reading, deciding and applying, until one succeeds."""

    settings: Settings
    reader: Reader
    logged: AlreadyLogged
    applier: DecisionApplier
    attempt: Attempt
    sid: str
    closed_by_timer: bool
    veto: Veto | None
    retried: set[RetryReason] = field(default_factory=set)
    before: Report | None = None

    def run(self) -> Report:
        """Run rounds until one succeeds, or too many have failed, or the time is over.

        Raises:
            TwilioError: no round succeeded.
        """
        for left in reversed(range(ROUNDS)):
            try:
                return self._round()
            except RetryError as retry:
                if retry.cause and not self._worth_another_round(retry.reason, left):
                    raise retry.cause from None
                if retry.tasks and RetryReason.CHANGED not in self.retried:
                    self.reader.add_hint(self.sid, ChatSids(retry.tasks))
                elif retry.reason is RetryReason.CHANGED:
                    self.reader.hints.forget(self.sid)  # the hint may have been wrong
                self.retried.add(retry.reason)
        raise UnavailableError("handle", "the conversation keeps changing")

    def _worth_another_round(self, reason: RetryReason, left: int) -> bool:
        if reason is RetryReason.MISSING and reason in self.retried:
            return False  # an event or a list has just shown it: one 404 proves nothing, two do
        return left > 0 and self.attempt.remaining >= ENOUGH_FOR_ANOTHER_ROUND

    def _round(self) -> Report:
        """Read, decide and apply once.

        Raises:
            RetryError: the chat must be read and decided again.
            TwilioError: trying again makes no sense.
        """
        try:
            return self._decided()
        except AlreadyClosedError:
            raise RetryError(RetryReason.CLOSED) from None
        except NotFoundError as error:
            raise RetryError(RetryReason.MISSING, error) from None
        except DeferredError:
            raise
        except UnavailableError as error:
            raise RetryError(RetryReason.UNAVAILABLE, error) from None

    def _decided(self) -> Report:
        snapshot = self.reader.read(self.attempt, self.sid)
        case = Case.of(
            snapshot,
            self.settings.policy,
            self.attempt.now,
            closed_by_timer=self.closed_by_timer,
            refused=RetryReason.UNSAYABLE in self.retried,
        )
        decision = decide(case)
        closed = isinstance(decision, Keep) and decision.reason is Reason.CLOSED
        if self.before and self.applier.releasing and closed:
            # The response to our last call was lost, not the call.
            return replace(self.before, outcome=_outcome_of_end(self.before.decision, snapshot))
        repeated, alarm = self.logged.repeated(self.sid, case, decision), self.logged.alarm(self.sid, case, decision)
        report = self.before = Report(case, decision, Outcome.WITHHELD, repeated=repeated, alarm=alarm)
        if not allowed(self.settings.mode, decision):
            return report
        if isinstance(decision, Notify) and self.logged.notified(self.sid, decision):
            # Reported before; its mark could not be written, and is not tried again.
            return replace(report, decision=Keep(Reason.AGENT_SILENT), outcome=Outcome.KEPT, repeated=True)
        if self.veto and (held_back := self.veto(case, decision)):
            return replace(report, outcome=held_back)
        applied = self.applier.apply(case, decision)
        if isinstance(decision, Notify) and applied.outcome is Outcome.DONE:
            self.logged.remember_notice(self.sid, decision)
        return replace(
            report, outcome=applied.outcome, unsaid=applied.unsaid, assigned=applied.assigned, listed=applied.listed
        )


def _outcome_of_end(decision: Decision, closed: Snapshot) -> Outcome:
    """Return the outcome of an end whose last response was lost, from the closed conversation."""
    newest = newest_counted_among(closed.messages, automated_counts=False)
    late = isinstance(decision, End) and newest is not None and newest.index > decision.answered_index
    return Outcome.LATE_REPLY if late else Outcome.DONE
