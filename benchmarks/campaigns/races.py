"""Copies of one event reach the function at the same time: exactly one of them sends a text.

Plan: 2 to 16 copies x schedules. A schedule says which processes get the copies (one process for all, one for each, or
anything between), and whose step is next at every call; it comes from a number, and that number repeats it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of, none_of
from simulator.facts import ChatTruth
from tests.world.turns import Turns
from tests.world.verdicts import describe, released, silences
from tests.world.world import Chat, Instance, World

COPIES = range(2, 17)
SCHEDULES = 1_000
"""For each number of copies."""


@dataclass(frozen=True)
class Race:
    """One schedule."""

    copies: int
    number: int
    task: bool

    def __str__(self) -> str:
        return f"{self.copies} copies, schedule {self.number}, {'with' if self.task else 'without'} a task"


def plan(schedules: int, *, task: bool) -> list[Race]:
    """So many schedules for each number of copies."""
    return [Race(copies, number, task) for copies in COPIES for number in range(schedules)]


class Races:
    """One world for many races."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._dice = random.Random(seed)
        self._turns = Turns(self._dice)
        self.world = World(dice=self._dice, lock=self._turns.lock)
        self.world.hooks.before = lambda _call: self._turns.pause()
        self._instances = [self.world.another_instance() for _ in COPIES.stop * [0]]
        for instance in self._instances:
            self._warm_up(instance)

    def _warm_up(self, instance: Instance) -> None:
        """A process that has answered before: what it asks only once it has asked."""
        chat = self._silent(task=True)
        instance.receive(self.world.twilio.event(chat))

    def _silent(self, *, task: bool) -> Chat:
        self.world.reset()
        chat = self.world.twilio.chat("assigned" if task else "bot")
        chat.says("customer")
        chat.says("agent" if task else "bot")
        return chat

    def run(self, race: Race) -> tuple[ChatTruth, int]:
        """Let the copies race; return the truth right after that, and how many texts were due."""
        self._dice.seed(f"{self._seed} {race}")
        self._turns.begin()
        world, dice = self.world, self._dice
        chat = self._silent(task=race.task)
        closing = dice.random() < 0.5
        world.configure()
        if closing:
            world.twilio.advance("PT1S")
            world.instance = dice.choice(self._instances)
            world.instance.receive(world.twilio.event(chat))
            world.twilio.advance("PT8M")
            world.instance.receive(world.twilio.event(chat))
            world.configure(webhook="")
            world.twilio.advance("PT2M")
        else:
            world.configure(webhook="")
            world.twilio.advance("PT8M")
        before = said(chat.truth)
        processes = dice.sample(self._instances, dice.choice((1, 2, race.copies)))
        event = world.twilio.event(chat)
        one_each = len(processes) == race.copies
        receivers = processes if one_each else [dice.choice(processes) for _ in range(race.copies)]
        self._turns.run([partial(instance.receive, event) for instance in receivers])
        return chat.truth, said(chat.truth) - before


@contextmanager
def player(seed: int) -> Iterator[Callable[[Race], tuple[ChatTruth, int]]]:
    """Plays races in a world of its own."""
    races = Races(seed)
    with races.world:
        yield races.run


def said(truth: ChatTruth) -> int:
    """How often we have spoken."""
    return sum(sum(silence.said.values()) for silence in silences(truth))


def run(watch: Watch) -> Result:
    """With a task every schedule; without one a tenth as many."""
    schedules = watch.share(SCHEDULES)
    with_task, without = plan(schedules, task=True), plan(max(1, schedules // 10), task=False)
    once = unsafe = 0
    for race, (truth, times) in watch.spread(with_task, "races on chats with a task", partial(player, watch.seed)):
        once += times == 1
        if times != 1:
            watch.breaks(f"{race}: said {times} times; {describe(truth)}")
        if truth.closed and not released(truth):
            unsafe += 1
            watch.breaks(f"{race}: {describe(truth)}")
    spoken: Counter[int] = Counter()
    for _, (_, times) in watch.spread(without, "races on chats without a task", partial(player, watch.seed)):
        spoken[times] += 1
    most = max(spoken)
    n = len(with_task)
    figures = (
        all_of("2 to 16 copies at once, chat with a task: said exactly once", once, n),
        none_of("the same: closed with something left over", unsafe, n),
        Figure(
            "2 to 16 copies at once, chat without a task: said exactly once",
            f"{spoken[1]:,} of {len(without):,}; at most {most} times",
        ),
    )
    return watch.result("races", n + len(without), len(COPIES) * SCHEDULES * 11 // 10, figures)


CAMPAIGN = Campaign("races", "2 to 16 copies of one event at the same time", run, short=0.002)
