"""Past chats for replays: those of the data beside the repository, or drawn ones."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from ops.what_if.history import History, PastChat, Sender, Sent

HISTORY = Path("../shared/data/support-chat-timings.csv")
DRAWN = 400
"""Chats that are drawn where there is no file."""


def history(count: int, seed: int) -> tuple[PastChat, ...]:
    """Return this many chats of the file that `CHATS` names or that is beside the repository, or drawn ones."""
    path = Path(os.environ.get("CHATS") or HISTORY)
    if path.exists() or "CHATS" in os.environ:
        return tuple(islice(History(path).chats(), count))
    return drawn(min(count, DRAWN), seed)


def drawn(count: int, seed: int) -> tuple[PastChat, ...]:
    """Return chats that begin within a day; most answers follow within minutes, some after hours."""
    dice = random.Random(seed)
    return tuple(PastChat(str(number), tuple(_messages(dice))) for number in range(count))


def _messages(dice: random.Random) -> Iterator[Sent]:
    at = datetime.fromisoformat("2026-01-05T00:00:00+00:00") + timedelta(seconds=dice.randrange(86_400))
    for turn in range(dice.randint(1, 12)):
        yield Sent(at, Sender.CUSTOMER if turn == 0 else dice.choice((Sender.CUSTOMER, Sender.AGENT)))
        at += timedelta(seconds=round(dice.lognormvariate(4.5, 1.6)))
