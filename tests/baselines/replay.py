"""What becomes of chats of the past, played through the function in virtual time, and the replay's table."""

from __future__ import annotations

from dataclasses import fields

from function.policy import parse_policy
from local.history import PastChat
from local.replay import Replay
from local.replay_outcome import PlayedChat, tabulate
from tests.baselines.spelling import Even
from tests.world.past_chats import drawn
from tests.world.world import World

CHATS = 200
SWEEP_EVERY = "PT1H"


def record(past: tuple[PastChat, ...] = ()) -> list[str]:
    """Chats that are drawn from a seed, so that they are the same everywhere, unless others are given."""
    past = past or drawn(CHATS, seed=1)
    with World(dice=Even()) as world:
        world.reset(min(chat.messages[0].at for chat in past))
        world.configure()
        world.schedule_sweep(SWEEP_EVERY)
        played, _ = Replay(world.twilio, past, lambda _done, _total: world.clear_log()).run()
    table = tabulate(played, parse_policy({}).default.timeout)
    told = [f"{field.name} {getattr(table, field.name)}" for field in fields(table)]
    return [f"# {len(past)} chats", *told, "", *map(_spelled, played)]


def _spelled(chat: PlayedChat) -> str:
    state = "ended" if chat.ended else "open"
    return f"{chat.past.id}: {chat.played} messages played, {state}, warned after {list(chat.warnings)}"
