"""Events in every order up to length six: no chat ends that must not, and nothing is sent twice.

Plan: all sequences of up to six of seven events: two that reach the function whether they are true or not (inactive,
closed), and five that happen (accepted, transferred, a customer's word, an agent's word, eight minutes). After each
event ten seconds pass. An event that cannot happen where it stands (a transfer before anybody accepted, a word after
the end) is no event: its order is the shorter one without it, and in full that one is played instead. At a smaller
scale: a sample of all.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, none_of
from simulator.client import SimulatorError
from tests.world.verdicts import cut_off, describe, repeated, stuck
from tests.world.world import Chat, World

LONGEST = 6
SWEEPS = 9
"""At most, after the last event."""


class Event(Enum):
    """What may come next."""

    INACTIVE = "inactive"
    CLOSED = "closed"
    ACCEPTED = "accepted"
    TRANSFERRED = "transferred"
    CUSTOMER = "customer"
    AGENT = "agent"
    TIME = "time"


Order = tuple[Event, ...]


def plan() -> Iterator[Order]:
    """All of them, the short ones first."""
    for length in range(1, LONGEST + 1):
        yield from itertools.product(Event, repeat=length)


@dataclass(frozen=True)
class Seen:
    """Why the end is unsafe, empty if it is safe; and whether every event was possible at its place."""

    unsafe: str
    possible: bool


def happens(world: World, chat: Chat, event: Event) -> bool:
    """Let it happen, if it can."""
    try:
        match event:
            case Event.INACTIVE | Event.CLOSED:
                world.instance.receive(world.twilio.event(chat, StateTo=event.value))
            case Event.ACCEPTED:
                chat.does("accept")
            case Event.TRANSFERRED:
                chat.does("transfer")
            case Event.CUSTOMER | Event.AGENT:
                chat.says(event.value)
            case Event.TIME:
                world.twilio.advance("PT8M")
    except SimulatorError:
        return False
    world.twilio.advance("PT10S")
    return True


def play(world: World, order: Order, *, whole: bool = True) -> Seen:
    """Play one order; one with an event that cannot happen to its end only if it is asked for as a whole."""
    world.reset()
    world.configure()
    world.schedule_sweep()
    chat = world.twilio.chat("queued")
    possible = True
    for event in order:
        possible = happens(world, chat, event) and possible
        if not (possible or whole):
            return Seen("", possible)
    for _ in range(SWEEPS):
        closed = chat.state == "closed"
        world.twilio.advance("PT5M")
        if closed:  # and swept once more
            break
    truth = chat.truth
    unsafe = stuck(truth) or ("said twice" if repeated(truth) else "")
    if truth.closed:
        unsafe = unsafe or cut_off(truth)
    return Seen(f"{unsafe}: {describe(truth)}" if unsafe else "", possible)


@contextmanager
def player(*, whole: bool) -> Iterator[Callable[[Order], Seen]]:
    """Plays orders in a world of its own."""
    with World() as world:
        yield partial(play, world, whole=whole)


def run(watch: Watch) -> Result:
    """Every order, or a sample of them."""
    count = sum(len(Event) ** length for length in range(1, LONGEST + 1))
    n = watch.share(count)
    played = unsafe = 0
    for order, seen in _everything(watch) if n == count else _sample(watch, n):
        played += 1
        if seen.unsafe:
            unsafe += 1
            watch.breaks(f"{', '.join(event.value for event in order)}: {seen.unsafe}")
    figures = (
        none_of(f"orders of up to {LONGEST} events that led to an unsafe end", unsafe, played),
        Figure("the other orders: an event that cannot happen where it stands", f"{n - played:,}"),
    )
    return watch.result("orders", n, count, figures)


def _everything(watch: Watch) -> Iterator[tuple[Order, Seen]]:
    """Every order of which each event can happen: such an order begins with one."""
    beginnings: list[Order] = [()]
    for length in range(1, LONGEST + 1):
        longer = [(*beginning, event) for beginning in beginnings for event in Event]
        beginnings = []
        for order, seen in watch.spread(longer, f"orders of {length} events", partial(player, whole=False)):
            if seen.possible:
                beginnings.append(order)
                yield order, seen


def _sample(watch: Watch, count: int) -> Iterator[tuple[Order, Seen]]:
    chosen = random.Random(watch.seed).sample(list(plan()), count)
    yield from watch.spread(chosen, "orders of events", partial(player, whole=True))


CAMPAIGN = Campaign("orders", "events in every order", run, short=0.0003)
