"""What a campaign is: a plan from a seed, run at some scale, and figures with what they promise.

A campaign ends with a result even when a promise is broken; the first few broken ones are told so that they can be
repeated. Cells of a plan know nothing of each other: whatever they draw comes from the seed and their own name, so
that any number of processes may share them.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

T = TypeVar("T")
Cell = TypeVar("Cell")
Seen = TypeVar("Seen")

Player = Callable[[], AbstractContextManager[Callable[[Cell], Seen]]]
"""Makes what plays cells, one after the other; each process has its own."""

MAX_SHOWN = 5
"""Maximum of broken promises that are reported of one campaign."""


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
        quiet: whether nothing is shown.
        jobs: how many processes share the cells; one plays them in this process.
    """

    scale: float = 1.0
    seed: int = 1
    quiet: bool = False
    jobs: int = 1
    broken: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.perf_counter)

    def share(self, full: int, least: int = 1) -> int:
        """How many of so many are run at this scale."""
        return min(full, max(least, round(full * self.scale)))

    def through(self, cells: Sequence[T], what: str) -> Iterator[T]:
        """Go through cells, with a bar."""
        with self._bar(len(cells), what) as advance:
            for cell in cells:
                yield cell
                advance()

    def spread(self, cells: Sequence[Cell], what: str, player: Player[Cell, Seen]) -> Iterator[tuple[Cell, Seen]]:
        """Play cells, shared among processes, with a bar; each with what was seen, in their order."""
        with ExitStack() as stack:
            if self.jobs == 1:
                seen: Iterator[Seen] = map(stack.enter_context(player()), cells)
            else:
                fork = multiprocessing.get_context("fork")
                pool = stack.enter_context(ProcessPoolExecutor(self.jobs, fork, _begin, (player,)))
                seen = pool.map(_play, cells, chunksize=max(1, min(50, len(cells) // (8 * self.jobs))))
            advance = stack.enter_context(self._bar(len(cells), what))
            for pair in zip(cells, seen, strict=True):
                yield pair
                advance()

    @contextmanager
    def _bar(self, total: int, what: str) -> Iterator[Callable[[], object]]:
        console = Console(stderr=True)
        if self.quiet:
            yield lambda: None
            return
        if not console.is_terminal:
            yield _tenths(total, what, console)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(what, total=total)
            yield lambda: bar.advance(task)

    def breaks(self, what: str) -> None:
        """Note a broken promise."""
        self.broken.append(what)

    def result(self, name: str, n: int, of: int, figures: Iterable[Figure]) -> Result:
        """Sum up, once all figures are there: they may be made while they are asked for."""
        made = tuple(figures)
        return Result(name, n, of, time.perf_counter() - self._began, made, tuple(self.broken))


def _tenths(total: int, what: str, console: Console) -> Callable[[], None]:
    """Tells a file how far it is, at every tenth."""
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done * 10 // total > (done - 1) * 10 // total:
            console.print(f"  {datetime.now(UTC):%H:%M:%S} {what}: {done:,} of {total:,}", highlight=False)

    return advance


POLITE = 10
"""How far these processes step back for one that runs aside, as `nice` counts."""

_player: Any = None
"""What plays in this process, if it is one of several."""

_open = ExitStack()
"""What that needs; the process ends with it."""


def _begin(player: Player[Any, Any]) -> None:
    global _player  # noqa: PLW0603 -- the pool's processes have nowhere else to keep it
    os.nice(POLITE)  # what runs aside has rates to keep
    _player = _open.enter_context(player())


def _play(cell: Any) -> Any:
    return _player(cell)


class Runs(Enum):
    """How a campaign gets on with others."""

    SHARED = "uses all cores"
    ALONE = "measures time: nothing else may be at work"
    ASIDE = "mostly waits, in real seconds: others may be at work"


@dataclass(frozen=True)
class Campaign:
    """One campaign.

    Attributes:
        name: on the command line.
        about: what it is about, in a few words.
        run: runs it.
        short: the scale at which the tests run it.
        runs: how it gets on with others.
        judges: folders of code that it judges besides the function and does not import.
    """

    name: str
    about: str
    run: Callable[[Watch], Result]
    short: float = 0.01
    runs: Runs = Runs.SHARED
    judges: tuple[str, ...] = ()


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
