"""Shares and their 95 % intervals."""

import random

import pytest

from ops.what_if.intervals import Counted, Share, share


def shown(found: Share | None) -> tuple[float, float, float] | None:
    """In percent, with one digit."""
    return found and (round(found.rate * 100, 1), round(found.low * 100, 1), round(found.high * 100, 1))


@pytest.mark.parametrize(
    ("of", "hit", "expected"),
    [
        (1892, 70, (3.7, 2.9, 4.6)),
        (1903, 90, (4.7, 3.8, 5.7)),
        (40, 20, (50.0, 35.0, 65.0)),
        (3, 3, (100.0, 29.2, 100.0)),
    ],
)
def test_a_share_has_an_interval(of: int, hit: int, expected: tuple[float, float, float]) -> None:
    """Around it, within 0 and 1."""
    assert shown(share([Counted(of, hit)])) == expected


def test_by_chat_the_interval_is_that_of_chats_drawn_again_and_again() -> None:
    """Three thousand resamples of 400 chats come to the same within one chat."""
    dice = random.Random(1)
    chats = [1] * 30 + [0] * 370
    counts = sorted(sum(dice.choices(chats, k=400)) for _ in range(3_000))
    found = share([Counted(400, 30)])

    assert found is not None
    assert abs(round(found.low * 400) - counts[75]) <= 1
    assert abs(round(found.high * 400) - counts[-76]) <= 1


def test_without_a_hit_the_upper_bound_is_not_zero() -> None:
    """A resample of nothing says nothing: 30 chats allow for more than 11 percent."""
    assert shown(share([Counted(30, 0)])) == (0.0, 0.0, 11.6)


def test_without_a_chat_there_is_no_share() -> None:
    """Not even an unknown one."""
    assert share([Counted(), Counted()]) is None


def test_from_fourteen_days_on_days_are_drawn() -> None:
    """If chats of a day are alike, the interval is wider than by chat."""
    days = [Counted(100, 20 if day % 7 == 0 else 1) for day in range(14)]
    by_day, by_chat = share(days), share(days[:13])

    assert by_day is not None
    assert by_chat is not None
    assert by_day.high - by_day.low > 1.5 * (by_chat.high - by_chat.low)


def test_equal_days_leave_no_doubt() -> None:
    """However they are drawn."""
    assert share([Counted(100, 4)] * 20) == Share(2000, 80, 0.04, 0.04)


def test_the_same_days_have_the_same_interval() -> None:
    """Two runs say the same."""
    days = [Counted(50, day % 5) for day in range(20)]

    assert share(days) == share(list(days))


def test_very_many_chats_are_no_more_work() -> None:
    """A million."""
    assert shown(share([Counted(1_000_000, 37_000)])) == (3.7, 3.7, 3.7)
