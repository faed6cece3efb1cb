"""What `infra/` and the function agree on, written once.

Imported by both; imports nothing but the standard library and isodate.
"""

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

__all__ = [
    "CLOSED_MINIMUM",
    "INACTIVE_MINIMUM",
    "LONGEST",
    "DurationError",
    "EntryPoint",
    "EventType",
    "Route",
    "format_duration",
    "parse_duration",
    "parse_within",
]
