"""Copies of one event in one process are handled one after the other, and an agent's silence is reported once."""

import threading
import time
from datetime import UTC, datetime

import pytest

from function.handling.conversation_locks import ConversationLocks
from function.handling.memory import Memory
from function.twilio_api.attempt import Attempt
from function.twilio_api.errors import UnavailableError


def test_one_conversation_is_handled_by_one_thread_at_a_time() -> None:
    """Eight threads, one conversation: never two at once."""
    locks, inside, most = ConversationLocks(), [0], [0]

    def handle() -> None:
        with locks.hold("CH1", Attempt.lasting(10)):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.002)
            inside[0] -= 1

    threads = [threading.Thread(target=handle) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most[0] == 1


def test_other_conversations_do_not_wait() -> None:
    """Each conversation has its own lock."""
    locks = ConversationLocks()

    with locks.hold("CH1", Attempt.lasting(4)), locks.hold("CH2", Attempt.lasting(4)):
        pass


def test_waiting_for_a_lock_ends_at_the_deadline_and_leaves_nothing_behind() -> None:
    """The holder continues, and the next attempt gets the lock."""
    locks = ConversationLocks()

    with locks.hold("CH1", Attempt.lasting(4)):
        errors: list[UnavailableError] = []

        def wait() -> None:
            try:
                with locks.hold("CH1", Attempt.lasting(1.1)):
                    pass
            except UnavailableError as error:
                errors.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()

    assert len(errors) == 1
    with locks.hold("CH1", Attempt.lasting(4)):
        pass
    assert len(locks) == 0


def test_an_error_releases_the_lock() -> None:
    """The next attempt gets it."""
    locks = ConversationLocks()

    with pytest.raises(KeyError), locks.hold("CH1", Attempt.lasting(4)):
        raise KeyError

    assert len(locks) == 0


NINE, TEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC), datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def test_remembering_returns_what_it_replaces() -> None:
    """A silence that is remembered already is not new."""
    silences: Memory[datetime] = Memory(9)
    puts = [("CH1", NINE), ("CH1", NINE), ("CH2", NINE), ("CH1", TEN), ("CH1", NINE)]

    assert [silences.put(*one) for one in puts] == [None, NINE, None, NINE, TEN]
