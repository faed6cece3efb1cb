"""The dialects that a probe must find, and what can be found in each."""

import itertools
import random
from collections.abc import Mapping

from ops.probe.probing import Report
from simulator.shared.dialect import switches

Dialect = dict[str, str]
"""Answers by switch; a switch that is not named has its default."""


def defaults() -> Dialect:
    """Every switch with its default answer."""
    return {switch.name: str(switch.default.value) for switch in switches()}


def answers() -> dict[str, list[str]]:
    """All answers of each switch."""
    return {switch.name: [str(answer.value) for answer in switch.answers] for switch in switches()}


def each_alone() -> list[Dialect]:
    """Every answer that is not the default's, alone."""
    return [{name: value} for name, values in answers().items() for value in values if value != defaults()[name]]


def pairwise() -> list[Dialect]:
    """Dialects in which each answer of a switch meets each answer of every other: by greedy choice, always the same."""
    known = answers()
    to_meet = {
        ((one, first), (other, second))
        for one, other in itertools.combinations(known, 2)
        for first in known[one]
        for second in known[other]
    }
    dice = random.Random(0)
    chosen: list[Dialect] = []
    while to_meet:
        rows = [{name: dice.choice(values) for name, values in known.items()} for _ in range(50)]
        best = max(rows, key=lambda row: len(_met(row) & to_meet))
        to_meet -= _met(best)
        chosen.append(best)
    return chosen


def _met(row: Dialect) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    return set(itertools.combinations(row.items(), 2))


def findable(dialect: Mapping[str, str]) -> dict[str, str | None]:
    """What a probe finds in a dialect; None where nobody can see the answer over the API.

    A channel that cannot be read shows neither its status nor its invites, and one that never shows a transfer does not
    show that a transfer was lost.
    """
    spoken: dict[str, str | None] = {**defaults(), **dialect}
    hidden: set[str] = set()
    if spoken["interactionReads"] == "refused":
        hidden |= {"transferStatus", "lostTransfer", "inviteContents"}
    if spoken["transferStatus"] == "active":
        hidden.add("lostTransfer")
    return {name: None if name in hidden else answer for name, answer in spoken.items()}


def found(report: Report) -> dict[str, str | None]:
    """What a probe found, in the same form and order."""
    by_name = {finding.question.value: finding.answer for finding in report.findings}
    return {name: by_name[name] for name in defaults()}
