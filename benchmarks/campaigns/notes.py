"""Somebody else writes the conversation's attributes while we write our note: whose write is lost?

Twilio knows no compare-and-swap for them, so one window cannot be closed: from our read to our write. Plan: a plugin
writes before a random call of an attempt that notes. Anywhere else its write has to survive; the window's length is
measured over sockets.
"""

from __future__ import annotations

import json
import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, none_of
from benchmarks.campaigns.comeback import deployment
from sandbox.network import Call
from tests.world.world import Chat, World

FULL = 5_000
MAX_CALLS = 16
VISITS_TO_TIME = 200


class Kind(StrEnum):
    """Which attempt notes."""

    WARNED = "warned"
    REARMED = "rearmed"
    KEPT = "kept"


class Place(StrEnum):
    """Where the plugin's write fell."""

    OUTSIDE = "outside the window"
    WINDOW = "between our read and our write"
    NOWHERE = "after the attempt"


@dataclass(frozen=True)
class Write:
    """One write of a plugin, before call number `at` of an attempt."""

    number: int
    kind: Kind
    at: int


def plan(count: int, dice: random.Random) -> list[Write]:
    """So many, at random calls of each kind of attempt in turns."""
    kinds = list(Kind)
    return [Write(number, kinds[number % len(kinds)], dice.randrange(MAX_CALLS)) for number in range(count)]


def due(world: World, kind: Kind) -> Chat:
    """A chat whose next event is an attempt that notes."""
    world.reset()
    world.configure()
    world.restart()
    chat = world.twilio.chat()
    chat.says("customer")
    if kind is not Kind.KEPT:
        chat.says("agent")
    if kind is Kind.REARMED:
        world.twilio.advance("PT7M")
    else:
        world.twilio.advance("PT8M", before=True)
    return chat


def play(world: World, write: Write) -> tuple[Place, bool]:
    """One attempt, in the middle of which a plugin writes: where its write fell, and whether it survived."""
    chat = due(world, write.kind)
    began = len(world.instance.wire.calls)
    place = Place.NOWHERE

    def before(call: Call) -> None:
        nonlocal place
        if call.number - began != write.at:
            return
        ours = call.method == "POST" and call.path.endswith(chat.conversation) and "Attributes=" in call.body
        place = Place.WINDOW if ours else Place.OUTSIDE
        attributes = json.loads(world.twilio.rest("GET", chat.path)["attributes"])
        world.twilio.rest("POST", chat.path, Attributes=json.dumps(attributes | {"theirs": write.number}))

    world.hooks.before = before
    if write.kind is Kind.REARMED:
        world.instance.receive(world.twilio.event(chat))
    else:
        world.twilio.advance("PT1S")
    world.hooks.before = lambda _call: None
    attributes = json.loads(world.twilio.rest("GET", chat.path)["attributes"])
    return place, attributes.get("theirs") == write.number


@contextmanager
def player() -> Iterator[Callable[[Write], tuple[Place, bool]]]:
    """Plays writes in a world of its own."""
    with World() as world:
        yield partial(play, world)


def run(watch: Watch) -> Result:
    """The write at random calls in process; the window's length over sockets."""
    fell: Counter[Place] = Counter()
    lost: Counter[Place] = Counter()
    writes = plan(watch.share(FULL, 30), random.Random(watch.seed))
    for write, (place, survived) in watch.spread(writes, "writes of others", player):
        fell[place] += 1
        if place is not Place.NOWHERE and not survived:
            lost[place] += 1
            if place is Place.OUTSIDE:
                watch.breaks(f"{write}: the write of others is lost")
    windows = list(_windows(watch.share(VISITS_TO_TIME, 5)))
    figures = (
        none_of("others' writes beside our note: lost", lost[Place.OUTSIDE], fell[Place.OUTSIDE]),
        Figure(
            "others' writes between our read and our write, which nobody can prevent: lost",
            f"{lost[Place.WINDOW]:,} of {fell[Place.WINDOW]:,}",
        ),
        Figure(
            "that window, with a Twilio that answers at once",
            f"{statistics.median(windows):.0f} ms in the middle, {max(windows):.0f} ms at most, of {len(windows)} "
            "attempts over sockets; with Twilio one round trip more; once for each chat",
        ),
    )
    return watch.result("notes", len(writes), FULL, figures)


def _windows(attempts: int) -> Iterator[float]:
    """Milliseconds from our read's arrival at Twilio to our write's, over sockets."""
    with deployment() as twilio:
        for _ in range(attempts):
            chat = twilio.chat()
            chat.says("customer")
            twilio.advance("PT8M", before=True)
            twilio.clear_log()
            twilio.advance("PT1S")
            ours = [each for each in twilio.requests() if each.path.endswith(chat.conversation)]
            write = next(each for each in ours if each.method == "POST")
            read = [each for each in ours if each.method == "GET" and each.received < write.received][-1]
            yield (write.received - read.received) * 1000


CAMPAIGN = Campaign("notes", "somebody else writes attributes beside our note", run, short=0.006)
