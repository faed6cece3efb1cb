"""A share of chats and its 95 % interval: resampled by chat, or by day once there are enough days. No I/O.

By chat nothing has to be drawn. Each ended chat either was cut off or was not, so the count of a resample is binomial,
and the percentiles of infinitely many resamples are that distribution's quantiles. Chats of a day are alike (an outage,
a campaign), so from 14 days on whole days are drawn.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

DAYS = 14
"""From so many days on, days are resampled."""

RESAMPLES = 1_000
OUTSIDE = 0.025
"""The share of resamples below, and above, a 95 % interval."""

ENOUGH_DEVIATIONS = 12
"""Standard deviations beyond which a binomial distribution is taken to be zero."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Some chats, and how many of them were cut off, or returned."""

    of: int = 0
    hit: int = 0

    def __add__(self, other: "Counted") -> "Counted":
        """Add up both."""
        return Counted(self.of + other.of, self.hit + other.hit)


@dataclass(frozen=True, slots=True)
class Share:
    """A share and its 95 % interval, all from 0 to 1.

    Attributes:
        of: the chats that it is a share of.
        hit: the chats that are counted.
        low: the lower bound.
        high: the upper bound.
    """

    of: int
    hit: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """The share itself."""
        return self.hit / self.of


def share(days: Sequence[Counted]) -> Share | None:
    """Return the share over these days, with its interval; None if there is no chat.

    Where none of the chats is hit, no resample has one either. The upper bound is then the share at which so many
    chats without one would be seen in 2.5 % of cases.
    """
    whole = sum(days, Counted())
    if not whole.of:
        return None
    if not whole.hit:
        return Share(whole.of, 0, 0.0, 1 - OUTSIDE ** (1 / whole.of))
    low, high = _by_day(days) if len(days) >= DAYS else _by_chat(whole)
    return Share(whole.of, whole.hit, low, high)


def _by_chat(whole: Counted) -> tuple[float, float]:
    """The 2.5 % and 97.5 % quantiles of the binomial distribution."""
    if whole.hit == whole.of:
        return OUTSIDE ** (1 / whole.of), 1.0
    rate = whole.hit / whole.of
    spread = ENOUGH_DEVIATIONS * math.sqrt(whole.of * rate * (1 - rate)) + ENOUGH_DEVIATIONS
    first, last = max(0, int(whole.hit - spread)), min(whole.of, int(whole.hit + spread))
    cumulated = list(accumulate(_probability(whole.of, count, rate) for count in range(first, last + 1)))
    low = next(count for count, reached in enumerate(cumulated, first) if reached >= OUTSIDE)
    high = next(count for count, reached in enumerate(cumulated, first) if reached >= 1 - OUTSIDE)
    return low / whole.of, high / whole.of


def _probability(of: int, count: int, rate: float) -> float:
    ways = math.lgamma(of + 1) - math.lgamma(count + 1) - math.lgamma(of - count + 1)
    return math.exp(ways + count * math.log(rate) + (of - count) * math.log1p(-rate))


def _by_day(days: Sequence[Counted]) -> tuple[float, float]:
    of, hit = [day.of for day in days], [day.hit for day in days]
    sums = ((sum(map(of.__getitem__, drawn)), sum(map(hit.__getitem__, drawn))) for drawn in _draws(len(days)))
    rates = sorted(hits / chats for chats, hits in sums if chats)
    outside = int(len(rates) * OUTSIDE)
    return rates[outside], rates[-1 - outside]


@lru_cache(maxsize=8)
def _draws(days: int) -> tuple[tuple[int, ...], ...]:
    """The same draws for every share, so that two timeouts are compared on the same days."""
    dice = random.Random(days)  # noqa: S311 -- a resample is no secret
    return tuple(tuple(dice.choices(range(days), k=days)) for _ in range(RESAMPLES))
