"""Chats of the past, in the default dialect and with each of its switches alone: the two columns that must stay 0.

`CHATS=FILE` in the environment names the file (docs/what-if.md). Without it, and without the data beside the
repository, the chats are drawn from the seed. The function runs with its sweep; `make demo CHATS=FILE` plays the same
through the engine, the zip and the network.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch
from benchmarks.campaigns.histories import Setting, each_switch
from function.policy import parse_policy
from laptop.replay import Replay
from laptop.replay_outcome import expected_outcome, tabulate
from ops.what_if.history import PastChat
from tests.world.past_chats import history
from tests.world.world import World

FULL = 3_496
EVERY_SWITCH_FROM = 0.01
"""At a smaller scale two switches are drawn."""

SWEEP_EVERY = "PT1H"
"""Days pass in seconds here, and no webhook is lost."""


def play(setting: Setting, past: tuple[PastChat, ...]) -> tuple[Figure, int]:
    """Play one replay; return its line, and how many chats broke a promise."""
    timeout = parse_policy({}).default.timeout
    with World(dialect=dict(setting.dialect)) as world:
        world.reset(min(chat.messages[0].at for chat in past))
        world.configure()
        world.schedule_sweep(SWEEP_EVERY)

        def forget(_done: int, _total: int) -> None:
            world.clear_log()

        played, _ = Replay(world.twilio, past, forget).run()
    table = tabulate(played, timeout)
    expected = [expected_outcome(chat.past, timeout) for chat in played]
    differences = sum(
        (ours.ended, ours.played) != (wanted.ended, wanted.played)
        for ours, wanted in zip(played, expected, strict=True)
    )
    value = (
        f"{table.ended_customer_last} and {table.missed}; ended after the last message {table.ended_after_last}, "
        f"early {table.ended_early}, kept {table.kept}; otherwise than the file alone says: {differences}"
    )
    kept = table.promises_kept
    return Figure(f"{setting}: ended although the customer was last, and missed", value, "0 and 0", kept), len(played)


@contextmanager
def player(past: tuple[PastChat, ...]) -> Iterator[Callable[[Setting], tuple[Figure, int]]]:
    """Each dialect has a world of its own."""
    yield partial(play, past=past)


def run(watch: Watch) -> Result:
    """The default dialect, then each switch."""
    past = history(watch.share(FULL, 20), watch.seed)
    switches = each_switch()
    if watch.scale < EVERY_SWITCH_FROM:
        switches = random.Random(watch.seed).sample(switches, 2)
    settings = [Setting(), *switches]
    lines = [line for _, line in watch.spread(settings, "dialects", partial(player, past))]
    n = sum(count for _, count in lines)
    return watch.result("replays", n, FULL * (1 + len(each_switch())), [figure for figure, _ in lines])


CAMPAIGN = Campaign("replays", "chats of the past in every dialect", run, short=0.003)
