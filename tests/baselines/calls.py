"""Which calls each step makes to Twilio, in which order, and with which parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from function.settings import Mode
from tests.baselines.seldom import SITUATIONS, Situation
from tests.baselines.spelling import Even, Names, call, line
from tests.world.world import PUBLIC_URL, Chat, World

Play = Callable[[World, Chat], Sequence[int | None] | None]
NOTIFY = {"whenAgentSilent": {"do": "notify", "after": "PT5M"}, "texts": {"agentSilent": "soon"}, "warnings": []}


def after(*times: str) -> Play:
    """Let time pass and webhooks arrive."""

    def play(world: World, _chat: Chat) -> None:
        for time in times:
            world.twilio.advance(time)

    return play


def says(who: str, *times: str) -> Play:
    """Let one or several people write, one after the other (`customer agent`), and let time pass."""

    def play(world: World, chat: Chat) -> None:
        for each in who.split():
            chat.says(each)
        after(*times)(world, chat)

    return play


def does(what: str, *times: str) -> Play:
    """Do an action, and let time pass."""

    def play(world: World, chat: Chat) -> None:
        chat.does(what)
        after(*times)(world, chat)

    return play


def closed_elsewhere(world: World, chat: Chat) -> None:
    """Close the conversation by Twilio's closed timer or over REST."""
    world.twilio.rest("POST", chat.path, State="closed")
    world.instance.receive(world.twilio.event(chat, StateTo="closed"))


def on_hold(world: World, chat: Chat) -> None:
    """Hold the chat for an hour by attribute."""
    world.twilio.rest("POST", chat.path, Attributes='{"doNotTimeOutUntil": "2026-01-05T01:00:00Z"}')
    world.twilio.advance("PT1H10M")


def lost(world: World, _chat: Chat) -> None:
    """Lose the webhook, and sweep twice."""
    world.configure(webhook=f"{PUBLIC_URL}/elsewhere")
    world.schedule_sweep()
    world.twilio.advance("PT20M")


def a_new_process(world: World, chat: Chat) -> None:
    """Replace the process between warning and end."""
    world.twilio.advance("PT8M")
    world.restart()
    after("PT2M")(world, chat)


def a_long_bot(world: World, chat: Chat) -> None:
    """Let a bot write more messages than a page holds."""
    chat.says("customer")
    for _ in range(45):
        chat.says("bot")
    world.twilio.advance("PT10M")


def twice(world: World, chat: Chat) -> None:
    """Send the event of a warning again."""
    world.twilio.advance("PT8M")
    world.instance.receive(world.twilio.event(chat))


def late(world: World, chat: Chat) -> None:
    """Let the customer write right before the notice."""
    waiting = [chat]

    def write(made: Any) -> None:
        if made.name.startswith("POST") and made.name.endswith("CH/Messages") and waiting:
            waiting.pop().says("customer", "wait!")

    world.twilio.advance("PT8M")
    world.hooks.before = write
    world.twilio.advance("PT2M")


POLICIES: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "no warning": {"policy": {"warnings": []}},
    "two warnings": {"policy": {"warnings": [{"before": "PT5M"}, {"before": "PT1M"}]}},
    "wrap": {"policy": {"warnings": [], "taskEnding": "wrap"}},
    "queue ends": {"policy": {"warnings": [], "whenQueued": {"do": "end", "after": "PT9M"}}},
    "agent's silence ends": {"policy": {"warnings": [], "whenAgentSilent": {"do": "end", "after": "PT9M"}}},
    "agent's silence is told of": {"policy": NOTIFY},
    "rules": {"policy": {"rules": [{"match": {"channel": "web"}, "timeout": "PT5M", "warnings": []}]}},
}
ANSWERED: Mapping[str, tuple[str, Play]] = {
    "warned and ended": ("default", after("PT8M", "PT2M")),
    "ended at once": ("no warning", after("PT10M")),
    "warned twice and ended": ("two warnings", after("PT5M", "PT4M", "PT1M")),
    "left to the agent": ("wrap", after("PT10M")),
    "a rule": ("rules", after("PT5M")),
    "customer writes": ("default", says("customer", "PT8M", "PT8M")),
    "customer writes and waits too long": ("agent's silence ends", says("customer", "PT10M")),
    "customer writes and is told": ("agent's silence is told of", says("customer", "PT6M", "PT5M")),
    "transfer": ("default", does("transfer", "PT8M", "PT8M")),
    "left": ("default", does("leave", "PT8M")),
    "paused": ("default", does("pause", "PT8M")),
    "wrapping": ("default", does("wrap", "PT8M")),
    "closed elsewhere": ("default", closed_elsewhere),
    "on hold": ("default", on_hold),
    "lost": ("no warning", lost),
    "lost, with a warning": ("default", lost),
    "a new process": ("default", a_new_process),
    "twice": ("default", twice),
    "late reply": ("default", late),
}
OTHERS: Mapping[str, tuple[str, str, Mapping[str, Any], Play]] = {
    "queued": ("default", "queued", {}, says("customer", "PT8M")),
    "queued too long": ("queue ends", "queued", {}, says("customer", "PT9M")),
    "queued too long, without an interaction": (
        "queue ends",
        "queued",
        {"interaction": False},
        says("customer", "PT9M"),
    ),
    "bot": ("default", "bot", {}, says("customer bot", "PT8M", "PT2M")),
    "a long bot": ("no warning", "bot", {}, a_long_bot),
    "sms": ("default", "assigned", {"channel": "sms"}, says("customer agent", "PT8M", "PT2M")),
    "whatsapp": ("no warning", "assigned", {"channel": "whatsapp"}, says("customer agent", "PT10M")),
    "email": ("default", "assigned", {"channel": "email"}, says("customer agent", "PT10M")),
    "outbound": ("default", "assigned", {"channel": "sms"}, says("agent", "PT8M", "PT2M")),
    "lost in the queue": ("default", "queued", {}, lost),
}


OF_INTERACTIONS = frozenset({"left", "paused"})
"""What only an interaction channel can show."""


def record() -> list[str]:
    """Play each situation in a world of its own."""
    told: list[str] = []
    for name, (policy, play) in ANSWERED.items():
        for interaction in (True,) if name in OF_INTERACTIONS else (True, False):
            with World(POLICIES[policy], dice=Even()) as world:
                chat = world.twilio.answered(interaction=interaction)
                told += _told(f"{name}, {'with' if interaction else 'without'} an interaction", world, chat, play)
    for name, (policy, stage, options, play) in OTHERS.items():
        with World(POLICIES[policy], dice=Even()) as world:
            told += _told(name, world, world.twilio.chat(stage, **options), play)
    for mode in Mode:
        with World(mode=mode, dice=Even()) as world:
            told += _told(f"mode {mode}", world, world.twilio.answered(), after("PT8M", "PT2M"))
    for interaction in (True, False):
        with World(arm_on_accept=True, dice=Even()) as world:
            world.twilio.listen(PUBLIC_URL)
            chat = world.twilio.chat("queued", interaction=interaction)
            name = f"accepted, {'with' if interaction else 'without'} an interaction"
            told += _told(name, world, chat, does("accept", "PT1M"))
    for name, situation in SITUATIONS.items():
        for interaction in (True, False) if situation.either else (True,):
            told += _seldom(name, situation, interaction=interaction)
    return told


def _seldom(name: str, situation: Situation, *, interaction: bool) -> list[str]:
    with World(situation.policy, dice=Even(), **situation.settings) as world:
        if situation.settings.get("arm_on_accept"):
            world.twilio.listen(PUBLIC_URL)
        chat = situation.begin(world, interaction=interaction)
        without = "" if interaction else ", without an interaction"
        return _told(f"{name}{without}", world, chat, situation.play)


def _told(name: str, world: World, chat: Chat, play: Play) -> list[str]:
    names = Names()
    statuses = play(world, chat) or []
    wires = {id(one.wire): one.wire for one in (world.instance, world.sweeper)}.values()
    calls = [names.spelled(call(made)) for wire in wires for made in wire.calls]
    lines = [names.spelled(line(entry)) for entry in world.lines()]
    answers = [f"answered {' '.join(map(str, statuses))}"] if statuses else []
    return [f"# {name}", *calls, *lines, *answers, f"{chat.state} {' '.join(chat.task_statuses)}", ""]
