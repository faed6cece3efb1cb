"""The commands of `bin/inactivity`: what an operator does with a deployment, besides deploying.

Only the commands are here. What they do is in the modules beside this one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from function.chat import sid_or_none
from function.contract import INACTIVE_MINIMUM, DurationError, parse_within
from function.twilio_api import TwilioError
from infra.twilio_resources.client import TwilioClient
from ops.chat_tests import check_chats
from ops.conversations import Backfill, explained, open_conversations
from ops.deployment import Deployment, DeploymentError, read_deployment
from ops.messages import one_line, with_hint
from ops.probe.command import probe_command
from ops.scheduler import Scheduler
from ops.switch import Step, Switch

app = typer.Typer(name="inactivity", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console(highlight=False)

StackOption = Annotated[str | None, typer.Option("--stack", "-s", help="The stack; the selected one by default.")]
OutputsOption = Annotated[
    Path | None, typer.Option(help="Output of `pulumi stack output --json`, instead of asking Pulumi.")
]

app.command(name="test")(check_chats)


app.command(name="probe")(probe_command)


@app.callback()
def about() -> None:
    """Look at a deployed stack, switch it off at once, and on again.

    Credentials come from the environment (TWILIO_AUTH_TOKEN or an API key; GOOGLE_OAUTH_ACCESS_TOKEN or gcloud).

    Exit status: 0, done; 1, something failed, and its line says why; 2, nothing was done.
    """


@app.command()
def off(stack: StackOption = None, outputs: OutputsOption = None) -> None:
    """Remove what calls us at Twilio and pause the sweep, at once. Nothing is destroyed."""
    with _errors_in_one_line():
        _show(_switch(read_deployment(stack=stack, outputs=outputs)).off())


@app.command()
def on(stack: StackOption = None, outputs: OutputsOption = None) -> None:
    """Restore what calls us at Twilio and resume the sweep."""
    with _errors_in_one_line():
        _show(_switch(read_deployment(stack=stack, outputs=outputs)).on())


@app.command()
def status(stack: StackOption = None, outputs: OutputsOption = None) -> None:
    """Show what is on and what is off. Changes nothing."""
    with _errors_in_one_line():
        _show(_switch(read_deployment(stack=stack, outputs=outputs)).status())


@app.command()
def explain(conversation: str, stack: StackOption = None, outputs: OutputsOption = None) -> None:
    """Show what would be decided about a conversation now, by which rule and why. Changes nothing."""
    if sid_or_none(conversation, "CH") is None:
        _stop(f"{conversation!r} is not CH followed by 32 hexadecimal digits")
    with _errors_in_one_line():
        facts = explained(read_deployment(stack=stack, outputs=outputs), conversation)
    table = Table(show_header=False, box=None)
    for name, value in facts.items():
        table.add_row(name, Text(value))
    console.print(table)


@app.command(name="list")
def list_(stack: StackOption = None, outputs: OutputsOption = None) -> None:
    """List the open conversations, the last updated first."""
    with _errors_in_one_line():
        found = open_conversations(read_deployment(stack=stack, outputs=outputs))
    for sid, state, updated, timer in found:
        _print(f"{sid}  {state:<8}  updated {updated}  timer {timer}")


@app.command()
def backfill(
    *,
    older_than: Annotated[
        str, typer.Option(help="Only silences that are overdue for longer than this, in ISO 8601.")
    ] = "P1D",
    dry_run: Annotated[bool, typer.Option(help="Only count.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="The maximum of chats to warn or end.")] = 100,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    stack: StackOption = None,
    outputs: OutputsOption = None,
) -> None:
    """Warn and end chats that are overdue for more than a day, which the sweep leaves alone. Counts first."""
    try:
        minimum = parse_within(older_than, minimum=INACTIVE_MINIMUM)
    except DurationError as error:
        _stop(f"--older-than {error}")
    with _errors_in_one_line():
        deployment = read_deployment(stack=stack, outputs=outputs)
        counted = Backfill(deployment, minimum, limit=None).run()
    unread = f", {counted.failed} could not be read" if counted.failed else ""
    _print(
        f"{counted.read} inactive conversations read{unread}: {counted.warn} to be warned, {counted.end} to be ended."
    )
    if dry_run or not counted.due:
        raise typer.Exit(1 if counted.failed else 0)
    if not yes and not typer.confirm(f"Warn or end {min(limit, counted.due)} of them now?"):
        _stop("nothing was done")
    with _errors_in_one_line():
        done = Backfill(deployment, minimum, limit=limit).run()
    _print(f"{done.warn} warned, {done.end} ended, {done.failed} failed.")
    raise typer.Exit(1 if done.failed else 0)


def _switch(deployment: Deployment) -> Switch:
    scheduler = Scheduler(deployment.sweep_job) if deployment.sweep_job else None
    if not deployment.account_sid or not deployment.credentials.complete:
        return Switch(deployment, None, scheduler)
    place = (deployment.twilio_base_url, deployment.twilio_edge)
    return Switch(deployment, TwilioClient(deployment.account_sid, deployment.credentials, *place), scheduler)


def _show(steps: Iterator[Step]) -> None:
    succeeded = True
    for step in steps:
        mark = ("✓", "green") if step.succeeded else ("✗", "red")
        console.print(Text.assemble(mark, f" {step.part.value}: {one_line(step.message)}"), soft_wrap=True)
        succeeded = succeeded and step.succeeded
    raise typer.Exit(0 if succeeded else 1)


def _print(line: str) -> None:
    """Print text, never markup, because part of it comes from elsewhere."""
    console.print(one_line(line), soft_wrap=True, markup=False)


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    """End the command with one line and status 2 on any error, never with a traceback."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except (DeploymentError, TwilioError) as error:
        _stop(with_hint(str(error)))
    except Exception as error:  # noqa: BLE001 -- an operator in a hurry needs one line, not a traceback
        _stop(f"{type(error).__name__}: {error}")


def _stop(why: str) -> NoReturn:
    Console(stderr=True, highlight=False).print(one_line(why), soft_wrap=True, markup=False)
    raise typer.Exit(2)
