"""A process dies at any call: the next one finishes its work, and nothing is sent twice.

Plan: before and after every call of a warning and of an end, in every variant and with the parallel calls in several
orders. In process a death is an exception that nobody may catch, after which the process makes no call; some cells are
repeated with a real process and a real kill -9.
"""

from __future__ import annotations

import itertools
import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of
from benchmarks.campaigns.faults import VARIANTS
from function.policy import parse_policy
from sandbox.network import Call, KilledError
from simulator.facts import ChatTruth
from simulator.running import RunningSimulator
from tests.world.driving import Twilio, eventually
from tests.world.running import free_port, running_function, settings_for
from tests.world.verdicts import describe, ended_well, repeated
from tests.world.world import World

ORDERS = 20
"""In how many orders the parallel calls are made."""

MAX_CALLS = 16

REAL = (
    r"GET .*/Messages",
    r"POST .*/Tasks/WT\w+$",
    r"POST .*/Conversations/CH\w+$",
    r"POST .*/Messages$",
    r"POST .*/Channels/UO\w+$",
)
"""Calls at which a real process is killed."""


@dataclass(frozen=True)
class Crash:
    """Where a process dies: before or after call number `at` of a warning or an end."""

    variant: str
    ending: bool
    at: int
    after: bool
    order: int

    def __str__(self) -> str:
        step = "end" if self.ending else "warning"
        return f"{self.variant} {step}, killed {'after' if self.after else 'before'} call {self.at}, order {self.order}"


def plan() -> list[Crash]:
    """Every boundary, in every order."""
    sides = itertools.product(VARIANTS, (False, True), range(MAX_CALLS), (False, True), range(ORDERS))
    return [Crash(*each) for each in sides]


@dataclass(frozen=True)
class Seen:
    """Whether it died; the truth then, after the timers, and after the sweep."""

    died: bool
    then: ChatTruth
    timers: ChatTruth
    sweep: ChatTruth


def play(world: World, crash: Crash, dice: random.Random) -> Seen:
    """Let a process die."""
    dice.seed(str(crash))
    world.reset()
    world.configure()
    chat = world.twilio.chat(interaction=crash.variant != "without interaction")
    chat.says("customer")
    chat.says("agent")
    world.twilio.advance("PT10M" if crash.ending else "PT8M", before=True)
    if crash.variant == "cold":
        world.restart()
    began = len(world.instance.wire.calls)
    died = False

    def die(call: Call) -> None:
        nonlocal died
        if call.number - began == crash.at:
            died = True
            world.instance.kill()
            raise KilledError

    if crash.after:
        world.hooks.after = lambda call, _status: die(call)
    else:
        world.hooks.before = die
    world.twilio.advance("PT1S")
    world.hooks.before, world.hooks.after = (lambda _call: None), (lambda _call, _status: None)
    then = chat.truth
    if died:
        world.restart()
    world.twilio.advance("PT10M")
    timers = chat.truth
    world.schedule_sweep()
    world.twilio.advance("PT5M" if ended_well(timers) else "PT25M")
    return Seen(died, then, timers, chat.truth)


@contextmanager
def player() -> Iterator[Callable[[Crash], Seen]]:
    """Plays crashes in a world of its own."""
    dice = random.Random()
    with World(dice=dice) as world:
        yield lambda crash: play(world, crash, dice)


def run(watch: Watch) -> Result:
    """Every boundary in process, some with real processes."""
    dice = random.Random(watch.seed)
    crashes = plan()
    chosen = dice.sample(crashes, watch.share(len(crashes), 20))
    n = alone = swept = 0
    for crash, seen in watch.spread(chosen, "crashes", player):
        if not seen.died:
            continue
        n += 1
        alone += ended_well(seen.timers)
        good = ended_well(seen.sweep) and not repeated(seen.then)
        swept += good
        if not good:
            watch.breaks(f"{crash}: {describe(seen.sweep)}")
    kills = list(itertools.product(REAL, (False, True)))[: watch.share(len(REAL) * 2, 1)]
    real = sum(_real(watch, match, after=after) for match, after in watch.through(kills, "kill -9"))
    figures = (
        Figure("killed at any call, and the timer that was armed comes back: ended well", f"{alone:,} of {n:,}"),
        all_of("killed at any call, with the sweep: ended well, nothing said twice", swept, n),
        Figure("the other places: that call was never made", f"{len(chosen) - n:,}"),
        all_of("kill -9 of a real process in the middle of an end: ended well by the next", real, len(kills)),
    )
    return watch.result("crashes", len(chosen) + len(kills), len(crashes) + len(REAL) * 2, figures)


def _real(watch: Watch, match: str, *, after: bool) -> bool:
    """Hold a call, before or after it is applied, and kill the process that waits for it."""
    with RunningSimulator() as simulator, tempfile.TemporaryDirectory() as folder:
        twilio = Twilio(simulator)
        ports = free_port(), free_port()
        settings = [settings_for(twilio, port, parse_policy({})) for port in ports]
        with (
            running_function(Path(folder) / "1", settings[0], ports[0]) as first,
            running_function(Path(folder) / "2", settings[1], ports[1]) as second,
        ):
            twilio.configure(f"{first.url}/conversations", "PT8M")
            chat = twilio.chat()
            chat.says("customer")
            chat.says("agent")
            twilio.advance("PT10M", before=True)
            twilio.fault(match, kind="timeout", when="after" if after else "before", seconds=1)
            clock = threading.Thread(target=twilio.advance, args=("PT1S",))
            clock.start()
            eventually(lambda: twilio.hits()[0])
            first.kill()
            clock.join()
            twilio.configure(f"{second.url}/conversations", "PT8M")
            if chat.state == "inactive":  # nothing was armed yet: what a sweep finds, once the dead one's lease is over
                twilio.advance("PT1M")
                twilio.send(second.url, twilio.event(chat))
            twilio.advance("PT5M")
            good = ended_well(chat.truth)
            if not good:
                watch.breaks(f"kill -9 {'after' if after else 'before'} {match}: {describe(chat.truth)}")
            return good


CAMPAIGN = Campaign("crashes", "a process that dies at any call", run, short=0.005)
