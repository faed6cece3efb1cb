"""Counts what was observed in a period and in the one before. No I/O."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops.report.chats import Ended, Lost, Observed, Reply, ToLookAt
from ops.terminal import columns

MAX_NAMED = 10
"""Maximum of SIDs of one kind that are named in the text; JSON has all of them."""


@dataclass(frozen=True)
class EndedBy:
    """How many chats one rule ended in one queue, and how many of their customers wrote again."""

    rule: str
    queue: str
    ended: int
    wrote_again: int


@dataclass(frozen=True)
class Figures:
    """The figures of one period.

    Attributes:
        begin: its first moment.
        end: the first moment after it.
        warned: silences in which the customer was warned.
        returned: of these, those in which the customer wrote next.
        agent_wrote: of these, those in which an agent wrote next.
        ended: chats that we ended.
        ended_by: the same by rule and queue.
        known_again: chats that we ended of which it is known whether the customer wrote again.
        wrote_again: of these, how many did within 24 hours.
        waited_long: customers who waited for more than 15 minutes.
        to_look_at: late replies, and what the sweep gave up on.
    """

    begin: datetime
    end: datetime
    warned: int
    returned: int
    agent_wrote: int
    ended: int
    ended_by: tuple[EndedBy, ...]
    known_again: int
    wrote_again: int
    waited_long: int
    to_look_at: tuple[ToLookAt, ...]

    def count(self, kind: Lost) -> int:
        """How many there are of one kind to look at."""
        return sum(each.kind is kind for each in self.to_look_at)


@dataclass(frozen=True)
class WeeklyReport:
    """A period against the one before, and what the source cannot show."""

    period: Figures
    before: Figures
    remarks: tuple[str, ...]


def report_of(observed: Observed, length: timedelta) -> WeeklyReport:
    """Count what was observed in the last period of this length, and in the one before."""
    end = observed.until + timedelta(microseconds=1)  # the last moment counts
    begin = end - length
    return WeeklyReport(_figures(observed, begin, end), _figures(observed, begin - length, begin), observed.remarks)


def _figures(observed: Observed, begin: datetime, end: datetime) -> Figures:
    def within(at: datetime) -> bool:
        return begin <= at < end

    warned = [each for each in observed.warned if within(each.at)]
    ended = [each for each in observed.ended if within(each.at)]
    return Figures(
        begin=begin,
        end=end,
        warned=len(warned),
        returned=sum(each.reply is Reply.CUSTOMER for each in warned),
        agent_wrote=sum(each.reply is Reply.AGENT for each in warned),
        ended=len(ended),
        ended_by=_ended_by(ended),
        known_again=sum(each.wrote_again is not None for each in ended),
        wrote_again=sum(each.wrote_again is True for each in ended),
        waited_long=sum(within(each.at) for each in observed.waited),
        to_look_at=tuple(each for each in observed.to_look_at if within(each.at)),
    )


def _ended_by(ended: list[Ended]) -> tuple[EndedBy, ...]:
    counts = Counter((each.rule, each.queue) for each in ended)
    again = Counter((each.rule, each.queue) for each in ended if each.wrote_again)
    return tuple(EndedBy(*key, count, again[key]) for key, count in counts.most_common())


def lines_of(report: WeeklyReport) -> Iterator[str]:
    """A report for people."""
    now, before = report.period, report.before
    yield from columns(
        [
            ("", _days(now), _days(before), "difference"),
            _row("silences with a warning", now.warned, before.warned),
            _row("  the customer returned", now.returned, before.returned, (now.warned, before.warned)),
            _row("  an agent wrote next", now.agent_wrote, before.agent_wrote, (now.warned, before.warned)),
            _row("chats ended", now.ended, before.ended),
            *_by_rule(now, before),
            _again(now, before),
            _row("late replies", now.count(Lost.LATE_REPLY), before.count(Lost.LATE_REPLY)),
            _row("waited over 15 min", now.waited_long, before.waited_long),
            _row("chats given up on", now.count(Lost.CHAT), before.count(Lost.CHAT)),
            _row("tasks given up on", now.count(Lost.TASK), before.count(Lost.TASK)),
        ]
    )
    for kind in Lost:
        found = [each for each in now.to_look_at if each.kind is kind]
        yield from (f"Look at {each.sid} ({kind.value}): {each.why}." for each in found[:MAX_NAMED])
        if more := found[MAX_NAMED:]:
            yield f"And {len(more)} more of these; --json names all."
    yield from report.remarks


def _days(figures: Figures) -> str:
    last = figures.end - timedelta(microseconds=1)
    return f"{figures.begin:%d %b %H:%M} to {last:%d %b %H:%M}"


def _row(name: str, now: int, before: int, of: tuple[int, int] | None = None) -> tuple[str, ...]:
    shares = [_share(count, whole) for count, whole in zip((now, before), of, strict=True)] if of else ["", ""]
    return name, f"{now}{shares[0]}", f"{before}{shares[1]}", f"{now - before:+d}" if now != before else "same"


def _share(count: int, whole: int) -> str:
    return f" ({100 * count / whole:.0f} %)" if whole else ""


def _by_rule(now: Figures, before: Figures) -> Iterator[tuple[str, ...]]:
    earlier = {(each.rule, each.queue): each.ended for each in before.ended_by}
    later = {(each.rule, each.queue): each.ended for each in now.ended_by}
    for rule, queue in dict.fromkeys([*later, *earlier]):
        name = f"  rule {rule or 'unknown'}{f', queue {queue}' if queue else ''}"
        yield _row(name, later.get((rule, queue), 0), earlier.get((rule, queue), 0))


def _again(now: Figures, before: Figures) -> tuple[str, ...]:
    name = "  wrote again within 24 h"
    if not now.known_again and not before.known_again:
        return name, "unknown", "unknown", ""
    return _row(name, now.wrote_again, before.wrote_again, (now.known_again, before.known_again))
