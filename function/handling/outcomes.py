"""What may come of carrying out a decision: an outcome, or that it must be decided again."""

import enum
from dataclasses import dataclass

from ..chat import Unsaid
from ..twilio_api import Listed, TwilioError


class Outcome(enum.StrEnum):
    """How it went; the values stand in the log."""

    KEPT = "kept"
    DONE = "done"
    WITHHELD = "withheld"
    LATE_REPLY = "late_reply"
    UNVERIFIED = "unverified"
    CLAIMED_ELSEWHERE = "claimed_elsewhere"
    DEFERRED = "deferred"
    TOO_OLD = "too_old"
    CALLED_BACK = "called_back"
    FAILED = "failed"


@dataclass(frozen=True)
class Applied:
    """What came of carrying out a decision.

    Attributes:
        outcome: how it went.
        unsaid: why the customer could not be told.
        assigned: tasks that their agents still have, although the chat was ended.
        listed: how a list shows the conversation now, where only a note of ours was written.
    """

    outcome: Outcome
    unsaid: Unsaid | None = None
    assigned: tuple[str, ...] = ()
    listed: Listed | None = None


class RetryReason(enum.Enum):
    """Why a chat is read and decided again."""

    CHANGED = "what the decision was based on is no longer so"
    UNSAYABLE = "Twilio refuses to take a warning for this customer"
    CLOSED = "the conversation was closed meanwhile"
    MISSING = "something was not found that was there a moment ago"
    UNAVAILABLE = "Twilio does not answer, or not in time"


class RetryError(Exception):
    """Read and decide again.

    Attributes:
        reason: why.
        cause: raised when there is no room for another round.
    """

    def __init__(self, reason: RetryReason, cause: TwilioError | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.cause = cause
