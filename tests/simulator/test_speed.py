"""Speed and memory, in short: bounds that hold on a busy machine, because they count the simulator's own CPU time.

`make figures` measures the same at full length.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from simulator.conversations.service import Fields
from simulator.conversations.webhooks import REST
from simulator.simulation import Simulation
from tests.world.simulator_load import Measured, chats, measured_simulator, message_latency, rate, requests_to_send


@pytest.fixture(scope="module")
def measured() -> Iterator[Measured]:
    """A simulator in a process of its own."""
    with measured_simulator() as simulator:
        yield simulator


def day(timers: int) -> float:
    """Return the CPU seconds of a day in which this many inactive timers fire, in this process."""
    simulation = Simulation()
    service = simulation.products.conversations.default_service
    for number in range(timers):
        service.create_conversation(REST, Fields(inactive=f"PT{1 + number * 7919 % 1439}M"))
    began = time.process_time()
    asyncio.run(simulation.advance(simulation.account.clock.now + timedelta(days=1), before=False))
    took = time.process_time() - began

    assert {conversation.state.value for conversation in service.conversations.values()} == {"inactive"}
    return took


def test_chats_are_small_and_quick(measured: Measured) -> None:
    """200 chats of 20 messages: at most 60 KiB and 40 ms each. A thousand fit into 60 MiB."""
    took = chats(measured, 200, 20)

    assert took.memory / 200 < 60 * 2**10
    assert took.cpu / 200 < 0.040


def test_a_day_with_ten_thousand_timers_passes_in_two_seconds() -> None:
    """Ten thousand conversations fall silent."""
    assert day(10_000) < 2.0


def test_a_day_grows_no_faster_than_n_log_n() -> None:
    """Ten times the timers cost 13.3 times as much by n log n; quadratic growth would be 100 times."""
    small = min(day(2_000) for _ in range(2))
    large = day(20_000)

    assert large < 2.5 * 13.3 * max(small, 0.005)


@pytest.mark.parametrize("kind", ["fetch a conversation", "list 20 messages", "all of these in turns"])
def test_a_core_answers_300_requests_a_second(measured: Measured, kind: str) -> None:
    """By the simulator's own CPU time."""
    answered = rate(measured, requests_to_send(measured)[kind], seconds=1)

    assert answered.cpu > 300


def test_a_message_through_the_control_plane_is_quick(measured: Measured) -> None:
    """The median of 300, by the wall clock: replays of real chats send a million of them."""
    took = sorted(message_latency(measured, 300))

    assert took[150] < 0.010
