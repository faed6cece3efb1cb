"""What a campaign is: a plan from a seed, run at some scale, and figures with what they promise.

A campaign ends with a result even when a promise is broken; the first few broken ones are told so that they can be
repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

T = TypeVar("T")

MOST_TOLD = 5
"""Broken promises that are told of one campaign."""


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        name: what was measured.
        value: with its unit, e.g. `120 of 120`.
        promise: what it has to be; empty where nothing is promised.
        kept: whether it is.
        timed: whether it means something only where nothing else is at work.
    """

    name: str
    value: str
    promise: str = ""
    kept: bool = True
    timed: bool = False


@dataclass(frozen=True)
class Result:
    """What a campaign found.

    Attributes:
        name: the campaign's.
        n: cells, schedules or steps that were run.
        of: how many it has in full.
        seconds: by the wall's clock.
        figures: for the table.
        broken: what broke a promise, each with what repeats it.
    """

    name: str
    n: int
    of: int
    seconds: float
    figures: tuple[Figure, ...]
    broken: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether every promise was."""
        return not self.broken and all(figure.kept for figure in self.figures)


@dataclass
class Watch:
    """Shows how far a campaign is, and keeps the time.

    Attributes:
        scale: the share of the full campaign that is run.
        seed: of everything that is drawn.
    """

    scale: float = 1.0
    seed: int = 1
    quiet: bool = False
    broken: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.perf_counter)

    def share(self, full: int, least: int = 1) -> int:
        """How many of so many are run at this scale."""
        return min(full, max(least, round(full * self.scale)))

    def through(self, cells: Sequence[T], what: str) -> Iterator[T]:
        """Go through cells, with a bar."""
        if self.quiet:
            yield from cells
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(what, total=len(cells))
            for cell in cells:
                yield cell
                bar.advance(task)

    def breaks(self, what: str) -> None:
        """Note a broken promise."""
        self.broken.append(what)

    def result(self, name: str, n: int, of: int, figures: Iterable[Figure]) -> Result:
        """Sum up."""
        return Result(name, n, of, time.perf_counter() - self._began, tuple(figures), tuple(self.broken))


@dataclass(frozen=True)
class Campaign:
    """One campaign.

    Attributes:
        name: on the command line.
        about: what it is about, in a few words.
        run: runs it.
        short: the scale at which the tests run it.
    """

    name: str
    about: str
    run: Callable[[Watch], Result]
    short: float = 0.01


def all_of(name: str, good: int, of: int) -> Figure:
    """A figure that has to be n of n."""
    return Figure(name, f"{good:,} of {of:,}", "all", good == of)


def none_of(name: str, bad: int, of: int) -> Figure:
    """A figure that has to be 0 of n."""
    return Figure(name, f"{bad:,} of {of:,}", "0", bad == 0)


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Seconds since the block began."""
    began = time.perf_counter()
    yield lambda: time.perf_counter() - began
