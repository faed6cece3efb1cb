"""The sweep: whatever a lost webhook left behind is found again, judged and carried out like any event.

Decides what is looked at in one sweep, how long and how much at a time. Which conversations must be read is
`candidates.py`'s question, what shall happen to each the handler's, which webhooks go through as well: its claims keep
all of them from saying anything twice.
"""

import enum
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..chat import Case, ConversationState, Decision, DecisionKind, End, Keep, Rearm, Reason, Warn
from ..twilio_api import Clock, DeferredError, Listed, NotFoundError, RefusedError, Visit
from .candidates import A_DAY, MOST_KEPT, Candidate, Kept, Why, choose, is_kept
from .handler import Handler, Report
from .locks import Lock, NewLock
from .memory import Memory
from .outcomes import Outcome

SECONDS = 50.0
"""One sweep. Less than the shortest `sweepEvery`, so that a sweep is over when the next begins, and than the function's
timeout of 60, by more than the longest visit."""

VISIT = 5.0
"""Seconds for one conversation: a claim's lease lasts six times as long."""

PATIENCE = 2.5
"""Seconds that a call may wait for room under Twilio's limits; others wait beside it."""

WORKERS = 8
"""Conversations at a time."""

TRIES = 3
"""How often a conversation is put off within one sweep."""

FAILURES = 5
"""In a row: then Twilio is down, and asking on would only add to its troubles."""

ACTIVE_EVERY = timedelta(minutes=15)
"""How often active conversations and tasks are looked at: their timers would have to be lost, not only a webhook."""

SOON = timedelta(minutes=15)
CHANGES_UNSEEN = timedelta(hours=1)
"""A chat that was left, paused or is handed over may go on without anything that a list of conversations shows."""

SPREAD = timedelta(hours=4)
"""What is due for another look in a day is spread over so long, so that it does not come all at once."""

UNSEEN = frozenset({Reason.LEFT, Reason.PAUSED, Reason.CHANNEL_UNKNOWN, Reason.TRANSFER})
LEFT_ALONE = frozenset({"kept", "withheld", "too_old"})
WAKES = frozenset({Reason.AGENT_SILENT, Reason.QUEUED})

Tell = Callable[[Visit, Candidate, Report | Exception], None]
"""Told of each conversation that was read: what came of it."""


class Ending(enum.StrEnum):
    """How a sweep ended; the values stand in the log."""

    DONE = "done"
    CUT_SHORT = "cut_short"
    TWILIO_DOWN = "twilio_down"
    RUNNING_ALREADY = "running_already"


class Count(enum.StrEnum):
    """What a sweep counts; the values stand in the log."""

    READ = "read"
    WARNED = "warned"
    ENDED = "ended"
    KEPT = "kept"
    DEFERRED = "deferred"
    ERRORS = "errors"
    NOTIFIED = "notified"
    REARMED = "rearmed"
    FINISHED = "finished"
    WITHHELD = "withheld"
    LATE_REPLY = "late_reply"
    CLAIMED_ELSEWHERE = "claimed_elsewhere"
    TOO_OLD = "too_old"
    NOT_OURS = "not_ours"


@dataclass
class Summary:
    """What one sweep did.

    Attributes:
        listed: conversations that the lists showed.
        candidates: those that had to be read.
        counts: what became of them.
        calls: to Twilio, by name.
        oldest: the longest that a step of a silence was overdue.
        ending: how it ended.
    """

    listed: int = 0
    candidates: int = 0
    counts: Counter[Count] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    oldest: timedelta = timedelta()
    ending: Ending = Ending.DONE


class Sweep:
    """Sweeps, one at a time; one for the whole process, for what it remembers."""

    def __init__(
        self,
        handler: Handler,
        *,
        max_ends: int,
        older_than: timedelta = A_DAY,
        clock: Clock = time,
        chance: random.Random | None = None,
        workers: Callable[[int], Executor] = ThreadPoolExecutor,
        lock: NewLock = threading.Lock,
    ) -> None:
        """Take the handler that webhooks use.

        Args:
            handler: judges and carries out.
            max_ends: chats that one sweep may end.
            older_than: silences that are overdue for longer are left alone: nobody wants to be told about last month.
            clock: what its time is measured by.
            chance: draws the order of what is not urgent.
            workers: makes what looks at so many conversations at a time.
            lock: makes the locks that keep sweeps, and workers, apart.
        """
        self._handler = handler
        self._max_ends = max_ends
        self._older_than = older_than
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311 -- an order, not a secret
        self._workers = workers
        self._new_lock = lock
        self._kept: Memory[Kept] = Memory(MOST_KEPT, lock)
        self._lease = lock()
        self._go_on_at: dict[ConversationState, str] = {}
        self._active_listed_at: datetime | None = None

    def run(self, tell: Tell, seconds: float = SECONDS) -> Summary:
        """Sweep once.

        Raises:
            TwilioError: not even the lists could be read.
        """
        if not self._lease.acquire(blocking=False):
            return Summary(ending=Ending.RUNNING_ALREADY)
        try:
            visit = Visit.lasting(seconds, clock=self._clock)
            candidates, summary = self._candidates(visit)
            summary.calls.update(call.name for call in visit.calls)
            run = _Run(
                self._handler,
                self._kept,
                self._clock,
                self._chance,
                self._max_ends,
                self._older_than,
                tell,
                summary,
                self._new_lock(),
            )
            run.through(candidates, visit, self._workers)
            return summary
        finally:
            self._lease.release()

    def _candidates(self, visit: Visit) -> tuple[list[Candidate], Summary]:
        api = self._handler.api
        inactive, whole = self._list(visit, ConversationState.INACTIVE)
        active: list[Listed] = []
        look_at_active = self._active_listed_at is None or visit.now >= self._active_listed_at + ACTIVE_EVERY
        if look_at_active:
            active, active_whole = self._list(visit, ConversationState.ACTIVE)
            whole = whole and active_whole
            if active_whole:
                self._active_listed_at = visit.now
        unknown = [Candidate(each.sid, Why.INACTIVE, each) for each in inactive]
        tasks = {}
        if look_at_active or any(not is_kept(each, self._kept, visit.now) for each in unknown):
            tasks = dict(api.live_tasks(visit))
        candidates = choose(
            inactive, active, tasks, self._kept, visit.now, whole=whole and look_at_active, chance=self._chance
        )
        return candidates, Summary(listed=len(inactive) + len(active), candidates=len(candidates))

    def _list(self, visit: Visit, state: ConversationState) -> tuple[list[Listed], bool]:
        """All conversations in a state, and whether it is all; a list that is too long goes on in the next sweep."""
        enough = visit.remaining / 2
        url = self._go_on_at.pop(state, None)
        whole = url is None
        found: list[Listed] = []
        while True:
            try:
                page = self._handler.api.list_conversations(visit, state, url)
            except (NotFoundError, RefusedError):
                if url is None or found:
                    raise
                url, whole = None, True  # the way to that page is no more; from the start, then
                continue
            found += page.listed
            url = page.next_url
            if url is None:
                return found, whole
            if visit.remaining < enough:
                self._go_on_at[state] = url
                return found, False


@dataclass
class _Run:
    """The second half of a sweep: candidate after candidate, some at a time."""

    handler: Handler
    kept: Memory[Kept]
    clock: Clock
    chance: random.Random
    max_ends: int
    older_than: timedelta
    tell: Tell
    summary: Summary
    lock: Lock
    _waiting: deque[Candidate] = field(default_factory=deque)
    _ending: set[str] = field(default_factory=set)
    _failures: int = 0

    def through(self, candidates: list[Candidate], visit: Visit, pool_of: Callable[[int], Executor]) -> None:
        """Go through them until they, or the time, or Twilio, are at an end."""
        self._waiting.extend(candidates)
        workers = min(WORKERS, len(candidates))
        if workers:
            with pool_of(workers) as pool:
                for done in [pool.submit(self._work, visit.deadline) for _ in range(workers)]:
                    done.result()
        if self._failures >= FAILURES:
            self.summary.ending = Ending.TWILIO_DOWN
        elif self._waiting:
            self.summary.ending = Ending.CUT_SHORT
        self.summary.counts[Count.DEFERRED] += len(self._waiting)

    def _work(self, deadline: float) -> None:
        while (candidate := self._next(deadline)) is not None:
            visit = Visit(min(self.clock.monotonic() + VISIT, deadline), PATIENCE, clock=self.clock)
            came: Count | None = None
            try:
                came = self._look_at(visit, candidate)
            except DeferredError:
                self._put_off(candidate)
            except NotFoundError:
                came = Count.NOT_OURS
                if visit.told_time:
                    self.kept.put(candidate.sid, Kept.of(candidate, visit.now + A_DAY))
            except Exception as error:  # noqa: BLE001 -- one conversation must not keep the sweep from the others
                came = Count.ERRORS
                self.tell(visit, candidate, error)
            with self.lock:
                self._failures = self._failures + 1 if came is Count.ERRORS else 0
                self.summary.calls.update(call.name for call in visit.calls)
                if came:
                    self.summary.counts[Count.READ] += 1
                    self.summary.counts[came] += 1

    def _next(self, deadline: float) -> Candidate | None:
        with self.lock:
            if not self._waiting or self._failures >= FAILURES or deadline - self.clock.monotonic() < VISIT / 2:
                return None
            return self._waiting.popleft()

    def _put_off(self, candidate: Candidate) -> None:
        with self.lock:
            if candidate.tries + 1 < TRIES:
                self._waiting.append(replace(candidate, tries=candidate.tries + 1))
            else:
                self.summary.counts[Count.DEFERRED] += 1

    def _look_at(self, visit: Visit, candidate: Candidate) -> Count:
        if candidate.sids:
            self.handler.suggest(candidate.sid, candidate.sids)
            visit.tasks_listed = True
        elif candidate.listed and candidate.listed.noted:
            self.handler.suggest(candidate.sid, candidate.listed.noted)
        report = self.handler.handle(visit, candidate.sid, gate=self._gate)
        self.tell(visit, candidate, report)
        self._remember(visit, candidate, report)
        return _became(report)

    def _gate(self, case: Case, decision: Decision) -> Outcome | None:
        """Keep back what is too old to be touched unasked, and more ends than one sweep may carry out."""
        if not isinstance(decision, Warn | End) or decision.reason is Reason.NOTICE_SENT:
            return None
        overdue = case.overdue(decision.step)
        if overdue > self.older_than:
            return Outcome.TOO_OLD
        with self.lock:
            self.summary.oldest = max(self.summary.oldest, overdue)
            if isinstance(decision, End):
                sid = case.snapshot.conversation.sid
                if len(self._ending | {sid}) > self.max_ends:
                    return Outcome.DEFERRED
                self._ending.add(sid)
        return None

    def _remember(self, visit: Visit, candidate: Candidate, report: Report) -> None:
        """What is left alone need not be read again soon; who has no timer gets one, so that Twilio wakes us."""
        decision = report.decision
        if report.outcome not in LEFT_ALONE or isinstance(decision, Rearm):
            return
        if candidate.why is Why.NO_TIMER and decision.reason in WAKES and self.handler.wake(visit, candidate.sid):
            return
        again_in = A_DAY - self.chance.random() * SPREAD
        if decision.reason in UNSEEN or candidate.why is Why.NO_TIMER:
            again_in = CHANGES_UNSEEN
        messages = report.snapshot.messages
        if candidate.listed and messages and candidate.listed.updated_at < messages[0].sent_at - timedelta(seconds=1):
            # Twilio does not say what counts as an update. Here a message did not, nor the change of state that
            # followed it: then this conversation's list entry proves nothing for long.
            again_in = SOON
        if candidate.listed and report.listed:
            candidate = replace(candidate, listed=report.listed)  # our own note is no news
        until = decision.until if isinstance(decision, Keep) and decision.until else visit.now + again_in
        self.kept.put(candidate.sid, Kept.of(candidate, min(until, visit.now + again_in)))


BECAME = {
    DecisionKind.WARN: Count.WARNED,
    DecisionKind.NOTIFY: Count.NOTIFIED,
    DecisionKind.END: Count.ENDED,
    DecisionKind.FINISH: Count.FINISHED,
    DecisionKind.REARM: Count.REARMED,
}


def _became(report: Report) -> Count:
    """What it is counted as."""
    if report.outcome in {Outcome.KEPT, Outcome.DONE, Outcome.UNVERIFIED}:
        return BECAME.get(report.decision.kind, Count.KEPT)
    return Count(report.outcome)
