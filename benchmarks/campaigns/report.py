"""What campaigns found, for the terminal and for docs/figures.md, where each has a part of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.campaigns.campaign import MAX_SHOWN, Result
from benchmarks.page import machine, section, write

BEGIN, END = "<!-- reliability figures: begin -->", "<!-- reliability figures: end -->"

HEAD = """## Reliability

`make campaign` runs these in full, on all cores; `python -m benchmarks.campaigns NAME --scale 0.01` runs a hundredth of
one. A seed repeats a campaign; one that breaks a promise ends with 1. Judged from the simulator's truth and its log of
requests. *n* is what was run for the table, of what the full campaign has. Unless a row says otherwise Twilio and the
function run in one process, without sockets and in virtual time (`tests/world/world.py`)."""


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


def record(result: Result, scale: float, seed: int) -> None:
    """Put a campaign's part into the page, in the place of what it found before."""
    _put(result.name, "\n".join(_part(result, scale, seed)))


def _put(name: str, body: str) -> None:
    if not section(BEGIN, END):
        write(HEAD, BEGIN, END)
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    whole = section(BEGIN, END)
    if begin in whole:
        head, _, rest = whole.partition(begin)
        whole = f"{head}{begin}\n{body}\n{end}{rest.partition(end)[2]}"
    else:
        whole = f"{whole}\n\n{begin}\n{body}\n{end}"
    write(whole, BEGIN, END)


def record_all(seconds: float, scale: float, seed: int, jobs: int) -> None:
    """Put down that all campaigns were one run, and how long it took."""
    line = (
        f"{datetime.now(UTC).date()}: all campaigns in one run, `python -m benchmarks.campaigns --scale {scale:g} "
        f"--seed {seed} --jobs {jobs}`, in {lasting(seconds)} of wall time."
    )
    _put("together", line)


def _part(result: Result, scale: float, seed: int) -> Iterator[str]:
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
        f"{datetime.now(UTC).date()}, `python -m benchmarks.campaigns {result.name} --scale {scale:g} --seed {seed}`: "
        f"n = {result.n:,} of {result.of:,} in {lasting(result.seconds)}{full}. {machine()}; load average "
        f"{os.getloadavg()[1]:.1f}."
    )


def lasting(seconds: float) -> str:
    """In the unit that says most."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
