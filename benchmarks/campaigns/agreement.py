"""What `inactivity what-if` says of past chats, against what the function does with them: chat by chat.

The default policy, then random ones. Both get the same chats, on several channels, queues and languages; the function
plays them in the simulator, with its webhooks. Compared are whether a chat ended, after how many of its messages, and
after how many each warning came. Inactive chats are looked at whenever their customer has waited for as long as some
plan says, because `what-if` takes a sweep to look as soon as a decision asks for it.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from benchmarks.campaigns.campaign import Campaign, Result, Watch, all_of
from function.policy import Policy, PolicyError, parse_policy
from laptop.replay import Replay
from ops.what_if.history import PastChat, Sender
from ops.what_if.simulate import Simulation
from simulator.facts import ChatSids, Delivery
from tests.world.driving import Chat, Twilio
from tests.world.past_chats import history
from tests.world.world import World

FULL = 3_496
POLICIES = 10
"""Random policies beside the default one."""

CHANNELS = ("web", "web", "sms", "whatsapp")
QUEUES = ("", "Sales", "Support")
LANGUAGES = ("", "de", "fr")
WARNINGS = ((), ("PT1M",), ("PT2M",), ("PT3M", "PT1M"), ("PT6M", "PT4M", "PT2M"))
MATCHES = ({"channel": "sms"}, {"queue": "Sales"}, {"language": "de"}, {"channel": "whatsapp", "queue": "Support"})


@dataclass(frozen=True)
class Case:
    """One policy, and its name in the table."""

    name: str
    document: dict[str, Any]


def random_policy(dice: random.Random) -> dict[str, Any]:
    """A policy that can be used, of everything that a history can show."""
    while True:
        document = {"timeout": f"PT{dice.randint(2, 30)}M", "policy": _plan(dice) | {"rules": _rules(dice)}}
        try:
            parse_policy(document)
        except PolicyError:
            continue
        return document


def _plan(dice: random.Random) -> dict[str, Any]:
    plan: dict[str, Any] = {"warnings": [{"before": before} for before in dice.choice(WARNINGS)]}
    if dice.random() < 0.5:
        action = dice.choice(("notify", "end"))
        plan["whenAgentSilent"] = {"do": action, "after": f"PT{dice.randint(1, 40)}M"}
    if dice.random() < 0.5:
        plan["whenQueued"] = {"do": "end", "after": f"PT{dice.randint(1, 40)}M"}
    return plan


def _rules(dice: random.Random) -> list[dict[str, Any]]:
    rules = []
    for match in dice.sample(MATCHES, dice.randint(0, 3)):
        if dice.random() < 0.2:
            rules.append({"match": match, "exempt": True})
        else:
            rules.append({"match": match, "timeout": f"PT{dice.randint(2, 40)}M"} | _plan(dice))
    return rules


def disagreements(case: Case, past: tuple[PastChat, ...]) -> list[str]:
    """Return the chats of which `what-if` says something else than the function does."""
    policy = parse_policy(case.document)
    simulation = Simulation(policy)
    with World(case.document) as world:
        world.reset(min(chat.messages[0].at for chat in past))
        world.configure()

        def forget(_done: int, _total: int) -> None:
            world.clear_log()

        played, _ = Replay(_Swept(world, _looks(policy, past)), past, forget).run()
    found = []
    for each in played:
        said = simulation.play(each.past)
        ours, theirs = (said.ended, said.played, said.warnings), (each.ended, each.played, each.warnings)
        if ours != theirs:
            found.append(f"{each.past.id}: what-if says {ours}, the function did {theirs}")
    return found


def _looks(policy: Policy, past: tuple[PastChat, ...]) -> list[tuple[datetime, int]]:
    """When a customer has waited, in the queue or for an answer, as long as some plan says; and whose number it is."""
    in_queue = {plan.when_queued.after for plan in policy.plans if plan.when_queued.after}
    for_answer = {plan.when_agent_silent.after for plan in policy.plans if plan.when_agent_silent.after}
    looks: set[tuple[datetime, int]] = set()
    for number, chat in enumerate(sorted(past, key=lambda chat: chat.messages[0].at)):
        looks |= {(chat.messages[0].at + after, number) for after in in_queue}
        wrote = (sent.at for sent in chat.messages if sent.by is Sender.CUSTOMER)
        looks |= {(at + after, number) for at in wrote for after in for_answer}
    return sorted(looks)


class _Swept(Twilio):
    """The simulator's client. On the way it lets the function look at inactive chats, as the sweep does."""

    def __init__(self, world: World, looks: list[tuple[datetime, int]]) -> None:
        super().__init__(world)
        self._world = world
        self._looks = deque(looks)
        self._chats: list[ChatSids] = []

    def create_chat(self, **options: Any) -> ChatSids:
        """Create a chat, and remember its number."""
        self._chats.append(super().create_chat(**options))
        return self._chats[-1]

    def advance(self, by: timedelta | str, *, before: bool = False) -> list[Delivery]:
        """Move the clock, and look on the way: after the messages and the timers of that instant."""
        assert isinstance(by, timedelta)
        now = self.now()
        end = now + by
        seen: list[Delivery] = []
        while self._looks and self._looks[0][0] < end:
            at, number = self._looks.popleft()
            seen += super().advance(at - now)
            now = at
            self._look(self._chats[number])
        return seen + super().advance(end - now, before=before)

    def _look(self, chat: ChatSids) -> None:
        if self.truth(chat.conversation).state == "inactive":
            self._world.instance.receive(self.event(Chat(self, chat)))


def varied(past: tuple[PastChat, ...], seed: int) -> tuple[PastChat, ...]:
    """The same chats on several channels, queues and languages."""
    dice = random.Random(seed)
    return tuple(
        replace(chat, channel=dice.choice(CHANNELS), queue=dice.choice(QUEUES), language=dice.choice(LANGUAGES))
        for chat in past
    )


@contextmanager
def player(past: tuple[PastChat, ...]) -> Iterator[Callable[[Case], list[str]]]:
    """Each policy has a world of its own."""
    yield partial(disagreements, past=past)


def run(watch: Watch) -> Result:
    """The default policy, then random ones."""
    past = varied(history(watch.share(FULL, 12), watch.seed), watch.seed)
    dice = random.Random(watch.seed)
    cases = [Case("the default policy", {})]
    cases += [Case(f"random policy {number}", random_policy(dice)) for number in range(1, POLICIES + 1)]
    figures = []
    for case, found in watch.spread(cases, "policies", partial(player, past)):
        figures.append(all_of(f"{case.name}: chats of which both say the same", len(past) - len(found), len(past)))
        for each in found:
            watch.breaks(f"{case.name}, {case.document}: {each}")
    return watch.result("agreement", len(past) * len(cases), FULL * len(cases), figures)


CAMPAIGN = Campaign("agreement", "what-if against the function, chat by chat", run, short=0.0015)
