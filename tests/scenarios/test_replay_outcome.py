"""The columns of a replay's table, each by an example, and the table as their sum."""

from datetime import timedelta

import pytest

from laptop.replay_outcome import PlayedChat, Table, blind_outcome, expected_outcome, tabulate
from ops.what_if.history import PastChat
from tests.ops.what_if.past import chat as past_chat

TEN = timedelta(minutes=10)


def past(*messages: str) -> PastChat:
    """Return a past chat from text such as `c0 a3`: the customer at minute 0, an agent at minute 3."""
    return past_chat(" ".join(messages))


def test_a_warned_customer_who_writes_before_the_end_has_returned() -> None:
    """A customer's message after the first warning counts."""
    chat = past("c0", "a1", "c10", "a11")
    assert PlayedChat(chat, 4, ended=True, warnings=(2, 4)).returned
    assert not PlayedChat(chat, 4, ended=True, warnings=(4,)).returned
    assert not PlayedChat(past("c0", "a1", "a10"), 3, ended=True, warnings=(2,)).returned
    assert not PlayedChat(chat, 4, ended=True).returned


def test_a_customer_who_writes_after_the_end_has_not_returned() -> None:
    """The rest of the past messages is cut."""
    assert not PlayedChat(past("c0", "a1", "c30"), 2, ended=True, warnings=(2,)).returned


def test_an_end_after_the_last_message_cut_nothing() -> None:
    """All messages were sent before the end."""
    chat = PlayedChat(past("c0", "a1"), 2, ended=True)
    assert (chat.ended_after_last, chat.ended_early, chat.cut, chat.customer_wrote_again) == (True, False, 0, False)


def test_an_end_before_the_last_message_is_early_and_says_whether_the_customer_wrote_again() -> None:
    """The rest of the past messages is cut."""
    chat = PlayedChat(past("c0", "a1", "a30", "c31"), 2, ended=True)
    assert (chat.ended_after_last, chat.ended_early, chat.cut, chat.customer_wrote_again) == (False, True, 2, True)


def test_a_chat_open_at_the_end_is_kept_or_missed_by_who_wrote_last() -> None:
    """Kept: the customer waits. Missed: the customer is silent and was not released."""
    kept = PlayedChat(past("c0", "a1", "c2"), 3, ended=False)
    missed = PlayedChat(past("c0", "a1"), 2, ended=False)
    assert (kept.kept, kept.missed) == (True, False)
    assert (missed.kept, missed.missed) == (False, True)


def test_an_end_after_the_customers_message_breaks_the_promise() -> None:
    """Early or after the last message."""
    chat = past("c0", "a1", "c2", "a30")
    assert PlayedChat(chat, 3, ended=True).ended_customer_last
    assert not PlayedChat(chat, 2, ended=True).ended_customer_last
    assert not PlayedChat(chat, 3, ended=False).ended_customer_last


@pytest.mark.parametrize(
    ("messages", "played"),
    [
        (["c0", "a5", "c16"], 2),
        (["c0", "c11"], 1),
        (["c0", "a10"], 2),
        (["c0", "a10", "c20.5"], 2),
        (["c0", "a1", "c2"], 3),
    ],
)
def test_a_blind_timer_ends_at_any_gap_that_is_longer_than_the_timeout(messages: list[str], played: int) -> None:
    """A message at the instant of the timer comes before it, whoever wrote it."""
    assert blind_outcome(past(*messages), TEN) == PlayedChat(past(*messages), played, ended=True)


@pytest.mark.parametrize(
    ("messages", "played", "ended"),
    [
        (["c0", "a5", "c16"], 2, True),
        (["c0", "c11", "a60"], 3, True),
        (["c0", "a10", "c20"], 3, False),
        (["c0", "a1"], 2, True),
        (["c0"], 1, False),
    ],
)
def test_the_expected_result_follows_from_the_promises(messages: list[str], played: int, ended: bool) -> None:
    """An agent's message that is unanswered for longer than the timeout ends the chat, a customer's never does."""
    assert expected_outcome(past(*messages), TEN) == PlayedChat(past(*messages), played, ended)


def test_the_table_adds_up() -> None:
    """Every chat is in exactly one of the four outcomes."""
    table = tabulate(
        [
            PlayedChat(past("c0", "a1"), 2, ended=True, warnings=(2,)),
            PlayedChat(past("c0", "a1", "c30", "a31"), 2, ended=True, warnings=(2,)),
            PlayedChat(past("c0", "a1", "a30"), 2, ended=True),
            PlayedChat(past("c0", "a1", "c9.5", "c30"), 4, ended=False, warnings=(2,)),
            PlayedChat(past("c0", "a1"), 2, ended=False),
        ],
        TEN,
    )
    assert table == Table(
        chats=5,
        messages=15,
        warned=3,
        returned=1,
        ended_after_last=1,
        ended_early=2,
        early_customer_again=1,
        early_agent_only=1,
        cut=3,
        ended_customer_last=0,
        kept=1,
        missed=1,
        blind_after_last=2,
        blind_early=3,
        blind_customer_last=1,
    )
    assert not table.promises_kept
    assert table.ended_after_last + table.ended_early + table.kept + table.missed == table.chats
