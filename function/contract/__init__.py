"""What `infra/` and the function must agree on: routes, events, entry points, durations, capacity.

Both import it. It imports only the standard library and isodate.
"""

from .capacity import CALLS_OF_AN_EVENT, CHATS_AT_ONCE, EVENTS_AT_ONCE, calls_at_once
from .durations import (
    CLOSED_MINIMUM,
    INACTIVE_MINIMUM,
    LONGEST,
    DurationError,
    format_duration,
    parse_duration,
    parse_within,
)
from .meeting_points import EntryPoint, EventType, Route
from .sweeping import LONGEST_ATTEMPT, sweep_lasts, sweep_timeout

__all__ = [
    "CALLS_OF_AN_EVENT",
    "CHATS_AT_ONCE",
    "CLOSED_MINIMUM",
    "EVENTS_AT_ONCE",
    "INACTIVE_MINIMUM",
    "LONGEST",
    "LONGEST_ATTEMPT",
    "DurationError",
    "EntryPoint",
    "EventType",
    "Route",
    "calls_at_once",
    "format_duration",
    "parse_duration",
    "parse_within",
    "sweep_lasts",
    "sweep_timeout",
]
