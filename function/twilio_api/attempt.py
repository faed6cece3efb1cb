"""One event being handled, as all calls that it makes see it: how long is left, what was called, and Twilio's time."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from .errors import UnavailableError
from .rate_limiter import RateLimit

PATIENCE = 1.5
"""Seconds that a call waits for room under Twilio's limits: a third of a webhook's time."""

SLOWER = 1.25
"""How much longer than the quickest answer another one may take."""


class Clock(Protocol):
    """Measures and lets pass what time there is; the module `time` is one."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


@dataclass(frozen=True)
class CallRecord:
    """One HTTP call for the log: the operation's name, status (0 without an answer), milliseconds."""

    name: str
    status: int
    ms: int


@dataclass(frozen=True)
class LeftOut:
    """What was left out of a list: the list's name, and the row's SID or number, or that pages repeat."""

    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"


@dataclass
class Attempt:
    """One event being handled: its deadline, what was called for it, and Twilio's time.

    Attributes:
        deadline: on the monotonic clock, in seconds.
        patience: seconds that one call may wait for room under Twilio's limits.
        reserve: seconds that are kept back at the end, for the call that asks to be called again; where Twilio is
            slow, as many as one of its answers takes.
        steady: it is one of very many, and leaves room that is there at once to others.
        answer_within: seconds for a whole answer, unless the transport's own.
        reserved: limits under which room was made beforehand, for one call each.
        tasks_listed: every live task of the workspace was listed for it a moment ago: another one need not be searched.
        calls: what was called, in the order of the answers.
        left_out: what of Twilio's lists made no sense, by name.
        clock: what the deadline is measured by.
        started: on that clock.
        pace: seconds that the quickest of Twilio's answers took so far; with less than that a call need not begin.
    """

    deadline: float
    patience: float = PATIENCE
    reserve: float = 0.0
    steady: bool = False
    answer_within: float | None = None
    reserved: set[RateLimit] = field(default_factory=set)
    tasks_listed: bool = False
    calls: list[CallRecord] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    clock: Clock = time
    started: float = field(init=False)
    pace: float = field(default=0.0, init=False)
    _now: datetime | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.started = self.clock.monotonic()

    @classmethod
    def lasting(
        cls, seconds: float, *, patience: float = PATIENCE, reserve: float = 0.0, clock: Clock = time
    ) -> "Attempt":
        """An attempt that has this long from now, what is kept back included."""
        return cls(clock.monotonic() + seconds, patience, reserve, clock=clock)

    @property
    def remaining(self) -> float:
        """Seconds that are left, without those that are kept back."""
        kept_back = max(self.reserve, self.pace * SLOWER) if self.reserve else 0.0
        return self.deadline - kept_back - self.clock.monotonic()

    @property
    def now(self) -> datetime:
        """Twilio's own time: the newest Date among its answers so far.

        Raises:
            UnavailableError: nothing was answered yet.
        """
        if self._now is None:
            raise UnavailableError("now", "no answer carried a Date")
        return self._now

    @property
    def knows_time(self) -> bool:
        """Whether `now` is known."""
        return self._now is not None

    def leave_out(self, name: str, what: str) -> None:
        """Note that a part of a list was left out."""
        self.left_out.append(LeftOut(name, what))

    def note(self, name: str, status: int, started: float, date: str | None = None) -> None:
        """Remember a call."""
        took = self.clock.monotonic() - started
        self.calls.append(CallRecord(name, status, round(took * 1000)))
        if status:
            self.pace = min(self.pace or took, took)
        try:
            at = parsedate_to_datetime(date or "").astimezone(UTC)
        except ValueError:
            return
        self._now = at if self._now is None else max(self._now, at)
