"""Counts refused requests, so that a flood of them writes one line a minute and not one for each request."""

import enum
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from ..handling import NewLock
from ..twilio_api import Clock

INTERVAL = 60.0
"""Minimum seconds between two lines for the same refusal."""


class Refusal(enum.Enum):
    """Why a request is refused: the reason in the log, and the status of the response."""

    NOT_A_POST = ("not_a_post", 405)
    UNKNOWN_ROUTE = ("unknown_route", 403)
    TOO_LARGE = ("too_large", 413)
    TOO_SLOW = ("too_slow", 408)
    NOT_SIGNED = ("not_signed_by_twilio", 403)

    def __init__(self, reason: str, status: int) -> None:
        self.reason = reason
        self.status = status


@dataclass
class _Tally:
    """Refusals that are not logged yet, and when the last line was written."""

    unlogged: int = 0
    logged_at: float = float("-inf")


class Refusals:
    """Counts refusals for the whole process. Safe for many threads."""

    def __init__(self, *, clock: Clock, lock: NewLock = threading.Lock) -> None:
        self._clock = clock
        self._lock = lock()
        self._tallies = {refusal: _Tally() for refusal in Refusal}
        self._unlogged = False

    def count(self, refusal: Refusal) -> None:
        """Count one refusal."""
        with self._lock:
            self._tallies[refusal].unlogged += 1
            self._unlogged = True

    def due(self) -> Sequence[tuple[Refusal, int]]:
        """Return the refusals to log now, with their counts: the first at once, later ones after `INTERVAL`.

        Nothing runs between requests, so each request asks.
        """
        if not self._unlogged:
            return ()
        now = self._clock.monotonic()
        with self._lock:
            due = [
                (refusal, tally)
                for refusal, tally in self._tallies.items()
                if tally.unlogged and now - tally.logged_at >= INTERVAL
            ]
            counts = [(refusal, tally.unlogged) for refusal, tally in due]
            for _, tally in due:
                tally.unlogged, tally.logged_at = 0, now
            self._unlogged = any(tally.unlogged for tally in self._tallies.values())
        return counts
