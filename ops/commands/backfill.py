"""`backfill`: chats that are overdue for so long that the sweep leaves them alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from function.contract import INACTIVE_MINIMUM, DurationError, parse_within
from ops.backfill import Backfill, Counted
from ops.deployment import Deployment
from ops.options import JsonOption, OutputsOption, StackOption, YesOption, deployment_of
from ops.terminal import (
    DONE,
    SOMETHING_FAILED,
    ask,
    errors_in_one_line,
    on_ctrl_c,
    progress,
    show,
    show_line,
    stop,
    whoever_listens,
)


@dataclass(frozen=True)
class Result:
    """What was counted, and what was done; None if nothing was to be done."""

    counted: Counted
    done: Counted | None


def backfill(
    *,
    older_than: Annotated[
        str, typer.Option(help="Only silences that are overdue for longer than this, in ISO 8601.")
    ] = "P1D",
    dry_run: Annotated[bool, typer.Option(help="Only count.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="The maximum of chats to warn or end.")] = 100,
    yes: YesOption = False,
    stack: StackOption = None,
    outputs: OutputsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Warn and end chats that are overdue for more than a day, which the sweep leaves alone. Counts first, then asks.

    Begin with `bin/inactivity backfill --dry-run`, then with a small `--limit`.

    Exit status: 0, done; 1, some chats failed, or a person should look at them; 2, nothing was done, and one line says
    why.
    """
    try:
        minimum = parse_within(older_than, minimum=INACTIVE_MINIMUM)
    except DurationError as error:
        stop(f"--older-than {error}")
    if as_json and not (yes or dry_run):
        stop("--json asks no questions: add --yes or --dry-run")
    with errors_in_one_line():
        deployment = deployment_of(stack, outputs)
        with progress("counting") as tell:
            counted = Backfill(deployment, minimum, limit=None).run(tell)
    if not as_json:
        show_line(_counted_line(counted, deployment))
    if dry_run or not counted.due:
        show(Result(counted, None), _look_at(counted), as_json=as_json)
        raise typer.Exit(DONE if counted.clean else SOMETHING_FAILED)
    if not yes:
        ask(f"Warn or end {min(limit, counted.due)} of them now?")
    with errors_in_one_line():
        work = Backfill(deployment, minimum, limit=limit)
    done = work.counted

    def show_done() -> None:
        line = f"{done.warn} warned, {done.end} ended, {done.failed} failed."
        with whoever_listens():
            show(Result(counted, done), [line, *_look_at(done)], as_json=as_json)

    with errors_in_one_line(), on_ctrl_c(show_done), progress("warning and ending") as tell:
        work.run(tell)
    show_done()
    raise typer.Exit(DONE if done.clean else SOMETHING_FAILED)


def _counted_line(counted: Counted, deployment: Deployment) -> str:
    unread = f", {counted.failed} could not be read" if counted.failed else ""
    mode = deployment.settings.mode.value
    withheld = f" mode: {mode} leaves {counted.withheld} of them as they are." if counted.withheld else ""
    due = f"{counted.warn} to be warned, {counted.end} to be ended"
    return f"{counted.read} inactive conversations read{unread}: {due}.{withheld}"


def _look_at(counted: Counted) -> Iterator[str]:
    return (f"{each.conversation}: {each.why}" for each in counted.look_at)
