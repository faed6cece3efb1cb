"""A replay of a few chats whose figures were calculated by hand, through the deployed function."""

from dataclasses import replace
from datetime import timedelta

import pytest

from laptop.replay import Replay, ReplayError
from laptop.replay_outcome import PlayedChat, expected_outcome, tabulate
from ops.what_if.history import PastChat, Sent
from tests.ops.what_if.past import SENDERS
from tests.scenarios.conftest import TIMEOUT, Deployed

pytestmark = pytest.mark.engine

# Minutes after the replay's first message; c for the customer, a for an agent.
COURSES = {
    "goes silent": "c0 a1",  # warned at 9, ended at 11
    "waits": "c0 a1 c2",  # kept
    "returns": "c0 a1 c10 a11 c12",  # warned at 9, returned; the customer has the last word: kept
    "early, customer next": "c0 a1 c30 a31",  # ended at 11, two messages cut
    "early, agent next": "c0 a1 a40",  # ended at 11, one message cut
    "in the last instant": "c0 a1 c11 a12",  # the message at 11 comes before the timer of 11; ended at 22
    "slow agent": "c0 a60 c61",  # kept: the customer waited an hour and was not cut off
    "nobody answers": "c0 c5",  # never accepted: kept
    "agent first": "a0 c1",  # queued, accepted at once; the customer waits: kept
    "same minute": "c0 a0",  # an agent's message in the second of the task's creation still counts
}
PLAYED = {
    "goes silent": (2, True, (2,)),
    "waits": (3, False, ()),
    "returns": (5, False, (2,)),
    "early, customer next": (2, True, (2,)),
    "early, agent next": (2, True, (2,)),
    "in the last instant": (4, True, (2, 4)),
    "slow agent": (3, False, ()),
    "nobody answers": (2, False, ()),
    "agent first": (2, False, ()),
    "same minute": (2, True, (2,)),
}


def history_from(deployed: Deployed) -> list[PastChat]:
    """Return the chats as a history that begins a minute after the simulator's time."""
    start = deployed.twilio.now() + timedelta(minutes=1)
    return [
        PastChat(
            name,
            tuple(Sent(start + timedelta(minutes=int(word[1:])), SENDERS[word[0]]) for word in course.split()),
        )
        for name, course in COURSES.items()
    ]


def test_a_replay_has_the_calculated_results(deployed: Deployed) -> None:
    """Each chat, and the sums."""
    history = history_from(deployed)
    progress: list[tuple[int, int]] = []
    played, pace = Replay(deployed.twilio, history, lambda done, total: progress.append((done, total))).run()

    assert [PlayedChat(past, *PLAYED[past.id]) for past in history] == played
    assert [expected_outcome(past, TIMEOUT) for past in history] == [replace(chat, warnings=()) for chat in played]
    table = tabulate(played, TIMEOUT)
    assert (table.warned, table.returned) == (6, 2)
    assert (table.ended_after_last, table.ended_early, table.kept) == (3, 2, 5)
    assert (table.early_customer_again, table.early_agent_only, table.cut) == (1, 1, 3)
    assert (table.ended_customer_last, table.missed) == (0, 0)
    assert table.promises_kept
    # Blind ends "goes silent", "waits", "returns", "in the last instant", "nobody answers", "agent first" and "same
    # minute" after the last message, and the other three early.
    assert (table.blind_after_last, table.blind_early) == (7, 3)
    total = sum(len(past.messages) for past in history)
    assert progress[-1] == (total, total)
    assert pace.seconds > 0


def test_a_clock_past_the_first_message_is_refused(deployed: Deployed) -> None:
    """The clock only moves forward; the error says what to do."""
    history = history_from(deployed)
    deployed.twilio.advance(timedelta(hours=2))
    with pytest.raises(ReplayError, match=r"past the first message at .*; reset it to an earlier time"):
        Replay(deployed.twilio, history, lambda _done, _total: None).run()
