"""Shows what is happening, and for how long, while something takes more than two seconds.

Slow code takes a `Progress` and calls it with what is happening now. It is shown as one moving line on a terminal, and
as a plain line every ten seconds in a log.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as RichProgress
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

Progress = Callable[[str], None]
"""Called with what is happening now, in a few words; it may be called often."""

_QUIET_SECONDS = 2.0
_LOG_EVERY_SECONDS = 10.0


@contextmanager
def shown_progress(console: Console | None = None) -> Iterator[Progress]:
    """Show what is happening, with the time since it began, until the block is left.

    Args:
        console: where to write; standard error by default, so that standard output has only the result.
    """
    console = console or Console(stderr=True, file=sys.stderr)
    if not console.is_interactive:
        yield _lines(console)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with RichProgress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("starting", total=None)
        yield lambda text: shown.update(task, description=text)


def _lines(console: Console) -> Progress:
    """Plain lines, a maximum of one every ten seconds, and none in the first two."""
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
    """A `Progress` that shows nothing."""
