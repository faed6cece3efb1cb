"""The page of figures, docs/figures.md: each measurement owns the section between its markers."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil

PAGE = Path(__file__).parents[1] / "docs" / "figures.md"


def write(text: str, begin: str, end: str, page: Path = PAGE) -> None:
    """Put a section between its markers; a page without them gets it at its end."""
    old = page.read_text(encoding="utf-8") if page.exists() else "# Figures\n"
    if begin not in old:
        old = f"{old.rstrip()}\n\n{begin}\n{end}\n"
    head, _, rest = old.partition(begin)
    page.write_text(f"{head}{begin}\n{text}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def section(begin: str, end: str, page: Path = PAGE) -> str:
    """Return what is between the markers; empty without them."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return text.partition(begin)[2].partition(end)[0].strip()


def machine() -> str:
    """What it was measured on."""
    model = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.exists():
        model = next(
            (line.partition(": ")[2] for line in described.read_text().splitlines() if line.startswith("model name")),
            model,
        )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else psutil.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{cores} cores of {model}, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release().partition('-')[0]}, Python {platform.python_version()}"
    )
