"""The return curve: of customers who were silent for so long after an agent's word, how many wrote again. No I/O.

A conditional share, by chat: a chat counts at a time if it has a silence after an agent's word that lasted longer, and
it is asked about the first such silence. So neither a chat that an agent closed before nor one that went on before
counts at that time. Where a timer closed chats, nobody can know what would have followed: the curve has a horizon.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from ops.what_if.counts import DailyCounts
from ops.what_if.history import Closer, PastChat, Sender
from ops.what_if.intervals import Share, share


@dataclass(frozen=True)
class CurvePoint:
    """One point of the curve.

    Attributes:
        silence: how long the customer was silent.
        again: the share whose customer wrote later in that chat; None if nobody was silent for so long.
        next: the chats in which the customer was the next to write, before the agent.
    """

    silence: timedelta
    again: Share | None
    next: int


class CurveCounts:
    """Counts chats for the curve, at some silences in ascending order."""

    def __init__(self, silences: Sequence[timedelta]) -> None:
        self._silences = silences
        self._again = DailyCounts(len(silences))
        self._next = [0] * len(silences)
        self.horizon: timedelta | None = None

    def add(self, chat: PastChat) -> None:
        """Count one chat."""
        messages = chat.messages
        number = 0
        for place, message in enumerate(messages):
            if number == len(self._silences):
                break
            if message.by is not Sender.AGENT:
                continue
            following = messages[place + 1] if place + 1 < len(messages) else None
            until = following.at if following else chat.closed_at
            lasted = timedelta.max if until is None else until - message.at
            later = None
            while number < len(self._silences) and lasted > self._silences[number]:
                if later is None:
                    later = any(sent.by is Sender.CUSTOMER for sent in messages[place + 1 :])
                self._again.add(chat.day, number, hit=later)
                self._next[number] += following is not None and following.by is Sender.CUSTOMER
                number += 1
        if chat.closed_by is Closer.TIMER and chat.closed_at:
            lasted = chat.closed_at - messages[-1].at
            self.horizon = min(self.horizon or lasted, lasted)

    def points(self) -> tuple[CurvePoint, ...]:
        """The curve."""
        days = sorted(self._again.days)
        return tuple(
            CurvePoint(silence, share(self._again.of(number, days)), self._next[number])
            for number, silence in enumerate(self._silences)
        )
