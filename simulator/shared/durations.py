"""ISO 8601 durations as Twilio accepts them: days, hours, minutes and seconds, not months or years."""

from __future__ import annotations

import re
from datetime import timedelta

_PATTERN = re.compile(
    r"P(?=.)(?:(?P<days>\d+)D)?(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,6})?)S)?)?"
)


def parse_duration(text: str) -> timedelta | None:
    """Read a duration such as PT0S, PT10M or P1D; None if it is not one (P1M has no fixed length)."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    parts = {unit: float(value) for unit, value in match.groupdict().items() if value}
    try:
        return timedelta(**parts)
    except OverflowError:
        return None


def format_duration(length: timedelta) -> str:
    """Write a duration that is not negative, in seconds, such as PT600S or PT0.25S."""
    seconds = f"{length / timedelta(seconds=1):.6f}".rstrip("0").rstrip(".")
    return f"PT{seconds}S"
