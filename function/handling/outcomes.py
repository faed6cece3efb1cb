"""The results of applying a decision: an outcome, or a request to decide again."""

import enum
from dataclasses import dataclass

from ..chat import NoTextReason
from ..twilio_api import Listed, TwilioError


class Outcome(enum.StrEnum):
    """How applying a decision went; the values are in the log."""

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
    """The result of applying a decision.

    Attributes:
        outcome: how it went.
        unsaid: why no text was sent to the customer; None if one was, or none was due.
        assigned: SIDs of tasks that their agents still have after the end.
        listed: the conversation as a list shows it now, if only our note was written.
    """

    outcome: Outcome
    unsaid: NoTextReason | None = None
    assigned: tuple[str, ...] = ()
    listed: Listed | None = None


class RetryReason(enum.Enum):
    """Why a chat is read and decided again."""

    CHANGED = "what the decision was based on is no longer so"
    UNSAYABLE = "Twilio refuses to send this customer a warning"
    CLOSED = "the conversation was closed meanwhile"
    MISSING = "something was not found that was there a moment ago"
    UNAVAILABLE = "Twilio does not answer, or not in time"


class RetryError(Exception):
    """The chat must be read and decided again.

    Attributes:
        reason: why.
        cause: the error to raise if there is no time for another round.
        tasks: SIDs of the live tasks that the chat seems to have, if there are more of them than were read.
    """

    def __init__(self, reason: RetryReason, cause: TwilioError | None = None, tasks: tuple[str, ...] = ()) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.cause = cause
        self.tasks = tasks
