"""The command `inactivity what-if`."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from function.contract import INACTIVE_MINIMUM, DurationError, parse_within
from function.twilio_api import TwilioError
from ops.deployment import DeploymentError, read_deployment
from ops.messages import one_line, with_hint
from ops.what_if import history as past
from ops.what_if.archive import ArchiveError, TwilioArchive
from ops.what_if.export import ExportError, export, make_plan, read_plan
from ops.what_if.history import History, HistoryError
from ops.what_if.plot_svg import svg
from ops.what_if.policy_file import PolicyFileError, read_document
from ops.what_if.report_html import html
from ops.what_if.report_json import document
from ops.what_if.report_text import report as lines_of
from ops.what_if.study import TIMEOUTS, study

A_DAY = timedelta(days=1)
MAX_SINCE = timedelta(days=365)
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
    from_twilio: Annotated[
        bool, typer.Option("--from-twilio", help="First export chats from Twilio into HISTORY.csv, or continue that.")
    ] = False,
    since: Annotated[str, typer.Option(help="With --from-twilio: days to draw from, in ISO 8601.")] = "P30D",
    sample: Annotated[int, typer.Option(min=1, help="With --from-twilio: about how many chats to read.")] = 5000,
    yes: Annotated[bool, typer.Option("--yes", help="With --from-twilio: do not ask for confirmation.")] = False,
    stack: Annotated[str | None, typer.Option("--stack", "-s", help="With --from-twilio: the stack.")] = None,
    outputs: Annotated[
        Path | None, typer.Option(help="With --from-twilio: output of `pulumi stack output --json`.")
    ] = None,
) -> None:
    """Show what a policy would have done to the chats of the past, and recommend a timeout.

    The file is CSV with the columns conversation_id, sent_at and sender (customer or agent), and any of channel, queue,
    language, closed_at, closed_by (agent, customer or timer), agent and customer. The rows of a chat are together, in
    order of time. No call is made. With --from-twilio the file is made first, from whole days that are drawn
    evenly; it keeps who wrote when, and no text, name or address.

    Example: inactivity what-if chats.csv --policy policy.json --accept 5% --report what-if.html

    Exit status: 0, done; 2, nothing was done, and one line says why.
    """
    try:
        chosen = read_document(policy)
        compared, accepted = _timeouts(timeouts), _share_of(accept)
        if from_twilio:
            _export(history, since, sample, Place(stack, outputs), ask=not yes)
        with _progress("reading") as progress:
            found = study(
                History(history, skip_bad=skip_bad),
                chosen,
                accept=accepted,
                capacity=capacity,
                timeouts=compared,
                progress=progress,
            )
        for path, text in ((plot, svg), (report, html)):
            if path:
                _write(path, text(found))
    except (HistoryError, PolicyFileError, WhatIfError, ExportError) as error:
        _stop(str(error))
    except (DeploymentError, TwilioError, ArchiveError) as error:
        _stop(with_hint(str(error)))
    if as_json:
        typer.echo(json.dumps(document(found), indent=2))
        return
    for line in lines_of(found):
        typer.echo(line)


@dataclass(frozen=True)
class Place:
    """Where the deployment is described whose chats are exported."""

    stack: str | None
    outputs: Path | None


def _export(path: Path, since: str, sample: int, place: Place, *, ask: bool) -> None:
    """Say what it takes, ask, and export; an interrupted export keeps what it has."""
    try:
        period = parse_within(since, minimum=A_DAY, maximum=MAX_SINCE)
    except DurationError as error:
        raise WhatIfError(f"--since {error}") from None
    settings = read_deployment(stack=place.stack, outputs=place.outputs).settings
    archive = TwilioArchive(settings)
    plan = read_plan(path, settings.account_sid)
    begun = plan is not None
    plan = plan or make_plan(archive, settings.account_sid, period, sample)
    sys.stderr.write(one_line(f"{'Continuing: ' if begun else ''}{plan}, into {path}.") + "\n")
    if ask and not begun and not _confirmed("Read them now?"):
        raise WhatIfError("nothing was read; answer y, or give --yes")
    with _progress("exporting") as progress:
        count = export(archive, path, plan, progress)
    sys.stderr.write(f"{count:,} chats are in {one_line(str(path))}.\n")


def _confirmed(question: str) -> bool:
    """Ask on the standard error, because the standard output is the report's alone."""
    sys.stderr.write(f"{question} [y/N]: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _stop(why: str) -> NoReturn:
    sys.stderr.write(one_line(why) + "\n")
    raise typer.Exit(2)


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
def _progress(doing: str) -> Iterator[past.Progress]:
    """Show on a terminal how far it is; the report itself goes to the standard output."""
    console = Console(stderr=True)
    columns = (TextColumn(doing), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(doing)
        yield lambda done, size: bar.update(task, completed=done, total=size)
