"""One run of the sweep: handles its candidates, several at a time, and decides which of them wait or are left alone."""

import random
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import Executor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..chat import Case, Decision, DecisionKind, End, Keep, Rearm, Reason, Warn
from ..contract import CHATS_AT_ONCE
from ..twilio_api import Attempt, Clock, DeferredError, NotFoundError, TwilioDownError, TwilioError
from .candidates import A_DAY, Candidate, CandidateReason, FailedConversation, KeptConversation
from .handler import Handler, Report
from .lists import Lists, Part, TaskList
from .locks import Lock
from .memory import Memory
from .orphans import Orphans
from .outcomes import Outcome
from .sweep_summary import Count, Ending, Summary

ATTEMPT_LASTS = 7.5
"""Maximum seconds for one conversation, enough even if each of Twilio's responses takes a second. A claim's lease lasts
four times as long."""

END_AFTER_WARNING = 65.0
"""Seconds from a warning until that chat may be ended: the shortest timer and a little more."""

CROWD = 100
"""If a sweep has warned this many, webhooks do not arrive: it waits until it can end them, if it has the time."""

CONVERSATIONS_CUT = frozenset({Part.INACTIVE_CUT, Part.ACTIVE_CUT})
"""Lists that are read on before a sweep waits for a crowd."""

PATIENCE = 3.5
"""Maximum seconds that a call waits for room under a rate limit, while others wait too."""

LIST_ANSWER = 10.0
"""Maximum seconds for a page of a list, which may have 1,000 rows."""

WORKERS = CHATS_AT_ONCE
"""Conversations that are handled at a time."""

SHORT_WAIT = 0.1
"""Seconds between looks whether another worker has listed the tasks."""

TRIES = 3
"""How often one sweep tries a conversation that is deferred by a rate limit."""

FAILURES = 5
"""Conversations in a row that failed because Twilio seems to be down, after which the sweep stops. One that failed
before does not count."""

SOON = timedelta(minutes=15)
"""How long a conversation is left alone whose row in the list does not change with its messages, or whose agent is
wrapping up: no list shows when they are done."""

CHANGES_UNSEEN = timedelta(hours=1)
"""How long a chat is left alone that was left or paused, is being handed over, has a task that is exempt, or could be
read only in part: it may continue without any change that a list shows."""

SPREAD = timedelta(hours=4)
"""Conversations that are read again in a day are spread over this time."""

UNSEEN = frozenset({Reason.LEFT, Reason.PAUSED, Reason.CHANNEL_UNKNOWN, Reason.TRANSFER, Reason.QUEUED})
LEFT_ALONE = frozenset({"kept", "withheld", "too_old"})
GIVES_TIMER = frozenset({Reason.AGENT_SILENT, Reason.QUEUED})

DueCandidate = tuple[float, Candidate]
"""A candidate that was warned, and the moment on the monotonic clock from which it may be ended."""

OnReport = Callable[[Attempt, Candidate, Report | Orphans | Exception], None]
"""Called with the result of each conversation that was read."""


@dataclass
class SweepRun:
    """Handles the candidates of each pass, several at a time.

    Attributes:
        waiting: candidates to read, except those in `due`.
        due: candidates that were warned.
        tasks: the live tasks, as they were listed last.
        began: whether a pass has handled candidates.
        over: whether this sweep begins nothing more.
    """

    handler: Handler
    lists: Lists
    kept: Memory[KeptConversation]
    failed: Memory[FailedConversation]
    clock: Clock
    chance: random.Random
    max_ends: int
    older_than: timedelta
    on_report: OnReport
    summary: Summary
    lock: Lock
    waiting: deque[Candidate] = field(default_factory=deque)
    due: deque[DueCandidate] = field(default_factory=deque)
    tasks: TaskList = field(default_factory=TaskList)
    began: bool = False
    over: bool = False
    _now: datetime | None = None
    _listed: set[str] = field(default_factory=set)
    _candidates: set[str] = field(default_factory=set)
    _deferred: set[str] = field(default_factory=set)
    _suspects: dict[str, Candidate] = field(default_factory=dict)
    _ending: set[str] = field(default_factory=set)
    _turn: bool = False
    _warned: int = 0
    _crowd: set[str] = field(default_factory=set)
    _lists_tasks: bool = False
    _down: int = 0

    def add(self, candidates: list[Candidate], listed: set[str], now: datetime) -> None:
        """Add the candidates of a pass. Each conversation is counted once, in however many passes it is listed."""
        sids = {each.sid for each in candidates}
        self.waiting = deque(each for each in candidates if not _was_warned(each))
        self.due = deque(
            [
                *((0.0, each) for each in candidates if _was_warned(each)),
                *((at, each) for at, each in self.due if each.sid not in sids),
            ]
        )
        self._crowd &= {each.sid for _, each in self.due}
        self._now = now
        self._listed |= listed
        self._candidates |= sids
        self.summary.listed, self.summary.candidates = len(self._listed), len(self._candidates)

    def wait_for(self, crowd: Collection[DueCandidate]) -> None:
        """Go on with the crowd of the sweep before: as long as their new timers run, no list shows it as inactive."""
        self.due.extend(crowd)
        self._crowd.update(each.sid for _, each in crowd)

    @property
    def crowd(self) -> tuple[DueCandidate, ...]:
        """What is left of the crowd that was warned, for the next sweep."""
        return tuple((at, each) for at, each in self._all_due() if each.sid in self._crowd)

    @property
    def left(self) -> list[Candidate]:
        """The candidates that this sweep would go on with: those that are ready, and the crowd."""
        crowd = set() if self._reads_on else self._crowd
        now = self.clock.monotonic()
        return [*self.waiting, *(each for at, each in self._all_due() if at <= now or each.sid in crowd)]

    @property
    def ready(self) -> bool:
        """Whether a candidate may be read now."""
        return bool(self.waiting) or any(at <= self.clock.monotonic() for at, _ in self._all_due())

    @property
    def _reads_on(self) -> bool:
        """Whether a list of conversations is to be read on rather than waited for a crowd."""
        return bool(self.summary.partial & CONVERSATIONS_CUT)

    def _all_due(self) -> tuple[DueCandidate, ...]:
        with self.lock:  # a late thread may still be adding one
            return tuple(self.due)

    def stop_because_down(self) -> None:
        """Record that not even a list can be read."""
        self._down = FAILURES

    def handle_all(self, deadline: float, pool_of: Callable[[int], Executor]) -> None:
        """Handle candidates until none is left, the time is over, or Twilio is down."""
        self.began = True
        workers = min(WORKERS, len(self.waiting) + len(self.due)) if self.left else 0
        if workers:
            pool = pool_of(workers)
            working = [pool.submit(self._work, deadline) for _ in range(workers)]
            done, late = wait(working, timeout=deadline + 1.5 * ATTEMPT_LASTS - self.clock.monotonic())
            pool.shutdown(wait=not late, cancel_futures=True)
            for each in done:
                each.result()
            if late:
                self.summary.partial.add(Part.HUNG)
                self.over = True
        self.over = self.over or self._down >= FAILURES or len(self._ending) >= self.max_ends

    def end(self) -> None:
        """Complete the summary."""
        down = self._down >= FAILURES
        if down:
            self.summary.ending = Ending.TWILIO_DOWN
        elif self.left or Part.HUNG in self.summary.partial:
            self.summary.ending = Ending.CUT_SHORT
        for sid, candidate in self._suspects.items():
            if not down:
                self._pause(candidate)
            elif self._now and self.failed.get(sid) is None:
                self.failed.put(sid, FailedConversation.while_down(candidate, self._now))
        self.summary.counts[Count.DEFERRED] += len(self.left) + len(self._deferred)
        self.summary.aside = sum(self.failed.get(sid) is not None for sid in self._listed | self._candidates)

    def _work(self, deadline: float) -> None:
        while (candidate := self._next(deadline)) is not None:
            attempt = Attempt.lasting(ATTEMPT_LASTS, patience=PATIENCE, clock=self.clock)
            attempt.steady = True
            count: Count | None = None
            away = False
            try:
                count = self._handle(attempt, candidate)
            except DeferredError:
                self._defer(candidate)
            except NotFoundError as error:
                if candidate.listed is None:
                    count = Count.NOT_OURS
                    self._release_orphans(attempt, candidate)
                else:  # our service's own list has just shown it
                    count = Count.ERRORS
                    self._fail(attempt, candidate, error, away=False)
            except Exception as error:  # noqa: BLE001 -- one conversation must not stop the sweep
                count = Count.ERRORS
                away = isinstance(error, TwilioDownError)
                self._fail(attempt, candidate, error, away=away)
            with self.lock:
                if count is not None and not away:
                    self._down = 0
                self.summary.calls.update(call.name for call in attempt.calls)
                if count:
                    self.summary.counts[Count.READ] += 1
                    self.summary.counts[count] += 1
                if count and count is not Count.ERRORS:
                    self.failed.forget(candidate.sid)
                    self._deferred.discard(candidate.sid)

    def _next(self, deadline: float) -> Candidate | None:
        while True:
            with self.lock:
                now = self.clock.monotonic()
                pause = self._until_ready(now)
                if self._down >= FAILURES or now >= deadline or pause is None:
                    return None
                must_list = (
                    not pause
                    and not self.tasks.is_fresh(now)
                    and deadline - now > max(LIST_ANSWER, 2 * self.tasks.took)
                )
                if not pause and not (must_list and self._keeps_others_waiting(now)):
                    return self._take(now)
                lists = must_list and not self._lists_tasks
                self._lists_tasks = self._lists_tasks or lists
            if lists:
                self._list_tasks(deadline)
            else:
                self.clock.sleep(min(pause or SHORT_WAIT, deadline - now, 1.0))

    def _until_ready(self, now: float) -> float | None:
        """Seconds until a candidate is ready; None if the sweep does not wait for one."""
        if self.waiting or (self.due and self.due[0][0] <= now):
            return 0.0
        return self.due[0][0] - now if self._crowd and not self._reads_on else None

    def _take(self, now: float) -> Candidate:
        # Warnings and ends have different rate limits; taking turns, neither kind waits for the other's.
        self._turn = not self._turn
        if self.due and self.due[0][0] <= now and (self._turn or not self.waiting):
            _, candidate = self.due.popleft()
            self._crowd.discard(candidate.sid)
            return candidate
        return self.waiting.popleft()

    def _keeps_others_waiting(self, now: float) -> bool:
        """Whether a list of tasks that is not fresh must come first; others go on while one worker lists them again."""
        return not self._lists_tasks or self.tasks.is_old(now)

    def _list_tasks(self, deadline: float) -> None:
        """List the live tasks again; without them each end needs a search."""
        attempt = Attempt.lasting(deadline - self.clock.monotonic(), clock=self.clock)
        attempt.answer_within = LIST_ANSWER
        partial: set[Part] = set()
        tasks = replace(self.tasks, whole=False, at=self.clock.monotonic())
        try:
            listed = self.lists.live_tasks_again(attempt, partial)
            tasks = listed if listed.whole else replace(tasks, named={**tasks.named, **listed.named}, took=listed.took)
        except TwilioDownError:
            partial.add(Part.TASKS_UNREAD)
        finally:
            with self.lock:
                self.tasks, self._lists_tasks = tasks, False
                self.summary.calls.update(call.name for call in attempt.calls)
                self.summary.partial.discard(Part.TASKS_CUT)
                self.summary.partial.update(partial)

    def _release_orphans(self, attempt: Attempt, candidate: Candidate) -> None:
        """Release the orphans of a conversation that does not exist; it is tried again after a day."""
        sids = self.tasks.named.get(candidate.sid, candidate.sids)
        try:
            orphans = self.handler.release_orphans(attempt, candidate.sid, sids.tasks if sids else ())
        except TwilioError:
            return
        if orphans.ended or orphans.left:
            self.on_report(attempt, candidate, orphans)
        if attempt.knows_time:
            self.kept.put(candidate.sid, KeptConversation.of(candidate, attempt.now + A_DAY))

    def _defer(self, candidate: Candidate) -> None:
        with self.lock:
            if candidate.tries + 1 < TRIES:
                self.waiting.append(replace(candidate, tries=candidate.tries + 1))
            else:
                self._deferred.add(candidate.sid)

    def _fail(self, attempt: Attempt, candidate: Candidate, error: Exception, *, away: bool) -> None:
        """Put a failed conversation aside, and report it the first time. If Twilio may be down, wait and see."""
        first = self.failed.get(candidate.sid) is None and candidate.sid not in self._suspects
        if first:
            self.on_report(attempt, candidate, error)
        if not away:
            self._pause(candidate)
            return
        with self.lock:
            self._suspects[candidate.sid] = candidate
            self._down += first

    def _pause(self, candidate: Candidate) -> None:
        if self._now:
            before = self.failed.get(candidate.sid)
            self.failed.put(candidate.sid, FailedConversation.once_more(before, candidate, self._now))

    def _handle(self, attempt: Attempt, candidate: Candidate) -> Count:
        tasks = self.tasks
        attempt.listed = tasks.of(candidate.sid)
        sids = tasks.hint(candidate.sid) or candidate.sids
        if sids and sids.tasks:
            self.handler.add_hint(candidate.sid, sids)
        elif candidate.listed and candidate.listed.noted:
            self.handler.add_hint(candidate.sid, candidate.listed.noted)
        report = self.handler.handle(attempt, candidate.sid, veto=self._veto)
        self.on_report(attempt, candidate, report)
        self._remember(attempt, candidate, report)
        if isinstance(report.decision, Warn) and report.outcome is Outcome.DONE:
            # It may be ended later in this sweep, without being listed again.
            self._add_warned(replace(candidate, tries=0))
        return _count_of(report)

    def _add_warned(self, candidate: Candidate) -> None:
        with self.lock:
            self.due.append((self.clock.monotonic() + END_AFTER_WARNING, candidate))
            self._warned += 1
            if self._warned == CROWD:
                self._crowd.update(each.sid for _, each in self.due)
            elif self._warned > CROWD:
                self._crowd.add(candidate.sid)

    def _veto(self, case: Case, decision: Decision) -> Outcome | None:
        """Stop steps that are overdue for too long, and more ends than one sweep may make."""
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

    def _remember(self, attempt: Attempt, candidate: Candidate, report: Report) -> None:
        """Remember what is left alone, so that it is not read again soon; set the timer of a chat without one."""
        decision = report.decision
        withheld = report.outcome is Outcome.WITHHELD
        if report.outcome not in LEFT_ALONE or (isinstance(decision, Rearm) and not withheld):
            return
        if (
            candidate.reason is CandidateReason.NO_TIMER
            and decision.reason in GIVES_TIMER
            and self.handler.set_timer(attempt, candidate.sid)
        ):
            return
        again_in = A_DAY - self.chance.random() * SPREAD
        unseen = decision.reason in UNSEEN or (decision.reason is Reason.EXEMPT and report.snapshot.live_tasks)
        in_part = report.snapshot.hints or attempt.left_out
        if unseen or candidate.reason is CandidateReason.NO_TIMER or in_part:
            again_in = CHANGES_UNSEEN
        if report.case.wraps_up:
            again_in = SOON
        messages = report.snapshot.messages
        if candidate.listed and messages and candidate.listed.updated_at < messages[0].sent_at - timedelta(seconds=1):
            # Twilio does not document what counts as an update. Here neither a message did nor the change of state
            # after it, so the row in the list may not show the next change either.
            again_in = SOON
        if candidate.listed and report.listed:
            candidate = replace(candidate, listed=report.listed)  # our own note is no change
        until = attempt.now + again_in
        if isinstance(decision, Keep) and decision.until:
            until = decision.until
        elif isinstance(decision, Rearm):
            until = decision.target  # withheld: no timer was set
        self.kept.put(candidate.sid, KeptConversation.of(candidate, min(until, attempt.now + again_in)))


def _was_warned(candidate: Candidate) -> bool:
    """Whether it has our note, as after a warning."""
    return (
        candidate.reason is CandidateReason.INACTIVE
        and candidate.listed is not None
        and candidate.listed.noted is not None
    )


COUNTS = {
    DecisionKind.WARN: Count.WARNED,
    DecisionKind.NOTIFY: Count.NOTIFIED,
    DecisionKind.END: Count.ENDED,
    DecisionKind.FINISH: Count.FINISHED,
    DecisionKind.REARM: Count.REARMED,
}


def _count_of(report: Report) -> Count:
    """Return how a report is counted."""
    if report.outcome in {Outcome.KEPT, Outcome.DONE, Outcome.UNVERIFIED}:
        return COUNTS.get(report.decision.kind, Count.KEPT)
    return Count(report.outcome)
