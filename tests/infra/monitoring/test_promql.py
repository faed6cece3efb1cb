"""The part of PromQL that the alerts use."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.infra.monitoring.promql import ExpressionError, Point, fires, found

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def minutes(*offsets: int, count: int = 1, reason: str = "a") -> list[Point]:
    """Points of one metric, so many minutes after noon."""
    return [Point("m", NOON + timedelta(minutes=each), {"reason": reason, "r": "x"}, count) for each in offsets]


@pytest.mark.parametrize(
    ("expression", "offsets", "expected"),
    [
        ('sum(increase(m{r="x"}[5m])) > 1', (-1, 0), True),
        ('sum(increase(m{r="x"}[5m])) > 1', (-5, 0), False),
        ('sum(increase(m{r="x"}[5m])) > 1', (0, 1), False),
        ('sum(increase(m{r="x"}[1h])) > 0', (-59,), True),
        ('sum(increase(m{r="x"}[5m])) > 0', (), False),
        ('sum(increase(n{r="x"}[5m])) > 0', (0,), False),
        ('sum(increase(m{r="x",reason="b"}[5m])) > 0', (0,), False),
        ('sum(increase(m{r="x",reason="a"}[5m])) > 0', (0,), True),
        ('absent_over_time(m{r="x"}[5m])', (), True),
        ('absent_over_time(m{r="x"}[5m])', (-4,), False),
        ('absent_over_time(m{r="x"}[5m])', (-5,), True),
        ('absent_over_time(m{r="x"}[5m]) or sum(increase(m{r="x"}[5m])) == 0', (-1,), False),
    ],
)
def test_an_expression(expression: str, offsets: tuple[int, ...], expected: bool) -> None:
    """A window ends now and leaves its beginning out; without a time series a comparison finds nothing."""
    assert found(expression, minutes(*offsets), NOON) == expected


def test_zeros_are_no_counts() -> None:
    """They are there, so nothing is absent, and their sum is zero."""
    zeros = minutes(-2, -1, count=0)

    assert not found('absent_over_time(m{r="x"}[5m])', zeros, NOON)
    assert found('sum(increase(m{r="x"}[5m])) == 0', zeros, NOON)


def test_an_alert_fires_after_the_condition_has_lasted() -> None:
    """A break restarts the time."""
    true_at = {0, 1, 2, 4, 5, 6, 7}

    fired = fires(
        lambda now: (now - NOON) // timedelta(minutes=1) in true_at,
        timedelta(minutes=3),
        start=NOON,
        end=NOON + timedelta(minutes=9),
    )

    assert [(at - NOON) // timedelta(minutes=1) for at in fired] == [7]


def test_what_is_beyond_the_subset_is_an_error() -> None:
    """An alert that this cannot evaluate must not pass as one that is silent, not even behind one that fires."""
    for expression in ("rate(m[5m]) > 1", 'absent_over_time(m{r="x"}[5m]) or vector(1)'):
        with pytest.raises(ExpressionError):
            found(expression, [], NOON)
