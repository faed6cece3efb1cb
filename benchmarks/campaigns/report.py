"""What campaigns found, for the terminal and for docs/figures.md, where each has a part of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.campaigns.campaign import MAX_SHOWN, Result
from benchmarks.page import PAGE, machine, section, write

RECORDED = re.compile(r"--scale (?P<scale>\S+) --seed (?P<seed>\d+)`, code (?P<code>[0-9a-f]{12}): ")

BEGIN, END = "<!-- reliability figures: begin -->", "<!-- reliability figures: end -->"

HEAD = """## Reliability

`make campaign` runs these in full, on all cores; `python -m benchmarks.campaigns NAME --scale 0.01` runs a hundredth of
one. A seed repeats a campaign; one that breaks a promise ends with 1. Judged from the simulator's truth and its log of
requests. *n* is what was run for the table, of what the full campaign has. Unless a row says otherwise Twilio and the
function run in one process, without sockets and in virtual time (`tests/world/world.py`)."""


@dataclass(frozen=True)
class Run:
    """What a campaign's figures depend on.

    Attributes:
        code: fingerprint of what it judged.
        scale: share of the full campaign.
        seed: of everything that is drawn.
    """

    code: str
    scale: float
    seed: int

    def __str__(self) -> str:
        return f"scale {self.scale:g}, seed {self.seed}"


def describe(result: Result) -> Iterator[str]:
    """For the terminal."""
    for figure in result.figures:
        promised = f"  (promised: {figure.promise})" if figure.promise else ""
        yield f"  {'ok    ' if figure.kept else 'BROKEN'} {figure.name}: {figure.value}{promised}"
    for broken in result.broken[:MAX_SHOWN]:
        yield f"  BROKEN {broken}"
    if len(result.broken) > MAX_SHOWN:
        yield f"  ... and {len(result.broken) - MAX_SHOWN} more"
    yield f"  {result.n:,} of {result.of:,} in {result.seconds:,.0f} s"


def record(result: Result, runs: Mapping[str, Run], page: Path = PAGE) -> None:
    """Put a campaign's part into the page, in the place of what it found before, and say whose figures these are.

    Args:
        result: what it found.
        runs: what each campaign depends on now, by its name.
        page: docs/figures.md.
    """
    _put(result.name, "\n".join(_part(result, runs[result.name])), page)
    _put("together", _together(runs, page), page)


def recorded(name: str, page: Path = PAGE) -> Run | None:
    """Return which run a campaign's part of the page is from; None if it says nothing, or a promise was broken."""
    _, _, rest = section(BEGIN, END, page).partition(f"<!-- {name}: begin -->")
    part, _, _ = rest.partition(f"<!-- {name}: end -->")
    found = RECORDED.search(part)
    if found is None or "**broken**" in part:
        return None
    return Run(found["code"], float(found["scale"]), int(found["seed"]))


def _put(name: str, body: str, page: Path) -> None:
    if not section(BEGIN, END, page):
        write(HEAD, BEGIN, END, page)
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    whole = section(BEGIN, END, page)
    if begin in whole:
        head, _, rest = whole.partition(begin)
        whole = f"{head}{begin}\n{body}\n{end}{rest.partition(end)[2]}"
    else:
        whole = f"{whole}\n\n{begin}\n{body}\n{end}"
    write(whole, BEGIN, END, page)


def _together(runs: Mapping[str, Run], page: Path) -> str:
    others = [name for name, run in runs.items() if recorded(name, page) != run]
    this = next(iter(runs.values()))
    if others:
        return f"Not of this tree at {this}, or with a broken promise: {', '.join(others)}."
    return f"All {len(runs)} campaigns judged the same tree at {this}, and kept every promise."


def _part(result: Result, run: Run) -> Iterator[str]:
    yield f"### {result.name}"
    yield ""
    yield "| figure | value | promised |"
    yield "|---|---|---|"
    for figure in result.figures:
        mark = "" if figure.kept else " **broken**"
        yield f"| {figure.name} | {figure.value}{mark} | {figure.promise} |"
    yield ""
    full = "" if result.n >= result.of else f"; in full about {lasting(result.seconds * result.of / max(1, result.n))}"
    yield (
        f"{datetime.now(UTC).date()}, `python -m benchmarks.campaigns {result.name} --scale {run.scale:g} "
        f"--seed {run.seed}`, code {run.code}: "
        f"n = {result.n:,} of {result.of:,} in {lasting(result.seconds)}{full}. {machine()}; load average "
        f"{os.getloadavg()[1]:.1f}."
    )


def lasting(seconds: float) -> str:
    """In the unit that says most."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
