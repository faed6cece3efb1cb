"""What happens to webhooks on their way: lost, doubled, late, out of order; by dice with a seed, so it can be repeated.

This file decides; `webhooks.py` carries calls out. Schedules are the clock's own calls, and nothing happens to them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from simulator.shared.durations import parse_duration
from simulator.shared.outbox import OutgoingCall


@dataclass(frozen=True, slots=True)
class Disorder:
    """What happens to webhooks on their way; all of it at once, if asked for.

    Attributes:
        drop: The share that is lost, 0 to 1.
        duplicate: How many extra copies are sent.
        delay: Virtual time that each copy takes; with `reorder`, the most that it takes.
        reorder: Whether later ones overtake: those of one instant are shuffled and go out one after the other, and each
            copy is delayed by a time of its own.
        seed: Of the dice.
    """

    drop: float = 0.0
    duplicate: int = 0
    delay: timedelta = timedelta(0)
    reorder: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """One copy of a call on its way; a lost one has no delay."""

    call: OutgoingCall
    delay: timedelta | None


def parse_disorder(body: dict[str, Any]) -> Disorder:
    """Read a disorder from the control plane's JSON; an empty object puts everything right.

    Raises:
        ValueError: a value that is out of its bounds; the message names it.
    """
    delay = parse_duration(str(body.get("delay", "PT0S")))
    if delay is None:
        raise ValueError(f"delay: {body['delay']!r} is no ISO 8601 duration such as PT10M")
    drop, duplicate = float(body.get("drop", 0.0)), int(body.get("duplicate", 0))
    if not 0 <= drop <= 1:
        raise ValueError(f"drop: {drop} is no share; it is between 0 and 1")
    if not 0 <= duplicate <= 100:
        raise ValueError(f"duplicate: {duplicate} is no number of extra copies; it is between 0 and 100")
    return Disorder(drop, duplicate, delay, bool(body.get("reorder", False)), int(body.get("seed", 0)))


class Dice:
    """Rolls for one disorder, from its seed."""

    def __init__(self, disorder: Disorder) -> None:
        self.disorder = disorder
        self._random = random.Random(disorder.seed)  # noqa: S311 -- dice of a simulation

    def passages(self, calls: Sequence[OutgoingCall]) -> list[Passage]:
        """What becomes of calls that were decided at one instant, in the order in which they go out."""
        passages = [passage for call in calls for passage in self._of(call)]
        if self.disorder.reorder and len(passages) > 1:
            before = list(passages)
            self._random.shuffle(passages)
            if passages == before:
                passages.reverse()
        return passages

    def _of(self, call: OutgoingCall) -> list[Passage]:
        if call.schedule is not None:
            return [Passage(call, timedelta(0))]
        if self._random.random() < self.disorder.drop:
            return [Passage(call, None)]
        return [Passage(call, self._delay()) for _ in range(1 + self.disorder.duplicate)]

    def _delay(self) -> timedelta:
        if not self.disorder.reorder:
            return self.disorder.delay
        milliseconds = self.disorder.delay // timedelta(milliseconds=1)
        return timedelta(milliseconds=self._random.randint(0, milliseconds))
