"""What became of the mutants, for the terminal and for docs/figures.md, where each module has a row and a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.mutation.campaign import MutationError, Result
from benchmarks.mutation.mutants import Mutant
from benchmarks.page import PAGE, machine, section, write

BEGIN, END = "<!-- mutation: begin -->", "<!-- mutation: end -->"
HEAD = """## Mutation

Would the tests notice if a line of the function said something else? `make mutation` changes one thing at a time and
runs the tests that are about the module; `make mutation M=decisions` does one module, `M="main --again"` those that
survived the last time. Of `decisions`, `signature` and `durations` every mutant is killed, or argued below to change
nothing that anybody could see. A module without a row has not been measured yet.

A survivor of another module was killed by none of the tests that `benchmarks/mutation` asked for it. Tests over sockets
take long, so it does not ask all of them, and more may have been written since: of the survivors below some would die
of one of those. The seconds are those of the last run; where only the survivors were run again, of these."""
COLUMNS = """| module | mutants | killed | equivalent | survivors | seconds |
|---|---|---|---|---|---|"""
ROW = re.compile(r"^\| `(\w+)` \|.*$", re.MULTILINE)
PART = re.compile(r"^### (\w+)\n(?:(?!###).*\n?)*", re.MULTILINE)


def describe(result: Result) -> Iterator[str]:
    """For the terminal."""
    yield (
        f"{result.module}: {result.mutants} mutants, {result.killed} killed, {len(result.equivalent)} equivalent, "
        f"{len(result.survivors)} survivors, {result.seconds:.0f} s"
    )
    for mutant in result.survivors:
        yield f"  {result.module}.py:{mutant.line} {mutant.scope}: {mutant.original}  ->  {mutant.mutated}"


def alive_before(module: str, every: Sequence[Mutant], page: Path = PAGE) -> list[Mutant]:
    """Those mutants of a module that the page lists: the others are dead, and tests only grow.

    Raises:
        MutationError: the page knows another number of mutants, or lists one that there is not any more.
    """
    old = section(BEGIN, END, page)
    counted = {match[1]: int(match[0].split("|")[2]) for match in ROW.finditer(old)}
    part = next((match[0] for match in PART.finditer(old) if match[1] == module), "")
    listed = [line for line in part.splitlines() if line.startswith("- ")]
    alive = [mutant for mutant in every if any(f": {_change(module, mutant)}" in line for line in listed)]
    known = all(any(_change(module, mutant) in line for mutant in alive) for line in listed)
    if counted.get(module) != len(every) or not known:
        raise MutationError(f"{module}: the page lists other mutants than there are now; run all of them")
    return alive


def record(result: Result, page: Path = PAGE) -> None:
    """Put a module's row and list into the page, in the place of what was found before."""
    old = section(BEGIN, END, page)
    rows = {match[1]: match[0] for match in ROW.finditer(old)}
    parts = {match[1]: match[0].strip() for match in PART.finditer(old)}
    rows[result.module] = (
        f"| `{result.module}` | {result.mutants} | {result.killed} | {len(result.equivalent)} | "
        f"{len(result.survivors)} | {result.seconds:.0f} |"
    )
    parts[result.module] = "\n".join([f"### {result.module}", "", *_listed(result)])
    measured = f"Last on {datetime.now(UTC).date()}: {machine()}; one process."
    table = "\n".join([COLUMNS, *rows.values()])
    write("\n\n".join([HEAD, table, measured, *parts.values()]), BEGIN, END, page)


def _listed(result: Result) -> Iterator[str]:
    if not result.survivors and not result.equivalent:
        yield "All killed."
    for mutant, argument in result.equivalent:
        yield f"- equivalent: {_change(result.module, mutant)}: {argument.why}"
    for mutant in result.survivors:
        yield f"- survivor: {_change(result.module, mutant)}"


def _change(module: str, mutant: Mutant) -> str:
    """A change within one line of Markdown."""
    original, mutated = (f"``{' '.join(text.split())}``" for text in (mutant.original, mutant.mutated))
    return f"{module}.py:{mutant.line} {original} → {mutated}"
