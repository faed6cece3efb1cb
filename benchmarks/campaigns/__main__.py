"""Run the campaigns: `python -m benchmarks.campaigns [NAME...] [--scale 0.01] [--seed 1] [--write]`.

Ends with 1 when a promise is broken. Only `--write` changes docs/figures.md: each campaign has a part of it.
"""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from benchmarks.campaigns import CAMPAIGNS
from benchmarks.campaigns.campaign import Watch
from benchmarks.campaigns.report import describe, record


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaigns", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CAMPAIGNS)} (default: all)")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full campaign (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same campaign (default 1)")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/figures.md")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - set(CAMPAIGNS)):
        parser.error(f"no campaign {', '.join(unknown)}; there are {', '.join(CAMPAIGNS)}")
    console = Console()
    kept = True
    for name in arguments.names or CAMPAIGNS:
        campaign = CAMPAIGNS[name]
        console.print(f"[bold]{name}[/]: {campaign.about} (seed {arguments.seed}, scale {arguments.scale:g})")
        result = campaign.run(Watch(arguments.scale, arguments.seed))
        for line in describe(result):
            console.print(line, markup=False, highlight=False)
        kept = kept and result.kept
        if arguments.write:
            record(result, arguments.scale, arguments.seed)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
