"""Puts a history through a policy at a range of timeouts, and adds up what came of it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from function.policy import Policy, parse_policy
from ops.what_if.counts import DailyCounts, Sums, segments_of
from ops.what_if.curve import CurveCounts, CurvePoint
from ops.what_if.history import Closer, History, PastChat, Progress
from ops.what_if.intervals import DAYS, Share, share
from ops.what_if.policy_file import fingerprint, with_timeout
from ops.what_if.price import COLUMNS, Occupancy, freed
from ops.what_if.recommendation import Recommendation, Segment, pooled, recommend
from ops.what_if.simulate import Played, Simulation, pauses

MINUTE = timedelta(minutes=1)
TIMEOUTS = tuple(minutes * MINUTE for minutes in (*range(1, 21), 25, 30, 35, 40, 45, 60, 75, 90, 105, 120))
"""The range of timeouts; the policy's own is added."""

EXAMPLES = 10


@dataclass(frozen=True)
class Row:
    """What one timeout does.

    Attributes:
        timeout: silence until the end, by default.
        own: whether it is the policy's own.
        sums: what was counted.
        cut_off: the share of ended chats whose customer was cut off; None if none was ended.
        agent_minutes: needed slot-minutes, divided by capacity; None if a column is missing.
        minutes_per_customer: compared with the timeout before it, the agent minutes (slot-minutes if a column is
            missing) that each further customer kept costs; None if no further one is kept.
    """

    timeout: timedelta
    own: bool
    sums: Sums
    cut_off: Share | None
    agent_minutes: float | None
    minutes_per_customer: float | None

    @property
    def slot_minutes(self) -> float:
        """Slot-minutes freed."""
        return self.sums.freed / 60


@dataclass(frozen=True)
class Example:
    """A chat whose customer was cut off: its name, how long they were silent, and how long after our end they wrote."""

    chat: str
    silent: timedelta
    returned_after: timedelta


@dataclass(frozen=True)
class Study:
    """The result of one what-if.

    Attributes:
        file: name of the history's file.
        chats: how many there are.
        messages: how many there are.
        days: the days on which they began, in order.
        broken: rows that were skipped.
        broken_rows: the first of them, each with its line and what is wrong.
        closed_by_timer: chats that a timer had closed.
        closed_by_unknown: chats that somebody had closed of whom the file does not say whether it was a timer.
        accept: which share of customers who are cut off is accepted.
        capacity: chats that an agent has at a time.
        rows: for each timeout, shortest first.
        unfit: timeouts of the range that the policy does not allow.
        curve: the return curve.
        horizon: the silence beyond which the curve is not known, because a timer closed chats.
        segments: by channel, queue and whether the customer answered before.
        recommendation: for all chats.
        examples: chats that the policy itself would have cut off, drawn at random.
        missing: columns without which the price is incomplete.
        policy_fingerprint: of the policy.
        data_fingerprint: of the file.
    """

    file: str
    chats: int
    messages: int
    days: tuple[date, ...]
    broken: int
    broken_rows: tuple[str, ...]
    closed_by_timer: int
    closed_by_unknown: int
    accept: float
    capacity: int
    rows: tuple[Row, ...]
    unfit: tuple[timedelta, ...]
    curve: tuple[CurvePoint, ...]
    horizon: timedelta | None
    segments: tuple[Segment, ...]
    recommendation: Recommendation
    examples: tuple[Example, ...]
    missing: tuple[str, ...]
    policy_fingerprint: str
    data_fingerprint: str

    @property
    def own(self) -> Row:
        """The row of the policy's own timeout."""
        return next(row for row in self.rows if row.own)

    @property
    def by_day(self) -> bool:
        """Whether intervals are resampled by day, and not by chat."""
        return len(self.days) >= DAYS

    @property
    def until_close(self) -> bool:
        """Whether freed time lasts until the recorded close, and not until the end under the longest timeout."""
        return "closed_at" not in self.missing


def study(
    history: History,
    document: Mapping[str, Any],
    *,
    accept: float,
    capacity: int,
    timeouts: Sequence[timedelta] = TIMEOUTS,
    progress: Progress = lambda _done, _all: None,
) -> Study:
    """Read the history once, or twice if it can say which slots were needed, and put every chat through every timeout.

    Raises:
        HistoryError: the file cannot be used.
    """
    policy = parse_policy(document)
    own = policy.default.timeout
    policies = {timeout: with_timeout(document, timeout) for timeout in sorted({*timeouts, own})}
    counts = _Counts({timeout: each for timeout, each in policies.items() if each}, own)
    occupancy = _occupancy(history, capacity, progress)
    for chat in history.chats(progress):
        counts.add(chat, occupancy, until_close=history.has("closed_at"))
    days = tuple(sorted(counts.days))
    choosing = (counts.timeouts, days, accept)
    by_timer = counts.closed_by_timer
    return Study(
        file=history.path.name,
        chats=counts.chats,
        messages=counts.messages,
        days=days,
        broken=history.broken,
        broken_rows=tuple(history.named),
        closed_by_timer=by_timer,
        closed_by_unknown=counts.closed_by_unknown,
        accept=accept,
        capacity=capacity,
        rows=counts.rows(days, capacity if occupancy else None),
        unfit=tuple(timeout for timeout, each in policies.items() if each is None),
        curve=counts.curve.points(),
        horizon=counts.curve.horizon,
        segments=tuple(
            Segment(
                kind,
                value,
                share(each.of(counts.own, days)),
                recommend(each, *choosing, closed_by_timer=by_timer),
            )
            for (kind, value), each in pooled(counts.segments, counts.own).items()
        ),
        recommendation=recommend(counts.cut_off, *choosing, closed_by_timer=by_timer),
        examples=tuple(counts.examples),
        missing=tuple(column for column in COLUMNS if not history.has(column)),
        policy_fingerprint=fingerprint(policy),
        data_fingerprint=history.fingerprint,
    )


def _occupancy(history: History, capacity: int, progress: Progress) -> Occupancy | None:
    history.read_columns()
    if not history.has(*COLUMNS):
        return None
    occupancy = Occupancy(capacity)
    for chat in history.chats(progress):
        occupancy.add(chat)
    return occupancy


class _Counts:
    """Everything that is counted while the chats go by."""

    def __init__(self, policies: Mapping[timedelta, Policy], own: timedelta) -> None:
        self.timeouts = tuple(policies)
        self.own = self.timeouts.index(own)
        self.cut_off = DailyCounts(len(policies))
        self.segments: dict[tuple[str, str], DailyCounts] = {}
        self.curve = CurveCounts(self.timeouts)
        self.days: set[date] = set()
        self.chats = self.messages = self.closed_by_timer = self.closed_by_unknown = 0
        self.examples: list[Example] = []
        self._simulations = [Simulation(policy) for policy in policies.values()]
        self._sums = [Sums() for _ in policies]
        self._dice = random.Random(0)  # noqa: S311 -- which chats are shown is no secret

    def add(self, chat: PastChat, occupancy: Occupancy | None, *, until_close: bool) -> None:
        self.chats += 1
        self.messages += len(chat.messages)
        self.days.add(chat.day)
        self.closed_by_timer += chat.closed_by is Closer.TIMER
        self.closed_by_unknown += chat.closed_at is not None and chat.closed_by is Closer.UNKNOWN
        self.curve.add(chat)
        found = pauses(chat)
        played = [simulation.play(chat, found) for simulation in self._simulations]
        for number, each in enumerate(played):
            sums = self._sums[number]
            sums.add(each)
            if not each.ended:
                continue
            self._add_ended(number, each)
            if span := freed(each, played[-1], until_close=until_close):
                sums.freed += (span[1] - span[0]).total_seconds()
                sums.needed += occupancy.needed(chat, *span) if occupancy else 0.0
        self._keep_example(played[self.own])

    def rows(self, days: Sequence[date], capacity: int | None) -> tuple[Row, ...]:
        rows: list[Row] = []
        for number, (timeout, sums) in enumerate(zip(self.timeouts, self._sums, strict=True)):
            cut_off = share(self.cut_off.of(number, days))
            agent_minutes = sums.needed / 60 / capacity if capacity else None
            before = rows[-1] if rows else None
            price = _price(before, sums, agent_minutes) if before else None
            rows.append(Row(timeout, number == self.own, sums, cut_off, agent_minutes, price))
        return tuple(rows)

    def _add_ended(self, number: int, played: Played) -> None:
        day, cut_off = played.chat.day, played.cut_off
        self.cut_off.add(day, number, hit=cut_off)
        for key in segments_of(played):
            if key not in self.segments:
                self.segments[key] = DailyCounts(len(self.timeouts))
            self.segments[key].add(day, number, hit=cut_off)

    def _keep_example(self, played: Played) -> None:
        """Keep ten of the chats that were cut off, each with the same chance, whatever their number turns out to be."""
        if played.ended_at is None or played.returned_at is None:
            return
        last = played.chat.messages[played.played - 1]
        example = Example(played.chat.id, played.ended_at - last.at, played.returned_at - played.ended_at)
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)
        elif (place := self._dice.randrange(self._sums[self.own].cut_off)) < EXAMPLES:
            self.examples[place] = example


def _price(before: Row, sums: Sums, agent_minutes: float | None) -> float | None:
    kept = before.sums.cut_off - sums.cut_off
    if kept <= 0:
        return None
    if agent_minutes is not None and before.agent_minutes is not None:
        return (before.agent_minutes - agent_minutes) / kept
    return (before.sums.freed - sums.freed) / 60 / kept
