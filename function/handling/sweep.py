"""The sweep: finds the conversations whose webhooks were lost, and has the handler handle each like any event.

Decides what one sweep lists, and for how long. `candidates.py` decides which conversations must be read, `sweep_run.py`
reads them. Webhooks use the same handler, and its claims keep both from posting anything twice.
"""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime, timedelta

from ..chat import ConversationState
from ..contract import sweep_lasts
from ..twilio_api import Attempt, Clock, Listed, TwilioDownError, TwilioError, UnreadableRow
from .candidates import (
    A_DAY,
    MAX_KEPT,
    Candidate,
    CandidateReason,
    FailedConversation,
    KeptConversation,
    choose,
    is_kept,
)
from .handler import Handler
from .lists import Lists, Part, TaskList
from .locks import NewLock
from .memory import Memory
from .sweep_run import ATTEMPT_LASTS, LIST_ANSWER, DueCandidate, OnReport, SweepRun
from .sweep_summary import Ending, Summary

PASS_LASTS = 60.0
"""Seconds of one pass, after which the lists are out of date."""

LISTS_SHARE = 10
"""A pass takes this many times as long as its lists took, up to twice `PASS_LASTS`: they must not take all of it."""

HANGS_AFTER = 2 * ATTEMPT_LASTS
"""Seconds after its end from which a sweep counts as hanging."""

ACTIVE_EVERY = timedelta(minutes=15)
"""How often active conversations and tasks are listed: they need it only if a timer was lost, not just a webhook."""

SHORTEST = sweep_lasts(timedelta(minutes=1))

CUT = frozenset({Part.INACTIVE_CUT, Part.ACTIVE_CUT, Part.TASKS_CUT})
"""Lists with which the next pass continues."""


class Sweep:
    """Runs sweeps, one at a time. One for the whole process, because it remembers what it left alone."""

    def __init__(
        self,
        handler: Handler,
        *,
        max_ends: int,
        lasts: timedelta = SHORTEST,
        older_than: timedelta = A_DAY,
        clock: Clock = time,
        chance: random.Random | None = None,
        workers: Callable[[int], Executor] = ThreadPoolExecutor,
        lock: NewLock = threading.Lock,
    ) -> None:
        """Connect the sweep.

        Args:
            handler: handles each conversation; webhooks use the same one.
            max_ends: maximum of chats that one sweep ends.
            lasts: how long one sweep may take.
            older_than: silences that are overdue for longer are left alone: nobody wants a warning about last month.
            clock: measures time.
            chance: shuffles candidates that are not urgent.
            workers: makes the executor that handles a given number of conversations at a time.
            lock: makes locks.
        """
        self._handler = handler
        self._max_ends = max_ends
        self._lasts = lasts
        self._older_than = older_than
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311 -- an order, not a secret
        self._workers = workers
        self._new_lock = lock
        self._kept: Memory[KeptConversation] = Memory(MAX_KEPT, lock)
        self._failed: Memory[FailedConversation] = Memory(MAX_KEPT, lock)
        self._reported: Memory[UnreadableRow] = Memory(MAX_KEPT, lock)
        self._lists = Lists(handler.api)
        self._crowd: tuple[DueCandidate, ...] = ()
        self._lease = lock()
        self._began = clock.monotonic()
        self._active_listed_at: datetime | None = None

    def run(self, on_report: OnReport, seconds: float | None = None) -> Summary:
        """Run one sweep: pass after pass, until nothing is left to do or the time is over.

        Raises:
            TwilioError: not even the lists could be read.
        """
        seconds = self._lasts.total_seconds() if seconds is None else seconds
        summary = Summary()
        lease = self._lease
        if not lease.acquire(blocking=False):
            running_for = timedelta(seconds=self._clock.monotonic() - self._began)
            if running_for < self._lasts + timedelta(seconds=HANGS_AFTER):
                return Summary(ending=Ending.RUNNING_ALREADY, running_for=running_for)
            # The other one hangs. Claims keep the two apart if it continues.
            lease = self._lease = self._new_lock()
            lease.acquire()
            summary.partial.add(Part.HUNG_BEFORE)
        try:
            self._began = self._clock.monotonic()
            run = SweepRun(
                self._handler,
                self._lists,
                self._kept,
                self._failed,
                self._clock,
                self._chance,
                self._max_ends,
                self._older_than,
                on_report,
                summary,
                self._new_lock(),
            )
            # What is due already is in the list of inactive ones, unless it was closed or answered meanwhile.
            run.wait_for([(at, each) for at, each in self._crowd if at > self._began])
            self._passes(run, self._began + seconds)
            self._crowd = run.crowd
            return summary
        finally:
            lease.release()

    def _passes(self, run: SweepRun, deadline: float) -> None:
        while True:
            began = self._clock.monotonic()
            attempt = Attempt.lasting(min(PASS_LASTS, deadline - began), clock=self._clock)
            attempt.answer_within = LIST_ANSWER
            try:
                self._list(attempt, run)
            except TwilioError as error:
                if not run.began:
                    raise
                if isinstance(error, TwilioDownError):
                    run.stop_because_down()
                run.summary.partial.add(Part.INACTIVE_UNREAD)
                break
            finally:
                run.summary.calls.update(call.name for call in attempt.calls)
            lists_took = self._clock.monotonic() - began
            until = began + min(max(PASS_LASTS, LISTS_SHARE * lists_took), 2 * PASS_LASTS)
            run.handle_all(min(until, deadline - ATTEMPT_LASTS / 2), self._workers)
            self._lists.keep_unread({each.sid for each in run.left})
            cut = run.summary.partial & CUT
            if run.over or not (run.left or cut) or deadline - self._clock.monotonic() < ATTEMPT_LASTS:
                break
        run.end()
        if self._lists.unfound is not None:
            run.summary.partial.add(Part.LEFT_OVERS_UNCHECKED)

    def _list(self, attempt: Attempt, run: SweepRun) -> None:
        """List what to read, unless candidates are left of the pass before."""
        lists, partial = self._lists, run.summary.partial
        if run.began and run.ready:
            return
        partial -= CUT
        inactive = lists.conversations(attempt, ConversationState.INACTIVE, partial)
        tasks: TaskList | None = None
        if lists.unfound is None and self._active_due(attempt.now):
            tasks = lists.live_tasks(attempt, partial)
            lists.start_search(tasks.named, inactive)
            self._active_listed_at = attempt.now
        active = self._active(attempt, partial) if lists.unfound is not None else []
        unknown = [Candidate(each.sid, CandidateReason.INACTIVE, each) for each in inactive]
        if tasks is None and (active or any(not is_kept(each, self._kept, attempt.now) for each in unknown)):
            tasks = lists.live_tasks(attempt, partial)
        if tasks is not None:
            run.tasks = tasks
        named = tasks.named if tasks else {}
        self._report_unreadable(attempt.left_out, run.summary)
        candidates = choose(
            inactive,
            active,
            named,
            left_over=lists.left_over(named),
            kept=self._kept,
            failed=self._failed,
            now=attempt.now,
            chance=self._chance,
            unnoted=self._handler.outlasts_tasks,
            whole=tasks is not None and tasks.whole,
        )
        run.add(candidates, {each.sid for each in (*inactive, *active)}, attempt.now)

    def _active_due(self, now: datetime) -> bool:
        return self._active_listed_at is None or now >= self._active_listed_at + ACTIVE_EVERY

    def _active(self, attempt: Attempt, partial: set[Part]) -> list[Listed]:
        """List the active conversations; if that fails, the sweep continues with the inactive ones."""
        try:
            return self._lists.conversations(attempt, ConversationState.ACTIVE, partial)
        except TwilioDownError:
            raise
        except TwilioError:
            partial.add(Part.ACTIVE_UNREAD)
            return []

    def _report_unreadable(self, left_out: list[UnreadableRow], summary: Summary) -> None:
        """Report what could not be read, once."""
        for each in left_out:
            summary.partial.add(Part.ROWS_LEFT_OUT)
            if self._reported.put(str(each), each) is None:
                summary.left_out.append(each)
