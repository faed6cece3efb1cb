"""Which webhooks are lost, doubled, late or out of order; random by a seed, so that a run can be repeated.

This file decides, `webhooks.py` makes the calls. Calls of schedules are never disturbed.
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
    """What happens to webhooks on their way. The kinds can be combined.

    Attributes:
        drop: The share that is lost, 0 to 1.
        duplicate: How many extra copies are sent.
        delay: The virtual time that each copy takes; with `reorder`, its maximum.
        reorder: Whether later ones overtake: those of one instant are shuffled and sent one after the other, and each
            copy has a random delay.
        seed: Of the random numbers.
    """

    drop: float = 0.0
    duplicate: int = 0
    delay: timedelta = timedelta(0)
    reorder: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """One copy of a call; a lost one has no delay."""

    call: OutgoingCall
    delay: timedelta | None


def parse_disorder(body: dict[str, Any]) -> Disorder:
    """Read a disorder from the control plane's JSON; an empty object is none.

    Raises:
        ValueError: a value that is out of its bounds; the message names it.
    """
    delay = parse_duration(str(body.get("delay", "PT0S")))
    if delay is None:
        raise ValueError(f"delay: {body['delay']!r} is not an ISO 8601 duration such as PT10M")
    drop, duplicate = float(body.get("drop", 0.0)), int(body.get("duplicate", 0))
    if not 0 <= drop <= 1:
        raise ValueError(f"drop: {drop} is not a share between 0 and 1")
    if not 0 <= duplicate <= 100:
        raise ValueError(f"duplicate: {duplicate} is not a number of extra copies between 0 and 100")
    return Disorder(drop, duplicate, delay, bool(body.get("reorder", False)), int(body.get("seed", 0)))


class Dice:
    """Random decisions for one disorder, from its seed."""

    def __init__(self, disorder: Disorder) -> None:
        self.disorder = disorder
        self._random = random.Random(disorder.seed)  # noqa: S311 -- dice of a simulation

    def passages(self, calls: Sequence[OutgoingCall]) -> list[Passage]:
        """The copies of the calls of one instant, in the order in which they are sent."""
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
