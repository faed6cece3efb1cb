"""Webhooks on their way: lost, doubled, late, out of order; each alone and in pairs, and repeatable."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.client import SimulatorError
from simulator.disorder import Dice, parse_disorder
from simulator.shared.outbox import OutgoingCall

from .conftest import Receiver, World

ALONE: dict[str, dict[str, Any]] = {
    "drop": {"drop": 0.5, "seed": 3},
    "duplicate": {"duplicate": 1},
    "delay": {"delay": "PT30S"},
    "reorder": {"reorder": True, "seed": 3},
}
PAIRS = list(itertools.combinations(ALONE, 2))


def burst(world: World, receiver: Receiver, disorder: dict[str, Any]) -> list[str | None]:
    """Fire six events at one instant, and return the order in which they arrived within a minute."""
    world.listen(receiver.url, "onMessageAdded")
    chat = world.chat()
    world.control("POST", "delivery", disorder)
    for number in range(6):
        world.say(chat, "customer", str(number))
    world.advance("PT1M")
    world.control("POST", "delivery", {})
    arrived = [got.value("Body") for got in receiver.got]
    receiver.got.clear()
    return arrived


@pytest.mark.parametrize("names", [*[(name,) for name in ALONE], *PAIRS], ids=" and ".join)
def test_the_same_seed_is_the_same_run(world: World, receiver: Receiver, names: tuple[str, ...]) -> None:
    """Each kind of disorder, alone and in pairs, can be repeated."""
    disorder = {key: value for name in names for key, value in ALONE[name].items()}

    assert burst(world, receiver, disorder) == burst(world, receiver, disorder)


def test_half_are_lost_and_the_log_says_which(world: World, receiver: Receiver) -> None:
    """A lost one is logged as dropped, without a status."""
    arrived = burst(world, receiver, {"drop": 0.5, "seed": 3})

    logged = world.control("GET", "deliveries")["deliveries"]
    assert 0 < len(arrived) < 6
    assert [one["params"]["Body"] for one in logged if one["error"] != "dropped"] == arrived


def test_copies_of_a_late_one_are_late_too(world: World, receiver: Receiver) -> None:
    """Duplicate and delay compose: nothing before its time, then each twice."""
    world.listen(receiver.url, "onMessageAdded")
    chat = world.chat()
    world.control("POST", "delivery", {"duplicate": 1, "delay": "PT30S"})
    world.say(chat, "customer", "late")

    world.advance("PT29S")
    assert receiver.got == []
    assert [one["status"] for one in world.advance("PT1S")] == [204, 204]


def test_later_ones_overtake_when_each_has_a_delay_of_its_own(world: World, receiver: Receiver) -> None:
    """Reorder and delay compose: all arrive within the delay, not in the order of their events."""
    arrived = burst(world, receiver, {"delay": "PT30S", "reorder": True, "seed": 3})

    assert sorted(map(str, arrived)) == sorted(map(str, range(6)))
    assert [str(number) for number in range(6)] != arrived


def test_events_of_one_instant_arrive_in_another_order(world: World, receiver: Receiver) -> None:
    """One change that fires two events, the message before the state: the second comes first."""
    world.listen(receiver.url, "onConversationStateUpdated", "onMessageAdded")
    chat = world.chat()
    world.conversation(chat).update(state="inactive")
    world.control("POST", "delivery", {"reorder": True})
    world.say(chat, "customer", "out of order")

    assert receiver.events() == ["onConversationStateUpdated", "onMessageAdded"]


@given(
    st.integers(1, 8),
    st.fixed_dictionaries(
        {
            "drop": st.floats(0, 1),
            "duplicate": st.integers(0, 3),
            "delay": st.sampled_from(["PT0S", "PT1S", "PT5M"]),
            "reorder": st.booleans(),
            "seed": st.integers(0, 1000),
        }
    ),
)
def test_every_delivery_is_of_an_event(count: int, disorder: dict[str, Any]) -> None:
    """Each call is lost once or sent in all its copies, and never later than the delay."""
    calls = [OutgoingCall(f"https://example.com/{number}", "POST", (), event="e") for number in range(count)]
    parsed = parse_disorder(disorder)

    passages = Dice(parsed).passages(calls)

    for call in calls:
        delays = [passage.delay for passage in passages if passage.call is call]
        assert delays == [None] or 1 + parsed.duplicate == len(delays)
        assert all(delay is None or delay <= parsed.delay for delay in delays)
    assert Dice(parsed).passages(calls) == passages


@pytest.mark.parametrize(
    ("disorder", "complaint"),
    [
        ({"drop": 2}, "drop: 2.0"),
        ({"duplicate": -1}, "duplicate: -1"),
        ({"delay": "5m"}, "delay: '5m'"),
        ({"dorp": 1}, "no key dorp"),
    ],
)
def test_a_bad_disorder_is_refused(world: World, disorder: dict[str, Any], complaint: str) -> None:
    """The message names key, value and bound."""
    with pytest.raises(SimulatorError, match=complaint):
        world.control("POST", "delivery", disorder)
