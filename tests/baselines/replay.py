"""The result of past chats, played through the function in virtual time, and the replay's table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from function.policy import parse_policy
from laptop.replay import Replay
from laptop.replay_outcome import PlayedChat, tabulate
from ops.what_if.history import PastChat
from tests.baselines.spelling import Even, since
from tests.world.past_chats import drawn
from tests.world.world import World

CHATS = 200
SWEEP_EVERY = "PT1H"


def record(past: tuple[PastChat, ...] = ()) -> list[str]:
    """Play chats that are drawn from a seed, so they are the same everywhere, unless others are given."""
    past = past or drawn(CHATS, seed=1)
    with World(dice=Even()) as world:
        world.reset(min(chat.messages[0].at for chat in past))
        world.configure()
        world.schedule_sweep(SWEEP_EVERY)
        lines: list[tuple[datetime, dict[str, Any]]] = []

        def note(_done: int, _total: int) -> None:
            lines.extend(world.timed_lines())
            world.clear_log()

        played, _ = Replay(world.twilio, past, note).run()
        conversations = [row["conversation"] for row in world.control("GET", "state")["chats"]]
    table = tabulate(played, parse_policy({}).default.timeout)
    told = [f"{field.name} {getattr(table, field.name)}" for field in fields(table)]
    decisions = _decisions(past, conversations, lines)
    return [f"# {len(past)} chats", *told, "", *(_spelled(chat, decisions[chat.past.id]) for chat in played)]


def _decisions(
    past: Sequence[PastChat], conversations: Sequence[str], lines: Iterable[tuple[datetime, dict[str, Any]]]
) -> dict[str, list[str]]:
    """Return the decisions about each chat and their times; the chats are in the order of their first messages."""
    in_order = sorted(past, key=lambda chat: chat.messages[0].at)
    chats = dict(zip(conversations, in_order, strict=True))
    told: dict[str, list[str]] = {chat.id: [] for chat in past}
    for at, entry in lines:
        if entry["event"] == "decision":
            chat = chats[entry["conversation"]]
            words = [since(chat.messages[0].at, at), entry["decision"], entry["reason"], entry.get("by", "")]
            told[chat.id].append(" ".join(filter(None, words)))
    return told


def _spelled(chat: PlayedChat, decisions: Iterable[str]) -> str:
    state = "ended" if chat.ended else "open"
    happened = f"{chat.played} messages played, {state}, warned after {list(chat.warnings)}"
    return f"{chat.past.id}: {happened}; {', '.join(decisions)}".removesuffix("; ")
