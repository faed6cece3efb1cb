"""Token buckets under Twilio's documented rate limits, one set for each process.

Decides how fast this process may call what Twilio limits, so that a storm of events becomes work for the sweep instead
of refusals. The limits are the account's; others, Flex itself among them, draw on them too, so a bucket holds less than
the whole. What is written to one conversation needs none: its turns are taken one after the other, and a whole end
writes five times where Twilio allows 30 a second (Conversations limits).
"""

import enum
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """How a bucket fills: within any second it lets through `burst + per_second` at most."""

    per_second: float
    burst: float


class RateLimit(enum.Enum):
    """What Twilio limits more tightly than we could call it."""

    TASK_SEARCH = "searching tasks by attributes"
    CHANNEL_READ = "reading interaction channels"
    CHANNEL_LIST = "listing interaction channels"
    INVITE_LIST = "listing invites"
    CHANNEL_WRITE = "changing interaction channels"


RATES = {
    # 3 a second for the account (TaskRouter's changelog, October 2024).
    RateLimit.TASK_SEARCH: Rate(per_second=1.5, burst=1),
    # 20 a second for each endpoint of the Interactions API (Flex docs, limits of interactions).
    RateLimit.CHANNEL_READ: Rate(per_second=10, burst=8),
    RateLimit.CHANNEL_LIST: Rate(per_second=10, burst=8),
    RateLimit.INVITE_LIST: Rate(per_second=10, burst=8),
    RateLimit.CHANNEL_WRITE: Rate(per_second=10, burst=8),
}


def limit_of(method: str, url: str, *, by_attributes: bool) -> RateLimit | None:
    """Which limit a request counts against."""
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
    """Tokens that come back with time. Safe for many threads; those who wait are served in order of asking."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = rate.burst
        self._as_of = clock()

    def wait(self, *, steady: bool = False) -> float:
        """How many seconds a token is away; whoever is steady leaves the burst to others."""
        with self._lock:
            return self._wait(steady=steady)

    def _wait(self, *, steady: bool) -> float:
        self._refill()
        wanted = self._rate.burst if steady else 1
        return max(0.0, (wanted - self._tokens) / self._rate.per_second)

    def take(self, patience: float = 0.0, *, steady: bool = False) -> float | None:
        """Take a token that is there within `patience` seconds; how long to wait for it, None when it comes too late.

        A token that comes too late is not taken.
        """
        with self._lock:
            wait = self._wait(steady=steady)
            if wait > patience:
                return None
            self._tokens -= 1
            return wait

    def hold(self, seconds: float) -> None:
        """Let nobody through for so long: Twilio has refused somebody."""
        with self._lock:
            self._refill()
            self._tokens = min(self._tokens, 1 - seconds * self._rate.per_second)

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._rate.burst, self._tokens + (now - self._as_of) * self._rate.per_second)
        self._as_of = now


class RateLimiter:
    """A bucket for each limit; without limits everything passes."""

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
