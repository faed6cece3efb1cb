"""Which of the listed conversations a sweep reads, and in which order.

A list shows states, times and attributes, a hundred conversations in a call, which is enough to skip most of them. A
conversation that was read and left alone is not read again while the list shows the same, for a maximum of a day. This
memory is only a hint of one process: a process without it reads more. A conversation is read again, too, when the list
of tasks shows other live tasks of it.
"""

import enum
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from ..chat import ChatSids
from ..twilio_api import Listed
from .memory import Memory

FRESH = timedelta(minutes=30)
"""Conversations that changed since then are read first, newest first, because their events were lost just now."""

LATE = timedelta(minutes=2)
"""A timer that should have fired this long ago did not fire. Twilio documents no jitter."""

A_DAY = timedelta(days=1)

OLD_AT_A_TIME = 50
"""Maximum of conversations unchanged for a day that one sweep reads: there may be very many, and none is urgent."""

MAX_KEPT = 50_000
"""Maximum of conversations that are remembered."""

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
"""Pauses between attempts at a chat that fails: they double from the first to the longest, and are a day once the chat
has failed for a day."""


class CandidateReason(enum.StrEnum):
    """Why a conversation is a candidate."""

    INACTIVE = "inactive"
    TIMER_LATE = "timer_late"
    NO_TIMER = "no_timer"
    LEFT_OVER = "left_over"
    UNNOTED = "unnoted"


@dataclass(frozen=True)
class Candidate:
    """A conversation that the sweep will read.

    Attributes:
        sid: CH...
        reason: why it is a candidate.
        listed: its row in the list; None if only a task names it.
        sids: the SIDs of its live tasks, from the list of tasks; None if that was not read completely.
        tries: how often it was deferred in this sweep.
    """

    sid: str
    reason: CandidateReason
    listed: Listed | None = None
    sids: ChatSids | None = None
    tries: int = 0


@dataclass(frozen=True)
class KeptConversation:
    """A conversation that is left alone while the list shows the same.

    Attributes:
        fingerprint: fingerprint of what the list showed.
        until: when it is read again anyway.
        tasks: its live tasks in the list of tasks; None if that was not read completely.
    """

    fingerprint: int
    until: datetime
    tasks: frozenset[str] | None = None

    @classmethod
    def of(cls, candidate: Candidate, until: datetime) -> Self:
        """Leave a candidate alone until a time."""
        return cls(_fingerprint(candidate), until, _tasks(candidate))


@dataclass(frozen=True)
class FailedConversation:
    """A conversation that failed, although Twilio answered for others.

    Attributes:
        times: how often it failed in a row; 0 if Twilio may have been down.
        since: when it failed first.
        until: when it is tried again, while the list shows the same.
        fingerprint: fingerprint of what the list showed.
    """

    times: int
    since: datetime
    until: datetime
    fingerprint: int

    @classmethod
    def once_more(cls, before: Self | None, candidate: Candidate, now: datetime) -> "FailedConversation":
        """Count one more failure."""
        times, since = (before.times + 1, before.since) if before else (1, now)
        pause = A_DAY if now - since > A_DAY else min(FIRST_PAUSE * 2 ** min(times - 1, 10), LONGEST_PAUSE)
        return cls(times, since, now + pause, _fingerprint(candidate))

    @classmethod
    def while_down(cls, candidate: Candidate, now: datetime) -> Self:
        """Record a failure while Twilio was down: others are read first, but there is no pause."""
        return cls(0, now, now, _fingerprint(candidate))


def is_paused(candidate: Candidate, failed: Memory[FailedConversation], now: datetime) -> bool:
    """Whether it failed and is not to be tried again yet."""
    entry = failed.get(candidate.sid)
    return entry is not None and now < entry.until and entry.fingerprint == _fingerprint(candidate)


def is_kept(candidate: Candidate, kept: Memory[KeptConversation], now: datetime) -> bool:
    """Whether it is still left alone."""
    entry = kept.get(candidate.sid)
    if entry is None or now >= entry.until or entry.fingerprint != _fingerprint(candidate):
        return False
    tasks = _tasks(candidate)
    return tasks is None or entry.tasks is None or tasks == entry.tasks


def choose(
    inactive: Collection[Listed],
    active: Collection[Listed],
    tasks: Mapping[str, ChatSids],
    *,
    left_over: Mapping[str, ChatSids],
    kept: Memory[KeptConversation],
    failed: Memory[FailedConversation],
    now: datetime,
    chance: random.Random,
    unnoted: bool = False,
    whole: bool = True,
) -> list[Candidate]:
    """Return the candidates, most urgent first.

    Args:
        inactive: the inactive conversations.
        active: the active conversations; empty in a sweep that does not list them.
        tasks: the SIDs of live tasks, by the conversation that they name.
        left_over: tasks whose conversation is in neither list, because it is closed or another service's.
        kept: the conversations that were left alone.
        failed: the conversations that failed.
        now: Twilio's time.
        chance: shuffles those that are not urgent.
        unnoted: whether to read conversations with a task that is not noted, because it may be gone later.
        whole: whether `tasks` are all live tasks.
    """
    no_task = ChatSids(()) if whole else None
    candidates = [
        Candidate(each.sid, CandidateReason.INACTIVE, each, tasks.get(each.sid, no_task)) for each in inactive
    ]
    for each in active:
        if each.inactive_at is not None and each.inactive_at < now - LATE:
            candidates.append(Candidate(each.sid, CandidateReason.TIMER_LATE, each, tasks.get(each.sid, no_task)))
        elif each.inactive_at is None and each.sid in tasks:
            candidates.append(Candidate(each.sid, CandidateReason.NO_TIMER, each, tasks[each.sid]))
        elif unnoted and each.noted is None and each.sid in tasks:
            candidates.append(Candidate(each.sid, CandidateReason.UNNOTED, each, tasks[each.sid]))
    candidates += [Candidate(sid, CandidateReason.LEFT_OVER, None, sids) for sid, sids in left_over.items()]
    wanted = [each for each in candidates if not (is_kept(each, kept, now) or is_paused(each, failed, now))]
    ordered = _in_order(wanted, now, chance)
    return sorted(ordered, key=lambda each: (each.reason is CandidateReason.UNNOTED, failed.get(each.sid) is not None))


def _in_order(candidates: list[Candidate], now: datetime, chance: random.Random) -> list[Candidate]:
    """Order fresh ones first, newest first, then the others in random order, then some of the old ones.

    Without randomness, sweeps that are cut short in new processes would always begin with the same ones.
    """
    fresh = [each for each in candidates if _updated_at(each, now) > now - FRESH]
    old = [each for each in candidates if _updated_at(each, now) < now - A_DAY]
    others = [each for each in candidates if now - A_DAY <= _updated_at(each, now) <= now - FRESH]
    fresh.sort(key=lambda each: _updated_at(each, now), reverse=True)
    chance.shuffle(others)
    return [*fresh, *others, *chance.sample(old, min(len(old), OLD_AT_A_TIME))]


def _updated_at(candidate: Candidate, now: datetime) -> datetime:
    return candidate.listed.updated_at if candidate.listed else now - A_DAY


def _tasks(candidate: Candidate) -> frozenset[str] | None:
    return frozenset(candidate.sids.tasks) if candidate.sids else None


def _fingerprint(candidate: Candidate) -> int:
    return candidate.listed.fingerprint if candidate.listed else hash(candidate.sids)
