"""Events from Twilio with their signatures, and calls to Twilio within rate limits and deadlines.

`TwilioApi` has one method for each operation. Each call belongs to an `Attempt`, which has the deadline and the record
of calls.
"""

from .account import Account, OtherAccountError
from .answers import Acceptance, Listed, Page, interaction_of
from .api import Start, TwilioApi, sdk_client
from .attempt import Attempt, CallRecord, Clock, ListedTasks, UnreadableRow
from .errors import (
    AlreadyClosedError,
    ChangedError,
    DeferredError,
    InternalError,
    NotFoundError,
    OutOfTimeError,
    RefusedError,
    ServerError,
    TwilioDownError,
    TwilioError,
    UnavailableError,
    UnreadableError,
)
from .events import (
    ConversationStateUpdated,
    Event,
    Ignored,
    IgnoreReason,
    MalformedEventError,
    Parameters,
    ReservationAccepted,
    parse_event,
    parse_form,
    parse_task_event,
)
from .rate_limiter import RateLimiter
from .signature import HEADER, Verifier, looks_signed
from .transport import Transport

__all__ = [
    "HEADER",
    "Acceptance",
    "Account",
    "AlreadyClosedError",
    "Attempt",
    "CallRecord",
    "ChangedError",
    "Clock",
    "ConversationStateUpdated",
    "DeferredError",
    "Event",
    "IgnoreReason",
    "Ignored",
    "InternalError",
    "Listed",
    "ListedTasks",
    "MalformedEventError",
    "NotFoundError",
    "OtherAccountError",
    "OutOfTimeError",
    "Page",
    "Parameters",
    "RateLimiter",
    "RefusedError",
    "ReservationAccepted",
    "ServerError",
    "Start",
    "Transport",
    "TwilioApi",
    "TwilioDownError",
    "TwilioError",
    "UnavailableError",
    "UnreadableError",
    "UnreadableRow",
    "Verifier",
    "interaction_of",
    "looks_signed",
    "parse_event",
    "parse_form",
    "parse_task_event",
    "sdk_client",
]
