"""What is counted of the chats, for each timeout: sums and counts of each day, and no chat. No I/O."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from ops.what_if.intervals import Counted
from ops.what_if.simulate import Played


@dataclass
class Sums:
    """What one timeout does to all chats. All count chats, except `texts`, `notified` and the seconds.

    Attributes:
        ended: ended by us.
        cut_off: ended, and the customer wrote later in that chat.
        only_agent: ended, and later only the agent wrote in that chat.
        kept: not ended, the customer's word last.
        closed_first: not ended, the agent's word last, and somebody closed the chat before anything was due.
        left_open: not ended, the agent's word last, and nobody closed it: exempt, or nothing was ever due.
        warned: warned at least once.
        wrote_after_warning: the customer wrote between a warning and the end that it announced.
        notified: agents' silences that were reported.
        texts: messages that customers got.
        freed: slot-seconds from our end on.
        needed: of these, while a chat waited in the same queue and the agent was full.
    """

    ended: int = 0
    cut_off: int = 0
    only_agent: int = 0
    kept: int = 0
    closed_first: int = 0
    left_open: int = 0
    warned: int = 0
    wrote_after_warning: int = 0
    notified: int = 0
    texts: int = 0
    freed: float = 0.0
    needed: float = 0.0

    def add(self, played: Played) -> None:
        """Count one chat, but for the seconds."""
        by_agent = not played.ended and not played.customer_last
        self.ended += played.ended
        self.cut_off += played.cut_off
        self.only_agent += played.only_agent_wrote
        self.kept += not played.ended and played.customer_last
        self.closed_first += by_agent and played.chat.closed_at is not None
        self.left_open += by_agent and played.chat.closed_at is None
        self.warned += bool(played.warnings)
        self.wrote_after_warning += played.wrote_after_warning
        self.notified += played.notified
        self.texts += played.texts


@dataclass
class DailyCounts:
    """For each day and each of some timeouts: how many chats, and how many of them are hit."""

    width: int
    days: dict[date, list[list[int]]] = field(default_factory=dict)

    def add(self, day: date, number: int, *, hit: bool) -> None:
        """Count one chat of a day for the timeout with this number."""
        counts = self.days.get(day)
        if counts is None:
            counts = self.days[day] = [[0, 0] for _ in range(self.width)]
        counts[number][0] += 1
        counts[number][1] += hit

    def of(self, number: int, days: Iterable[date]) -> list[Counted]:
        """The counts of these days, in their order, for one timeout."""
        nothing = [[0, 0]] * self.width
        return [Counted(*self.days.get(day, nothing)[number]) for day in days]

    def total(self, number: int) -> Counted:
        """The counts of all days for one timeout."""
        return sum(self.of(number, self.days), Counted())

    @classmethod
    def pooled(cls, parts: Collection["DailyCounts"]) -> "DailyCounts":
        """Add up several."""
        whole = cls(next(iter(parts)).width)
        for part in parts:
            for day, counts in part.days.items():
                mine = whole.days.setdefault(day, [[0, 0] for _ in range(whole.width)])
                for number, (of, hit) in enumerate(counts):
                    mine[number][0] += of
                    mine[number][1] += hit
        return whole


def segments_of(played: Played) -> tuple[tuple[str, str], ...]:
    """The segments that a chat belongs to: a kind and a value of each."""
    chat = played.chat
    named = (("channel", chat.channel), ("queue", chat.queue))
    answered = ("answered before", "yes" if played.answered_before else "no")
    return (*(each for each in named if each[1]), answered)
