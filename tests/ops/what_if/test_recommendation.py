"""Which timeout is recommended, and when none is."""

from collections.abc import Sequence
from datetime import date

from ops.what_if.counts import DailyCounts
from ops.what_if.recommendation import POOLED, Recommendation, pooled, recommend
from tests.ops.what_if.past import MINUTE

DAYS = [date(2026, 1, day) for day in range(1, 7)]
TIMEOUTS = (5 * MINUTE, 10 * MINUTE, 20 * MINUTE)


def daily(*shares: Sequence[int], of: int = 100) -> DailyCounts:
    """For each day, how many of so many chats were cut off under each timeout."""
    counts = DailyCounts(len(TIMEOUTS))
    for day, hits in zip(DAYS, shares, strict=True):
        for number, hit in enumerate(hits):
            for place in range(of):
                counts.add(day, number, hit=place < hit)
    return counts


def choose(counts: DailyCounts, accept: float = 0.05, *, closed_by_timer: int = 0) -> Recommendation:
    """Choose among 5, 10 and 20 minutes."""
    return recommend(counts, TIMEOUTS, DAYS, accept, closed_by_timer=closed_by_timer)


def test_the_shortest_timeout_whose_upper_bound_is_accepted() -> None:
    """Four percent of 400 may be six: so 10 minutes are not enough, although their share is below five percent."""
    found = choose(daily(*[(8, 4, 2)] * 6))

    assert found.timeout == 20 * MINUTE
    assert choose(daily(*[(8, 4, 2)] * 6), accept=0.07).timeout == 10 * MINUTE


def test_it_is_chosen_on_the_first_two_thirds_and_reported_on_the_last() -> None:
    """Days that were not asked say whether it holds."""
    found = choose(daily(*[(8, 2, 2)] * 4, *[(8, 9, 2)] * 2))

    assert found.timeout == 10 * MINUTE
    assert found.chosen_on is not None
    assert found.seen_on is not None
    assert (found.chosen_on.hit, found.chosen_on.of) == (8, 400)
    assert (found.seen_on.hit, found.seen_on.of) == (18, 200)


def test_nothing_is_recommended_where_a_timer_closed_chats() -> None:
    """The rates are lower bounds."""
    found = choose(daily(*[(0, 0, 0)] * 6), closed_by_timer=2)

    assert (found.timeout, "lower bounds" in found.why_not) == (None, True)


def test_nothing_is_recommended_if_no_timeout_is_good_enough() -> None:
    """It says so."""
    assert choose(daily(*[(8, 8, 8)] * 6)) == Recommendation(
        None, "no timeout of the range has an upper bound below what is accepted"
    )


def test_nothing_is_recommended_on_too_few_days() -> None:
    """Two thirds of two days are one."""
    found = recommend(DailyCounts(3), TIMEOUTS, DAYS[:2], 0.05, closed_by_timer=0)

    assert found.why_not == "the history has 2 days, and choosing takes 3 or more"


def test_few_chats_without_a_return_prove_nothing() -> None:
    """Of 40 chats none was cut off, which allows for nine percent."""
    assert choose(daily(*[(0, 0, 0)] * 6, of=10)).timeout is None


def test_segments_with_few_ended_chats_are_pooled_within_their_kind() -> None:
    """Under 300 at the policy's own timeout."""
    counts = {
        ("queue", "large"): daily(*[(1, 1, 1)] * 6),
        ("queue", "small"): daily(*[(1, 1, 1)] * 6, of=10),
        ("queue", "tiny"): daily(*[(1, 1, 1)] * 6, of=5),
        ("channel", "sms"): daily(*[(1, 1, 1)] * 6, of=5),
    }
    found = {key: each.total(1).of for key, each in pooled(counts, own=1).items()}

    assert found == {("queue", "large"): 600, ("queue", POOLED): 90, ("channel", POOLED): 30}
