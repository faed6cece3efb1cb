"""Counts requests that are about no chat, so that a flood of them writes one line a minute and not one for each."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from ..handling import NewLock
from ..twilio_api import Clock, IgnoreReason
from .refusals import Refusal

INTERVAL = 60.0
"""Minimum seconds between two lines with the same reason."""

Counted = Refusal | IgnoreReason
"""What is counted: refused requests, and ignored events that name no conversation."""


@dataclass
class _Tally:
    """Requests that are not logged yet, and when the last line was written."""

    unlogged: int = 0
    logged_at: float = float("-inf")


class Tallies:
    """Counts for the whole process. Safe for many threads."""

    def __init__(self, *, clock: Clock, lock: NewLock = threading.Lock) -> None:
        self._clock = clock
        self._lock = lock()
        self._tallies: dict[Counted, _Tally] = {}
        self._unlogged = False

    def count(self, what: Counted) -> None:
        """Count one request."""
        with self._lock:
            self._tallies.setdefault(what, _Tally()).unlogged += 1
            self._unlogged = True

    def due(self) -> Sequence[tuple[Counted, int]]:
        """Return what to log now, with its count: the first of a reason at once, later ones after `INTERVAL`.

        Nothing runs between requests, so each request asks.
        """
        if not self._unlogged:
            return ()
        now = self._clock.monotonic()
        with self._lock:
            due = [
                (what, tally)
                for what, tally in self._tallies.items()
                if tally.unlogged and now - tally.logged_at >= INTERVAL
            ]
            counts = [(what, tally.unlogged) for what, tally in due]
            for _, tally in due:
                tally.unlogged, tally.logged_at = 0, now
            self._unlogged = any(tally.unlogged for tally in self._tallies.values())
        return counts
