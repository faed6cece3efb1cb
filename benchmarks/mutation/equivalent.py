"""Mutants that no test can kill, each with the argument why.

An entry is found by the statement before and after the change and by what it is in, not by its line. One that fits no
survivor, or more than one, is an error: the code or the tests have changed, and the argument must be made anew.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Equivalent:
    """One of them; all but `why` as in the mutant, in the module of that name."""

    module: str
    scope: str
    original: str
    mutated: str
    why: str


EQUIVALENT = (
    Equivalent(
        "durations",
        "parse_duration",
        "duration = None",
        "duration = ''",
        "it is only asked whether it is a timedelta, and neither is one",
    ),
)
