"""Slots that an end frees, and the part of that time in which they are needed."""

from ops.what_if.price import Occupancy, freed
from ops.what_if.simulate import Played
from tests.ops.what_if.past import at, chat


def ended(course: str, after: int, minutes: float, *, closed: float | None = None) -> Played:
    """A chat that was ended after so many messages, at that minute."""
    return Played(chat(course, closed=closed), at(minutes), after, (), 0, 0)


def test_a_slot_is_free_until_the_recorded_close() -> None:
    """Never for ever."""
    early, late = ended("c0 a1", 2, 11, closed=60), ended("c0 a1", 2, 31, closed=60)

    assert freed(early, late, until_close=True) == (at(11), at(60))
    assert freed(ended("c0 a1", 2, 11), late, until_close=True) is None


def test_without_a_close_it_is_free_until_the_longest_timeout_would_have_ended_it() -> None:
    """Two timeouts can be compared."""
    assert freed(ended("c0 a1", 2, 11), ended("c0 a1", 2, 31), until_close=False) == (at(11), at(31))
    assert freed(ended("c0 a1", 2, 31), ended("c0 a1", 2, 31), until_close=False) is None


def test_a_customer_who_returns_takes_a_slot_again() -> None:
    """Their handling is not saved."""
    early, late = ended("c0 a1 c20 a21", 2, 11, closed=60), ended("c0 a1 c20 a21", 4, 51, closed=60)

    assert freed(early, late, until_close=True) == (at(11), at(20))
    assert freed(early, late, until_close=False) == (at(11), at(20))


def test_a_chat_that_is_not_ended_frees_nothing() -> None:
    """Whatever the longest timeout does."""
    kept = Played(chat("c0"), None, 1, (), 0, 0)

    assert freed(kept, kept, until_close=False) is None


def busy(capacity: int) -> Occupancy:
    """Agent 7 has chats from 1 to 60 and from 10 to 40; one waits in the queue from 5 to 20, another from 30 to 50."""
    occupancy = Occupancy(capacity)
    for past in (
        chat("c0 a1", closed=60, queue="q", agent="7"),
        chat("c10 a10", closed=40, queue="q", agent="7"),
        chat("c5 a20", closed=21, queue="q", agent="8"),
        chat("c30 a50", closed=51, queue="q", agent="8"),
    ):
        occupancy.add(past)
    return occupancy


def test_a_slot_is_needed_while_a_chat_waits_and_the_agent_is_full() -> None:
    """Both at once: from 10 to 20, and from 30 to 40."""
    past = chat("c0 a1", queue="q", agent="7")

    assert busy(2).needed(past, at(0), at(60)) == 20 * 60
    assert busy(2).needed(past, at(15), at(35)) == 10 * 60
    assert busy(3).needed(past, at(0), at(60)) == 0
    # With room for one, agent 7 is full all the time: both waits count, the first from when the first chat waits.
    assert busy(1).needed(past, at(1), at(60)) == 35 * 60


def test_another_queue_or_agent_needs_nothing() -> None:
    """Nobody there waits, or has no slot left."""
    assert busy(2).needed(chat("c0 a1", queue="other", agent="7"), at(0), at(60)) == 0
    assert busy(2).needed(chat("c0 a1", queue="q", agent="9"), at(0), at(60)) == 0
