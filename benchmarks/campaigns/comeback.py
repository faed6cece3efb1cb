"""A customer writes while their chat is being ended: it is not ended if any client could have known.

Plan: the word comes at a random call of an end, on a random kind of chat, the end's parallel calls in random order.
Where it fell is found out afterwards: before the last look at the messages, between that and the notice, or in the
window between notice and close, which no client can remove: there it has to become `late_reply` in the log.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of, none_of
from function.policy import parse_policy
from sandbox.network import Call
from simulator.client import SimulatorError
from simulator.running import RunningSimulator
from tests.world.driving import Twilio
from tests.world.running import free_port, running_function, settings_for
from tests.world.verdicts import as_it_was, describe
from tests.world.world import Chat, World

FULL = 20_000
"""About half of the messages arrive before the last read."""

MAX_CALLS = 14
ENDS_TO_TIME = 200


class Place(StrEnum):
    """When the message arrived."""

    BEFORE_LAST_READ = "before the last read"
    BEFORE_NOTICE = "between the last read and the notice"
    WINDOW = "between notice and close"
    NOWHERE = "after the close"


@dataclass(frozen=True)
class Return:
    """One customer who writes again, before call number `at` of the end."""

    number: int
    at: int


def plan(count: int, dice: random.Random) -> list[Return]:
    """So many, at random calls."""
    return [Return(number, dice.randrange(MAX_CALLS)) for number in range(count)]


class Observer:
    """Sees how far an end is, from the calls that it makes."""

    def __init__(self) -> None:
        self.looks = 0
        self.notice = False

    def watch(self, call: Call) -> None:
        """Note a call that Twilio got."""
        if call.name.endswith("CH/Messages"):
            self.looks += call.method == "GET"
            self.notice |= call.method == "POST"

    @property
    def place(self) -> Place:
        """When a message arrives that is sent now."""
        if self.notice:
            return Place.WINDOW
        return Place.BEFORE_NOTICE if self.looks > 1 else Place.BEFORE_LAST_READ


def play(world: World, one: Return, dice: random.Random) -> tuple[Place, Chat]:
    """One end, in the middle of which the customer writes."""
    world.reset()
    world.configure()
    chat = world.twilio.chat(channel=dice.choice(("web", "sms", "whatsapp")), interaction=dice.random() < 0.8)
    for _ in range(dice.randrange(1, 4)):
        chat.says("customer")
        chat.says("agent")
    world.twilio.advance("PT10M", before=True)
    if dice.random() < 0.5:
        world.restart()
    observer = Observer()
    began = len(world.instance.wire.calls)
    place = Place.NOWHERE

    def before(call: Call) -> None:
        nonlocal place
        if call.number - began == one.at:
            here = observer.place
            try:
                chat.says("customer", "I am here")
                place = here
            except SimulatorError:
                place = Place.NOWHERE
        observer.watch(call)

    world.hooks.before = before
    world.twilio.advance("PT1S")
    world.hooks.before = lambda _call: None
    return place, chat


@contextmanager
def player(seed: int) -> Iterator[Callable[[Return], tuple[Place, str]]]:
    """Plays returns in a world of its own: when the message arrived, and what is wrong with the result."""
    dice = random.Random()
    with World(dice=dice) as world:

        def judged(one: Return) -> tuple[Place, str]:
            dice.seed(f"{seed} {one}")
            place, chat = play(world, one, dice)
            if place is Place.WINDOW:
                surfaced = world.lines(conversation=chat.conversation, outcome="late_reply")
                return place, "" if surfaced else f"no late_reply in the log; {describe(chat.truth)}"
            if place is Place.NOWHERE:
                return place, ""
            world.twilio.advance("PT30M")
            return place, "" if as_it_was(chat.truth) else describe(chat.truth)

        yield judged


def words(watch: Watch) -> Result:
    """The message at random calls."""
    fell: Counter[Place] = Counter()
    wrong: Counter[Place] = Counter()
    returns = plan(watch.share(FULL), random.Random(watch.seed))
    for one, (place, why) in watch.spread(returns, "customers who come back", partial(player, watch.seed)):
        fell[place] += 1
        if why:
            wrong[place] += 1
            watch.breaks(f"{one}, {place}: {why}")
    early = fell[Place.BEFORE_LAST_READ], fell[Place.BEFORE_NOTICE]
    figures = (
        none_of("a customer's word before our last read: ended", wrong[Place.BEFORE_LAST_READ], early[0]),
        none_of("a word between that and the notice: ended", wrong[Place.BEFORE_NOTICE], early[1]),
        all_of(
            "a word between notice and close, which nobody can prevent: `late_reply` in the log",
            fell[Place.WINDOW] - wrong[Place.WINDOW],
            fell[Place.WINDOW],
        ),
    )
    return watch.result("comeback", len(returns), FULL, figures)


def run(watch: Watch) -> Result:
    """The message at random calls in process; the window's length over sockets."""
    found = words(watch)
    windows = list(_windows(watch.share(ENDS_TO_TIME, 5)))
    window = Figure(
        "that window, with a Twilio that answers at once",
        f"{statistics.median(windows):.0f} ms in the middle, {max(windows):.0f} ms at most, of {len(windows)} ends "
        "over sockets; with Twilio one round trip more",
    )
    return watch.result(found.name, found.n, found.of, (*found.figures, window))


def _windows(ends: int) -> Iterator[float]:
    """Milliseconds from the notice's arrival at Twilio to the close's, over sockets."""
    with deployment() as twilio:
        for _ in range(ends):
            chat = twilio.chat()
            chat.says("customer")
            chat.says("agent")
            twilio.advance("PT10M", before=True)
            twilio.clear_log()
            twilio.advance("PT1S")
            writes = [each for each in twilio.requests() if each.method == "POST"]
            notice = next(each for each in writes if each.path.endswith("/Messages"))
            close = next(each for each in writes if "/Channels/" in each.path)
            yield (close.received - notice.received) * 1000


@contextmanager
def deployment() -> Iterator[Twilio]:
    """The simulator and the function of the zip, over sockets."""
    with RunningSimulator() as simulator, tempfile.TemporaryDirectory() as folder:
        twilio, port = Twilio(simulator), free_port()
        with running_function(Path(folder), settings_for(twilio, port, parse_policy({})), port) as function:
            twilio.configure(f"{function.url}/conversations", "PT8M")
            yield twilio


CAMPAIGN = Campaign("comeback", "a customer who writes while their chat is being ended", run, short=0.003)
