"""As many chats with random hostile data as ordinary ones, with every webhook lost, so that only the sweep runs.

Hostile data is what Twilio stores for anybody: attributes, languages, leases, dates, numbers and statuses of any form,
and answers whose rows are odd. All ordinary chats end well within the bound; so do all hostile ones, unless a reason in
the log says why not. Then each is looked at alone: what it costs of CPU and memory, beside an ordinary one.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of
from simulator.client import SimulatorError
from tests.world.fence import Fence
from tests.world.others import (
    CONVERSATION,
    LISTS,
    MALFORMED_ROWS,
    MESSAGES,
    ODD_FIELDS,
    PARTICIPANTS,
    POLICY,
    UNKNOWN,
    be_odd,
    be_plain,
    call_back,
    show_truth,
    write_attributes,
)
from tests.world.verdicts import describe, ended_well, released, repeated
from tests.world.world import Chat, World

CHATS = 1_000
"""Hostile ones, and as many ordinary ones."""

SWEEP_EVERY = timedelta(minutes=5)
FIRST_STEP, TIMEOUT, STEPS = timedelta(minutes=8), timedelta(minutes=10), 2
BOUND = FIRST_STEP + STEPS * SWEEP_EVERY + timedelta(seconds=5)
"""Maximum from the last message to the end if every webhook is lost: each step waits for the next sweep."""

LONGEST_PAUSE = timedelta(hours=1)
"""Pause until an undocumented status is read again, and so the maximum delay of a hostile chat's end."""

ODD_LISTS = SWEEP_EVERY
"""A list's row is odd now and then: whose it is, is looked at a sweep later."""

LISTS_ARE_ODD = 0.02
"""For each chat that begins."""

MAX_CPU, MAX_MEMORY, MAX_KEPT = 3.0, 4 * 1024 * 1024, 8 * 1024
"""A hostile chat's share of CPU beside an ordinary one's; bytes that one attempt may need at a time; bytes of each chat
that the function may remember."""

LANGUAGES = ("de", "a" * 15_000, "-".join(["aa"] * 4_000), "", "\u0000", "\u202e", "x-", "i18n-" * 900, "😀")
TIMES = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30T00:00:00Z",
    "yesterday",
    "",
    "P1D",
    "2026-01-05",
)
NUMBERS = ("1e400", "-1e400", "1" * 4_000, "-0", "1.10", "0.1e-999", "9007199254740993")
TEXTS = ('"\\ud83d"', '"\\u0000"', '"' + "\\u200d" * 500 + '"', '"' + "x" * 6_000 + '"', '"{minutes}"', '"__proto__"')


class Poison(Enum):
    """Where hostile data is."""

    CONVERSATION = "the conversation's attributes"
    TASK = "the task's attributes"
    BOTH = "both"
    STATUS = "a status that nobody knows"
    ODD = "answers about it whose rows or fields are odd"
    FOREIGN = "a foreign task, and hostile attributes on the chat's own"
    MESSAGE = "the customer's message"


PLAIN = (
    *NUMBERS,
    *TEXTS,
    *(json.dumps(each) for each in TIMES),
    *(json.dumps(each[:7_000]) for each in LANGUAGES),
    *("null", "true", "false", "[]", "{}", '""', "[" * 80 + "]" * 80),
)
DEEPEST = 4


def value(dice: random.Random, depth: int = 0) -> str:
    """Some JSON value, as text: what a parser may choke on."""
    if depth >= DEEPEST or dice.random() < 0.6:
        return dice.choice(PLAIN)
    if dice.random() < 0.5:
        return "[" + ", ".join(value(dice, depth + 1) for _ in range(dice.randrange(5))) + "]"
    return "{" + ", ".join(_member(dice, depth + 1) for _ in range(dice.randrange(5))) + "}"


def _member(dice: random.Random, depth: int = 0) -> str:
    name = dice.choice(
        (
            "language",
            "locale",
            "doNotTimeOutUntil",
            "inactivityTimeout",
            "customers",
            "conversations",
            "a",
            "a",
            "\\ud83d",
        )
    )
    if name == "doNotTimeOutUntil":
        return f'"{name}": {json.dumps(dice.choice(TIMES[:2] + TIMES[3:7]))}'  # a hold in the future would be heeded
    if name == "inactivityTimeout":
        return f'"{name}": {_ours(dice, depth)}'
    return f'"{name}": {value(dice, depth)}'


def _ours(dice: random.Random, depth: int) -> str:
    """What pretends to be a note or a claim of ours, and is spoilt somewhere."""
    lease = dice.choice(("2099-01-01T00:00:00Z", *TIMES))
    claim = {"by": "x" * 32, "step": dice.choice((1, 7, -1, True, "1")), "answeredIndex": 1, "leaseUntil": lease}
    note: dict[str, object] = {
        "task": "WT" + "0" * 32,
        "interaction": "KD",
        "channel": [],
        "lastTask": dice.choice(("WT", 7, None, {})),
    }
    return json.dumps(dice.choice((claim, note, [claim], 1, "x"))) if dice.random() < 0.7 else value(dice, depth + 1)


def hostile(dice: random.Random, most: int) -> str:
    """Attributes of at most so many bytes."""
    members: list[str] = []
    for _ in range(dice.randrange(1, 8)):
        more = _member(dice)
        if sum(len(each) + 2 for each in members) + len(more) < most:
            members.append(more)
    return "{" + ", ".join(members) + "}" if dice.random() < 0.95 else dice.choice(("[1]", "7", '"text"', "null"))


def poisoned(world: World, dice: random.Random) -> tuple[Chat, Poison]:
    """A chat with hostile data, in which the customer was answered."""
    poison = dice.choice(list(Poison))
    chat = world.twilio.chat(channel=dice.choice(("web", "sms")), interaction=dice.random() < 0.8)
    attributes = (
        {"inactivityTimeout": {"kind": "closing", "step": 9, "answeredIndex": 0}} if poison is Poison.MESSAGE else {}
    )
    chat.says("customer", "hello", attributes=attributes)
    chat.says("agent")
    if poison is Poison.FOREIGN:
        call_back(world, chat)
        world.twilio.add_foreign_task(chat.conversation, stage=dice.choice(("queued", "assigned")))
    for where in _places(poison):
        _write(world, chat, where, dice)
    if poison is Poison.STATUS:
        world.twilio.show_status(chat.conversation, dice.choice(("conversation", "task")), UNKNOWN)
    if poison is Poison.ODD:
        oddity = dice.choice(ODD)
        own = oddity.match.replace("/", f"/{chat.conversation}/") if oddity.match != CONVERSATION else ""
        be_odd(world, replace(oddity, match=own or rf"(GET|POST) .*/Conversations/{chat.conversation}$"))
    return chat, poison


ODD = tuple(each for each in (*ODD_FIELDS, *MALFORMED_ROWS) if each.match in {CONVERSATION, PARTICIPANTS, MESSAGES})
"""Of answers that name their conversation, so that only one chat has them."""


def _places(poison: Poison) -> tuple[str, ...]:
    return {
        Poison.CONVERSATION: ("conversation",),
        Poison.TASK: ("task",),
        Poison.BOTH: ("conversation", "task"),
        Poison.FOREIGN: ("task",),
    }.get(poison, ())


def _write(world: World, chat: Chat, where: str, dice: random.Random) -> None:
    """What Twilio takes; what it refuses is drawn again."""
    for _ in range(5):
        try:
            write_attributes(world, chat, where, hostile(dice, 15_000 if where == "conversation" else 3_000))
        except SimulatorError:
            continue
        return


def ordinary(world: World, dice: random.Random) -> Chat:
    """A chat as any other, in which the customer was answered."""
    return world.twilio.answered(channel=dice.choice(("web", "sms")), interaction=dice.random() < 0.8)


@dataclass(frozen=True)
class Among:
    """What came of a chat that lay among the others."""

    chat: Chat
    poison: Poison | None
    silent_since: datetime


def sweep_them(watch: Watch, count: int) -> Iterator[Figure]:
    """Hostile and ordinary ones in one account, in any order, over so many sweeps that none has too many ends."""
    dice = random.Random(watch.seed)
    with World({"policy": POLICY}, dice=dice, max_ends_per_sweep=2 * CHATS) as world:
        fence = Fence(world, TIMEOUT)
        world.hooks.before, world.hooks.after = fence.before, fence.after
        world.configure(webhook="")
        world.schedule_sweep()
        lying = []
        for number in range(2 * count):
            chat, poison = poisoned(world, dice) if number % 2 else (ordinary(world, dice), None)
            lying.append(Among(chat, poison, world.now))
            if dice.random() < 0.5:
                world.twilio.advance(f"PT{max(1, 3600 // count)}S")
            if dice.random() < LISTS_ARE_ODD:
                be_odd(world, dice.choice([each for each in MALFORMED_ROWS if each.match == LISTS]), 1)
        world.twilio.advance("PT30M")
        good, hostile_ones = _ordinary(watch, lying), [each for each in lying if each.poison]
        be_plain(world)
        for each in hostile_ones:
            show_truth(world, each.chat)
        world.twilio.advance(LONGEST_PAUSE + BOUND)
        reasons, ended = _hostile(watch, world, hostile_ones), sum(released(each.chat.truth) for each in hostile_ones)
        for what in fence.broken:
            watch.breaks(what)
        yield all_of("ordinary chats among them: ended well within the bound", good, count)
        bound = (BOUND + ODD_LISTS) / timedelta(minutes=1)
        yield Figure("the bound", f"{bound:.1f} min (first step + sweepEvery for each step, and once for odd lists)")
        yield all_of("hostile chats: released, or kept for a reason that the log tells", ended + reasons.total(), count)
        for reason, times in sorted(reasons.items()):
            yield Figure(f"hostile chats that are kept: {reason}", f"{times:,}")
        yield Figure("writes that were looked at for what is not the chat's", f"{fence.writes:,}")


def _ordinary(watch: Watch, lying: list[Among]) -> int:
    good = 0
    for each in lying:
        if each.poison is None:
            truth = each.chat.truth
            closed_at = next((change.at for change in truth.history if change.state_to == "closed"), None)
            late = closed_at is None or closed_at - each.silent_since > BOUND + ODD_LISTS
            good += ended_well(truth) and not late
            if not ended_well(truth) or late:
                watch.breaks(f"ordinary, {closed_at and closed_at - each.silent_since}: {describe(truth)}")
    return good


def _hostile(watch: Watch, world: World, lying: list[Among]) -> Counter[str]:
    """Why those are kept that are, by the log."""
    reasons: Counter[str] = Counter()
    for each in lying:
        truth = each.chat.truth
        if repeated(truth):
            watch.breaks(f"{each.poison}: said twice: {describe(truth)}")
        if released(truth):
            continue
        lines = world.lines(conversation=each.chat.conversation, event="decision")
        reason = str(lines[-1]["reason"]) if lines else "none"
        if reason in TRUE_REASONS:
            reasons[reason] += 1
        else:
            watch.breaks(f"{each.poison}, {reason}: {describe(truth)}")
    return reasons


TRUE_REASONS = frozenset({"do_not_time_out", "exempt"})
"""Reasons for keeping a silent customer that hostile data may truly give."""


@dataclass(frozen=True)
class Cost:
    """What attempts of chats cost: seconds of CPU and bytes at a time of each, and bytes that stay of all."""

    seconds: list[float]
    peaks: list[int]
    kept: int


def cost(count: int, seed: int, *, with_poison: bool) -> Cost:
    """Two attempts of each chat: a warning and an end; the simulator's share is in it."""
    dice = random.Random(seed)
    with World({"policy": POLICY}, dice=dice) as world:
        world.configure(webhook="")
        chats = [poisoned(world, dice)[0] if with_poison else ordinary(world, dice) for _ in range(count)]
        seconds = [0.0] * count
        for length in ("PT8M", "PT2M"):
            world.twilio.advance(length)
            for number, chat in enumerate(chats):
                event = world.twilio.event(chat)
                began = time.process_time()
                world.instance.receive(event)
                seconds[number] += time.process_time() - began
        return Cost(seconds, *_memory(world, dice, with_poison=with_poison))


def _memory(world: World, dice: random.Random, *, with_poison: bool) -> tuple[list[int], int]:
    """Of some more chats, because tracing is slow."""
    chats = [poisoned(world, dice)[0] if with_poison else ordinary(world, dice) for _ in range(MEASURED)]
    world.twilio.advance("PT8M")
    peaks = []
    tracemalloc.start()
    try:
        before = _ours_now()
        for chat in chats:
            event = world.twilio.event(chat)
            tracemalloc.reset_peak()
            at_first, _ = tracemalloc.get_traced_memory()
            world.instance.receive(event)
            peaks.append(tracemalloc.get_traced_memory()[1] - at_first)
        return peaks, (_ours_now() - before) // MEASURED
    finally:
        tracemalloc.stop()


MEASURED = 20
"""Chats whose memory is measured."""


def _ours_now() -> int:
    """Bytes that the function's own code holds."""
    gc.collect()
    taken = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(inclusive=True, filename_pattern="*/function/*")]
    )
    return sum(each.size for each in taken.statistics("filename"))


def costs(watch: Watch, count: int) -> Iterator[Figure]:
    """Hostile beside ordinary."""
    plain, odd = cost(count, watch.seed, with_poison=False), cost(count, watch.seed, with_poison=True)
    ratio = statistics.mean(odd.seconds) / statistics.mean(plain.seconds)
    yield Figure(
        "CPU of a hostile chat, warning and end, as a multiple of an ordinary one's",
        f"{ratio:.1f} ({_ms(odd.seconds)} and {_ms(plain.seconds)} on average, the simulator's share included)",
        f"≤ {MAX_CPU:g}",
        ratio <= MAX_CPU,
        timed=True,
    )
    half = count // 2
    growth = statistics.median(odd.seconds[half:]) / statistics.median(odd.seconds[: half or 1])
    yield Figure("the same of the second half beside the first", f"{growth:.1f}", "≤ 1.5", growth <= 1.5, timed=True)
    worst = max(odd.peaks)
    yield Figure(
        "memory that one attempt of a hostile chat needs, at most",
        f"{worst / 1024:,.0f} KiB (ordinary: {max(plain.peaks) / 1024:,.0f} KiB)",
        f"≤ {MAX_MEMORY // 1024:,} KiB",
        worst <= MAX_MEMORY,
    )
    yield Figure(
        "memory that the function keeps of a hostile chat",
        f"{odd.kept / 1024:,.1f} KiB (ordinary: {plain.kept / 1024:,.1f} KiB)",
        f"≤ {MAX_KEPT // 1024} KiB",
        odd.kept <= MAX_KEPT,
    )


def _ms(seconds: list[float]) -> str:
    return f"{statistics.mean(seconds) * 1000:.1f} ms"


def run(watch: Watch) -> Result:
    """All of them together, and what each costs."""
    count = watch.share(CHATS, 12)
    figures: list[Any] = []
    for part in watch.through((sweep_them, costs), "poison"):
        figures += part(watch, count)
    return watch.result("poison", 2 * count, 2 * CHATS, figures)


CAMPAIGN = Campaign("poison", "hostile data among ordinary chats, and only the sweep", run, short=0.006)
