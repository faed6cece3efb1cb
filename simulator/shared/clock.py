"""Virtual time: one instant that only the control plane moves, and the timers that fire as it moves.

A timer's owner decides what it does. `simulation.py` moves the clock and waits for deliveries.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime

START = datetime(2026, 1, 5, tzinfo=UTC)
"""The virtual time after a reset that names none. It is fixed, so that two runs of a script give the same result."""

_Entry = tuple[datetime, int, "Timer"]


class Timer:
    """Fires once at a due time; it can be re-armed or disarmed at any moment.

    Re-arming to a later time, as every message of a chat does, costs no heap operation: the old entry stays and is
    queued again when it is popped. So the heap has about one entry for each timer.
    """

    __slots__ = ("_clock", "_entry", "_fire", "_order", "due")

    def __init__(self, clock: Clock, fire: Callable[[], None]) -> None:
        self._clock = clock
        self._fire = fire
        self._entry: _Entry | None = None
        self._order = 0
        self.due: datetime | None = None

    def arm(self, due: datetime) -> None:
        """Fire at `due` instead of any earlier setting; a due time in the past fires at the next move."""
        self.due = due
        self._order = self._clock.next_order()
        if self._entry is None or due < self._entry[0]:
            self._queue(due)

    def disarm(self) -> None:
        """Do not fire."""
        self.due = None

    def take(self, entry: _Entry) -> bool:
        """Return whether this heap entry is due to fire; queue the timer again if it was re-armed meanwhile."""
        if entry is not self._entry:
            return False
        self._entry = None
        if self.due is None:
            return False
        if (self.due, self._order) != entry[:2]:
            self._queue(self.due)
            return False
        return True

    def fire(self) -> None:
        """Call its function."""
        self.due = None
        self._fire()

    def _queue(self, due: datetime) -> None:
        self._entry = (due, self._order, self)
        self._clock.queue(self._entry)


class Clock:
    """The virtual time and a heap of timers. Timers due at one instant fire in the order in which they were armed."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now
        self._heap: list[_Entry] = []
        self._orders = itertools.count()

    def timer(self, fire: Callable[[], None]) -> Timer:
        """Make a timer that is not armed yet."""
        return Timer(self, fire)

    def next_order(self) -> int:
        """The number of the next arming, which decides ties."""
        return next(self._orders)

    def queue(self, entry: _Entry) -> None:
        """Put a timer's entry into the heap; only `Timer` calls this."""
        heapq.heappush(self._heap, entry)

    def next_timer(self, until: datetime, *, inclusive: bool) -> Timer | None:
        """Move to the next armed timer due up to `until`, and return it to be fired.

        Args:
            until: The last instant to look at.
            inclusive: Whether a timer due exactly at `until` counts.

        Returns:
            The timer, with `now` at its due time; None when no timer is due any more (`now` stays).
        """
        heap = self._heap
        while heap and (heap[0][0] <= until if inclusive else heap[0][0] < until):
            entry = heapq.heappop(heap)
            timer = entry[2]
            if timer.take(entry):
                self.now = max(self.now, entry[0])
                return timer
        return None


def iso_seconds(instant: datetime) -> str:
    """Format an instant as Twilio's REST answers do: UTC, whole seconds."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def iso_milliseconds(instant: datetime) -> str:
    """Format an instant as Twilio's webhooks do: UTC, with milliseconds."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
