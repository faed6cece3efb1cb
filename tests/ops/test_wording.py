"""Times and durations as people read and write them."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ops.wording import TimeError, ago, clock_time, due_in, duration_words, parse_time, time_of_day

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (0.4, "0 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (5400, "1 h 30 min"),
        (90_000, "1 d 1 h"),
        (2 * 86_400 + 59, "2 d"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, words: str) -> None:
    """Whole seconds; none is negative."""
    assert duration_words(timedelta(seconds=seconds)) == words


def test_times_are_in_utc_and_without_a_date_beside_the_same_day() -> None:
    """And say how far away they are."""
    soon, tomorrow = NOON + timedelta(minutes=5), NOON + timedelta(days=1)

    assert clock_time(NOON) == "2026-01-05 12:00:00Z"
    assert (time_of_day(soon, NOON), time_of_day(tomorrow, NOON)) == ("12:05:00Z", "2026-01-06 12:00:00Z")
    assert (due_in(soon, NOON), due_in(NOON, soon)) == ("in 5 min", "due for 5 min")
    assert ago(timedelta(minutes=5)) == "5 min ago"


@pytest.mark.parametrize("text", ["2026-01-05T12:00:00Z", "2026-01-05T13:00:00+01:00", "20260105T120000Z"])
def test_a_time_with_a_zone_is_read(text: str) -> None:
    """Any spelling of ISO 8601."""
    assert parse_time(text) == NOON


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("noon", "is 'noon', not a time such as 2026-11-27T14:05:00Z"),
        ("2026-01-05T12:00", "is '2026-01-05T12:00', without a zone: write 2026-01-05T12:00:00Z if it is UTC"),
        ("2026-01-05", "without a zone: write 2026-01-05T00:00:00Z if it is UTC, or 2026-01-05T00:00:00+01:00"),
        ("2026-01-05+01:00", "is '2026-01-05+01:00', a date without a time: write 2026-01-05T00:00:00+01:00"),
        ("20260105Z", "is '20260105Z', a date without a time: write 20260105T00:00:00Z"),
        ("0001-01-01T00:00:00+10:00", "outside the calendar"),
    ],
)
def test_any_other_text_says_what_to_write(text: str, complaint: str) -> None:
    """A time without a zone might be anybody's."""
    with pytest.raises(TimeError) as raised:
        parse_time(text)

    assert complaint in str(raised.value)


def complaint_about(text: str) -> str:
    """What is wrong with a time; empty when nothing is."""
    try:
        parse_time(text)
    except TimeError as error:
        return str(error)
    return ""


ZONES = st.sampled_from(["", "Z", "+01:00", "-0800", "+14", "-23:59", "+99:99"])
ALMOST_TIMES = st.one_of(
    st.dates().map(date.isoformat),
    st.dates().map("{:%Y%m%d}".format),
    st.datetimes().map(datetime.isoformat),
    st.datetimes().map("{:%Y-%m-%d %H:%M}".format),
    st.from_regex(r"\d{4}-\d\d-\d\d", fullmatch=True),
)


@given(text=st.one_of(st.text(), st.builds("{}{}".format, ALMOST_TIMES, ZONES)))
@example("0001-01-01")
@example("0001-01-01+01:00")
@example("9999-12-31T23:59-01:00")
def test_whatever_an_error_says_to_write_is_accepted(text: str) -> None:
    """Nobody is sent from one error to the next."""
    said = complaint_about(text)
    hints = re.findall(r"(?:write|or|as) (\S+?)(?=,| if |$)", said.removeprefix(f"is {text!r}"))

    assert not said or hints or "outside the calendar" in said
    assert [complaint_about(hint) for hint in hints] == [""] * len(hints)
