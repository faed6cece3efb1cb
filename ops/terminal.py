"""How commands talk to whoever runs them: lines or JSON, progress on long work, and one line for every error."""

import dataclasses
import enum
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from function.contract import format_duration
from function.twilio_api import TwilioError as CallError
from infra.twilio_resources.client import TwilioError
from ops.messages import OneLineError, explained, one_line

DONE, SOMETHING_FAILED, NOTHING_DONE = 0, 1, 2
"""Exit statuses; the help of each command says what they mean there."""

console = Console(highlight=False)

Tell = Callable[[int, int | None], None]
"""Says how many of how many are done; None while the number is unknown."""


def show(result: object, lines: Iterable[str | Text], *, as_json: bool) -> None:
    """Print a result: its fields as one JSON document, or lines for people."""
    if as_json:
        typer.echo(json.dumps(plain(result), indent=2))
        return
    for line in lines:
        show_line(line)


def show_line(line: str | Text) -> None:
    """Print text, never markup, because part of it may be somebody else's."""
    shown = line if isinstance(line, Text) else Text(one_line(line))
    console.print(shown, soft_wrap=True)


def spell_what_the_terminal_lacks() -> None:
    """Let a letter that standard output cannot encode be shown by its number; by default it ends the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def forget_output() -> None:
    """Drop what is still buffered: writing it would fail once more at the end, and change the exit status."""
    with suppress(Exception):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def whoever_listens() -> Iterator[None]:
    """Go on with the work although its output cannot be written: on a full disk, or to a reader that is gone."""
    try:
        yield
    except (Exception, SystemExit) as error:  # noqa: BLE001 -- rich exits when a reader is gone
        forget_output()
        why = "its reader is gone" if isinstance(error, SystemExit) else f"{type(error).__name__}: {error}"
        with suppress(Exception, SystemExit):
            _say(f"the output cannot be written ({why}); the exit status tells the result")


def columns(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows as lines with aligned columns; the last column is not padded."""
    known = [tuple(one_line(cell) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*known, strict=True)] if known else []
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in known]


def plain(value: Any) -> Any:
    """A result as JSON knows it: keys in camel case, durations in ISO 8601, times in UTC."""
    if dataclasses.is_dataclass(value):
        value = {_camel(field.name): getattr(value, field.name) for field in dataclasses.fields(value)}
    match value:
        case Mapping():
            return {str(plain(key)): plain(each) for key, each in value.items()}
        case tuple() | list():
            return [plain(each) for each in value]
        case enum.Enum():
            return value.value
        case timedelta():
            # A duration has no sign in ISO 8601; what is overdue has one here.
            return format_duration(value) if value >= timedelta() else f"-{format_duration(-value)}"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


@contextmanager
def progress(what: str) -> Iterator[Tell]:
    """Show on the terminal how far long work is; in a pipe or a cron job nothing is shown."""
    err = Console(stderr=True, highlight=False)
    parts = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def on_ctrl_c(show_what_is_done: Callable[[], None]) -> Iterator[None]:
    """After Ctrl-C show what was done by then; the command ends with status 130."""
    try:
        yield
    except KeyboardInterrupt:
        show_what_is_done()
        _say("interrupted: what is not shown was not tried")
        raise


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """End the command with one line and status 2 on any error, never with a traceback."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except (OneLineError, CallError, TwilioError) as error:
        stop(explained(error))
    except Exception as error:  # noqa: BLE001 -- an operator in a hurry needs one line, not a traceback
        stop(f"{type(error).__name__}: {error}")


def ask(question: str) -> None:
    """Ask, and end the command unless somebody agrees."""
    try:
        agreed = typer.confirm(question)
    except typer.Abort:  # end of input, as in a cron job, or Ctrl-C
        typer.echo()
        stop("nothing was done: nobody answered; --yes asks no question")
    if not agreed:
        stop("nothing was done")


def stop(why: str) -> NoReturn:
    """End the command because nothing can be done, with one line that says what to do."""
    _say(why)
    raise typer.Exit(NOTHING_DONE)


def _say(line: str) -> None:
    Console(stderr=True, highlight=False).print(one_line(line), soft_wrap=True, markup=False)
