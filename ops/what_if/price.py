"""What ending a chat earlier is worth: time in which a slot of an agent is free, and in which it is needed. No I/O.

Freed is the time from our end to the recorded close, or to our end under the longest timeout of the range if the file
has no `closed_at`; never for ever. A customer who was cut off takes a slot again when they return, so their freed time
ends there. Needed is the part in which a chat waited in the same queue and the agent had no slot left.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate

from ops.what_if.history import PastChat
from ops.what_if.simulate import Played

COLUMNS = ("queue", "closed_at", "agent")
"""The columns without which nothing can be said about need."""

Span = tuple[float, float]
"""From one time to another, in seconds of the epoch."""


def freed(played: Played, longest: Played, *, until_close: bool) -> tuple[datetime, datetime] | None:
    """Return from when to when an end frees a slot; None if it frees none that can be known.

    Args:
        played: the chat under one timeout.
        longest: the same chat under the longest timeout of the range.
        until_close: whether the file says when chats were closed.
    """
    if played.ended_at is None:
        return None
    chat = played.chat
    until = chat.closed_at if until_close else longest.ended_at
    if not until_close and longest.played > played.played:
        until = chat.messages[played.played].at  # the longest timeout did not end this silence: it went on
    if until is None:
        return None
    if played.returned_at:
        until = min(until, played.returned_at)
    return (played.ended_at, until) if until > played.ended_at else None


class Occupancy:
    """When chats waited in each queue, and when each agent had no slot left."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waits: dict[str, list[Span]] = defaultdict(list)
        self._holds: dict[str, list[Span]] = defaultdict(list)
        self._waiting: dict[str, list[Span]] = {}
        self._full: dict[str, list[Span]] = {}

    def add(self, chat: PastChat) -> None:
        """Note one chat: it waits from its first message until an agent writes, who then has it until it is closed."""
        begun, accepted, closed = chat.messages[0].at, chat.accepted_at, chat.closed_at
        ends = accepted or closed
        if chat.queue and ends and ends > begun:
            self._waits[chat.queue].append((begun.timestamp(), ends.timestamp()))
        if chat.agent and accepted and closed and closed > accepted:
            self._holds[chat.agent].append((accepted.timestamp(), closed.timestamp()))

    def needed(self, chat: PastChat, begin: datetime, end: datetime) -> float:
        """Return in how many seconds of a time a free slot of this chat's agent would have been used."""
        if chat.queue not in self._waiting:
            self._waiting[chat.queue] = _spans(self._waits[chat.queue], minimum=1)
        if chat.agent not in self._full:
            self._full[chat.agent] = _spans(self._holds[chat.agent], minimum=self._capacity)
        span = (begin.timestamp(), end.timestamp())
        return sum(
            stop - start
            for each in _within(self._full[chat.agent], span)
            for start, stop in self._also(chat.queue, each)
        )

    def _also(self, queue: str, span: Span) -> Iterable[Span]:
        return _within(self._waiting[queue], span)


def _spans(parts: Iterable[Span], *, minimum: int) -> list[Span]:
    """Return in order when a minimum of parts overlap."""
    changes: dict[float, int] = defaultdict(int)
    for begin, end in parts:
        changes[begin] += 1
        changes[end] -= 1
    times = sorted(changes)
    spans: list[Span] = []
    begun: float | None = None
    for time, count in zip(times, accumulate(changes[time] for time in times), strict=True):
        if count >= minimum and begun is None:
            begun = time
        elif count < minimum and begun is not None:
            spans.append((begun, time))
            begun = None
    return spans


def _within(spans: list[Span], within: Span) -> Iterable[Span]:
    """Yield the parts of some spans in order that are within another one."""
    begin, end = within
    for start, stop in spans[max(0, bisect_right(spans, (begin,)) - 1) :]:
        if start >= end:
            return
        if stop > begin:
            yield max(start, begin), min(stop, end)
