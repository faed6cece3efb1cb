"""Run the campaigns: `python -m benchmarks.campaigns [NAME...] [--scale 0.01] [--seed 1] [--jobs 2] [--write]`.

Ends with 1 when a promise is broken. Only `--write` changes docs/figures.md: each campaign has a part of it, and with
`--resume` those are left out whose part is from a run of the same code that kept every promise. What mostly waits runs
beside the others, which share all cores; what measures time runs last, with nothing beside it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from rich.console import Console

from benchmarks.campaigns import CAMPAIGNS
from benchmarks.campaigns.campaign import Campaign, Result, Runs, Watch, stopwatch
from benchmarks.campaigns.code import fingerprint
from benchmarks.campaigns.report import Run, describe, lasting, record, recorded


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaigns", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CAMPAIGNS)} (default: all)")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full campaign (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same campaign (default 1)")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parser.add_argument("--jobs", type=int, default=cores, help=f"processes that share the work (default {cores})")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/figures.md")
    parser.add_argument("--resume", action="store_true", help="leave out what docs/figures.md has of this very run")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - set(CAMPAIGNS)):
        parser.error(f"no campaign {', '.join(unknown)}; there are {', '.join(CAMPAIGNS)}")
    console = Console()
    runs = {
        name: Run(fingerprint(each.run.__module__, each.judges), arguments.scale, arguments.seed)
        for name, each in CAMPAIGNS.items()
    }
    campaigns = [
        CAMPAIGNS[name]
        for name in arguments.names or CAMPAIGNS
        if not (arguments.resume and recorded(name) == runs[name])
    ]
    kept = True
    with stopwatch() as seconds:
        for name, get in _results(campaigns, arguments.scale, arguments.seed, arguments.jobs, console):
            try:
                result = get()
            except Exception:  # noqa: BLE001 -- hours of others are worth more than this one
                console.print_exception()
                console.print(f"  [bold red]{name} did not end[/]")
                kept = False
                continue
            for line in describe(result):
                console.print(line, markup=False, highlight=False)
            kept = kept and result.kept
            if arguments.write:
                record(result, runs)
        console.print(f"all of it: {lasting(seconds())} of wall time")
    return 0 if kept else 1


def _results(
    campaigns: Sequence[Campaign], scale: float, seed: int, jobs: int, console: Console
) -> Iterator[tuple[str, Callable[[], Result]]]:
    """Each campaign with what runs it, or waits for it."""

    def announce(campaign: Campaign, how: str = "") -> None:
        console.print(f"[bold]{campaign.name}[/]: {campaign.about} (seed {seed}, scale {scale:g}){how}")

    aside = [campaign for campaign in campaigns if campaign.runs is Runs.ASIDE]
    with ProcessPoolExecutor(max(1, len(aside)), multiprocessing.get_context("spawn")) as pool:
        begun = []
        for campaign in aside:
            announce(campaign, ", beside the others")
            begun.append(pool.submit(campaign.run, Watch(scale, seed, quiet=True)))
        for campaign in campaigns:
            if campaign.runs is Runs.SHARED:
                announce(campaign)
                yield campaign.name, partial(campaign.run, Watch(scale, seed, jobs=jobs))
        for campaign, result in zip(aside, begun, strict=True):
            announce(campaign, ", beside the others: " + ("done" if result.done() else "not done yet"))
            yield campaign.name, result.result
    for campaign in campaigns:
        if campaign.runs is Runs.ALONE:
            announce(campaign)
            yield campaign.name, partial(campaign.run, Watch(scale, seed))


if __name__ == "__main__":
    sys.exit(main())
