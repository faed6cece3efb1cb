"""Anything that people, Twilio and the network may do, in any order: the promises hold after every step.

A Hypothesis state machine over several chats in virtual time, in the default dialect, with each of its switches alone
and in a pairwise set. A step is a word, an action of an agent, time that passes, an event that comes again or late, a
lost webhook, a fault, a process that dies or is new. The sweep runs as in a deployment. Hypothesis shrinks what breaks
a promise; seed and dialect repeat it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of
from local.ours import kind_of_ours
from simulator.client import SimulatorError
from simulator.dialect import Dialect
from simulator.facts import ChatTruth
from tests.world.network import Call, Fault, KilledError
from tests.world.verdicts import cut_off, repeated, stuck, told, unknowable
from tests.world.world import Chat, World

FULL = 1_000_000
STEPS = 50
"""In one history."""

MOST_AT_ONCE = 1_000
"""Histories of one seed; then another one, because Hypothesis ends some of them early."""

MOST_IN_A_PIECE = 20_000
"""Steps that one process plays at a stretch."""

TIMEOUT, SWEEP_EVERY = timedelta(minutes=10), timedelta(minutes=5)

ACTIVE_EVERY = timedelta(minutes=15)
"""How often the sweep looks at chats whose timers should have fired, and at tasks (docs, operations)."""

SLACK = timedelta(minutes=2)
"""A warning that comes late leaves the customer a minute; Twilio's timers may be late by 20 seconds."""

BOUND = TIMEOUT + ACTIVE_EVERY + 2 * SWEEP_EVERY + SLACK
"""Whoever is silent is released within so long, once nothing goes wrong any more."""

ACTIONS: Final = ("accept", "reserve", "reject", "transfer", "wrap", "complete", "leave", "pause", "resume")


class BrokenError(AssertionError):
    """A promise is broken."""


@dataclass(frozen=True)
class Setting:
    """What a run of the machine is about."""

    dialect: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.dialect) or "default dialect"


def each_switch() -> list[Setting]:
    """Every answer that is not the default's, alone."""
    return [Setting((each,)) for each in _others()]


def pairwise() -> list[Setting]:
    """Dialects in which every two switches meet in every combination of default and other: by greedy choice."""
    switches = sorted({name for name, _ in _others()})
    by_name = {name: next(value for other, value in _others() if other == name) for name in switches}
    open_pairs = {
        (a, x, b, y) for i, a in enumerate(switches) for b in switches[i + 1 :] for x in (0, 1) for y in (0, 1)
    }
    dice = random.Random(0)
    chosen: list[Setting] = []
    while open_pairs:
        rows = [{name: dice.randrange(2) for name in switches} for _ in range(50)]
        best = max(rows, key=lambda row: sum(row[a] == x and row[b] == y for a, x, b, y in open_pairs))
        open_pairs = {(a, x, b, y) for a, x, b, y in open_pairs if best[a] != x or best[b] != y}
        chosen.append(Setting(tuple((name, by_name[name]) for name in switches if best[name])))
    return chosen


def _others() -> list[tuple[str, str]]:
    default = Dialect().as_json()
    kinds = {name: type(getattr(Dialect(), field.name)) for name, field in zip(default, fields(Dialect), strict=True)}
    return [
        (name, str(answer.value)) for name, kind in kinds.items() for answer in kind if answer.value != default[name]
    ]


class Histories(RuleBasedStateMachine):
    """One history."""

    world: World
    count: Callable[[], None]
    chats = Bundle("chats")

    def __init__(self) -> None:
        super().__init__()
        self.known: list[Chat] = []
        self.foreign: list[Chat] = []
        self.by_people: set[str] = set()
        self.left: set[str] = set()
        self.closed: set[str] = set()

    # -- what happens ------------------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """A new account."""
        world = self.world
        world.hooks.trouble = lambda _call: None
        world.hooks.before = self._watch
        world.reset()
        world.configure()
        world.twilio.disturb()
        world.restart()
        world.schedule_sweep()

    @rule(
        target=chats,
        channel=st.sampled_from(("web", "sms", "whatsapp")),
        stage=st.sampled_from(("bot", "queued", "assigned", "assigned", "wrapping")),
        interaction=st.sampled_from((True, True, False)),
    )
    def somebody_comes(self, channel: str, stage: str, *, interaction: bool) -> Any:
        """A chat begins."""
        if len(self.known) >= 4:
            return multiple()
        chat = self.world.twilio.chat(stage, channel=channel, interaction=interaction)
        self.known.append(chat)
        return chat

    @rule(chat=chats, who=st.sampled_from(("customer", "agent", "agent", "bot")))
    def somebody_writes(self, chat: Chat, who: str) -> None:
        """A word."""
        try:
            chat.says(who)
        except SimulatorError:
            return

    @rule(chat=chats, kind=st.sampled_from(("closing", "warning")), answers=st.integers(-1, 5))
    def a_customer_forges(self, chat: Chat, kind: str, answers: int) -> None:
        """A customer's word that looks like ours."""
        forged = {"inactivityTimeout": {"kind": kind, "step": 1, "answers": answers}}
        try:
            chat.says("customer", attributes=forged)
        except SimulatorError:
            return

    @rule(chat=chats, action=st.sampled_from(ACTIONS))
    def an_agent_acts(self, chat: Chat, action: str) -> None:
        """Something in Flex's UI."""
        try:
            chat.does(action)
        except SimulatorError:
            return
        if action == "complete":
            self.by_people.add(chat.conversation)
        if action == "leave":
            self.left.add(chat.conversation)

    @rule(seconds=st.sampled_from((1, 30, 60, 61, 119, 120, 300, 475, 480, 485, 600, 900, 3600)))
    def time_passes(self, seconds: int) -> None:
        """Timers fire, the sweep comes by."""
        self.world.twilio.advance(f"PT{seconds}S")

    @rule(chat=chats, state=st.sampled_from(("inactive", "inactive", "closed", "active")))
    def an_event_comes_again(self, chat: Chat, state: str) -> None:
        """Late, doubled or out of order, and genuine."""
        self.world.instance.receive(self.world.twilio.event(chat, StateTo=state))

    @rule(drop=st.sampled_from((0.0, 0.5, 1.0)), duplicate=st.sampled_from((0, 1)))
    def webhooks_go_astray(self, drop: float, duplicate: int) -> None:
        """From now on."""
        self.world.twilio.disturb(drop=drop, duplicate=duplicate)

    @rule(after=st.integers(0, 30), fault=st.sampled_from(list(Fault)), times=st.sampled_from((1, 1, 2, 5)))
    def a_call_goes_wrong(self, after: int, fault: Fault, times: int) -> None:
        """Some call from now on."""
        left = [after, times]

        def trouble(_call: Call) -> Fault | None:
            if left[0] > 0:
                left[0] -= 1
                return None
            left[1] -= 1
            return fault if left[1] >= 0 else None

        self.world.hooks.trouble = trouble

    @rule(after=st.integers(0, 30))
    def the_process_dies(self, after: int) -> None:
        """At some call from now on; the next event finds a new one."""
        left = [after]
        world = self.world

        def trouble(_call: Call) -> Fault | None:
            left[0] -= 1
            if left[0] == -1:
                raise KilledError
            return None

        world.hooks.trouble = trouble

    @rule()
    def a_new_process(self) -> None:
        """One that remembers nothing."""
        self.world.restart()

    @rule()
    def somebody_elses(self) -> None:
        """A silent chat of another service of the account."""
        if self.foreign:
            self.world.instance.receive(self.world.twilio.event(self.foreign[0]))
            return
        other = self.world.twilio.rest("POST", "conversations/v1/Services", FriendlyName="theirs")["sid"]
        chat = self.world.twilio.chat("assigned", service=other)
        chat.says("customer")
        chat.says("agent")
        self.foreign.append(chat)

    # -- what may never happen ---------------------------------------------------------------------------------------

    def _watch(self, call: Call) -> None:
        """No write to a closed conversation, nothing at all done to a foreign one."""
        if call.method == "GET":
            return
        for chat in self.foreign:
            if chat.conversation in call.path or (chat.task and chat.task in call.path):
                raise BrokenError(f"a foreign chat was written to: {call}")
        for sid in self.closed:
            if f"/Conversations/{sid}" in call.path:
                raise BrokenError(f"a closed conversation was written to: {call}")

    @invariant()
    def judge(self) -> None:
        """After every step, of every chat."""
        type(self).count()
        for chat in self.known:
            if chat.conversation in self.closed:
                continue
            truth = chat.truth
            hidden = self.world.dialect.get("flexAttributes") != "named" and unknowable(truth)
            a_bots = hidden and chat.conversation in self.left  # each of its words begins a silence
            if repeated(truth) and _had_task_all_along(truth) and not a_bots:
                raise BrokenError(f"said twice in one silence: {told(truth)}")
            if truth.closed:
                self.closed.add(chat.conversation)
                if hidden:
                    continue
                if chat.conversation not in self.by_people and (why := cut_off(truth)):
                    raise BrokenError(f"{why}: {told(truth)}")

    def teardown(self) -> None:
        """Nothing goes wrong any more: whoever is silent is released within the bound."""
        if not self.known:
            return
        world = self.world
        world.hooks.trouble = lambda _call: None
        if world.instance.wire.dead:
            world.restart()
        if world.sweeper.wire.dead:
            world.schedule_sweep()
        world.twilio.disturb()
        began = world.now
        while world.now < began + BOUND + TIMEOUT:
            world.twilio.advance("PT5M")
            self.judge()
        for chat in self.known:
            truth = chat.truth
            if why := stuck(truth):
                raise BrokenError(f"{why}: {told(truth)}")


def _had_task_all_along(truth: ChatTruth) -> bool:
    """At most one notice a silence is promised for chats with a task: one that was there when the first was said."""
    first = next((message.at for message in truth.messages if kind_of_ours(message)), None)
    return first is not None and any(task.created_at <= first for task in truth.tasks)


def play(setting: Setting, steps: int, number: int, *, shrink: bool = True) -> tuple[int, str]:
    """Play so many steps in one dialect.

    Returns:
        How many steps were played, and what broke a promise: the shortest history that does.
    """
    played = 0

    def count() -> None:
        nonlocal played
        played += 1

    with World(dialect=dict(setting.dialect)) as world:
        machine: Any = type("Machine", (Histories,), {"world": world, "count": staticmethod(count)})
        bounded = settings(
            max_examples=max(1, min(MOST_AT_ONCE, round(steps / STEPS))),
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        )
        for again in range(1 + steps):
            if played >= steps:
                break
            try:
                run_state_machine_as_test(seed(number + again * 1_000_003)(machine), settings=bounded)
            except BrokenError as broken:
                return played, "\n".join([str(broken), *getattr(broken, "__notes__", [])])
    return played, ""


@dataclass(frozen=True)
class Piece:
    """Steps in one dialect, and the seed that repeats them."""

    setting: Setting
    steps: int
    seed: int


def pieces(plan: Sequence[tuple[Setting, int]], first_seed: int) -> list[Piece]:
    """The same steps, in pieces that processes can share."""
    counts = [
        (setting, min(MOST_IN_A_PIECE, steps - begun))
        for setting, steps in plan
        for begun in range(0, steps, MOST_IN_A_PIECE)
    ]
    return [Piece(setting, steps, first_seed + number) for number, (setting, steps) in enumerate(counts)]


@contextmanager
def player() -> Iterator[Callable[[Piece], tuple[int, str]]]:
    """Each piece has a world of its own."""
    yield lambda piece: play(piece.setting, piece.steps, piece.seed)


def run(watch: Watch) -> Result:
    """Half of the steps in the default dialect, the other half spread over the others."""
    steps = watch.share(FULL)
    others = each_switch() + pairwise()
    a_history = steps // 2 // len(others) >= STEPS
    chosen = others if a_history else random.Random(watch.seed).sample(others, max(1, steps // 2 // STEPS))
    plan = [(Setting(), steps // 2), *((setting, max(STEPS, steps // 2 // len(chosen))) for setting in chosen)]
    played = 0
    broken: set[Setting] = set()
    for piece, (did, why) in watch.spread(pieces(plan, watch.seed * 1000), "pieces of histories", player):
        played += did
        if why:
            broken.add(piece.setting)
            watch.breaks(f"{piece.setting}, seed {piece.seed}: {why}")
    figures = (
        all_of("dialects in which no history broke a promise", len(plan) - len(broken), len(plan)),
        Figure("steps played", f"{played:,} in histories of {STEPS}"),
        Figure("not judged", "agents who left without a word, with a bot's word since, where Flex names no channel"),
        Figure("the bound for a silent customer, once nothing goes wrong", f"{BOUND // timedelta(minutes=1)} min"),
    )
    return watch.result("histories", played, FULL, figures)


CAMPAIGN = Campaign("histories", "anything in any order", run, short=0.0005)
