"""Buckets keep this process under Twilio's limits, and refuse before anything is begun."""

import pytest

from function.twilio_api.rate_limiter import RATES, Rate, RateLimit, RateLimiter, TokenBucket, limit_of


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Now."""
        return self.now


@pytest.mark.parametrize(
    ("limited", "documented"),
    [
        (RateLimit.TASK_SEARCH, 3),
        (RateLimit.CHANNEL_READ, 20),
        (RateLimit.CHANNEL_LIST, 20),
        (RateLimit.CHANNEL_WRITE, 20),
    ],
)
def test_no_second_has_more_calls_than_twilio_allows(limited: RateLimit, documented: int) -> None:
    """Whoever asks without pause for ten seconds: never more than the documented number in any one second."""
    clock = Clock()
    bucket, passed = TokenBucket(RATES[limited], clock), []
    for _ in range(1000):
        if bucket.take() is not None:
            passed.append(clock.now)
        clock.now += 0.01

    busiest = max(sum(1 for other in passed if at <= other < at + 1) for at in passed)

    assert busiest <= documented
    assert len(passed) >= RATES[limited].per_second * 9


def test_who_waits_is_told_for_how_long_and_in_order() -> None:
    """One token at once, the next in half a second, the third in a second."""
    bucket = TokenBucket(Rate(per_second=2, burst=1), Clock())

    assert [bucket.take(patience=2) for _ in range(3)] == [0.0, 0.5, 1.0]


def test_what_comes_too_late_is_not_taken() -> None:
    """A refusal costs nobody anything."""
    bucket = TokenBucket(Rate(per_second=2, burst=1), Clock())
    bucket.take()

    assert [bucket.take(), bucket.take(patience=0.4), bucket.take(patience=0.5)] == [None, None, 0.5]


def test_whoever_is_steady_leaves_the_burst_to_others() -> None:
    """A sweep takes every tenth of a second what comes back, and an event that comes meanwhile need not wait."""
    clock = Clock()
    bucket, passed = TokenBucket(Rate(per_second=10, burst=8), clock), []
    for _ in range(300):
        if bucket.take(steady=True) is not None:
            passed.append(clock.now)
        clock.now += 0.01

    assert 29 <= len(passed) <= 30
    assert max(sum(1 for other in passed if at <= other < at + 1 - 1e-6) for at in passed) <= 10
    assert [bucket.take() for _ in range(6)] == [0.0] * 6


def test_looking_at_a_wait_takes_nothing() -> None:
    """So that of two ways the one with more room can be chosen."""
    rate_limiter = RateLimiter(clock=Clock())

    assert [rate_limiter.wait(RateLimit.TASK_SEARCH) for _ in range(2)] + [
        rate_limiter.take(RateLimit.TASK_SEARCH, 0)
    ] == [
        0.0,
        0.0,
        0.0,
    ]
    assert rate_limiter.wait(RateLimit.TASK_SEARCH) > 0.5


def test_a_refusal_of_twilios_keeps_everybody_waiting() -> None:
    """After 429 with Retry-After: 3 the next token is there in three seconds."""
    clock = Clock()
    bucket = TokenBucket(Rate(per_second=10, burst=8), clock)
    bucket.hold(3)

    first = bucket.take(patience=5)
    clock.now += 10

    assert first == 3.0
    assert bucket.take() == 0.0


def test_without_limits_everything_passes() -> None:
    """The simulator has none unless it is told to."""
    rate_limiter = RateLimiter(limits=False)

    assert {rate_limiter.take(RateLimit.TASK_SEARCH, 0) for _ in range(100)} == {0.0}


@pytest.mark.parametrize(
    ("method", "url", "by_attributes", "limited"),
    [
        ("GET", "https://taskrouter.twilio.com/v1/Workspaces/WS1/Tasks", True, RateLimit.TASK_SEARCH),
        ("GET", "https://taskrouter.twilio.com/v1/Workspaces/WS1/Tasks", False, None),
        ("GET", "https://flex-api.twilio.com/v1/Interactions/KD1/Channels/UO1", False, RateLimit.CHANNEL_READ),
        ("POST", "https://flex-api.twilio.com/v1/Interactions/KD1/Channels/UO1", False, RateLimit.CHANNEL_WRITE),
        ("GET", "https://flex-api.twilio.com/v1/Interactions/KD1/Channels?PageSize=50", False, RateLimit.CHANNEL_LIST),
        ("GET", "https://flex-api.twilio.com/v1/Interactions/KD1/Channels/UO1/Invites", False, RateLimit.INVITE_LIST),
        ("POST", "https://conversations.twilio.com/v1/Services/IS1/Conversations/CH1", False, None),
    ],
)
def test_each_limit_counts_its_own_calls(method: str, url: str, by_attributes: bool, limited: RateLimit | None) -> None:
    """Each endpoint of Interactions has its own; a list of tasks is not a search."""
    assert limited is limit_of(method, url, by_attributes=by_attributes)
