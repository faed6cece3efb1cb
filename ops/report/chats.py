"""What a report counts, one value each, wherever it was read."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

LONG_WAIT = timedelta(minutes=15)
"""Customers who waited longer for an answer are counted."""

AGAIN_WITHIN = timedelta(hours=24)
"""A customer who begins another chat within this time of our end wrote again."""


class Reply(enum.StrEnum):
    """What followed a warning before anything else of ours."""

    CUSTOMER = "customer"
    AGENT = "agent"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Warned:
    """A silence in which the customer was warned, once or more."""

    conversation: str
    at: datetime
    rule: str
    reply: Reply


@dataclass(frozen=True)
class Ended:
    """A chat that we ended.

    Attributes:
        conversation: CH...
        at: when.
        rule: the policy's rule; empty if unknown.
        queue: of its task; empty if unknown.
        reason: why, as in the log; empty if unknown.
        wrote_again: whether the customer began another chat soon after; None if unknown.
    """

    conversation: str
    at: datetime
    rule: str
    queue: str = ""
    reason: str = ""
    wrote_again: bool | None = None


@dataclass(frozen=True)
class Waited:
    """A customer who waited long for an answer, or for an agent to accept."""

    conversation: str
    at: datetime
    how_long: timedelta


class Lost(enum.StrEnum):
    """What somebody has to look at."""

    LATE_REPLY = "late reply"
    CHAT = "chat"
    TASK = "task"


@dataclass(frozen=True)
class ToLookAt:
    """A late reply, or a chat or a task that the sweep gave up on: its SID, and why."""

    kind: Lost
    sid: str
    at: datetime
    why: str


@dataclass(frozen=True)
class Observed:
    """Everything that a source shows of both periods.

    Attributes:
        until: the end of the newer period.
        warned: silences with a warning.
        ended: chats that we ended.
        waited: customers who waited long, each chat once.
        to_look_at: what somebody has to look at.
        remarks: what this source cannot show.
    """

    until: datetime
    warned: tuple[Warned, ...] = ()
    ended: tuple[Ended, ...] = ()
    waited: tuple[Waited, ...] = ()
    to_look_at: tuple[ToLookAt, ...] = ()
    remarks: tuple[str, ...] = ()
