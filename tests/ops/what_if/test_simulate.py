"""What becomes of a past chat under a policy, by the function's own decisions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from function.policy import parse_policy
from ops.what_if.history import PastChat
from ops.what_if.simulate import Played, Simulation
from tests.ops.what_if.past import at, chat, drawn


def play(past: PastChat, policy: dict[str, Any] | None = None) -> Played:
    """One chat under one policy; by default a warning after 8 minutes and the end after 10."""
    return Simulation(parse_policy(policy or {})).play(past)


COURSES = {
    "c0 a1": (2, at(11), (2,)),
    "c0 a1 c2": (3, None, ()),
    "c0 a1 c10 a11 c12": (5, None, (2,)),
    "c0 a1 c30 a31": (2, at(11), (2,)),
    "c0 a1 a40": (2, at(11), (2,)),
    "c0 a1 c11 a12": (4, at(22), (2, 4)),
    "c0 a60 c61": (3, None, ()),
    "c0 c5": (2, None, ()),
    "a0 c1": (2, None, ()),
    "c0 a0": (2, at(10), (2,)),
    "a0": (1, at(10), ()),
}
"""Worked out by hand: messages before the end, when it comes, and after how many messages each warning."""


@pytest.mark.parametrize(("course", "expected"), COURSES.items())
def test_a_silent_customer_is_ended_and_a_waiting_one_kept(
    course: str, expected: tuple[int, datetime | None, Sequence[int]]
) -> None:
    """As the replay of tests/scenarios finds, and the decision table says."""
    played = play(chat(course))

    assert (played.played, played.ended_at, played.warnings) == expected


def test_a_customer_who_writes_after_our_end_was_cut_off() -> None:
    """Apart from those where only the agent wrote."""
    cut, only_agent, neither = play(chat("c0 a1 a15 c30")), play(chat("c0 a1 a15")), play(chat("c0 a1"))

    assert [each.cut_off for each in (cut, only_agent, neither)] == [True, False, False]
    assert [each.only_agent_wrote for each in (cut, only_agent, neither)] == [False, True, False]
    assert cut.returned_at == at(30)


def test_a_customer_who_writes_between_warning_and_end_wrote_anyway() -> None:
    """Nobody was warned in the past."""
    assert play(chat("c0 a1 c10")).wrote_after_warning
    assert not play(chat("c0 a1 c12")).wrote_after_warning
    assert not play(chat("c0 a1 c5")).wrote_after_warning


def test_a_chat_that_was_closed_before_anything_was_due_is_not_ended() -> None:
    """At the same instant the close comes first."""
    played = [play(chat("c0 a1", closed=minutes)) for minutes in (7, 9, 11, 12)]

    assert [(each.ended, len(each.warnings)) for each in played] == [(False, 0), (False, 0), (False, 1), (True, 1)]


def test_the_customer_gets_each_warning_and_the_notice() -> None:
    """All of them cost money on some channels."""
    three = {"policy": {"warnings": [{"before": before} for before in ("PT6M", "PT4M", "PT2M")]}}

    assert play(chat("c0 a1"), three).texts == 4
    assert play(chat("c0 a1")).texts == 2
    assert play(chat("a0")).texts == 0


def test_a_rule_is_for_its_channel_queue_or_language() -> None:
    """What the file says of a chat selects the rule."""
    for key, value in (("channel", "sms"), ("queue", "Sales"), ("language", "de")):
        policy = {"policy": {"rules": [{"match": {key: value}, "timeout": "PT30M"}]}}
        assert play(chat("c0 a1", **{key: value}), policy).ended_at == at(31)
        assert play(chat("c0 a1"), policy).ended_at == at(11)


def test_an_exempt_chat_is_left_alone() -> None:
    """Email is, by default."""
    assert not play(chat("c0 a1", channel="email")).ended


def test_a_text_that_does_not_reach_whatsapp_is_not_counted() -> None:
    """After 24 hours there is neither a warning nor a notice, and the chat ends all the same."""
    policy = {"timeout": "P1D", "warnBefore": "PT1H"}
    late = play(chat("c0 a120", channel="whatsapp"), policy)
    in_time = play(chat("c0 a120", channel="sms"), policy)

    assert (late.texts, in_time.texts) == (0, 2)
    assert late.ended_at == in_time.ended_at == at(120 + 1440)


def test_the_window_of_whatsapp_counts_from_the_customers_last_message() -> None:
    """To the minute: both texts, the warning only, none."""
    policy = {"timeout": "PT3H", "warnBefore": "PT1H"}
    courses = ("c0 a1259", "c0 a1260", "c0 a1319", "c0 a1320")

    assert [play(chat(course, channel="whatsapp"), policy).texts for course in courses] == [2, 1, 1, 0]
    assert [play(chat(course, channel="web"), policy).texts for course in courses] == [2, 2, 2, 2]


def test_a_customer_who_waits_too_long_is_ended_only_if_the_policy_says_so() -> None:
    """In the queue, counted from its creation, and at an agent, counted from the newest message."""
    policy = {
        "policy": {"whenQueued": {"do": "end", "after": "PT20M"}, "whenAgentSilent": {"do": "end", "after": "PT30M"}}
    }

    assert play(chat("c0 c5"), policy).ended_at == at(20)
    assert play(chat("c0 a1 c2 c9"), policy).ended_at == at(39)
    assert not play(chat("c0 c5")).ended


def test_an_agents_silence_is_reported_once() -> None:
    """Until the agent writes again."""
    policy = {"policy": {"whenAgentSilent": {"do": "notify", "after": "PT5M"}, "texts": {"agentSilent": "A moment."}}}
    played = play(chat("c0 a1 c2 c30 c60 a61 c62"), policy)

    assert (played.notified, played.texts) == (2, 2)


def test_an_answer_before_the_end_counts_as_answered_before() -> None:
    """A customer's word after an agent's."""
    assert [play(chat(course)).answered_before for course in ("c0 a1", "c0 a1 c2 a3", "c0 a1 c20")] == [
        False,
        True,
        False,
    ]


POLICIES: tuple[dict[str, Any], ...] = (
    {},
    {"policy": {"whenAgentSilent": {"do": "notify", "after": "PT3M"}}},
    {"policy": {"whenAgentSilent": {"do": "end", "after": "PT12M"}, "whenQueued": {"do": "end", "after": "PT7M"}}},
    {"timeout": "PT4M", "policy": {"warnings": [{"before": "PT2M"}, {"before": "PT1M"}]}},
)


@pytest.mark.parametrize("policy", POLICIES)
def test_what_is_remembered_of_a_silence_changes_nothing(policy: dict[str, Any]) -> None:
    """One simulation for all chats says the same as a new one for each."""
    whole = Simulation(parse_policy(policy))
    chats = list(drawn(150, seed=7))
    random.Random(1).shuffle(chats)

    assert [whole.play(past) for past in chats] == [play(past, policy) for past in chats]
