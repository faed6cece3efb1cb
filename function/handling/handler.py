"""One event about one conversation, from the first read to the last: read, decide, carry out, and again if need be.

Decides how often and for how long that is tried. The webhook comes through here, and the sweep will.
"""

import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from ..chat import (
    SHORTEST_TIMER,
    Decision,
    End,
    Keep,
    Notify,
    Reason,
    Snapshot,
    Unsaid,
    allowed,
    decide,
    newest_counted,
)
from ..settings import Mode, Settings
from ..twilio_api import (
    AlreadyClosedError,
    DeferredError,
    NotFoundError,
    ReservationAccepted,
    TwilioApi,
    TwilioError,
    UnavailableError,
    Visit,
)
from .carry_out import AgainError, CarryOut, ClaimedElsewhereError, Outcome, UnsayableError
from .locks import Lock, NewLock
from .on_accept import Acceptance, Arming
from .reading import Hint, Reader

ROUNDS = 4
"""How often one event is decided anew before it is left to the timer."""

ENOUGH_FOR_ANOTHER_ROUND = 1.0
"""Seconds of the visit."""

RESERVE = 0.5
"""Seconds that are kept back for asking Twilio to call again, when all others were used up in vain."""


@dataclass(frozen=True)
class Report:
    """What was seen, decided and done about one event.

    Attributes:
        snapshot: what was seen.
        decision: what was decided about it.
        outcome: how that went.
        rule: of the policy; `default` where none matched.
        unsaid: why the customer could not be told.
        repeated: this process has told of this very silence of an agent before.
    """

    snapshot: Snapshot
    decision: Decision
    outcome: Outcome
    rule: str = ""
    unsaid: Unsaid | None = None
    repeated: bool = False


Gate = Callable[[Snapshot, Decision, datetime], Outcome | None]
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
        self.api = self._api = api
        self._chance = chance
        self._policy = settings.policy
        self._mode = settings.mode
        self._reader = Reader(self._api, settings.author, lock)
        self._arming = Arming(self._api, self._reader, self._policy)
        self._turns = Turns(lock)
        self._silences = Silences(lock=lock)

    def handle(  # noqa: C901, PLR0912 -- one clause for each way in which a round may end
        self, visit: Visit, conversation_sid: str, *, closed_by_timer: bool = False, gate: Gate | None = None
    ) -> Report:
        """Bring one conversation to where the policy wants it now.

        Args:
            visit: how long that may take.
            conversation_sid: which one.
            closed_by_timer: the event said that Twilio's closed timer closed it.
            gate: asked before anything is done.

        Raises:
            NotFoundError: our service has no such conversation.
            DeferredError: Twilio's limits leave no room for it now.
            TwilioError: it could not be finished now; the next timer can finish it.
        """
        carry_out = CarryOut(self._api, self._policy, visit, conversation_sid, self._chance)
        with self._turns.turn(conversation_sid, visit):
            report: Report | None = None
            refused = missed = False
            for last in (*[False] * (ROUNDS - 1), True):
                try:
                    snapshot = self._reader.read(visit, conversation_sid)
                    decision = decide(
                        snapshot, self._policy, visit.now, closed_by_timer=closed_by_timer, refused=refused
                    )
                    if (
                        report
                        and carry_out.releasing
                        and isinstance(decision, Keep)
                        and decision.reason is Reason.CLOSED
                    ):
                        # The answer to our last call was lost, not the call.
                        return replace(report, outcome=_how_it_ended(report.decision, snapshot))
                    rule = self._policy.ruling(snapshot.subject).rule
                    report = Report(snapshot, decision, Outcome.WITHHELD, rule)
                    if decision.reason is Reason.AGENT_SILENT and not isinstance(decision, End | Notify):
                        report = replace(report, repeated=self._silences.seen(conversation_sid, snapshot.waiting_since))
                    if not allowed(self._mode, decision):
                        return report
                    if gate and (held_back := gate(snapshot, decision, visit.now)):
                        return replace(report, outcome=held_back)
                    outcome = carry_out.carry_out(snapshot, decision)
                    return replace(report, outcome=outcome, unsaid=carry_out.unsaid)
                except ClaimedElsewhereError:
                    return Report(snapshot, decision, Outcome.CLAIMED_ELSEWHERE, rule)
                except UnsayableError:
                    refused = True
                except AgainError:
                    # What was remembered may be what was wrong.
                    self._reader.hints.forget(conversation_sid)
                except AlreadyClosedError:
                    pass
                except NotFoundError:
                    # Whoever named this conversation to us has just seen it: one 404 proves nothing.
                    if missed or last or visit.remaining < ENOUGH_FOR_ANOTHER_ROUND:
                        raise
                    missed = True
                except DeferredError:
                    raise
                except UnavailableError:
                    if last or visit.remaining < ENOUGH_FOR_ANOTHER_ROUND:
                        raise
            raise UnavailableError("handle", "the conversation keeps changing")

    def accepted(self, visit: Visit, event: ReservationAccepted) -> Acceptance:
        """Give the conversation of an accepted task its timer, in any mode: that posts nothing and ends nothing.

        Raises:
            NotFoundError: our service has no such conversation.
            TwilioError: it could not be done now; another try can.
        """
        with self._turns.turn(event.conversation_sid, visit):
            return self._arming.arm(visit, event)

    def suggest(self, conversation_sid: str, hint: Hint) -> None:
        """Hand over what belongs to a conversation as somebody believes to know; it is proven before it is used."""
        known = self._reader.hints.get(conversation_sid)
        if known is not None:
            hint = replace(known, tasks=tuple(dict.fromkeys((*known.tasks, *hint.tasks))))
        self._reader.hints.put(conversation_sid, hint)

    def wake(self, visit: Visit, conversation_sid: str) -> bool:
        """Give a conversation without a timer one, so that Twilio calls when it goes silent; False if it did not work.

        The earliest step of the policy: whoever is woken too early is told when to be woken next.
        """
        if self._mode is Mode.OBSERVE:
            return False
        try:
            self._api.arm(visit, conversation_sid, self._policy.earliest)
        except TwilioError:
            return False
        return True

    def come_back(self, visit: Visit, conversation_sid: str) -> bool:
        """Arm the timer, so that Twilio calls again in a minute; False when not even that worked, or is allowed."""
        if self._mode is Mode.OBSERVE:
            return False
        visit.deadline += RESERVE
        try:
            self._api.arm(visit, conversation_sid, SHORTEST_TIMER)
        except TwilioError:
            return False
        return True


def _how_it_ended(decision: Decision, closed: Snapshot) -> Outcome:
    """What came of an end whose last answer was lost: the closed conversation tells."""
    newest = newest_counted(closed.messages, automated_counts=False)
    late = isinstance(decision, End) and newest is not None and newest.index > decision.answers
    return Outcome.LATE_REPLY if late else Outcome.DONE


class Silences:
    """Which silence of its agent each conversation was last told of, so that a log tells of each once.

    A memory of one process, for its log alone: nothing is decided by it.
    """

    def __init__(self, most: int = 10_000, lock: NewLock = threading.Lock) -> None:
        self._most = most
        self._lock = lock()
        self._since: OrderedDict[str, datetime] = OrderedDict()

    def seen(self, conversation_sid: str, since: datetime) -> bool:
        """Whether it was told of already; from now on it was."""
        with self._lock:
            seen = self._since.get(conversation_sid) == since
            self._since[conversation_sid] = since
            self._since.move_to_end(conversation_sid)
            if len(self._since) > self._most:
                self._since.popitem(last=False)
            return seen


class Turns:
    """Copies of one event that reach the same process take turns, so that the second sees what the first did.

    That saves calls; what makes it safe is the claim, which works across processes.
    """

    def __init__(self, lock: NewLock = threading.Lock) -> None:
        self._new_lock = lock
        self._lock = lock()
        self._turns: dict[str, tuple[Lock, int]] = {}

    def __len__(self) -> int:
        """At how many conversations somebody is, or waits."""
        return len(self._turns)

    @contextmanager
    def turn(self, conversation_sid: str, visit: Visit) -> Iterator[None]:
        """Wait for our turn at a conversation.

        Raises:
            UnavailableError: it did not come in time.
        """
        with self._lock:
            mine, waiting = self._turns.get(conversation_sid, (self._new_lock(), 0))
            self._turns[conversation_sid] = (mine, waiting + 1)
        try:
            if not mine.acquire(timeout=max(0.0, visit.remaining - ENOUGH_FOR_ANOTHER_ROUND)):
                raise UnavailableError("turn", "another event of this conversation is being handled")
            try:
                yield
            finally:
                mine.release()
        finally:
            with self._lock:
                mine, waiting = self._turns[conversation_sid]
                if waiting == 1:
                    del self._turns[conversation_sid]
                else:
                    self._turns[conversation_sid] = (mine, waiting - 1)
