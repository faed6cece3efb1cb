"""ISO 8601 durations: which spellings are accepted, within which bounds, and how they are written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.contract.durations import (
    CLOSED_MINIMUM,
    INACTIVE_MINIMUM,
    LONGEST,
    DurationError,
    format_duration,
    parse_duration,
    parse_within,
)
from tests.function.reaching import Reached, reaching

SPELLING = "not an ISO 8601 duration of days, hours, minutes and seconds such as PT10M"
MONTHS = "; months and years have no fixed length, write days"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT0S", 0),
        ("PT1M", 60),
        ("PT90M", 5400),
        ("PT1H30M", 5400),
        ("P1D", 86400),
        ("P1DT12H", 129600),
        ("PT59S", 59),
        ("P0D", 0),
    ],
)
def test_days_hours_minutes_and_seconds_are_read(text: str, seconds: int) -> None:
    """Twilio's own examples are among them."""
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        *("5m", "10", "", "P", "PT", "P1DT", "PT10m", "pt10m", " PT10M", "PT10M\n", "-PT10M", "+PT10M"),
        *("PT1.5M", "PT1,5M", "P1W", "P1Y", "P1M", "P1MT1M", "PT10M5", "PT5S10M", "PT١M", "P" + "9" * 400 + "D"),
    ],
)
def test_everything_else_is_refused_with_the_value(text: str) -> None:
    """Isodate alone would accept some of these."""
    with pytest.raises(DurationError, match=r"^is '"):
        parse_duration(text)


@pytest.mark.parametrize("value", [10, 1.5, ["PT10M"], {"minutes": 10}, True])
def test_a_value_that_is_not_text_is_refused(value: object) -> None:
    """A number has no unit."""
    with pytest.raises(DurationError, match="not a text"):
        parse_duration(value)


@pytest.mark.parametrize("text", ["P1M", "P1Y", "P1Y2M"])
def test_the_error_for_months_and_years_says_what_to_write_instead(text: str) -> None:
    """They have no fixed length."""
    with pytest.raises(DurationError, match="write days"):
        parse_duration(text)


def test_bounds_are_inclusive_and_named() -> None:
    """The error says the bound."""
    minute = timedelta(minutes=1)

    assert parse_within("PT60S", minimum=minute) == minute
    assert parse_within("P30D", minimum=minute) == LONGEST
    with pytest.raises(DurationError, match=r"^is PT59S, less than the minimum of PT1M$"):
        parse_within("PT59S", minimum=minute)
    with pytest.raises(DurationError, match=r"^is P30DT1S, more than the maximum of P30D$"):
        parse_within("P30DT1S", minimum=minute)


def test_the_bounds_are_those_of_twilio() -> None:
    """Twilio's errors 50375 and 50376 have the minimum; the maximum is ours."""
    assert (INACTIVE_MINIMUM.total_seconds(), CLOSED_MINIMUM.total_seconds()) == (60, 600)
    assert timedelta(days=30) == LONGEST


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5m", f"is '5m', {SPELLING}"),
        ("P1M", f"is 'P1M', {SPELLING}{MONTHS}"),
        ("P1Y2M3D", f"is 'P1Y2M3D', {SPELLING}{MONTHS}"),
        (10, "is 10, not a text; write an ISO 8601 duration such as PT10M"),
        (None, "is missing; write an ISO 8601 duration such as PT10M"),
        ("P9999999999D", "is 'P9999999999D', which is too large to count; the longest is P30D"),
    ],
)
def test_the_error_says_what_is_wrong_and_what_to_write_instead(text: object, message: str) -> None:
    """The whole text is compared, because a platform engineer reads nothing else."""
    with pytest.raises(DurationError) as refused:
        parse_duration(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "PT0S"), (600, "PT10M"), (5400, "PT1H30M"), (86400, "P1D"), (129600, "P1DT12H")]
)
def test_a_duration_is_written_as_twilio_and_people_write_it(seconds: int, text: str) -> None:
    """The largest units that fit are used, and zero is written in seconds."""
    assert format_duration(timedelta(seconds=seconds)) == text


@given(st.integers(0, 400 * 86400))
def test_a_written_duration_is_read_back(seconds: int) -> None:
    """Whole seconds of any length that we use."""
    duration = timedelta(seconds=seconds)

    assert parse_duration(format_duration(duration)) == duration


SPELLED = r"P([0-9]{1,3}D)?(T([0-9]{1,3}H)?([0-9]{1,3}M)?([0-9]{1,3}S)?)?"
proper = st.from_regex(SPELLED, fullmatch=True)
near = st.from_regex(r"PT?[0-9]{1,30}[DHMS]|[PTDHMS0-9.\n]{1,9}", fullmatch=True)


@reaching(read=0.1, refused=0.1)
@given(st.text(max_size=30) | proper | near)
def test_no_text_makes_it_fail_otherwise(reached: Reached, text: str) -> None:
    """The result is a duration or a DurationError."""
    try:
        length = parse_duration(text)
    except DurationError:
        reached("refused", True)
    else:
        assert reached("read", length >= timedelta())


@reaching(has_a_length=0.6)
@given(proper)
def test_a_valid_spelling_has_a_length(reached: Reached, text: str) -> None:
    """Every combination of parts, except none."""
    if reached("has_a_length", text != "P" and not text.endswith("T")):
        assert isinstance(parse_duration(text), timedelta)
    else:
        with pytest.raises(DurationError):
            parse_duration(text)
