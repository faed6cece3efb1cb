"""Events in every order up to length six: however they come, no chat ends that should not, and nothing is said twice.

Plan: all sequences of up to six of seven events: two that reach the function whether they are true or not (inactive,
closed), and five that happen (accepted, transferred, a customer's word, an agent's word, eight minutes). Between the
events ten seconds pass. At a smaller scale: a sample, the short ones first.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from enum import Enum

from benchmarks.campaigns.campaign import Campaign, Result, Watch, none_of
from benchmarks.campaigns.verdicts import cut_off, repeated, stuck, told
from benchmarks.campaigns.world import ActionError, Chat, World
from simulator.errors import TwilioError

LONGEST = 6


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


def happen(world: World, chat: Chat, event: Event) -> None:
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
    except (ActionError, TwilioError):
        return


def play(world: World, order: Order) -> str:
    """Why the end is unsafe; empty when it is not."""
    world.reset()
    world.configure()
    world.schedule_sweep()
    chat = world.twilio.chat("queued")
    for event in order:
        happen(world, chat, event)
        world.twilio.advance("PT10S")
    world.twilio.advance("PT45M")
    truth = chat.truth
    unsafe = stuck(truth) or ("said twice" if repeated(truth) else "")
    if truth["state"] == "closed":
        unsafe = unsafe or cut_off(truth)
    return f"{unsafe}: {told(truth)}" if unsafe else ""


def run(watch: Watch) -> Result:
    """Every order, or a sample of them."""
    orders = list(plan())
    count = watch.share(len(orders))
    chosen = orders if count == len(orders) else random.Random(watch.seed).sample(orders, count)
    unsafe = 0
    with World() as world:
        for order in watch.through(chosen, "orders of events"):
            if why := play(world, order):
                unsafe += 1
                watch.breaks(f"{', '.join(event.value for event in order)}: {why}")
    figures = [none_of(f"orders of up to {LONGEST} events that led to an unsafe end", unsafe, len(chosen))]
    return watch.result("orders", len(chosen), len(orders), figures)


CAMPAIGN = Campaign("orders", "events in every order", run, short=0.0003)
