"""Every kind of world, crossed with every row of the decision table and every fault at some call of the attempt.

A cell is a chat that one of the rows is about to decide on, in an account in which others have done something
(`tests/world/others.py`); one call of the attempt goes wrong, and afterwards only the sweep comes by. Plan: kinds x
scenes, as far as a rehearsal without a fault reaches the row; those x every fault x some calls. What does not reach its
row is counted, and not as good. Seed and cell repeat it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of, none_of
from function.chat import ROWS
from sandbox.network import Call, Fault, KilledError
from simulator.client import SimulatorError
from simulator.facts import ChatTruth
from tests.world.fence import Fence
from tests.world.others import (
    BEFALL,
    POLICY,
    UNKNOWN,
    Kind,
    Oddity,
    be_plain,
    close_by_site,
    end_task,
    show_truth,
    shows_unknown,
    unheard,
    write_attributes,
)
from tests.world.verdicts import (
    LIVE,
    describe,
    never_noted,
    never_proven,
    our_end_began,
    repeated,
    stuck,
    texted_unasked,
)
from tests.world.world import Chat, World

FULL = 10_000
TIMEOUT = timedelta(minutes=10)
AFTER = timedelta(minutes=75)
"""How long the sweep has: two timeouts for what others closed, and what a sweep needs to see that."""

LONGEST_PAUSE = timedelta(hours=1)
"""More, where an invite is pending, or something was not to be understood."""

PAUSES: Final = frozenset({Kind.INVITE, Kind.COLLEAGUE, Kind.UNKNOWN_STATUS, Kind.ODD_FIELDS, Kind.MALFORMED_ROWS})
"""Kinds of which that is so."""

KEPT_FOR: Final = frozenset(
    {
        "agent_silent",
        "do_not_time_out",
        "exempt",
        "left",
        "no_live_task",
        "paused",
        "queued",
    }
)
"""What the log may give as the reason why a chat is still open."""

Befall = Callable[[], object]
Script = Callable[[World, Chat, Befall], object]


@dataclass(frozen=True)
class Scene:
    """A chat in a state in which a row decides.

    Attributes:
        row: the row's name.
        play: what happens until the attempt; calls its last argument where something may befall the chat.
        variant: tells scenes of one row apart.
        policy: besides `POLICY`.
        dialect: switches.
        chat: how it begins.
        state: what the event of the attempt says.
        ends_waiting: the policy itself ends customers who wait.
    """

    row: str
    play: Script
    variant: str = ""
    policy: Mapping[str, object] = field(default_factory=dict)
    dialect: Mapping[str, str] = field(default_factory=dict)
    chat: Mapping[str, Any] = field(default_factory=dict)
    state: str = "inactive"
    ends_waiting: bool = False

    def __str__(self) -> str:
        return f"{self.row}{f' ({self.variant})' if self.variant else ''}"


def first_event(world: World, chat: Chat, state: str = "inactive") -> None:
    """An event arrives."""
    world.instance.receive(world.twilio.event(chat, StateTo=state))


def _after(length: str, *actions: str) -> Script:
    """Something befalls the chat, agents act, and time passes."""

    def play(world: World, chat: Chat, befall: Befall) -> None:
        befall()
        for action in actions:
            chat.does(action)
        world.twilio.advance(length)

    return play


def _warned(world: World, chat: Chat, befall: Befall) -> None:
    befall()
    world.twilio.advance("PT8M")
    first_event(world, chat)
    world.twilio.advance("PT2M")


def _noticed(world: World, chat: Chat, befall: Befall) -> None:
    """The process dies right before it closes anything."""

    def die(call: Call) -> Fault | None:
        if call.method == "POST" and ("/Channels/" in call.path or "AssignmentStatus" in call.body):
            raise KilledError
        return None

    _warned(world, chat, befall)
    world.hooks.trouble = die
    first_event(world, chat)
    world.hooks.trouble = lambda _call: None
    world.restart()
    world.twilio.advance("PT1M")


def _noticed_and_closed(world: World, chat: Chat, befall: Befall) -> None:
    _noticed(world, chat, befall)
    close_by_site(world, chat)


def _closed_by_others(world: World, chat: Chat, befall: Befall) -> None:
    befall()
    world.twilio.advance("PT1M")
    close_by_site(world, chat)
    world.twilio.advance("PT10M")


def _status(world: World, chat: Chat, befall: Befall) -> None:
    befall()
    world.twilio.advance("PT8M")
    world.twilio.show_status(chat.conversation, "conversation", UNKNOWN)


def _seen_and(what: str, length: str) -> Script:
    """The chat is looked at once, so that its task is known; then that is gone."""

    def play(world: World, chat: Chat, befall: Befall) -> None:
        befall()
        world.twilio.advance("PT2M")
        first_event(world, chat)
        if what == "complete":
            task = chat.truth.sids.task
            if task is None:
                raise SimulatorError(what, "there is no task")
            end_task(world, task)
        else:
            chat.does(what)
        world.twilio.advance(length)

    return play


def _customer_waits(length: str) -> Script:
    def play(world: World, chat: Chat, befall: Befall) -> None:
        chat.says("customer", "and now?")
        befall()
        world.twilio.advance(length)

    return play


QUEUED: Final[Mapping[str, Any]] = {"stage": "queued"}
PLAIN: Final[Mapping[str, Any]] = {"interaction": False}

SCENES: Final = (
    Scene("unknown_status", _status),
    Scene("closed", _after("PT1S", "complete"), state="closed"),
    Scene("set_aside", _seen_and("leave", "PT6M")),
    Scene("set_aside", _after("PT8M", "pause"), "paused"),
    Scene("exempt", _after("PT8M"), policy={"exempt": {"task": {"vip": "yes"}}}, chat={"attributes": {"vip": "yes"}}),
    Scene("on_hold", _after("PT8M"), chat={"attributes": {"doNotTimeOutUntil": "2090-01-01T00:00:00Z"}}),
    Scene("closed_by_us", _noticed_and_closed, state="closed"),
    Scene("closed_by_us", _noticed_and_closed, "without an interaction", state="closed", chat=PLAIN),
    Scene("closed_by_others", _closed_by_others, state="closed"),
    Scene("closed_by_others", _closed_by_others, "without an interaction", state="closed", chat=PLAIN),
    Scene("channel_unknown", _after("PT8M"), dialect={"interactionReads": "refused"}, chat=QUEUED),
    Scene("transfer", _after("PT8M", "transfer")),
    Scene("notice_sent", _noticed),
    Scene("notice_sent", _noticed, "without an interaction", chat=PLAIN),
    Scene("events_pending", _seen_and("expire", "PT1S"), dialect={"eventLag": "a_minute"}),
    Scene(
        "left_over",
        _seen_and("complete", "PT20M"),
        policy={"whenLeftOver": {"do": "end", "after": "PT20M"}},
        ends_waiting=True,
    ),
    Scene("no_live_task", _after("PT8M", "wrap")),
    Scene("no_live_task", _seen_and("complete", "PT8M"), "finished"),
    Scene("queued", _after("PT30M"), chat=QUEUED),
    Scene(
        "queued",
        _after("PT30M"),
        "ends",
        policy={"whenQueued": {"do": "end", "after": "PT30M"}},
        chat=QUEUED,
        ends_waiting=True,
    ),
    Scene(
        "queued",
        _seen_and("cancel", "PT28M"),
        "lost",
        policy={"whenQueued": {"do": "end", "after": "PT30M"}},
        chat=QUEUED,
        ends_waiting=True,
    ),
    Scene("agent_silent", _customer_waits("PT8M")),
    Scene(
        "agent_silent", _customer_waits("PT15M"), "told", policy={"whenAgentSilent": {"do": "notify", "after": "PT15M"}}
    ),
    Scene(
        "agent_silent",
        _customer_waits("PT20M"),
        "ends",
        policy={"whenAgentSilent": {"do": "end", "after": "PT20M"}},
        ends_waiting=True,
    ),
    Scene("not_yet", _after("PT4M")),
    Scene("warning_due", _after("PT8M")),
    Scene("warning_due", _after("PT8M"), "sms", chat={"channel": "sms"}),
    Scene("warning_due", _after("PT8M"), "a bot's chat", chat={"stage": "bot"}),
    Scene("end_due", _warned),
    Scene("end_due", _warned, "without an interaction", chat=PLAIN),
    Scene("end_due", _warned, "a bot's chat", chat={"stage": "bot"}),
    Scene("end_due", _seen_and("expire", "PT10M"), "of a lost task"),
    Scene("end_due", _seen_and("delete", "PT10M"), "of a deleted task"),
)


def scene_called(name: str) -> int:
    """Its number."""
    return [str(scene) for scene in SCENES].index(name)


@dataclass(frozen=True)
class Cell:
    """A scene in a kind of world, and what goes wrong at which call of the attempt; nothing in a rehearsal."""

    kind: Kind
    scene: int
    fault: Fault | None = None
    at: int = 0

    def __str__(self) -> str:
        wrong = f", {self.fault.value} at call {self.at}" if self.fault else ""
        return f"{SCENES[self.scene]}, {self.kind.name}{wrong}"


@dataclass(frozen=True)
class Seen:
    """What came of a cell.

    Attributes:
        possible: whether that can befall such a chat at all.
        reached: whether the row decided that the cell aims at.
        calls: of the attempt.
        writes: that were looked at.
        broken: what broke a promise.
        kept: the log's reason, where the chat of an answered customer is still open.
        overwritten: how a plugin's write in the attempt ended: kept, or lost in the moment between a read and a write.
    """

    possible: bool = True
    reached: bool = False
    calls: int = 0
    writes: int = 0
    broken: tuple[str, ...] = ()
    kept: str = ""
    overwritten: str = ""


@dataclass
class Plugin:
    """Writes over the attributes of a conversation right before some call of an attempt.

    Attributes:
        before: so many calls of ours later.
        wrote: it has.
        lost: our next write of attributes came without a read in between: no client can know.
    """

    world: World
    chat: Chat
    before: int
    wrote: bool = False
    lost: bool = False
    _unseen: bool = False

    def watch(self, call: Call) -> None:
        """One of our calls is on its way."""
        if not self.wrote:
            self.before -= 1
            if self.before < 0:
                self.wrote = self._unseen = not self.chat.truth.closed
                if self.wrote:
                    write_attributes(self.world, self.chat, "conversation", '{"plugin": "newest"}')
        if self._unseen and call.path.partition("?")[0].endswith(self.chat.conversation):
            self.lost = self.lost or (call.method == "POST" and "Attributes=" in call.body)
            self._unseen = False

    @property
    def ended(self) -> str:
        """How it did."""
        attributes = self.chat.truth.attributes
        kept = isinstance(attributes, dict) and attributes.get("plugin") == "newest"
        return "" if not self.wrote else "kept" if kept else "lost between a read and a write" if self.lost else "lost"


class Worlds:
    """Plays cells; each policy and dialect has a world of its own."""

    def __init__(self, seed: int, stack: ExitStack) -> None:
        self._seed = seed
        self._stack = stack
        self._worlds: dict[int, World] = {}

    def play(self, cell: Cell) -> Seen:
        """One cell."""
        scene = SCENES[cell.scene]
        world = self._world(cell.scene)
        dice = random.Random(f"{self._seed} {cell}")
        fence = self._begin(world, scene)
        chat = world.twilio.chat(**{"stage": "assigned", **self._channel(cell.kind), **scene.chat})
        odd: list[Oddity] = []

        def befall() -> None:
            happens = BEFALL.get(cell.kind)
            happened = happens(world, chat, dice) if happens else None
            odd.extend([happened] if isinstance(happened, Oddity) else [])

        try:
            _greet(chat, scene, outbound=cell.kind is Kind.OUTBOUND)
            scene.play(world, chat, befall)
        except SimulatorError:
            return Seen(possible=False)
        said, unknown = len(chat.ours), shows_unknown(world, chat)
        calls, plugin = self._attempt(world, chat, cell, dice)
        if unknown and (len(chat.ours) > said or self._ended(chat, fence)):
            fence.broken.append(f"treated, and nobody knows that status: {describe(chat.truth)}")
        failed = len(world.lines(event="failed"))
        self._go_on(world, chat, cell, stays_odd=bool(odd) and not odd[0].opaque and scene.chat is not PLAIN)
        for line in world.lines(event="failed")[failed:]:
            fence.broken.append(f"failed, and nothing went wrong: {line['error']}")
        return _judged(chat, cell, fence, calls, plugin)

    @staticmethod
    def _ended(chat: Chat, fence: Fence) -> bool:
        return chat.conversation in fence.ours

    def _world(self, scene: int) -> World:
        if scene not in self._worlds:
            chosen = SCENES[scene]
            world = World({"policy": {**POLICY, **chosen.policy}}, dialect=chosen.dialect)
            self._worlds[scene] = self._stack.enter_context(world)
        return self._worlds[scene]

    @staticmethod
    def _channel(kind: Kind) -> dict[str, str]:
        return {"channel": "sms"} if kind is Kind.UNDELIVERED else {}

    @staticmethod
    def _begin(world: World, scene: Scene) -> Fence:
        fence = Fence(world, TIMEOUT, lambda _truth: not scene.ends_waiting)
        world.hooks.trouble = lambda _call: None
        world.hooks.before, world.hooks.after = fence.before, fence.after
        be_plain(world)
        world.reset()
        world.configure(webhook="")
        world.restart()
        return fence

    @staticmethod
    def _attempt(world: World, chat: Chat, cell: Cell, dice: random.Random) -> tuple[int, Plugin | None]:
        """The attempt in which a call goes wrong; returns how many there were."""
        began = len(world.instance.wire.calls)
        plugin = Plugin(world, chat, dice.randrange(12)) if cell.kind is Kind.OVERWRITTEN else None

        def trouble(call: Call) -> Fault | None:
            if plugin:
                plugin.watch(call)
            return cell.fault if call.number - began == cell.at else None

        world.hooks.trouble = trouble
        first_event(world, chat, SCENES[cell.scene].state)
        world.hooks.trouble = lambda _call: None
        return len(world.instance.wire.calls) - began, plugin

    @staticmethod
    def _go_on(world: World, chat: Chat, cell: Cell, *, stays_odd: bool) -> None:
        """Nothing goes wrong any more, except what is odd and need not keep a chat; and the sweep runs."""
        if not stays_odd:
            be_plain(world)
        show_truth(world, chat)
        world.schedule_sweep()
        pauses = cell.kind in PAUSES or SCENES[cell.scene].row in {"unknown_status", "transfer", "events_pending"}
        until = world.now + AFTER + (LONGEST_PAUSE if pauses else timedelta())
        while world.now < until and not _over(chat.truth):
            world.twilio.advance("PT5M")


def accept_meanwhile(seed: int) -> Iterator[str]:
    """An agent accepts with `timers: on-accept`, and a plugin writes right before each call of ours; how that ended."""
    with World({"policy": POLICY}, arm_on_accept=True, dice=random.Random(seed)) as world:
        for interaction in (True, False):
            for before in range(MAX_CALLS):
                world.reset()
                world.configure()
                world.restart()
                chat = world.twilio.chat(interaction=interaction)
                chat.says("customer", "hello")
                plugin = Plugin(world, chat, before)
                world.hooks.before = plugin.watch
                world.instance.receive(world.twilio.accepted(chat), route="tasks")
                world.hooks.before = lambda _call: None
                if plugin.wrote:
                    yield plugin.ended


MAX_CALLS = 12
"""Of an acceptance; where there are fewer, the plugin does not come."""


def _over(truth: ChatTruth) -> bool:
    return truth.closed and all(task.purged or task.status in {"completed", "canceled"} for task in truth.tasks)


def _greet(chat: Chat, scene: Scene, *, outbound: bool) -> None:
    """The first messages."""
    stage = scene.chat.get("stage", "assigned")
    if not outbound:
        chat.says("customer", "hello")
    if stage != "queued":
        chat.says("bot" if stage == "bot" else "agent", "how can I help?")


def _judged(chat: Chat, cell: Cell, fence: Fence, calls: int, plugin: Plugin | None) -> Seen:
    truth, scene, world = chat.truth, SCENES[cell.scene], fence.world
    lines = world.lines(conversation=chat.conversation, event="decision")
    reason = str(lines[-1]["reason"]) if lines else "none"
    broken = list(fence.broken)
    broken += [f"said twice: {what}" for what in repeated(truth) if truth.tasks]
    kept = "" if truth.closed else reason
    if why := stuck(truth, world.now, unheard(world, chat)):
        kept = _excuse(world, cell, truth, reason)
        if not kept:
            broken.append(f"{why} ({reason}): {describe(truth)}")
    elif kept and scene.ends_waiting and not (kept := _excuse(world, cell, truth, reason)):
        broken.append(f"kept, and the policy ends those who wait ({reason}): {describe(truth)}")
    elif kept and not scene.ends_waiting and kept not in KEPT_FOR | {scene.row} & {"channel_unknown"}:
        broken.append(f"kept, and the log says {reason}: {describe(truth)}")
    if texted_unasked(truth):
        broken.append(f"told, and has never written: {describe(truth)}")
    ended = plugin.ended if plugin else ""
    if ended == "lost":
        broken.append("a plugin's attributes were lost, although they had been read")
    reached = any(row_of(line, truth) == scene.row for line in lines)
    return Seen(reached=reached, calls=calls, writes=fence.writes, broken=tuple(broken), kept=kept, overwritten=ended)


def _excuse(world: World, cell: Cell, truth: ChatTruth, reason: str) -> str:
    """Why a silent customer is kept, if somebody asked for that or nothing shows better; empty otherwise."""
    if (reason, SCENES[cell.scene].row) in {("exempt", "exempt"), ("do_not_time_out", "on_hold")}:
        return reason
    if cell.kind is Kind.BORROWED and reason in {"no_live_task", "closed", "queued", "agent_silent"}:
        return f"{reason}: its task names another chat's interaction"
    if never_proven(truth, invites=world.dialect.get("interactionReads") != "refused"):
        return f"{reason}: its task was never accepted, and no invite proves it"
    gone = not any(task.status in LIVE and not task.purged for task in truth.tasks)
    if reason in {"no_live_task", "agent_silent"} and not truth.closed and gone and never_noted(truth):
        return f"{reason}: its task was lost before it was noted"
    return ""


ROW_OF_REASON: Final = {
    "unknown_status": "unknown_status",
    "left": "set_aside",
    "paused": "set_aside",
    "parked": "set_aside",
    "email": "exempt",
    "exempt": "exempt",
    "do_not_time_out": "on_hold",
    "customer_silent": "end_due",
}
"""The others have the name of their row."""


def row_of(line: Mapping[str, Any], truth: ChatTruth) -> str:
    """Return the row that decided, from a line of the log."""
    decision, reason, facts = line["decision"], str(line["reason"]), line["facts"]
    if reason in {"closed", "closed_by_timer"}:
        left_over = decision == "finish" or facts["liveTasks"]
        return "closed" if not left_over else "closed_by_us" if our_end_began(truth) else "closed_by_others"
    if reason == "no_live_task" and facts.get("lastTask") == "unknown" and decision == "rearm":
        return "events_pending"
    return "warning_due" if decision == "warn" else ROW_OF_REASON.get(reason, reason)


@contextmanager
def player(seed: int) -> Iterator[Callable[[Cell], Seen]]:
    """Plays cells in worlds of its own."""
    with ExitStack() as stack:
        yield Worlds(seed, stack).play


def plan(reached: Mapping[Cell, int], most: int, seed: int) -> list[Cell]:
    """What was reached in a rehearsal, x every fault, x as many calls of the attempt as make so many cells."""
    each = max(1, most // max(1, len(reached) * len(Fault)))
    cells: list[Cell] = []
    for cell, calls in reached.items():
        for fault in Fault:
            dice = random.Random(f"{seed} {cell} {fault.name}")
            at = dice.sample(range(calls), min(each, calls))
            cells += [Cell(cell.kind, cell.scene, fault, call) for call in sorted(at)]
    return cells


@dataclass
class Tally:
    """What came of cells.

    Attributes:
        watch: gets the broken promises.
        cells: that could happen.
        reached: of those, how many reached the row that they aim at.
        writes: that were looked at.
        broken: cells that broke a promise.
        kept: chats that were still open, by the log's reason.
        overwritten: how a plugin's writes ended.
    """

    watch: Watch
    cells: int = 0
    reached: int = 0
    writes: int = 0
    broken: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    overwritten: Counter[str] = field(default_factory=Counter)

    def take(self, cell: Cell, seen: Seen) -> None:
        """Count a cell."""
        self.cells += seen.possible
        self.reached += seen.reached
        self.writes += seen.writes
        self.broken += bool(seen.broken)
        self.kept.update(filter(None, [seen.kept]))
        self.overwritten.update(filter(None, [seen.overwritten]))
        for what in seen.broken[:1]:
            self.watch.breaks(f"{cell}, seed {self.watch.seed}: {what}")


def run(watch: Watch) -> Result:
    """The rehearsal of all pairs, or of some; then the cells."""
    dice = random.Random(watch.seed)
    pairs = [Cell(kind, scene) for kind in Kind for scene in range(len(SCENES))]
    rehearsed = _some(pairs, watch.share(MORE_REHEARSALS * len(pairs)), dice)
    play = _Player(watch.seed)
    rehearsals, cells = Tally(watch), Tally(watch)
    reached: dict[Cell, int] = {}
    for cell, seen in watch.spread(rehearsed, "rehearsals", play):
        rehearsals.take(cell, seen)
        if seen.reached:
            reached[cell] = seen.calls
    planned = plan(reached, FULL, watch.seed)
    played = _some(planned, watch.share(FULL), dice)
    for cell, seen in watch.spread(played, "worlds", play):
        cells.take(cell, seen)
    rows = {SCENES[cell.scene].row for cell in reached}
    both = rehearsals.cells + cells.cells
    kept, overwritten = rehearsals.kept + cells.kept, rehearsals.overwritten + cells.overwritten
    whole = (
        [] if len(rehearsed) < len(pairs) else [all_of("rows of the decision table so reached", len(rows), len(ROWS))]
    )
    accepted = Counter(accept_meanwhile(watch.seed))
    figures = (
        Figure("kinds of worlds x scenes that reach the row they aim at", f"{len(reached):,} of {len(rehearsed):,}"),
        *whole,
        Figure(
            "those x faults that reach it in spite of the fault, and so count", f"{cells.reached:,} of {cells.cells:,}"
        ),
        none_of("cells that broke a promise, rehearsals among them", rehearsals.broken + cells.broken, both),
        Figure("writes that were looked at for what is not the chat's", f"{rehearsals.writes + cells.writes:,}"),
        *(Figure(f"open after the bound, and the log says {why}", f"{times:,}") for why, times in sorted(kept.items())),
        all_of("a plugin's writes during an acceptance: kept", accepted["kept"], accepted.total()),
        *(Figure(f"a plugin's write in an attempt: {how}", f"{times:,}") for how, times in sorted(overwritten.items())),
    )
    left_out = len(pairs) - len(rehearsed) + len(planned) - len(played)  # what cannot happen is not left out
    return watch.result("worlds", both, both + left_out, figures)


MORE_REHEARSALS = 20
"""A small run rehearses a larger share than it plays: only what reaches its row is worth a fault."""


def _some(cells: list[Cell], most: int, dice: random.Random) -> list[Cell]:
    """So many of them, in their order."""
    return [cells[at] for at in sorted(dice.sample(range(len(cells)), min(len(cells), most)))]


@dataclass(frozen=True)
class _Player:
    """Makes players of one seed; processes can be handed it."""

    seed: int

    def __call__(self) -> Any:
        return player(self.seed)


CAMPAIGN = Campaign(
    "worlds", "what others do to an account, crossed with every decision and every fault", run, short=0.002
)
