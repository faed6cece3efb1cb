"""Ten thousand chats that go silent within a minute, and not one webhook: how long the sweep takes to release them all.

Plan: so many silent chats in virtual time, under Twilio's documented limits, with a sweep every five minutes as it is
deployed. What many workers wait for at the same time is waited for one after the other here, each for its share.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of
from function.handling.sweep_run import CROWD, WORKERS
from sandbox.network import Call
from simulator.limits import DOCUMENTED
from tests.world.verdicts import ended_well
from tests.world.world import Chat, World

FULL = 10_000
MAX_SWEEPS = 60
SWEEP_EVERY = timedelta(minutes=5)
MINUTES = 20
TOGETHER = 2
"""Calls that one chat makes at the same time, on average: six round trips of thirteen calls."""

ANSWER, PAGE = 0.2, 0.1
"""Seconds that a call takes, and a page of a list."""

_LIST = re.compile(r"\?State=|PageSize=1000|PageToken")
"""The lists of a sweep, which one worker reads; the newest tasks are listed with other calls of a chat."""

_ENDPOINTS = re.compile(r"Interactions/KD|Tasks \(search\)")


@dataclass
class Drain:
    """A deployment in virtual time whose every webhook is lost, and what it called."""

    world: World
    chats: list[Chat]
    calls: Counter[str] = field(default_factory=Counter)
    total: int = 0
    _began_at: float = 0.0
    _passed: int = 0

    def note(self, call: Call) -> None:
        """A call is made: what time it takes passes for Twilio, too."""
        world = self.world
        self.total += 1
        if _ENDPOINTS.search(call.name):
            self.calls[call.name] += 1
        if _LIST.search(call.path):
            world.wall.sleep(PAGE)
        self.catch_up()

    def catch_up(self) -> None:
        """Twilio's time follows ours, in steps."""
        behind = int(self.world.wall.monotonic() - self._began_at - self._passed)
        if behind >= 1:
            self._passed += behind
            self.world.twilio.advance(timedelta(seconds=behind))

    def begin(self) -> None:
        """All are due; from now on time is counted."""
        self._began_at, self._passed = self.world.wall.monotonic(), 0
        self.world.hooks.before = self.note

    @property
    def elapsed(self) -> float:
        """Seconds since then."""
        return self.world.wall.monotonic() - self._began_at


def drain(watch: Watch, count: int) -> Iterator[Figure]:
    """All chats go silent within a minute and no webhook is sent: only the sweep runs, every five minutes."""
    with World(rate_limits=True) as world:
        world.twilio.disturb(drop=1.0)
        chats = []
        for number in watch.through(range(count), "chats that fall silent within a minute"):
            chats.append(world.twilio.answered())
            if number * 60 // count != (number + 1) * 60 // count:
                world.twilio.advance("PT1S")
        world.twilio.advance("PT10M")
        sweeper = world.another_instance(round_trip=ANSWER / WORKERS / TOGETHER, at_a_time=WORKERS)
        draining = Drain(world, chats)
        draining.begin()
        sweeps = 0
        while sweeps < MAX_SWEEPS and any(chat.state != "closed" for chat in chats):
            world.wall.sleep(max(0.0, sweeps * SWEEP_EVERY.total_seconds() - draining.elapsed))
            draining.catch_up()
            sweeper.sweep()
            sweeps += 1
        closed_at = [_closed_at(chat) for chat in chats if chat.state == "closed"]
        last = max(closed_at, default=world.now)
        good = sum(ended_well(chat.truth) for chat in chats)
        minutes = (draining.elapsed - (world.now - last).total_seconds()) / 60
        yield all_of(f"{count:,} that went silent within a minute, every webhook lost: drained", good, count)
        yield Figure(
            "virtual time from when all are due to the last release",
            f"{minutes:.1f} min, {sweeps} sweeps; a call takes {ANSWER} s, a page of a list {PAGE} s",
            f"< {MINUTES} min",
            minutes < MINUTES,
        )
        for name, number in sorted(draining.calls.items()):
            half = DOCUMENTED["evaluateTaskAttributes" if "search" in name else "interactions"].per_second / 2
            rate = number / (minutes * 60)
            yield Figure(f"{name}: a second", f"{rate:.1f}", f"≤ {half:g}, half the limit", rate <= half)


def _closed_at(chat: Chat) -> datetime:
    return next(change.at for change in chat.truth.history if change.state_to == "closed")


def run(watch: Watch) -> Result:
    """All of it."""
    count = watch.share(FULL, 20)
    return watch.result("drain", count, FULL, drain(watch, count))


CAMPAIGN = Campaign("drain", "ten thousand silent chats at once, and no webhook", run, short=1.2 * CROWD / FULL)
