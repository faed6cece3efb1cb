"""Anything that people, Twilio and the network may do, in any order: the promises hold after every step.

A Hypothesis state machine over several chats in virtual time, in the default dialect, with each of its switches alone
and in a pairwise set. A step is a word, an action of an agent, time that passes, an event that comes again or late, a
lost webhook, a fault, a process that dies or is new; and what others do to an account (`tests/world/others.py`), each
kind by itself and all of them together. The sweep runs as in a deployment. Hypothesis shrinks what breaks a promise;
seed, dialect and kinds repeat it.
"""

from __future__ import annotations

import random
from collections import Counter
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
    precondition,
    rule,
    run_state_machine_as_test,
)

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of
from function.twilio_api.api import PAGE_SIZE
from laptop.ours import kind_of_ours
from sandbox.network import Call, Fault, KilledError
from simulator.client import SimulatorError
from simulator.facts import ChatTruth
from simulator.shared.dialect import Dialect
from tests.world.fence import Fence
from tests.world.others import (
    BEFALL,
    HOSTILE,
    MALFORMED_ROWS,
    ODD_FIELDS,
    POLICY,
    UNKNOWN,
    Kind,
    agent_writes_again,
    be_odd,
    be_plain,
    show_truth,
    unheard,
    write_attributes,
)
from tests.world.verdicts import (
    LIVE,
    PENDING_INVITE,
    describe,
    helped,
    never_noted,
    never_proven,
    repeated,
    stuck,
    texted_unasked,
    unknowable,
)
from tests.world.world import Chat, World

FULL = 1_000_000
STEPS = 50
"""In one history."""

MAX_AT_ONCE = 1_000
"""Histories of one seed; then another one, because Hypothesis ends some of them early."""

MAX_IN_A_PIECE = 20_000
"""Steps that one process plays at a stretch."""

TIMEOUT, SWEEP_EVERY = timedelta(minutes=10), timedelta(minutes=5)

ACTIVE_EVERY = timedelta(minutes=15)
"""How often the sweep looks at chats whose timers should have fired, and at tasks (docs, operations)."""

SLACK = timedelta(minutes=2)
"""A late warning leaves the customer a minute; Twilio's timers may be late by 20 seconds."""

BOUND = TIMEOUT + ACTIVE_EVERY + 2 * SWEEP_EVERY + SLACK
"""Whoever is silent is released within so long, once nothing goes wrong any more."""

LONGEST_PAUSE = PENDING_INVITE
"""Maximum delay if an invite was pending or a status was not documented."""

ACTIONS: Final = ("accept", "reserve", "reject", "transfer", "wrap", "complete", "leave", "pause", "resume")

ONCE: Final = (
    Kind.FOREIGN_QUEUED,
    Kind.FOREIGN_ASSIGNED,
    Kind.CALLBACK,
    Kind.CALLBACK_TAKEN,
    Kind.COLLEAGUE,
    Kind.HELPED,
    Kind.HANDED_OVER,
    Kind.INVITE,
    Kind.SITE_CLOSES,
    Kind.TIMER_CLOSES,
    Kind.CANCELED,
    Kind.EXPIRED,
    Kind.DELETED,
    Kind.OFFLINE,
    Kind.UNDELIVERED,
    Kind.CAME_BACK,
    Kind.MACHINE,
)
"""Kinds that need no more than a chat; the others have rules of their own, and `OUTBOUND` is everywhere."""

APART: Final = frozenset({Kind.CALLBACK_TAKEN})
"""Kinds that are played alone: without an interaction, the callback of an agent who was added again looks like the
chat's own task once that has ended (docs, limits)."""

ASKED_IN: Final = frozenset({Kind.INVITE, Kind.COLLEAGUE, Kind.FOREIGN_QUEUED, Kind.CALLBACK})
"""Kinds that invite somebody, or may: without an interaction nothing disproves a task that waits."""


class BrokenError(AssertionError):
    """A promise is broken."""


@dataclass(frozen=True)
class Setting:
    """What a run of the machine is about: a dialect, and the kinds of worlds that are played besides."""

    dialect: tuple[tuple[str, str], ...] = ()
    kinds: frozenset[Kind] = frozenset()

    def __str__(self) -> str:
        kinds = "every kind" if self.kinds == frozenset(Kind) else ", ".join(sorted(kind.name for kind in self.kinds))
        return "; ".join(filter(None, (", ".join(f"{name}={value}" for name, value in self.dialect), kinds))) or (
            "default dialect"
        )


def each_kind() -> list[Setting]:
    """Every kind alone, in the default dialect."""
    return [Setting(kinds=frozenset({kind})) for kind in Kind if kind is not Kind.OUTBOUND]


def each_switch() -> list[Setting]:
    """Every answer that is not the default's, alone."""
    return [Setting((each,), frozenset(Kind)) for each in _others()]


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
        chosen.append(Setting(tuple((name, by_name[name]) for name in switches if best[name]), frozenset(Kind)))
    return chosen


def _others() -> list[tuple[str, str]]:
    default = Dialect().as_json()
    kinds = {name: type(getattr(Dialect(), field.name)) for name, field in zip(default, fields(Dialect), strict=True)}
    return [
        (name, str(answer.value)) for name, kind in kinds.items() for answer in kind if answer.value != default[name]
    ]


def _plays(*kinds: Kind) -> Callable[[Any], Any]:
    """A rule of the machine that is played where one of these kinds is."""
    return precondition(lambda machine: not machine.kinds.isdisjoint(kinds))


class Histories(RuleBasedStateMachine):
    """One history."""

    world: World
    kinds: frozenset[Kind]
    count: Callable[[], None]
    excused: Counter[str]
    chats = Bundle("chats")

    def __init__(self) -> None:
        super().__init__()
        self.known: list[Chat] = []
        self.foreign: list[Chat] = []
        self.left: set[str] = set()
        self.closed: set[str] = set()
        self.borrowed: set[str] = set()
        self.stale: dict[str, str] = {}
        self.waits_longer = False
        self.plugin: tuple[int, Chat, str] | None = None
        self.fence = Fence(self.world, TIMEOUT, lambda truth: not (self._hidden(truth) or self._lent(truth)))

    # -- what happens ------------------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """A new account."""
        world = self.world
        world.hooks.trouble = lambda _call: None
        world.hooks.before = self._watch
        world.hooks.after = self.fence.after
        be_plain(world)
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

    @rule(
        chat=chats,
        who=st.sampled_from(("customer", "agent", "agent", "bot")),
        lines=st.sampled_from((*[1] * 23, PAGE_SIZE)),  # each line costs a call of the simulator
    )
    def somebody_writes(self, chat: Chat, who: str, lines: int) -> None:
        """Somebody writes, sometimes so much that what was said before is on another page."""
        try:
            for _ in range(lines):
                chat.says(who)
        except SimulatorError:
            return

    @rule(chat=chats, kind=st.sampled_from(("closing", "warning")), answered_index=st.integers(-1, 5))
    def a_customer_forges(self, chat: Chat, kind: str, answered_index: int) -> None:
        """A customer's message that looks like ours."""
        forged = {"inactivityTimeout": {"kind": kind, "step": 1, "answeredIndex": answered_index}}
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
        self.waits_longer |= action == "transfer"
        if action == "leave":
            self.left.add(chat.conversation)

    @rule(seconds=st.sampled_from((1, 30, 60, 61, 119, 120, 300, 475, 480, 485, 600, 900, 3600)))
    def time_passes(self, seconds: int) -> None:
        """Timers fire, the sweep runs."""
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

    # -- what others do ----------------------------------------------------------------------------------------------

    @_plays(*ONCE)
    @rule(chat=chats, data=st.data(), seed=st.integers(0, 99))
    def something_befalls(self, chat: Chat, data: st.DataObject, seed: int) -> None:
        """Whatever a kind of world needs no more than a chat for."""
        kinds = [each for each in ONCE if each in self.kinds and not (each in APART and len(self.kinds) > 1)]
        kind = data.draw(st.sampled_from(kinds))
        try:
            BEFALL[kind](self.world, chat, random.Random(seed))
        except SimulatorError:
            return
        self.waits_longer |= kind in ASKED_IN

    @_plays(Kind.CAME_BACK)
    @rule(chat=chats)
    def who_came_back_writes(self, chat: Chat) -> None:
        """Under the same identity, as another participant."""
        try:
            agent_writes_again(self.world, chat)
        except SimulatorError:
            return

    @_plays(Kind.BORROWED)
    @rule(chat=chats, other=chats)
    def an_interaction_is_borrowed(self, chat: Chat, other: Chat) -> None:
        """A chat's tasks name another's."""
        if chat.conversation == other.conversation:
            return
        try:
            self.world.twilio.borrow_interaction(chat.conversation, other.conversation)
        except SimulatorError:
            return
        self.borrowed.add(chat.conversation)

    @_plays(Kind.UNKNOWN_STATUS)
    @rule(chat=chats, of=st.sampled_from(("conversation", "task", "channel")), back=st.booleans())
    def a_status_is_shown(self, chat: Chat, of: str, *, back: bool) -> None:
        """Show an undocumented status, or the right one again."""
        try:
            self.world.twilio.show_status(chat.conversation, of, None if back else UNKNOWN)
        except SimulatorError:
            return
        self.waits_longer = True

    @_plays(Kind.HOSTILE_CONVERSATION, Kind.HOSTILE_TASK)
    @rule(chat=chats, on_task=st.booleans(), attributes=st.sampled_from(HOSTILE))
    def hostile_attributes_appear(self, chat: Chat, attributes: str, *, on_task: bool) -> None:
        """On the conversation, or on its newest task."""
        if (Kind.HOSTILE_TASK if on_task else Kind.HOSTILE_CONVERSATION) not in self.kinds:
            return
        try:
            write_attributes(self.world, chat, "task" if on_task else "conversation", attributes)
        except SimulatorError:
            return

    @_plays(Kind.ODD_FIELDS)
    @rule(oddity=st.sampled_from(ODD_FIELDS), times=st.integers(1, 20))
    def a_field_is_odd(self, oddity: Any, times: int) -> None:
        """For a while."""
        be_odd(self.world, oddity, times)
        self.waits_longer = True

    @_plays(Kind.MALFORMED_ROWS)
    @rule(oddity=st.sampled_from(MALFORMED_ROWS), times=st.integers(1, 20))
    def a_row_is_malformed(self, oddity: Any, times: int) -> None:
        """For a while."""
        be_odd(self.world, oddity, times)
        self.waits_longer = self.waits_longer or oddity.opaque

    @_plays(Kind.OVERWRITTEN)
    @rule(chat=chats, after=st.integers(0, 15), fresh=st.booleans())
    def a_plugin_overwrites(self, chat: Chat, after: int, *, fresh: bool) -> None:
        """Right before some call from now on, with attributes of its own or those that it read at some time before."""
        text = '{"plugin": 1}' if fresh else self.stale.get(chat.conversation, "{}")
        self.plugin = (after, chat, text)

    @_plays(Kind.OVERWRITTEN)
    @rule(chat=chats)
    def a_plugin_reads(self, chat: Chat) -> None:
        """What it will write, some time."""
        found = self.world.simulation.chats.find(chat.conversation)
        self.stale[chat.conversation] = found.conversation.attributes if found else "{}"

    # -- what may never happen ---------------------------------------------------------------------------------------

    def _watch(self, call: Call) -> None:
        """No message in a closed conversation, and no write to a task that is not the chat's."""
        self._let_the_plugin_write()
        self.fence.before(call)
        if call.method == "GET":
            return
        for sid in self.closed:
            if f"/Conversations/{sid}/Messages" in call.path:
                self.fence.broken.append(f"said in a closed conversation: {call.name}")

    def _let_the_plugin_write(self) -> None:
        if self.plugin is None:
            return
        left, chat, text = self.plugin
        self.plugin = (left - 1, chat, text) if left else None
        if not left:
            try:
                write_attributes(self.world, chat, "conversation", text)
            except SimulatorError:
                return

    @invariant()
    def judge(self) -> None:
        """After every step, of every chat."""
        type(self).count()
        if self.fence.broken:
            raise BrokenError(self.fence.broken[0])
        for chat in self.known:
            if chat.conversation in self.closed:
                continue
            truth = chat.truth
            hidden = self._hidden(truth)
            a_bots = hidden and chat.conversation in self.left  # each of its words begins a silence
            if repeated(truth) and _had_task_all_along(truth) and not a_bots:
                raise BrokenError(f"said twice in one silence: {describe(truth)}")
            if texted_unasked(truth):
                raise BrokenError(f"told, and has never written: {describe(truth)}")
            if truth.closed:
                self.closed.add(chat.conversation)

    def _hidden(self, truth: ChatTruth) -> bool:
        named = self.world.dialect.get("flexAttributes") == "named" and truth.interaction_channel is not None
        return not named and unknowable(truth)

    def _lent(self, truth: ChatTruth) -> bool:
        """Whether a chat waits by a task that names another chat's interaction, so that the task looks foreign."""
        held = any(task.status == "assigned" and not task.purged for task in truth.tasks)
        return truth.sids.conversation in self.borrowed and not held

    def teardown(self) -> None:
        """Nothing goes wrong any more: every silent customer is released within the bound."""
        if not self.known:
            return
        world = self.world
        world.hooks.trouble = lambda _call: None
        be_plain(world)
        for chat in self.known:
            show_truth(world, chat)
        if world.instance.wire.dead:
            world.restart()
        if world.sweeper.wire.dead:
            world.schedule_sweep()
        world.twilio.disturb()
        began = world.now
        bound = BOUND + TIMEOUT + (LONGEST_PAUSE if self.waits_longer else timedelta())
        while world.now < began + bound:
            world.twilio.advance("PT5M")
            self.judge()
        for chat in self.known:
            truth = chat.truth
            if why := stuck(truth, world.now, unheard(world, chat)):
                if excuse := self._excuse(chat, truth):
                    self.excused[excuse] += 1
                    continue
                raise BrokenError(f"{why}: {describe(truth)}")

    def _excuse(self, chat: Chat, truth: ChatTruth) -> str:
        """Why nothing shows that this customer is silent; empty if something does."""
        if chat.conversation in self.borrowed:
            return "its tasks name another chat's interaction"
        invites = self.world.dialect.get("interactionReads") != "refused"
        if not invites and not truth.closed and helped(truth):
            return "a colleague answered and left, and no invite shows that they were asked in"
        if never_proven(truth, invites=invites):
            return "somebody else closed it, and its task was never accepted, and no invite proves it"
        gone = not any(task.status in LIVE and not task.purged for task in truth.tasks)
        if not truth.closed and gone and never_noted(truth):
            return "its task was lost, and no note of ours names it"
        return ""


def _had_task_all_along(truth: ChatTruth) -> bool:
    """Whether a maximum of one notice is promised: if there was a task when the first was sent."""
    first = next((message.at for message in truth.messages if kind_of_ours(message)), None)
    return first is not None and any(task.created_at <= first for task in truth.tasks)


@dataclass(frozen=True)
class Played:
    """What came of some histories.

    Attributes:
        steps: how many were played.
        broken: what broke a promise, the shortest history that does; empty where none was.
        excused: silent customers whom nobody released because nobody could know, by why.
    """

    steps: int
    broken: str
    excused: Counter[str]


def play(setting: Setting, steps: int, number: int, *, shrink: bool = True) -> Played:
    """Play so many steps in one setting."""
    played = 0
    excused: Counter[str] = Counter()

    def count() -> None:
        nonlocal played
        played += 1

    with World({"policy": POLICY}, dialect=dict(setting.dialect)) as world:
        parts = {"world": world, "kinds": setting.kinds, "count": staticmethod(count), "excused": excused}
        machine: Any = type("Machine", (Histories,), parts)
        bounded = settings(
            max_examples=max(1, min(MAX_AT_ONCE, round(steps / STEPS))),
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
                return Played(played, "\n".join([str(broken), *getattr(broken, "__notes__", [])]), excused)
    return Played(played, "", excused)


@dataclass(frozen=True)
class Piece:
    """Steps in one setting, and the seed that repeats them."""

    setting: Setting
    steps: int
    seed: int


def pieces(plan: Sequence[tuple[Setting, int]], first_seed: int) -> list[Piece]:
    """The same steps, in pieces that processes can share."""
    counts = [
        (setting, min(MAX_IN_A_PIECE, steps - begun))
        for setting, steps in plan
        for begun in range(0, steps, MAX_IN_A_PIECE)
    ]
    return [Piece(setting, steps, first_seed + number) for number, (setting, steps) in enumerate(counts)]


@contextmanager
def player() -> Iterator[Callable[[Piece], Played]]:
    """Each piece has a world of its own."""
    yield lambda piece: play(piece.setting, piece.steps, piece.seed)


def run(watch: Watch) -> Result:
    """A quarter of the steps each: ordinary, each kind of world alone, all kinds together, those in other dialects."""
    quarter = watch.share(FULL) // 4
    dice = random.Random(watch.seed)
    plan = [(Setting(), quarter), (Setting(kinds=frozenset(Kind)), quarter)]
    for settings_of in (each_kind(), each_switch() + pairwise()):
        whole = quarter // len(settings_of) >= STEPS
        chosen = settings_of if whole else dice.sample(settings_of, max(1, quarter // STEPS))
        plan += [(setting, max(STEPS, quarter // len(chosen))) for setting in chosen]
    played = 0
    broken: set[Setting] = set()
    excused: Counter[str] = Counter()
    for piece, seen in watch.spread(pieces(plan, watch.seed * 1000), "pieces of histories", player):
        played += seen.steps
        excused += seen.excused
        if seen.broken:
            broken.add(piece.setting)
            watch.breaks(f"{piece.setting}, seed {piece.seed}: {seen.broken}")
    figures = (
        all_of(
            "settings (dialects, kinds of worlds) in which no history broke a promise",
            len(plan) - len(broken),
            len(plan),
        ),
        Figure("steps played", f"{played:,} in histories of {STEPS}"),
        Figure("not judged", "agents who left without a word, with a bot's word since, where Flex names no channel"),
        *(Figure(f"silent, and kept: {why}", f"{times:,}") for why, times in sorted(excused.items())),
        Figure("the bound for a silent customer, once nothing goes wrong", f"{BOUND // timedelta(minutes=1)} min"),
        Figure(
            "and where an invite was pending, or an answer odd",
            f"{(BOUND + LONGEST_PAUSE) // timedelta(minutes=1)} min",
        ),
    )
    return watch.result("histories", played, FULL, figures)


CAMPAIGN = Campaign("histories", "anything in any order", run, short=0.0005)
