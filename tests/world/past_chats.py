"""Past chats for replays: those of the data beside the repository, or drawn ones."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from laptop.history import PastChat, parse_history, read_history

HISTORY = Path("../shared/data/support-chat-timings.csv")
DRAWN = 400
"""Chats that are drawn where there is no file."""

HEADER = "conversation_id,sent_at,sender"


def history(count: int, seed: int) -> tuple[PastChat, ...]:
    """Return this many chats of the file that `CHATS` names or that is beside the repository, or drawn ones."""
    path = Path(os.environ.get("CHATS") or HISTORY)
    if path.exists() or "CHATS" in os.environ:
        return read_history(path, first=count)
    return drawn(min(count, DRAWN), seed)


def drawn(count: int, seed: int) -> tuple[PastChat, ...]:
    """Return chats that begin within a day; most answers follow within minutes, some after hours."""
    return parse_history([HEADER, *_rows(count, random.Random(seed))], "drawn chats")


def _rows(count: int, dice: random.Random) -> Iterator[str]:
    began = datetime.fromisoformat("2026-01-05T00:00:00+00:00")
    for number in range(count):
        at = began + timedelta(seconds=dice.randrange(86_400))
        for turn in range(dice.randint(1, 12)):
            sender = "customer" if turn == 0 else dice.choice(("customer", "agent"))
            yield f"{number},{at.isoformat()},{sender}"
            at += timedelta(seconds=round(dice.lognormvariate(4.5, 1.6)))
