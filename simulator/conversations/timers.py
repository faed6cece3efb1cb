"""A conversation's two state timers: their minimum lengths, the instant from which they count, when they fire.

`lifecycle.py` decides what firing does to the state. The minimum lengths are 50375 and 50376 of the error catalogue
(https://www.twilio.com/docs/api/errors/50375, November 2026).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum, auto

from simulator.conversations import errors
from simulator.shared.clock import Clock, Timer
from simulator.shared.dialect import Dialect
from simulator.shared.dialect.conversations import TimerOrigin, TimerPrecision
from simulator.shared.durations import parse_duration

MINIMUM_INACTIVE = timedelta(minutes=1)
MINIMUM_CLOSED = timedelta(minutes=10)
OVERDUE = timedelta(seconds=1)
"""A timer that would be due in the past fires this much later than now. No figure is public."""


MAXIMUM_LATENESS_S = 20
"""The maximum delay of a timer in seconds, in the dialect that has one. No figure is public."""


class Activity(Enum):
    """What may restart a timer's count."""

    CREATION = auto()
    MESSAGE = auto()
    REACTIVATION = auto()
    TIMER_UPDATE = auto()
    ATTRIBUTE_UPDATE = auto()


_ALWAYS = frozenset({Activity.CREATION, Activity.MESSAGE, Activity.ATTRIBUTE_UPDATE})
_MOVES: dict[TimerOrigin, frozenset[Activity]] = {
    TimerOrigin.LATEST_ACTIVITY: _ALWAYS | {Activity.REACTIVATION, Activity.TIMER_UPDATE},
    TimerOrigin.MESSAGE_OR_REACTIVATION: _ALWAYS | {Activity.REACTIVATION},
    TimerOrigin.MESSAGE: _ALWAYS,
}


def inactive_timer(text: str) -> timedelta:
    """Read `Timers.Inactive` or `DefaultInactiveTimer`; zero removes the timer.

    Raises:
        TwilioError: 50379 when it is not a duration, 50375 when it is shorter than a minute.
    """
    length = parse_duration(text)
    if length is None:
        raise errors.inactive_timer_malformed(text)
    if timedelta(0) < length < MINIMUM_INACTIVE:
        raise errors.inactive_timer_too_short()
    return length


def closed_timer(text: str) -> timedelta:
    """Read `Timers.Closed` or `DefaultClosedTimer`; zero removes the timer.

    Raises:
        TwilioError: 50380 when it is not a duration, 50376 when it is shorter than ten minutes.
    """
    length = parse_duration(text)
    if length is None:
        raise errors.closed_timer_malformed(text)
    if timedelta(0) < length < MINIMUM_CLOSED:
        raise errors.closed_timer_too_short()
    return length


class StateTimer:
    """One of the two timers: a length (zero for none) and the instant from which it counts."""

    __slots__ = ("_clock", "_lateness", "_moves", "_timer", "counts_from", "length")

    def __init__(self, clock: Clock, dialect: Dialect, fire: Callable[[], None]) -> None:
        self._clock = clock
        self._moves = _MOVES[dialect.timer_origin]
        late = dialect.timer_precision is TimerPrecision.LATE
        self._lateness = timedelta(seconds=1 + clock.next_order() * 7 % MAXIMUM_LATENESS_S if late else 0)
        self._timer: Timer = clock.timer(fire)
        self.length = timedelta(0)
        self.counts_from = clock.now

    @property
    def due(self) -> datetime | None:
        """When it is due, as the API shows it; None while it is not armed. In one dialect it fires later than this."""
        return None if self._timer.due is None else self._timer.due - self._lateness

    @property
    def fires_at(self) -> datetime | None:
        """When it fires; None while it is not armed."""
        return self._timer.due

    def note(self, activity: Activity) -> None:
        """Restart the count if this activity does so."""
        if activity in self._moves:
            self.counts_from = self._clock.now

    def arm(self) -> None:
        """Start it, if it has a length."""
        if not self.length:
            self._timer.disarm()
            return
        due = self.counts_from + self.length
        self._timer.arm((due if due > self._clock.now else self._clock.now + OVERDUE) + self._lateness)

    def disarm(self) -> None:
        """Stop it; the length is kept."""
        self._timer.disarm()
