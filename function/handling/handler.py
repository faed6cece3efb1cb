"""One event about one conversation, from the first read to the last: read, decide, carry out, and again if need be.

Decides how often and for how long that is tried. Webhooks come through here, and so does the sweep.
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
    Notify,
    Reason,
    Snapshot,
    Unsaid,
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
"""How often one event is decided anew before it is left to the timer."""

ENOUGH_FOR_ANOTHER_ROUND = 1.0
"""Seconds of the attempt."""

RESERVE = 0.5
"""Seconds that are kept back for asking Twilio to call again, when all others were used up in vain."""

TASK_LASTS = timedelta(hours=12)
"""Half of what TaskRouter gives an assigned task: 24 hours, not changeable (Twilio docs, tasks, read 2026-11-27)."""


@dataclass(frozen=True)
class Report:
    """What was seen, decided and done about one event.

    Attributes:
        case: what was seen, and the policy as it applies to it.
        decision: what was decided about it.
        outcome: how that went.
        unsaid: why the customer could not be told.
        repeated: this process has told of this very silence of an agent before.
        assigned: tasks that their agents still have, although the chat was ended.
        alarm: what is told now, for the first time.
        listed: how a list shows the conversation now, where only a note of ours was written.
    """

    case: Case
    decision: Decision
    outcome: Outcome
    unsaid: Unsaid | None = None
    repeated: bool = False
    assigned: tuple[str, ...] = ()
    alarm: Alarm | None = None
    listed: Listed | None = None

    @property
    def snapshot(self) -> Snapshot:
        """What was seen."""
        return self.case.snapshot

    @property
    def rule(self) -> str:
        """Name of the policy's rule; `default` where none matched."""
        return self.case.applied.rule


Veto = Callable[[Case, Decision], Outcome | None]
"""May keep a decision from being carried out: the outcome then is what it returns. It may be asked more than once."""


class Handler:
    """Handles events; one for the whole process, safe for many threads."""

    def __init__(
        self, settings: Settings, api: TwilioApi, *, chance: random.Random, lock: NewLock = threading.Lock
    ) -> None:
        """Take what it handles events with.

        Args:
            settings: policy, mode and author.
            api: Twilio's.
            chance: names attempts.
            lock: makes the locks by which threads take turns.
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
        """Bring one conversation to where the policy wants it now.

        Args:
            attempt: how long that may take.
            conversation_sid: which one.
            closed_by_timer: the event said that Twilio's closed timer closed it.
            veto: asked before anything is done.

        Raises:
            NotFoundError: our service has no such conversation.
            DeferredError: Twilio's limits leave no room for it now.
            TwilioError: it could not be finished now; the next timer can finish it.
        """
        applier = DecisionApplier(self.api, attempt, conversation_sid, self._chance)
        rounds = _Rounds(
            self._settings, self._reader, self._logged, applier, attempt, conversation_sid, closed_by_timer, veto
        )
        with self._locks.hold(conversation_sid, attempt, spare=ENOUGH_FOR_ANOTHER_ROUND):
            return rounds.run()

    def accepted(self, attempt: Attempt, event: ReservationAccepted) -> AcceptedReport:
        """Give the conversation of an accepted task its timer, in any mode: that posts nothing and ends nothing.

        Raises:
            NotFoundError: our service has no such conversation.
            TwilioError: it could not be done now; another try can.
        """
        with self._locks.hold(event.conversation_sid, attempt, spare=ENOUGH_FOR_ANOTHER_ROUND):
            return self._timer_setup.arm(attempt, event)

    @property
    def outlasts_tasks(self) -> bool:
        """Whether the policy acts on chats whose task is gone: then the task is noted while it is there."""
        policy = self._settings.policy
        ends = any(WaitAction.END in {each.when_left_over.action, each.when_queued.action} for each in policy.plans)
        return ends or policy.longest_silence > TASK_LASTS

    def release_orphans(self, attempt: Attempt, conversation_sid: str, tasks: Collection[str]) -> Orphans:
        """End those tasks of a conversation that our service does not have (any more) that carry our mark.

        Raises:
            TwilioError: it could not be done now.
        """
        return self._orphans.release(attempt, conversation_sid, tasks)

    def add_hint(self, conversation_sid: str, sids: ChatSids) -> None:
        """Hand over what belongs to a conversation as somebody believes to know; it is proven before it is used."""
        known = self._reader.hints.get(conversation_sid)
        self._reader.hints.put(conversation_sid, known.with_tasks(sids.tasks) if known else sids)

    def set_timer(self, attempt: Attempt, conversation_sid: str) -> bool:
        """Give a conversation without a timer one, so that Twilio calls when it goes silent; False if it did not work.

        The earliest step of the policy: whoever is woken too early is told when to be woken next.
        """
        if self._settings.mode is Mode.OBSERVE:
            return False
        try:
            self.api.arm(attempt, conversation_sid, self._settings.policy.earliest)
        except TwilioError:
            return False
        return True

    def request_callback(self, attempt: Attempt, conversation_sid: str) -> bool:
        """Arm the timer, so that Twilio calls again in a minute; False when not even that worked, or is allowed."""
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
    """One event: rounds of reading, deciding and carrying out, until one comes to an end."""

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
        """Go through rounds, as often and for as long as that is worth it.

        Raises:
            TwilioError: it could not be finished now.
        """
        for left in reversed(range(ROUNDS)):
            try:
                return self._round()
            except RetryError as retry:
                if retry.cause and not self._worth_another_round(retry.reason, left):
                    raise retry.cause from None
                if retry.reason is RetryReason.CHANGED:
                    self.reader.hints.forget(self.sid)  # what was remembered may be what was wrong
                self.retried.add(retry.reason)
        raise UnavailableError("handle", "the conversation keeps changing")

    def _worth_another_round(self, reason: RetryReason, left: int) -> bool:
        if reason is RetryReason.MISSING and reason in self.retried:
            return False  # whoever named this conversation to us has just seen it: one 404 proves nothing, two do
        return left > 0 and self.attempt.remaining >= ENOUGH_FOR_ANOTHER_ROUND

    def _round(self) -> Report:
        """Read, decide, carry out; returns what came of it.

        Raises:
            RetryError: it is to be decided anew.
            TwilioError: Twilio would not, and will not.
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
            # The answer to our last call was lost, not the call.
            return replace(self.before, outcome=_how_it_ended(self.before.decision, snapshot))
        repeated, alarm = self.logged.repeated(self.sid, case, decision), self.logged.alarm(self.sid, case, decision)
        report = self.before = Report(case, decision, Outcome.WITHHELD, repeated=repeated, alarm=alarm)
        if not allowed(self.settings.mode, decision):
            return report
        if isinstance(decision, Notify) and self.logged.notified(self.sid, decision):
            # Told of before; its mark could not be written, and is not tried again and again.
            return replace(report, decision=Keep(Reason.AGENT_SILENT), outcome=Outcome.KEPT, repeated=True)
        if self.veto and (held_back := self.veto(case, decision)):
            return replace(report, outcome=held_back)
        applied = self.applier.apply(case, decision)
        if isinstance(decision, Notify) and applied.outcome is Outcome.DONE:
            self.logged.note_notice(self.sid, decision)
        return replace(
            report, outcome=applied.outcome, unsaid=applied.unsaid, assigned=applied.assigned, listed=applied.listed
        )


def _how_it_ended(decision: Decision, closed: Snapshot) -> Outcome:
    """What came of an end whose last answer was lost: the closed conversation tells."""
    newest = newest_counted_among(closed.messages, automated_counts=False)
    late = isinstance(decision, End) and newest is not None and newest.index > decision.answered_index
    return Outcome.LATE_REPLY if late else Outcome.DONE
