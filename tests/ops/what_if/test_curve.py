"""The return curve."""

from datetime import timedelta

from ops.what_if.curve import CurveCounts
from ops.what_if.history import Closer, PastChat
from tests.ops.what_if.past import MINUTE, chat


def counts(*chats: PastChat) -> list[tuple[int, int, int]]:
    """At 5, 10 and 20 minutes: chats, those whose customer wrote again, and those where it was next."""
    curve = CurveCounts([5 * MINUTE, 10 * MINUTE, 20 * MINUTE])
    for each in chats:
        curve.add(each)
    return [
        (point.again.of if point.again else 0, point.again.hit if point.again else 0, point.next)
        for point in curve.points()
    ]


def test_a_chat_counts_at_the_silences_that_it_has() -> None:
    """After an agent's word, and longer than that."""
    assert counts(chat("c0 a1 c12")) == [(1, 1, 1), (1, 1, 1), (0, 0, 0)]
    assert counts(chat("c0 a1 c11")) == [(1, 1, 1), (0, 0, 0), (0, 0, 0)]


def test_a_customer_who_waits_is_not_silent() -> None:
    """Whatever the agent takes."""
    assert counts(chat("c0 a60 c61")) == [(0, 0, 0)] * 3


def test_a_chat_counts_once_by_its_first_such_silence() -> None:
    """It would have ended there."""
    assert counts(chat("c0 a1 c8 a9 c16 a17")) == [(1, 1, 1), (1, 0, 0), (1, 0, 0)]


def test_an_agent_may_be_next() -> None:
    """The customer wrote again all the same, later."""
    assert counts(chat("c0 a1 a30 c31")) == [(1, 1, 0)] * 3


def test_a_chat_that_an_agent_closed_before_does_not_count() -> None:
    """A close competes with a return: it is not a silence that went on."""
    assert counts(chat("c0 a1", closed=9, closed_by=Closer.AGENT)) == [(1, 0, 0), (0, 0, 0), (0, 0, 0)]


def test_the_horizon_is_the_shortest_silence_that_a_timer_ended() -> None:
    """Nobody knows what would have followed."""
    curve = CurveCounts([5 * MINUTE])
    for closed, by in ((31, Closer.TIMER), (16, Closer.TIMER), (4, Closer.AGENT)):
        curve.add(chat("c0 a1", closed=closed, closed_by=by))

    assert curve.horizon == timedelta(minutes=15)
    assert CurveCounts([]).horizon is None
