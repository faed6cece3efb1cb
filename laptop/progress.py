"""What a person sees while something takes longer than two seconds: what is happening, and for how long already.

Anything slow takes a `Progress`, a function that is told what is happening now. Where it goes is decided here:
one moving line on a terminal, a plain line now and then in a log.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as RichProgress
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

Progress = Callable[[str], None]
"""Told what is happening now, in a few words. Called as often as one likes."""

_QUIET_SECONDS = 2.0
_LOG_EVERY_SECONDS = 10.0


@contextmanager
def shown_progress(console: Console | None = None) -> Iterator[Progress]:
    """Show what is happening, with the time since it began, until the block is left.

    Args:
        console: where to write; standard error unless given, so that a command's result keeps standard output.
    """
    console = console or Console(stderr=True, file=sys.stderr)
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with RichProgress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("starting", total=None)
        yield lambda text: shown.update(task, description=text)


def _lines(console: Console) -> Progress:
    """Plain lines, at most one every ten seconds; what is over within two seconds is not mentioned."""
    started = time.monotonic()
    next_line = started + _QUIET_SECONDS

    def say(text: str) -> None:
        nonlocal next_line
        now = time.monotonic()
        if now >= next_line:
            next_line = now + _LOG_EVERY_SECONDS
            console.print(f"  {text} ({now - started:.0f} s)", markup=False, highlight=False, soft_wrap=True)

    return say


def ignored(_text: str) -> None:
    """A `Progress` for those who do not want to see any."""
