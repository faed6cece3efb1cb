"""One fault, or two, at any calls of an end: the chat still ends, and nothing is sent twice.

The calls are those of an undisturbed end, in every variant: of a process that knows the chat, of one that does not, and
of a chat without an interaction. Plan: every call x every fault, and every pair of them.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of
from sandbox.network import Call, Fault
from simulator.facts import ChatTruth
from tests.world.verdicts import describe, ended_well, repeated
from tests.world.world import Chat, World

VARIANTS = ("warm", "cold", "without interaction")
MORE_CALLS = 4
"""After a fault an attempt makes more calls than an undisturbed one; the second fault is looked for there too."""


@dataclass(frozen=True)
class Cell:
    """Which calls of an end go wrong, counted from 0, and how."""

    variant: str
    faults: tuple[tuple[int, Fault], ...]

    def __str__(self) -> str:
        return f"{self.variant}: " + ", ".join(f"{fault.value} at call {at}" for at, fault in self.faults)


def one_fault(calls: dict[str, int]) -> Iterator[Cell]:
    """Every call of every variant x every fault."""
    for variant, count in calls.items():
        for at, fault in itertools.product(range(count), Fault):
            yield Cell(variant, ((at, fault),))


def two_faults(calls: dict[str, int]) -> Iterator[Cell]:
    """All pairs: any fault at any call, and any other at any later one."""
    for variant, count in calls.items():
        for first, second in itertools.combinations(range(count + MORE_CALLS), 2):
            if first < count:
                for one, other in itertools.product(Fault, Fault):
                    yield Cell(variant, ((first, one), (second, other)))


def due(world: World, variant: str) -> Chat:
    """A chat a moment before its end: two minutes ago the customer was warned."""
    world.reset()
    world.configure()
    chat = world.twilio.chat(interaction=variant != "without interaction")
    chat.says("customer")
    chat.says("agent")
    world.twilio.advance("PT10M", before=True)
    if variant == "cold":
        world.restart()
    return chat


def count_calls(world: World) -> dict[str, int]:
    """How many calls an undisturbed end makes, by variant."""
    counts = {}
    for variant in VARIANTS:
        chat = due(world, variant)
        before = len(world.instance.wire.calls)
        world.twilio.advance("PT1S")
        if not ended_well(chat.truth):
            raise RuntimeError(f"an undisturbed end went wrong: {describe(chat.truth)}")
        counts[variant] = len(world.instance.wire.calls) - before
    return counts


@dataclass(frozen=True)
class Seen:
    """The truth after one delivery, after the timers that it armed, and after the sweep; and whether the faults hit."""

    hit: bool
    once: ChatTruth
    timers: ChatTruth
    sweep: ChatTruth


def play(world: World, cell: Cell) -> Seen:
    """One end with its faults."""
    chat = due(world, cell.variant)
    began = len(world.instance.wire.calls)
    planned = dict(cell.faults)
    hit: set[int] = set()

    def trouble(call: Call) -> Fault | None:
        at = call.number - began
        if at in planned:
            hit.add(at)
        return planned.get(at)

    world.hooks.trouble = trouble
    world.twilio.advance("PT1S")
    once = chat.truth
    world.hooks.trouble = lambda _call: None
    world.twilio.advance("PT5M")
    timers = chat.truth
    world.schedule_sweep()
    world.twilio.advance("PT5M" if ended_well(timers) else "PT25M")
    return Seen(len(hit) == len(planned), once, timers, chat.truth)


@contextmanager
def player() -> Iterator[Callable[[Cell], Seen]]:
    """Plays cells in a world of its own."""
    with World() as world:
        yield lambda cell: play(world, cell)


def run(watch: Watch) -> Result:
    """One fault in full from a hundredth on; two faults, as many as the scale says."""
    with World() as world:
        calls = count_calls(world)
    dice = random.Random(watch.seed)
    singles, doubles = list(one_fault(calls)), list(two_faults(calls))
    chosen_singles = _some(singles, min(len(singles), watch.share(100 * len(singles), 20)), dice)
    chosen_doubles = _some(doubles, watch.share(len(doubles), 20), dice)
    once = timers = swept = 0
    for cell, seen in watch.spread(chosen_singles, "one fault", player):
        once += ended_well(seen.once)
        timers += ended_well(seen.timers)
        swept += _right(watch, cell, seen)
    pairs = right = 0
    for cell, seen in watch.spread(chosen_doubles, "two faults", player):
        if seen.hit:
            pairs += 1
            right += _right(watch, cell, seen)
    n = len(chosen_singles)
    share = once / n
    figures = (
        Figure("calls of an end", ", ".join(f"{variant}: {count}" for variant, count in calls.items())),
        Figure(
            "one fault, one delivery, no sweep: ended well", f"{once:,} of {n:,} ({share:.1%})", "≥ 90 %", share >= 0.9
        ),
        Figure("one fault, and the timer that was armed comes back: ended well", f"{timers:,} of {n:,}"),
        all_of("one fault, with the sweep: ended well, nothing said twice", swept, n),
        all_of("two faults, with the sweep: ended well, nothing said twice", right, pairs),
        Figure("the other pairs: the second call was never made", f"{len(chosen_doubles) - pairs:,}"),
    )
    return watch.result("faults", n + len(chosen_doubles), len(singles) + len(doubles), figures)


def _right(watch: Watch, cell: Cell, seen: Seen) -> bool:
    twice = repeated(seen.once) or repeated(seen.timers)
    good = ended_well(seen.sweep) and not twice
    if not good:
        watch.breaks(f"{cell}: {describe(seen.sweep)}")
    return good


def _some(cells: list[Cell], count: int, dice: random.Random) -> list[Cell]:
    return cells if count >= len(cells) else dice.sample(cells, count)


CAMPAIGN = Campaign("faults", "one fault and two at any call of an end", run, short=0.0004)
