"""The Twilio side: events that come in with their signatures, and calls that go out within limits and deadlines.

`TwilioApi` has an operation for each thing that we read or write; a `Attempt` is whom the calls are made for.
"""

from .account import Account, OtherAccountError
from .answers import Listed, Page, interaction_of
from .api import Start, TwilioApi
from .attempt import Attempt, CallRecord, Clock, LeftOut
from .errors import (
    AlreadyClosedError,
    AwayError,
    ChangedError,
    DeferredError,
    NotFoundError,
    OurFaultError,
    OutOfTimeError,
    RefusedError,
    TwilioError,
    UnavailableError,
)
from .events import (
    ConversationStateUpdated,
    Event,
    Ignored,
    MalformedEventError,
    NotOurs,
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
    "Account",
    "AlreadyClosedError",
    "Attempt",
    "AwayError",
    "CallRecord",
    "ChangedError",
    "Clock",
    "ConversationStateUpdated",
    "DeferredError",
    "Event",
    "Ignored",
    "LeftOut",
    "Listed",
    "MalformedEventError",
    "NotFoundError",
    "NotOurs",
    "OtherAccountError",
    "OurFaultError",
    "OutOfTimeError",
    "Page",
    "Parameters",
    "RateLimiter",
    "RefusedError",
    "ReservationAccepted",
    "Start",
    "Transport",
    "TwilioApi",
    "TwilioError",
    "UnavailableError",
    "Verifier",
    "interaction_of",
    "looks_signed",
    "parse_event",
    "parse_form",
    "parse_task_event",
]
