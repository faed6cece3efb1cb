"""Keeps calls under Twilio's documented rate limits, with one token bucket for each limit in each process.

A storm of events so becomes work for the sweep instead of refused calls. The limits are the account's and are shared
with Flex and others, so a bucket has only a part of each. Writes to one conversation need no bucket: they are made one
after the other, and an end makes five where Twilio allows 30 a second
(https://www.twilio.com/docs/conversations-classic/conversations-limits, November 2026).
"""

import enum
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """How a bucket fills. In any second it allows a maximum of `burst + per_second` calls."""

    per_second: float
    burst: float


class RateLimit(enum.Enum):
    """The limits of Twilio's that we could exceed."""

    TASK_SEARCH = "searching tasks by attributes"
    CHANNEL_READ = "reading interaction channels"
    CHANNEL_LIST = "listing interaction channels"
    INVITE_LIST = "listing invites"
    CHANNEL_WRITE = "changing interaction channels"


RATES = {
    # 3 a second for the account
    # (https://www.twilio.com/en-us/changelog/taskrouter-endpoint-rate-limit-correction, 18 October 2024).
    RateLimit.TASK_SEARCH: Rate(per_second=1.5, burst=1),
    # 20 a second for each endpoint of the Interactions API
    # (https://www.twilio.com/docs/flex/developer/conversations/limits, November 2026).
    RateLimit.CHANNEL_READ: Rate(per_second=10, burst=8),
    RateLimit.CHANNEL_LIST: Rate(per_second=10, burst=8),
    RateLimit.INVITE_LIST: Rate(per_second=10, burst=8),
    RateLimit.CHANNEL_WRITE: Rate(per_second=10, burst=8),
}


def limit_of(method: str, url: str, *, by_attributes: bool) -> RateLimit | None:
    """Return the limit that a request counts against; None if there is none."""
    if by_attributes:
        return RateLimit.TASK_SEARCH
    if "/Interactions/" in url:
        if method != "GET":
            return RateLimit.CHANNEL_WRITE
        collection = url.partition("?")[0].rstrip("/").rpartition("/")[2]
        return {"Channels": RateLimit.CHANNEL_LIST, "Invites": RateLimit.INVITE_LIST}.get(
            collection, RateLimit.CHANNEL_READ
        )
    return None


class TokenBucket:
    """Tokens that refill with time. Safe for many threads; they are served in the order in which they ask."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = rate.burst
        self._as_of = clock()

    def wait(self, *, steady: bool = False) -> float:
        """Return the seconds until a token is available; a steady caller leaves the burst to others."""
        with self._lock:
            return self._wait(steady=steady)

    def _wait(self, *, steady: bool) -> float:
        self._refill()
        wanted = self._rate.burst if steady else 1
        return max(0.0, (wanted - self._tokens) / self._rate.per_second)

    def take(self, patience: float = 0.0, *, steady: bool = False) -> float | None:
        """Take a token and return the seconds to wait for it; None, and take none, if they exceed `patience`."""
        with self._lock:
            wait = self._wait(steady=steady)
            if wait > patience:
                return None
            self._tokens -= 1
            return wait

    def hold(self, seconds: float) -> None:
        """Allow no call for some seconds, because Twilio has refused one."""
        with self._lock:
            self._refill()
            self._tokens = min(self._tokens, 1 - seconds * self._rate.per_second)

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._rate.burst, self._tokens + (now - self._as_of) * self._rate.per_second)
        self._as_of = now


class RateLimiter:
    """One bucket for each limit; without limits every call is allowed at once."""

    def __init__(self, *, limits: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets = {limit: TokenBucket(rate, clock) for limit, rate in RATES.items()} if limits else {}

    def take(self, limit: RateLimit | None, patience: float, *, steady: bool = False) -> float | None:
        """As `TokenBucket.take`."""
        bucket = self._buckets.get(limit) if limit else None
        return bucket.take(patience, steady=steady) if bucket else 0.0

    def wait(self, limit: RateLimit, *, steady: bool = False) -> float:
        """As `TokenBucket.wait`."""
        bucket = self._buckets.get(limit)
        return bucket.wait(steady=steady) if bucket else 0.0

    def hold(self, limit: RateLimit | None, seconds: float) -> None:
        """As `TokenBucket.hold`."""
        bucket = self._buckets.get(limit) if limit else None
        if bucket:
            bucket.hold(seconds)
