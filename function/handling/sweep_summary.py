"""What a sweep did: how many conversations became what, what it saw only in part, and how it ended."""

import enum
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from ..twilio_api import UnreadableRow
from .lists import Part


class Ending(enum.StrEnum):
    """How a sweep ended; the values are in the log."""

    DONE = "done"
    CUT_SHORT = "cut_short"
    TWILIO_DOWN = "twilio_down"
    RUNNING_ALREADY = "running_already"


class Count(enum.StrEnum):
    """What a sweep counts; the values are in the log."""

    READ = "read"
    WARNED = "warned"
    ENDED = "ended"
    KEPT = "kept"
    DEFERRED = "deferred"
    ERRORS = "errors"
    NOTIFIED = "notified"
    REARMED = "rearmed"
    FINISHED = "finished"
    WITHHELD = "withheld"
    LATE_REPLY = "late_reply"
    CLAIMED_ELSEWHERE = "claimed_elsewhere"
    TOO_OLD = "too_old"
    NOT_OURS = "not_ours"


@dataclass
class Summary:
    """What one sweep did.

    Attributes:
        listed: conversations in the lists.
        candidates: conversations that had to be read.
        counts: what became of them.
        calls: calls to Twilio, by name.
        oldest: the longest time that a step was overdue.
        ending: how the sweep ended.
        partial: what it saw only in part.
        left_out: parts of lists that could not be read and were not logged before.
        aside: conversations that failed before and are not tried again yet.
        running_for: how long another sweep has been running; None if there is none.
    """

    listed: int = 0
    candidates: int = 0
    partial: set[Part] = field(default_factory=set)
    left_out: list[UnreadableRow] = field(default_factory=list)
    aside: int = 0
    running_for: timedelta | None = None
    counts: Counter[Count] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    oldest: timedelta = timedelta()
    ending: Ending = Ending.DONE
