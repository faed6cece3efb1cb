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

MAX_KEPT = 50_000

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
"""Between two tries of a chat that fails: twice as long each time, an hour at most; a day once it failed for a day."""


class CandidateReason(enum.StrEnum):
    """What made a conversation a candidate."""

    INACTIVE = "inactive"
    TIMER_LATE = "timer_late"
    NO_TIMER = "no_timer"
    LEFT_OVER = "left_over"
    UNNOTED = "unnoted"


@dataclass(frozen=True)
class Candidate:
    """A conversation to be read.

    Attributes:
        sid: CH...
        reason: what made it one.
        listed: what the list showed; None for a conversation that only a task names.
        sids: of its live tasks, as the list of tasks showed them.
        tries: how often it was put off in this sweep.
    """

    sid: str
    reason: CandidateReason
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


@dataclass(frozen=True)
class Trouble:
    """A conversation that could not be finished, although Twilio was there for others.

    Attributes:
        times: how often in a row; 0 where it may have been Twilio's fault after all.
        since: the first time.
        until: left alone until then, unless a list shows something else.
        fingerprint: of what the list showed.
    """

    times: int
    since: datetime
    until: datetime
    fingerprint: int

    @classmethod
    def again(cls, before: "Trouble | None", candidate: Candidate, now: datetime) -> "Trouble":
        """It failed, once more."""
        times, since = (before.times + 1, before.since) if before else (1, now)
        pause = A_DAY if now - since > A_DAY else min(FIRST_PAUSE * 2 ** min(times - 1, 10), LONGEST_PAUSE)
        return cls(times, since, now + pause, _fingerprint(candidate))

    @classmethod
    def perhaps(cls, candidate: Candidate, now: datetime) -> "Trouble":
        """It failed while Twilio was away: reason enough to let others go first, and for nothing else."""
        return cls(0, now, now, _fingerprint(candidate))


def is_aside(candidate: Candidate, troubled: Memory[Trouble], now: datetime) -> bool:
    """Whether it is not yet to be tried again."""
    entry = troubled.get(candidate.sid)
    return entry is not None and now < entry.until and entry.fingerprint == _fingerprint(candidate)


def is_kept(candidate: Candidate, kept: Memory[Kept], now: datetime) -> bool:
    """Whether it still is to be left alone."""
    entry = kept.get(candidate.sid)
    return entry is not None and now < entry.until and entry.fingerprint == _fingerprint(candidate)


def choose(
    inactive: Collection[Listed],
    active: Collection[Listed],
    tasks: Mapping[str, ChatSids],
    *,
    left_over: Mapping[str, ChatSids],
    kept: Memory[Kept],
    troubled: Memory[Trouble],
    now: datetime,
    chance: random.Random,
    unnoted: bool = False,
) -> list[Candidate]:
    """The candidates, the most urgent first.

    Args:
        inactive: the inactive conversations.
        active: the active ones; none in a sweep that does not look at them.
        tasks: live tasks by the conversation that they name.
        left_over: tasks whose conversation stands in neither list, so that it is closed, or another service's.
        kept: what was left alone before.
        troubled: what failed before.
        now: Twilio's time.
        chance: for the order of what is not urgent.
        unnoted: also who has a task that is not noted: it may be gone before anything else calls.
    """
    candidates = [Candidate(each.sid, CandidateReason.INACTIVE, each, tasks.get(each.sid)) for each in inactive]
    for each in active:
        if each.inactive_at is not None and each.inactive_at < now - LATE:
            candidates.append(Candidate(each.sid, CandidateReason.TIMER_LATE, each, tasks.get(each.sid)))
        elif each.inactive_at is None and each.sid in tasks:
            candidates.append(Candidate(each.sid, CandidateReason.NO_TIMER, each, tasks[each.sid]))
        elif unnoted and each.noted is None and each.sid in tasks:
            candidates.append(Candidate(each.sid, CandidateReason.UNNOTED, each, tasks[each.sid]))
    candidates += [Candidate(sid, CandidateReason.LEFT_OVER, None, sids) for sid, sids in left_over.items()]
    wanted = [each for each in candidates if not (is_kept(each, kept, now) or is_aside(each, troubled, now))]
    ordered = _in_order(wanted, now, chance)
    return sorted(
        ordered, key=lambda each: (each.reason is CandidateReason.UNNOTED, troubled.get(each.sid) is not None)
    )


def _in_order(candidates: list[Candidate], now: datetime, chance: random.Random) -> list[Candidate]:
    """Fresh ones first, newest before older; then the others as chance has it; some of the very old ones.

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
