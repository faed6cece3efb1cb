"""ISO 8601 durations as the platform engineer writes them and as Twilio takes them.

Decides which spellings are a duration, and within which bounds. Standard library and isodate only, because `infra/`
imports this file too.
"""

import re
from datetime import timedelta

import isodate

INACTIVE_MINIMUM = timedelta(minutes=1)
"""Twilio refuses a shorter inactive timer (error 50375)."""

CLOSED_MINIMUM = timedelta(minutes=10)
"""Twilio refuses a shorter closed timer (error 50376)."""

LONGEST = timedelta(days=30)
"""Twilio documents no longest timer; a longer one than this is more often a slip than a wish."""

# isodate alone is too kind: it takes signs, fractions, weeks, a trailing line break, `PT`, and months, which have no
# fixed length.
_SPELLING = re.compile(r"P(?=[0-9T])(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?", re.ASCII)


class DurationError(ValueError):
    """A text that is not a duration, or one outside its bounds. The message says which and what to write instead."""


def parse_duration(text: object) -> timedelta:
    """Read an ISO 8601 duration of days, hours, minutes and seconds, such as `PT10M` or `P1DT12H`.

    Raises:
        DurationError: not text, another spelling, or too large to count.
    """
    if not isinstance(text, str):
        raise DurationError(f"is {text!r}, not a text; write an ISO 8601 duration such as PT10M")
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
    """Read a duration and hold it against its bounds, both inclusive.

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
    """Spell a duration the way Twilio and our users write it: `PT0S` for nothing, `PT90M` as `PT1H30M`."""
    if not duration:
        return "PT0S"
    return str(isodate.duration_isoformat(duration))
