"""ISO 8601 durations: which spellings are accepted, within which bounds, and how they are written.

Imports only the standard library and isodate, because `infra/` imports this file.
"""

import re
from datetime import timedelta

import isodate

INACTIVE_MINIMUM = timedelta(minutes=1)
"""Twilio refuses a shorter inactive timer (https://www.twilio.com/docs/api/errors/50375, November 2026)."""

CLOSED_MINIMUM = timedelta(minutes=10)
"""Twilio refuses a shorter closed timer (https://www.twilio.com/docs/api/errors/50376, November 2026)."""

LONGEST = timedelta(days=30)
"""Our own maximum, because a longer timer is usually a mistake; Twilio documents none."""

# isodate accepts too much: signs, fractions, weeks, a trailing line break, `PT`, and months, which have no fixed
# length.
_SPELLING = re.compile(r"P(?=[0-9T])(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?", re.ASCII)


class DurationError(ValueError):
    """A value that is not a duration, or outside its bounds. The message says which, and what to write instead."""


def parse_duration(text: object) -> timedelta:
    """Read an ISO 8601 duration of days, hours, minutes and seconds, such as `PT10M` or `P1DT12H`.

    Raises:
        DurationError: not text, not a duration, or too large for a timedelta.
    """
    if not isinstance(text, str):
        found = "is missing" if text is None else f"is {text!r}, not a text"
        raise DurationError(f"{found}; write an ISO 8601 duration such as PT10M")
    if not _SPELLING.fullmatch(text):
        hint = "; months and years have no fixed length, write days" if re.fullmatch(r"P[0-9YMWD]*[YM].*", text) else ""
        raise DurationError(
            f"is {text!r}, not an ISO 8601 duration of days, hours, minutes and seconds such as PT10M{hint}"
        )
    try:
        duration = isodate.parse_duration(text)
    except (ValueError, OverflowError):
        duration = None
    if not isinstance(duration, timedelta):
        raise DurationError(f"is {text!r}, which is too large to count; the longest is {format_duration(LONGEST)}")
    return duration


def parse_within(text: object, *, minimum: timedelta, maximum: timedelta = LONGEST) -> timedelta:
    """Read a duration and check its bounds, both inclusive.

    Raises:
        DurationError: not a duration, or outside `minimum` to `maximum`.
    """
    duration = parse_duration(text)
    if duration < minimum:
        raise DurationError(f"is {text}, less than the minimum of {format_duration(minimum)}")
    if duration > maximum:
        raise DurationError(f"is {text}, more than the maximum of {format_duration(maximum)}")
    return duration


def format_duration(duration: timedelta) -> str:
    """Write a duration as Twilio and our users write it: zero as `PT0S`, 90 minutes as `PT1H30M`."""
    if not duration:
        return "PT0S"
    return str(isodate.duration_isoformat(duration))
