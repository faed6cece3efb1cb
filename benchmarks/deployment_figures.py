"""Time a stack's life and write its section of docs/figures.md: `python -m benchmarks.deployment_figures`.

A production-shaped stack of a copy of this checkout, under the real engine, against the laptop's Google and the
simulator. It wants a calm machine and says so; `--anyway` measures on a busy one, and the section then tells the load.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.campaigns.campaign import stopwatch
from benchmarks.campaigns.deployments import PRODUCTION
from benchmarks.page import machine, write
from laptop.gcp_provider.cloud import Cloud
from laptop.stack import ROOT, Changes, LocalStack
from laptop.twilio_settings import SettingsReader
from simulator.client import SimulatorClient
from simulator.running import RunningSimulator

BEGIN, END = "<!-- deployment figures: begin -->", "<!-- deployment figures: end -->"
CALM = 1.5
"""The one-minute load average above which a machine is busy with something else."""

_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "mutants")


def main() -> None:
    """Measure and write.

    Raises:
        SystemExit: the machine is busy, and `--anyway` was not said; or a promise is broken.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deployment_figures", description=__doc__)
    parser.add_argument("--anyway", action="store_true", help=f"also at a load average above {CALM}")
    parser.add_argument("--rows", action="store_true", help="print the table's rows, and change a source on the way")
    arguments = parser.parse_args()
    if arguments.rows:
        for row in rows(calm=not arguments.anyway):
            print(row, flush=True)
        return
    load = os.getloadavg()[0]
    if load > CALM and not arguments.anyway:
        sys.exit(f"the load average is {load:.1f}, above {CALM}: figures would be wrong; wait, or say --anyway")
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(ROOT, Path(folder) / "checkout", ignore=_NOT_COPIED)
        command = [sys.executable, "-m", "benchmarks.deployment_figures", "--rows"]
        command += ["--anyway"] if arguments.anyway else []
        measured = subprocess.run(command, cwd=copy, stdout=subprocess.PIPE, text=True, check=True).stdout
    print(measured, end="")
    write("\n".join(section(measured.splitlines(), load)), BEGIN, END)
    if "**broken**" in measured:
        sys.exit(1)


def section(measured: list[str], load: float) -> Iterator[str]:
    """The section's lines."""
    yield "## A stack's life"
    yield ""
    yield (
        f"Measured on {datetime.now(UTC).date()} by `python -m benchmarks.deployment_figures`: {machine()}; load "
        f"average {load:.1f} before it began. The engine and the provider's process are real; Google is the laptop's, "
        "whose builds take no time, and Twilio is the simulator."
    )
    if load > CALM:
        yield "**The machine was busy with other work: times say little, counts are as they are.**"
    yield ""
    yield "| step | time | what it changed | promised |"
    yield "|---|---|---|---|"
    yield from measured


def rows(*, calm: bool) -> Iterator[str]:
    """The table's rows: one life, with one change of a source on the way; a busy machine's times break no promise."""
    lines: list[str] = []
    with RunningSimulator() as simulator, tempfile.TemporaryDirectory() as folder:
        twilio = SettingsReader(SimulatorClient(simulator))
        before, home = twilio.read(), Path(folder) / "home"
        with LocalStack(
            home=home,
            simulator_url=simulator.url,
            account_sid=simulator.account_sid,
            auth_token=simulator.auth_token,
            config=PRODUCTION,
            front_port=0,
            on_output=lines.append,
        ) as stack:
            took, changes = _timed(stack.preview)
            yield _row("preview of a new stack", took, _counted(changes), "< 10 s", kept=took < 10 or not calm)
            took, changes = _timed(lambda: stack.up(preview=False))
            yield _row("`up`", took, _counted(changes), "< 30 s", kept=took < 30 or not calm)
            took, changes = _timed(lambda: stack.up(preview=False))
            yield _row("another `up`", took, _counted(changes), "no change", kept=changes.changed == 0)
            with (ROOT / "function" / "main.py").open("a", encoding="utf-8") as source:
                source.write("# a change\n")
            lines.clear()
            took, changes = _timed(lambda: stack.up(preview=False))
            kinds = sorted(line.split()[1].rpartition(":")[2] for line in lines if " updated (" in line)
            kept = kinds.count("Function") == 2 and set(changes.counts) <= {"same", "update", "replace"}
            yield _row(
                "`up` after a source changed",
                took,
                f"{_counted(changes)}: {', '.join(kinds)}",
                "both functions, built again in place",
                kept=kept,
            )
            took, changes = _timed(stack.destroy)
        left = [*Cloud(home / "cloud").all(), *before.differences(twilio.read())]
        yield _row("`destroy`", took, f"{_counted(changes)}; {len(left)} left", "nothing is left", kept=not left)


def _timed(run: Callable[[], Changes]) -> tuple[float, Changes]:
    with stopwatch() as seconds:
        changes = run()
        return seconds(), changes


def _counted(changes: Changes) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(changes.counts.items()))


def _row(step: str, seconds: float, changed: str, promised: str, *, kept: bool) -> str:
    return f"| {step} | {seconds:.1f} s | {changed}{'' if kept else ' **broken**'} | {promised} |"


if __name__ == "__main__":
    main()
