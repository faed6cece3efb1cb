"""What all calls of one attempt share: the time that is left, the record of calls, and Twilio's time."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from .errors import UnavailableError
from .rate_limiter import RateLimit

PATIENCE = 1.5
"""Maximum seconds that a call waits for room under a rate limit: a third of a webhook's time."""

SLOWDOWN = 1.25
"""How many times as long as the fastest response another one may take."""


class Clock(Protocol):
    """Measures time and sleeps; the module `time` is one."""

    def monotonic(self) -> float:
        """Return seconds since a fixed moment."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait for some seconds."""
        ...


@dataclass(frozen=True)
class CallRecord:
    """One HTTP call for the log: the operation's name, status (0 without a response), milliseconds."""

    name: str
    status: int
    ms: int


@dataclass(frozen=True)
class UnreadableRow:
    """A part of a list that could not be read: the list's name, and the row's SID or number, or that pages repeat."""

    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"


@dataclass(frozen=True)
class ListedTasks:
    """What a list of all live tasks shows, as of when it was made.

    Attributes:
        of_chat: SIDs of those that name the attempt's conversation.
        everybodys: the place of each task in that list, by its SID.
    """

    of_chat: tuple[str, ...]
    everybodys: Mapping[str, int]


@dataclass
class Attempt:
    """One attempt to handle an event or a conversation: its deadline, its calls, and Twilio's time.

    Attributes:
        deadline: in seconds on the monotonic clock.
        patience: maximum seconds that one call waits for room under a rate limit.
        reserve: seconds kept back at the end for the call that requests a callback; if Twilio is slow, as many as one
            of its responses takes.
        steady: whether it is one of very many, and leaves the bursts of rate limits to others.
        answer_within: maximum seconds for a whole response; None for the transport's own.
        reserved: rate limits under which room for one call was reserved.
        listed: what a list of all live tasks shows; None without one.
        calls: the calls, in the order of their responses.
        left_out: what could not be read of Twilio's lists.
        clock: measures the deadline.
        started: when the attempt began, in seconds on that clock.
        pace: seconds that Twilio's fastest response has taken so far; with less time left no call is made.
    """

    deadline: float
    patience: float = PATIENCE
    reserve: float = 0.0
    steady: bool = False
    answer_within: float | None = None
    reserved: set[RateLimit] = field(default_factory=set)
    listed: ListedTasks | None = None
    calls: list[CallRecord] = field(default_factory=list)
    left_out: list[UnreadableRow] = field(default_factory=list)
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
        """Return an attempt that lasts this many seconds from now, the reserve included."""
        return cls(clock.monotonic() + seconds, patience, reserve, clock=clock)

    @property
    def remaining(self) -> float:
        """Seconds that are left, without the reserve."""
        kept_back = max(self.reserve, self.pace * SLOWDOWN) if self.reserve else 0.0
        return self.deadline - kept_back - self.clock.monotonic()

    @property
    def now(self) -> datetime:
        """Twilio's own time: the newest `Date` header of its responses so far.

        Raises:
            UnavailableError: there is no response with a `Date` yet.
        """
        if self._now is None:
            raise UnavailableError("now", "no answer carried a Date")
        return self._now

    @property
    def knows_time(self) -> bool:
        """Whether `now` is known."""
        return self._now is not None

    def record_unreadable(self, name: str, what: str) -> None:
        """Record a part of a list that could not be read."""
        self.left_out.append(UnreadableRow(name, what))

    def note(self, name: str, status: int, started: float, date: str | None = None) -> None:
        """Record a call, with the `Date` of its response."""
        took = self.clock.monotonic() - started
        self.calls.append(CallRecord(name, status, round(took * 1000)))
        if status:
            self.pace = min(self.pace or took, took)
        try:
            at = parsedate_to_datetime(date or "").astimezone(UTC)
        except ValueError:
            return
        self._now = at if self._now is None else max(self._now, at)
