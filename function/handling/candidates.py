"""Which of the listed conversations a sweep reads, and in which order: (lists, tasks, memory, now) -> candidates.

A list shows states, times and attributes, a hundred conversations a call; what it shows is enough to leave most of them
alone. Whoever was read and kept is not read again while the list shows the same, and not for longer than a day: the
memory is a hint of one process, and a process without it only reads more.
"""

import enum
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..chat import ChatSids
from ..twilio_api import Listed
from .memory import Memory

FRESH = timedelta(minutes=30)
"""What changed so recently comes first, newest before older: an event that is missing now was lost now."""

LATE = timedelta(minutes=2)
"""A timer that should have fired so long ago did not: Twilio documents no jitter."""

A_DAY = timedelta(days=1)

OLD_AT_A_TIME = 50
"""Conversations that nobody has touched for a day, read in one sweep: there may be very many, and none is urgent."""

MOST_KEPT = 50_000


class Why(enum.StrEnum):
    """What made a conversation a candidate."""

    INACTIVE = "inactive"
    TIMER_LATE = "timer_late"
    NO_TIMER = "no_timer"
    LEFT_OVER = "left_over"


@dataclass(frozen=True)
class Candidate:
    """A conversation to be read.

    Attributes:
        sid: CH...
        why: what made it one.
        listed: what the list showed; None for a conversation that only a task names.
        sids: of its live tasks, as the list of tasks showed them.
        tries: how often it was put off in this sweep.
    """

    sid: str
    why: Why
    listed: Listed | None = None
    sids: ChatSids | None = None
    tries: int = 0


@dataclass(frozen=True)
class Kept:
    """A conversation that was decided to be left alone, unless a list shows something else.

    Attributes:
        fingerprint: of what the list showed.
        until: no longer than that.
    """

    fingerprint: int
    until: datetime

    @classmethod
    def of(cls, candidate: Candidate, until: datetime) -> "Kept":
        """Leave this one alone until then."""
        return cls(_fingerprint(candidate), until)


def is_kept(candidate: Candidate, kept: Memory[Kept], now: datetime) -> bool:
    """Whether it still is to be left alone."""
    entry = kept.get(candidate.sid)
    return entry is not None and now < entry.until and entry.fingerprint == _fingerprint(candidate)


def choose(
    inactive: Collection[Listed],
    active: Collection[Listed],
    tasks: Mapping[str, ChatSids],
    kept: Memory[Kept],
    now: datetime,
    *,
    whole: bool,
    chance: random.Random,
) -> list[Candidate]:
    """The candidates, the most urgent first.

    Args:
        inactive: the inactive conversations.
        active: the active ones; none in a sweep that does not look at them.
        tasks: live tasks by the conversation that they name.
        kept: what was left alone before.
        now: Twilio's time.
        whole: both lists are complete, so that a conversation in neither is closed, or another service's.
        chance: for the order of what is not urgent.
    """
    candidates = [Candidate(each.sid, Why.INACTIVE, each, tasks.get(each.sid)) for each in inactive]
    for each in active:
        if each.inactive_at is not None and each.inactive_at < now - LATE:
            candidates.append(Candidate(each.sid, Why.TIMER_LATE, each, tasks.get(each.sid)))
        elif each.inactive_at is None and each.sid in tasks:
            candidates.append(Candidate(each.sid, Why.NO_TIMER, each, tasks[each.sid]))
    if whole:
        open_ones = {each.sid for each in (*inactive, *active)}
        candidates += [Candidate(sid, Why.LEFT_OVER, None, sids) for sid, sids in tasks.items() if sid not in open_ones]
    return _in_order([each for each in candidates if not is_kept(each, kept, now)], now, chance)


def _in_order(candidates: list[Candidate], now: datetime, chance: random.Random) -> list[Candidate]:
    """Fresh ones first, newest before older; then the others as chance has it; some of the very old ones last.

    By chance, because a sweep that is cut short, in a process that remembers nothing, would begin with the same ones
    for ever.
    """
    fresh = [each for each in candidates if _updated_at(each, now) > now - FRESH]
    old = [each for each in candidates if _updated_at(each, now) < now - A_DAY]
    others = [each for each in candidates if now - A_DAY <= _updated_at(each, now) <= now - FRESH]
    fresh.sort(key=lambda each: _updated_at(each, now), reverse=True)
    chance.shuffle(others)
    return [*fresh, *others, *chance.sample(old, min(len(old), OLD_AT_A_TIME))]


def _updated_at(candidate: Candidate, now: datetime) -> datetime:
    return candidate.listed.updated_at if candidate.listed else now - A_DAY


def _fingerprint(candidate: Candidate) -> int:
    return candidate.listed.fingerprint if candidate.listed else hash(candidate.sids)
