"""How much an instance does at the same time: its numbers fit each other."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from function.bootstrap import CALLS_AT_ONCE, bootstrap
from function.contract import CALLS_OF_AN_EVENT, CHATS_AT_ONCE, EVENTS_AT_ONCE, calls_at_once
from function.policy import parse_policy
from function.twilio_api import Attempt
from tests.world.driving import Twilio
from tests.world.running import settings_for


class Gauge(Executor):
    """An executor that counts the maximum of threads at work at the same time."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(64)

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Make a call, and count it for as long as it takes."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)

        def counted() -> Any:
            try:
                return call(*arguments, **named)
            finally:
                with self._lock:
                    self._now -= 1

        return self._pool.submit(counted)


@pytest.mark.parametrize("at_a_time", [EVENTS_AT_ONCE, CHATS_AT_ONCE])
def test_no_event_waits_for_anothers_threads(at_a_time: int) -> None:
    """There are as many threads as all events, or all chats of a sweep, can use together."""
    assert calls_at_once(at_a_time) <= CALLS_AT_ONCE
    assert calls_at_once(at_a_time) == at_a_time * CALLS_OF_AN_EVENT


def test_an_event_makes_no_more_calls_at_a_time_than_are_counted_for_it(twilio: Twilio) -> None:
    """This holds for a new process and for one that knows the chat's task."""
    gauge = Gauge()
    chat = twilio.answered()
    twilio.fault(".", kind="slow", seconds=0.05, times=None)
    handler = bootstrap(settings_for(twilio, 1, parse_policy({})), calls=gauge).handler
    for after in ("PT8M", "PT2M"):
        twilio.advance(after)
        handler.handle(Attempt.lasting(5), chat.conversation)

    assert chat.state == "closed"
    assert 3 < gauge.most <= CALLS_OF_AN_EVENT
