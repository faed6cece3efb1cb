"""Past chats in short, and as the files that people export."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ops.what_if.history import PastChat, Sender, Sent

T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SENDERS = {"c": Sender.CUSTOMER, "a": Sender.AGENT}
MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    """So many minutes after the first chat began."""
    return T0 + minutes * MINUTE


def chat(course: str, *, name: str = "1", begins: float = 0, closed: float | None = None, **more: Any) -> PastChat:
    """`c0 a1 c12`: the customer at once, the agent after a minute, the customer after twelve."""
    messages = tuple(Sent(at(begins + float(word[1:])), SENDERS[word[0]]) for word in course.split())
    return PastChat(name, messages, closed_at=None if closed is None else at(begins + closed), **more)


def rows_of(chats: Iterable[PastChat], *columns: str) -> Iterator[str]:
    """The lines of a file with these chats, and these columns beside the required ones."""
    yield ",".join(("conversation_id", "sent_at", "sender", *columns))
    for each in chats:
        values = {
            "channel": each.channel,
            "queue": each.queue,
            "language": each.language,
            "agent": each.agent,
            "closed_at": each.closed_at.isoformat() if each.closed_at else "",
            "closed_by": each.closed_by.value,
        }
        for sent in each.messages:
            yield ",".join((each.id, sent.at.isoformat(), sent.by.value, *(values[column] for column in columns)))


def write(path: Path, chats: Iterable[PastChat], *columns: str) -> Path:
    """Write such a file."""
    path.write_text("".join(f"{line}\n" for line in rows_of(chats, *columns)), encoding="utf-8")
    return path


def drawn(count: int, seed: int = 1, *, days: int = 1) -> Iterator[PastChat]:
    """Chats of the shape of support chats, the same for the same seed; each minute one begins."""
    dice = random.Random(seed)
    for number in range(count):
        begins = float(number if days == 1 else number % days * 1440 + number // days)
        course, minute = ["c0"], 0
        for _ in range(dice.randint(1, 27)):
            minute += int(dice.expovariate(0.6) if dice.random() < 0.96 else dice.expovariate(0.06))
            course.append(f"{dice.choice('cca')}{minute}")
        yield chat(" ".join(course), name=f"{number:05}", begins=begins)
