"""The command `inactivity what-if`."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from function.contract import INACTIVE_MINIMUM, DurationError, parse_within
from ops.messages import one_line
from ops.what_if import history as past
from ops.what_if.history import History, HistoryError
from ops.what_if.plot_svg import svg
from ops.what_if.policy_file import PolicyFileError, read_document
from ops.what_if.report_html import html
from ops.what_if.report_json import document
from ops.what_if.report_text import report as lines_of
from ops.what_if.study import TIMEOUTS, study

ACCEPT = re.compile(r"(\d+(?:\.\d+)?) ?%")


class WhatIfError(ValueError):
    """An option cannot be used, or a file cannot be written; one line, with the way out."""


def what_if(
    history: Annotated[Path, typer.Argument(metavar="HISTORY.csv", help="Past chats: who wrote when.")],
    *,
    policy: Annotated[
        Path | None, typer.Option(help="JSON with timeout, warnBefore and policy, or the policy alone; default values.")
    ] = None,
    accept: Annotated[str, typer.Option(help="Share of ended chats whose customer may be cut off.")] = "5%",
    capacity: Annotated[int, typer.Option(min=1, help="Chats that an agent has at a time.")] = 3,
    timeouts: Annotated[
        str,
        typer.Option(help="Timeouts to compare, in ISO 8601 and with commas; 30 of 1 minute to 2 hours by default."),
    ] = "",
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Skip broken rows, and say which.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Write the return curve to this SVG.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report to this HTML file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a policy would have done to the chats of the past, and recommend a timeout.

    The file is CSV with the columns conversation_id, sent_at and sender (customer or agent), and any of channel, queue,
    language, closed_at, closed_by (agent, customer or timer), agent and customer. The rows of a chat are together, in
    order of time. Nothing is sent anywhere.

    Example: inactivity what-if chats.csv --policy policy.json --accept 5% --report what-if.html

    Exit status: 0, done; 2, nothing was done, and one line says why.
    """
    try:
        chosen = read_document(policy)
        compared = _timeouts(timeouts)
        with _progress() as progress:
            found = study(
                History(history, skip_bad=skip_bad),
                chosen,
                accept=_share_of(accept),
                capacity=capacity,
                timeouts=compared,
                progress=progress,
            )
        for path, text in ((plot, svg), (report, html)):
            if path:
                _write(path, text(found))
    except (HistoryError, PolicyFileError, WhatIfError) as error:
        sys.stderr.write(one_line(str(error)) + "\n")
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(document(found), indent=2, ensure_ascii=False))
        return
    for line in lines_of(found):
        typer.echo(line)


def _share_of(accept: str) -> float:
    found = ACCEPT.fullmatch(accept.strip())
    share = float(found[1]) / 100 if found else 0.0
    if not 0 < share < 1:
        raise WhatIfError(f"--accept is {accept!r}; write a share above 0% and below 100%, such as 5%")
    return share


def _timeouts(text: str) -> tuple[timedelta, ...]:
    if not text:
        return TIMEOUTS
    try:
        return tuple(parse_within(each.strip(), minimum=INACTIVE_MINIMUM) for each in text.split(","))
    except DurationError as error:
        raise WhatIfError(f"--timeouts {error}") from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WhatIfError(
            f"{path}: cannot be written ({error.strerror}); name a file in a folder that exists"
        ) from None


@contextmanager
def _progress() -> Iterator[past.Progress]:
    """Show on a terminal how much of the file was read; the report itself goes to the standard output."""
    console = Console(stderr=True)
    columns = (TextColumn("reading"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading")
        yield lambda done, size: bar.update(task, completed=done, total=size)
