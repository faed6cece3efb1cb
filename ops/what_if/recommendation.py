"""Which timeout to choose: the shortest whose upper bound stays under what is accepted. No I/O.

It is chosen on the first two thirds of the days and reported on the last third, because the shortest of many timeouts
that looks good on some days is partly luck.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ops.what_if.counts import DailyCounts
from ops.what_if.intervals import Share, share

ENOUGH = 300
"""Ended chats below which a segment is pooled, because its interval says little."""

FEWEST_DAYS = 3


@dataclass(frozen=True)
class Recommendation:
    """A timeout, or why there is none.

    Attributes:
        timeout: None if none is recommended.
        why_not: why; empty if there is one.
        chosen_on: its share of customers cut off on the first two thirds of the days.
        seen_on: the same on the last third.
    """

    timeout: timedelta | None
    why_not: str = ""
    chosen_on: Share | None = None
    seen_on: Share | None = None


def recommend(
    counts: DailyCounts, timeouts: Sequence[timedelta], days: Sequence[date], accept: float, *, closed_by_timer: int
) -> Recommendation:
    """Choose a timeout.

    Args:
        counts: chats ended and customers cut off.
        timeouts: the timeouts that were counted, shortest first.
        days: all days of the history, in order.
        accept: which share of customers who are cut off is accepted.
        closed_by_timer: how many chats a timer closed.
    """
    if closed_by_timer:
        return Recommendation(
            None, f"a timer had closed {closed_by_timer:,} of these chats already, so all rates are lower bounds"
        )
    if len(days) < FEWEST_DAYS:
        return Recommendation(None, f"the history has {len(days)} days, and choosing takes {FEWEST_DAYS} or more")
    split = len(days) * 2 // 3
    for number, timeout in enumerate(timeouts):
        chosen_on = share(counts.of(number, days[:split]))
        if chosen_on is not None and chosen_on.high < accept:
            return Recommendation(timeout, "", chosen_on, share(counts.of(number, days[split:])))
    return Recommendation(None, "no timeout of the range has an upper bound below what is accepted")


@dataclass(frozen=True)
class Segment:
    """Some of the chats, at the policy's own timeout, and what is recommended for them.

    Attributes:
        kind: `channel`, `queue` or `answered before`.
        value: which; `all others` for those that are pooled.
        cut_off: the share of ended chats whose customer was cut off; None if none was ended.
        recommendation: for these chats alone.
    """

    kind: str
    value: str
    cut_off: Share | None
    recommendation: Recommendation


POOLED = "all others"


def pooled(
    counts: dict[tuple[str, str], DailyCounts], own: int, enough: int = ENOUGH
) -> dict[tuple[str, str], DailyCounts]:
    """Pool, within each kind, the segments that have too few ended chats.

    Args:
        counts: of each segment.
        own: number of the policy's own timeout.
        enough: how many ended chats a segment needs to be shown alone.
    """
    large = {key: each for key, each in counts.items() if each.total(own).of >= enough}
    small: dict[str, list[DailyCounts]] = {}
    for (kind, value), each in counts.items():
        if (kind, value) not in large:
            small.setdefault(kind, []).append(each)
    others = {(kind, POOLED): DailyCounts.pooled(parts) for kind, parts in small.items()}
    return dict(sorted(large.items())) | others
