"""Measure the simulator and write its section of docs/figures.md: `python -m benchmarks.simulator_figures`.

It wants a calm machine and says so; `--anyway` measures on a busy one, and the section then tells the load.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from benchmarks.page import machine, write
from tests.world.simulator_load import (
    Cost,
    Measured,
    chats,
    cores,
    day,
    measured_simulator,
    message_latency,
    percentile,
    rate,
    requests_to_send,
)

BEGIN, END = "<!-- simulator figures: begin -->", "<!-- simulator figures: end -->"
CALM = 1.5
"""The one-minute load average above which a machine is busy with something else."""
RUNS = 3
"""Each figure is the median of so many runs."""


def main() -> None:
    """Measure and write.

    Raises:
        SystemExit: the machine is busy, and `--anyway` was not said.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anyway", action="store_true", help=f"also at a load average above {CALM}")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    if load > CALM and not arguments.anyway:
        sys.exit(f"the load average is {load:.1f}, above {CALM}: figures would be wrong; wait, or say --anyway")
    lines = []
    for line in section(load):
        print(line, flush=True)
        lines.append(line)
    write("\n".join(lines), BEGIN, END)


def section(load: float) -> Iterator[str]:
    """The section's lines, as they are measured."""
    yield "## Simulator"
    yield ""
    yield (
        f"Measured on {datetime.now(UTC).date()} by `make figures`: {machine()}; load average {load:.1f} before it "
        f"began. Median of {RUNS} runs, each in a fresh process."
    )
    if load > CALM:
        yield "**The machine was busy with other work: only CPU and memory say something; times by the wall do not.**"
    yield ""
    yield "| figure | value | bound |"
    yield "|---|---|---|"
    yield from chats_rows()
    yield from day_rows()
    yield from rate_rows()
    yield from latency_rows()
    yield ""
    yield (
        "CPU is what the simulator itself used, on one core; the wall's clock also has the client, on another, and "
        "whatever else the machine did. A day is one `POST /_simulator/clock`, with nobody listening to webhooks."
    )


def chats_rows() -> Iterator[str]:
    """1,000 chats of 20 messages."""
    costs, held = [], []
    for _ in range(RUNS):
        with on_one_core() as simulator:
            costs.append(chats(simulator, 1000, 20))
            held.append(simulator.memory)
    wall, cpu, grown = middle(costs)
    yield f"| 1,000 chats of 20 messages: time | {cpu:.1f} s of CPU; {wall:.1f} s | |"
    yield (
        f"| the same: memory | {grown / 2**20:.1f} MiB more, {grown / 1000 / 2**10:.1f} KiB a chat; "
        f"{statistics.median(held) / 2**20:.0f} MiB in all | |"
    )


def day_rows() -> Iterator[str]:
    """A day's advance with more and more timers."""
    first = 0.0
    for timers in (1_000, 3_000, 10_000, 30_000):
        with on_one_core() as simulator:
            wall, cpu, _ = middle([day(simulator, timers) for _ in range(RUNS)])
        each = cpu / (timers * math.log2(timers))
        first = first or each
        bound = "2 s" if timers == 10_000 else ""
        yield (
            f"| a day's advance, {timers:,} timers | {cpu * 1000:.0f} ms of CPU, {cpu / timers * 1e6:.1f} µs a timer, "
            f"{each / first:.2f} × n log n from 1,000; {wall * 1000:.0f} ms | {bound} |"
        )


def middle(costs: list[Cost]) -> tuple[float, float, float]:
    """The median of wall, CPU and memory."""
    columns = zip(*((cost.wall, cost.cpu, float(cost.memory)) for cost in costs), strict=True)
    wall, cpu, memory = (statistics.median(column) for column in columns)
    return wall, cpu, memory


def rate_rows() -> Iterator[str]:
    """Requests a second on one core."""
    with on_one_core() as simulator:
        for kind, requests in requests_to_send(simulator).items():
            rates = [rate(simulator, requests, seconds=3) for _ in range(RUNS)]
            wall, cpu = (statistics.median(getattr(one, clock) for one in rates) for clock in ("wall", "cpu"))
            yield f"| requests a second on one core: {kind} | {cpu:,.0f} per second of CPU; {wall:,.0f} | ≥ 300 |"


def latency_rows() -> Iterator[str]:
    """A message through the control plane."""
    with on_one_core() as simulator:
        took = [second for _ in range(RUNS) for second in message_latency(simulator, 2_000)]
    yield (
        f"| a message through the control plane | {percentile(took, 0.5) * 1000:.2f} ms in the middle, "
        f"{percentile(took, 0.99) * 1000:.2f} ms at p99 | |"
    )


@contextmanager
def on_one_core() -> Iterator[Measured]:
    """A fresh simulator on the first core; this process keeps to the others, where there are any."""
    everywhere = cores()
    with measured_simulator(everywhere[0] if everywhere else None) as simulator:
        if len(everywhere) > 1:
            os.sched_setaffinity(0, everywhere[1:])
        try:
            yield simulator
        finally:
            if everywhere:
                os.sched_setaffinity(0, everywhere)


if __name__ == "__main__":
    main()
