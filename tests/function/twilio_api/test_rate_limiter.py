"""Buckets keep this process under Twilio's rate limits, and refuse before a call is made."""

import pytest

from function.twilio_api.rate_limiter import RATES, Rate, RateLimit, RateLimiter, TokenBucket, limit_of


class Clock:
    """A clock that a test moves."""

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
    """Calls without pause for ten seconds never exceed the documented number in any one second."""
    clock = Clock()
    bucket, passed = TokenBucket(RATES[limited], clock), []
    for _ in range(1000):
        if bucket.take() is not None:
            passed.append(clock.now)
        clock.now += 0.01

    busiest = max(sum(1 for other in passed if at <= other < at + 1) for at in passed)

    assert busiest <= documented
    assert len(passed) >= RATES[limited].per_second * 9


def test_waiting_times_are_in_order() -> None:
    """One token at once, the next in half a second, the third in a second."""
    bucket = TokenBucket(Rate(per_second=2, burst=1), Clock())

    assert [bucket.take(patience=2) for _ in range(3)] == [0.0, 0.5, 1.0]


def test_a_token_that_comes_too_late_is_not_taken() -> None:
    """A refusal uses up nothing."""
    bucket = TokenBucket(Rate(per_second=2, burst=1), Clock())
    bucket.take()

    assert [bucket.take(), bucket.take(patience=0.4), bucket.take(patience=0.5)] == [None, None, 0.5]


def test_a_steady_user_leaves_the_burst_to_others() -> None:
    """A sweep takes what is refilled every tenth of a second, and an event need not wait."""
    clock = Clock()
    bucket, passed = TokenBucket(Rate(per_second=10, burst=8), clock), []
    for _ in range(300):
        if bucket.take(steady=True) is not None:
            passed.append(clock.now)
        clock.now += 0.01

    assert 29 <= len(passed) <= 30
    assert max(sum(1 for other in passed if at <= other < at + 1 - 1e-6) for at in passed) <= 10
    assert [bucket.take() for _ in range(6)] == [0.0] * 6


def test_reading_a_wait_takes_nothing() -> None:
    """The caller can choose the way with more room."""
    rate_limiter = RateLimiter(clock=Clock())

    assert [rate_limiter.wait(RateLimit.TASK_SEARCH) for _ in range(2)] + [
        rate_limiter.take(RateLimit.TASK_SEARCH, 0)
    ] == [
        0.0,
        0.0,
        0.0,
    ]
    assert rate_limiter.wait(RateLimit.TASK_SEARCH) > 0.5


def test_a_429_delays_all_calls() -> None:
    """After 429 with `Retry-After: 3` the next token is available in three seconds."""
    clock = Clock()
    bucket = TokenBucket(Rate(per_second=10, burst=8), clock)
    bucket.hold(3)

    first = bucket.take(patience=5)
    clock.now += 10

    assert first == 3.0
    assert bucket.take() == 0.0


def test_without_limits_everything_passes() -> None:
    """The simulator has none by default."""
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
