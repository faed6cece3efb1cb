"""What the product uses, measured: chats and sweeps in the simulator, in virtual time, so that a run repeats."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from dev.costs.assumptions import CPU_OF_A_REQUEST, ROUND_TRIP
from sandbox.network import Call
from tests.world.driving import Chat
from tests.world.world import Instance, World

GRANULE: Final = timedelta(milliseconds=100)
"""To which Google rounds up what an instance is paid for (https://cloud.google.com/run/pricing)."""

SWEEPS_AN_HOUR: Final = 12
"""With `sweepEvery` at its default."""


@dataclass(frozen=True)
class Usage:
    """What some requests used.

    Attributes:
        requests: that the function answered.
        seconds: while it answered them, one after the other, each rounded up as Google does.
        calls: to Twilio.
        sent: bytes of these calls, without headers.
        lines: of the log.
        logged: bytes of these lines.
    """

    requests: float = 0
    seconds: float = 0
    calls: float = 0
    sent: float = 0
    lines: float = 0
    logged: float = 0

    def times(self, factor: float) -> Usage:
        """The same so many times."""
        return Usage(*(value * factor for value in self._values))

    def plus(self, other: Usage) -> Usage:
        """Both."""
        return Usage(*(ours + theirs for ours, theirs in zip(self._values, other._values, strict=True)))

    @property
    def _values(self) -> tuple[float, ...]:
        return self.requests, self.seconds, self.calls, self.sent, self.lines, self.logged


def of_a_chat(play: Callable[[World, Chat], None]) -> Usage:
    """One chat in which it is the customer's turn, and what happens to it."""
    with World() as world:
        world.instance = world.another_instance(round_trip=ROUND_TRIP.total_seconds())
        chat = world.twilio.answered()
        world.clear_log()
        play(world, chat)
        return _used(world, world.instance)


def warned_and_ended(world: World, _chat: Chat) -> None:
    """The customer stays silent."""
    world.twilio.advance("PT8M")
    world.twilio.advance("PT2M")


def agent_is_silent(world: World, chat: Chat) -> None:
    """The customer waits for an answer when the timer fires."""
    chat.says("customer", "are you there?")
    world.twilio.advance("PT8M")


def of_a_sweep(open_chats: int) -> Usage:
    """One sweep, out of the mean of an hour, while people write in so many chats."""
    with World() as world:
        chats = [world.twilio.answered() for _ in range(open_chats)]
        world.schedule_sweep(f"PT{60 // SWEEPS_AN_HOUR}M")
        world.sweeper = world.another_instance(round_trip=ROUND_TRIP.total_seconds())
        world.clear_log()
        for _ in range(SWEEPS_AN_HOUR):
            for chat in chats:
                chat.says("agent")
            world.twilio.advance("PT5M")
        return _used(world, world.sweeper).times(1 / SWEEPS_AN_HOUR)


def cpu_of_a_request(requests: int = 20) -> timedelta:
    """The CPU that the function takes for a timer's event on this machine, without HTTP and TLS."""
    with World() as world:
        chats = [world.twilio.answered() for _ in range(requests)]
        simulators = 0.0
        entered = 0.0

        def enter(_call: Call) -> None:
            nonlocal entered
            entered = time.process_time()

        def leave(_call: Call, _status: int | None) -> None:
            nonlocal simulators
            simulators += time.process_time() - entered

        world.hooks.before, world.hooks.after = enter, leave
        began = time.process_time()
        for chat in chats:
            world.instance.receive(world.twilio.event(chat))
        return timedelta(seconds=time.process_time() - began - simulators) / requests


def _used(world: World, instance: Instance) -> Usage:
    lines = world.lines()
    # What a sweep did about one chat stands in a line of its own; the request's is the sweep's.
    requests = [line for line in lines if line.get("by") != "sweep"]
    return Usage(
        requests=len(requests),
        seconds=sum(_billed(timedelta(milliseconds=line["durationMs"])) for line in requests),
        calls=len(instance.wire.calls),
        sent=sum(len(call.path) + len(call.body.encode()) for call in instance.wire.calls),
        lines=len(lines),
        logged=len(world.log_text.encode()),
    )


def _billed(took: timedelta) -> float:
    return math.ceil((took + CPU_OF_A_REQUEST) / GRANULE) * GRANULE.total_seconds()
