"""Times and durations as people read them."""

import re
from datetime import UTC, datetime, timedelta, timezone

UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
_EXAMPLE = "2026-11-27T14:05:00Z"
_ELSEWHERE = timezone(timedelta(hours=1))
_DATE_WITH_ZONE = re.compile(r"(\d{4}-\d\d-\d\d|\d{8})(Z|[+-]\d\d(?::?\d\d)?)", re.ASCII)


def duration_words(duration: timedelta) -> str:
    """A duration in its two largest units, such as `8 min` or `1 h 30 min`; zero and less as `0 s`."""
    seconds = max(0, round(duration.total_seconds()))
    words: list[str] = []
    for unit, size in UNITS:
        count, seconds = divmod(seconds, size)
        if count and len(words) < 2:
            words.append(f"{count} {unit}")
        elif words:
            break
    return " ".join(words) or "0 s"


def ago(duration: timedelta) -> str:
    """How long ago something happened."""
    return f"{duration_words(duration)} ago"


def clock_time(at: datetime) -> str:
    """A time in UTC as it is read aloud: `2026-01-05 09:08:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def time_of_day(at: datetime, beside: datetime) -> str:
    """A time without its date if another one, which is shown beside it, is of the same day."""
    same_day = at.astimezone(UTC).date() == beside.astimezone(UTC).date()
    return at.astimezone(UTC).strftime("%H:%M:%SZ") if same_day else clock_time(at)


def due_in(at: datetime, now: datetime) -> str:
    """How long until a time: `in 2 min`, or `due for 5 min` once it has come."""
    return f"in {duration_words(at - now)}" if at > now else f"due for {duration_words(now - at)}"


class TimeError(ValueError):
    """A text is no time with a zone; one line with the way out."""


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time with a zone.

    Raises:
        TimeError: it is none, or has no zone. What it says to write is accepted.
    """
    if date := _DATE_WITH_ZONE.fullmatch(text):  # fromisoformat would take the zone's sign for what precedes a time
        hint = f"{date[1]}T00:00:00{date[2]}"
        try:
            parse_time(hint)
        except TimeError:
            raise TimeError(f"is {text!r}, not a time such as {_EXAMPLE}") from None
        raise TimeError(f"is {text!r}, a date without a time: write {hint}")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise TimeError(f"is {text!r}, not a time such as {_EXAMPLE}") from None
    try:
        in_utc = (at if at.tzinfo else at.replace(tzinfo=_ELSEWHERE)).astimezone(UTC)
    except OverflowError:
        raise TimeError(f"is {text!r}, outside the calendar") from None
    if at.tzinfo is None:
        local = at.isoformat()
        raise TimeError(f"is {text!r}, without a zone: write {local}Z if it is UTC, or {local}+01:00")
    return in_utc
