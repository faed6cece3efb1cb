"""`python -m ops`, called `inactivity`: what an operator does with a deployment, besides deploying.

Commands only; what they do is in the modules beside.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from function.chat import sid_or_none
from function.contract import INACTIVE_MINIMUM, DurationError, parse_within
from function.twilio_api import TwilioError
from infra.twilio_resources.client import TwilioClient
from ops.deployment import Deployment, DeploymentError, read_deployment
from ops.looking import Backfill, explained, open_conversations
from ops.scheduler import Scheduler
from ops.switch import Step, Switch

app = typer.Typer(name="inactivity", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console(highlight=False)

StackOption = Annotated[str | None, typer.Option("--stack", "-s", help="The stack; the selected one unless given.")]
OutputsOption = Annotated[
    Path | None, typer.Option(help="Output of `pulumi stack output --json`, instead of asking Pulumi.")
]


@app.callback()
def about() -> None:
    """Look at a deployed stack, take it away at once, put it back.

    Credentials come from the environment (TWILIO_AUTH_TOKEN or an API key; GOOGLE_OAUTH_ACCESS_TOKEN or gcloud).
    """


@app.command()
def off(stack: StackOption = None, outputs: OutputsOption = None) -> None:
    """Take our webhook away and pause the sweep, at once. Nothing is destroyed."""
    _show(_switch(_deployment(stack, outputs)).off())


@app.command()
def on(stack: StackOption = None, outputs: OutputsOption = None) -> None:
    """Put our webhook back and resume the sweep."""
    _show(_switch(_deployment(stack, outputs)).on())


@app.command()
def status(stack: StackOption = None, outputs: OutputsOption = None) -> None:
    """Say what is on and what is off; changes nothing."""
    _show(_switch(_deployment(stack, outputs)).status())


@app.command()
def explain(conversation: str, stack: StackOption = None, outputs: OutputsOption = None) -> None:
    """Say what would be decided about a conversation now, by which rule and why; changes nothing."""
    if sid_or_none(conversation, "CH") is None:
        _stop(f"{conversation!r} is not CH followed by 32 hexadecimal digits")
    deployment = _deployment(stack, outputs)
    try:
        facts = explained(deployment, conversation)
    except TwilioError as error:
        _stop(str(error))
    table = Table(show_header=False, box=None)
    for name, value in facts.items():
        table.add_row(name, value)
    console.print(table)


@app.command(name="list")
def list_(stack: StackOption = None, outputs: OutputsOption = None) -> None:
    """List the open conversations, those that were touched last first."""
    for sid, state, updated, timer in open_conversations(_deployment(stack, outputs)):
        console.print(f"{sid}  {state:<8}  updated {updated}  timer {timer}", soft_wrap=True)


@app.command()
def backfill(
    *,
    older_than: Annotated[str, typer.Option(help="Only silences that are overdue for longer, as ISO 8601.")] = "P1D",
    dry_run: Annotated[bool, typer.Option(help="Count, and do nothing.")] = False,
    most: Annotated[int, typer.Option(min=1, help="Warn and end no more than so many.")] = 100,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before anything is done.")] = False,
    stack: StackOption = None,
    outputs: OutputsOption = None,
) -> None:
    """Warn and end chats whose silence is older than a day, which the sweep leaves alone. Counts first."""
    try:
        at_least = parse_within(older_than, least=INACTIVE_MINIMUM)
    except DurationError as error:
        _stop(f"--older-than {error}")
    deployment = _deployment(stack, outputs)
    counted = Backfill(deployment, at_least, most=None).run()
    console.print(
        f"{counted.read} inactive conversations read: {counted.warn} to be warned, {counted.end} to be ended."
    )
    if dry_run or not counted.due:
        return
    if not yes and not typer.confirm(f"Warn or end {min(most, counted.due)} of them now?"):
        _stop("nothing was done")
    done = Backfill(deployment, at_least, most=most).run()
    console.print(f"{done.warn} warned, {done.end} ended, {done.failed} failed.")


def _deployment(stack: str | None, outputs: Path | None) -> Deployment:
    try:
        return read_deployment(stack=stack, outputs=outputs)
    except DeploymentError as error:
        _stop(str(error))


def _switch(deployment: Deployment) -> Switch:
    client = TwilioClient(deployment.account_sid, deployment.credentials, deployment.twilio_base_url)
    return Switch(deployment, client, Scheduler(deployment.sweep_job) if deployment.sweep_job else None)


def _show(steps: Iterator[Step]) -> None:
    good = True
    for step in steps:
        mark = "[green]✓[/]" if step.good else "[red]✗[/]"
        console.print(f"{mark} {step.part.value}: {step.said}", soft_wrap=True)
        good = good and step.good
    raise typer.Exit(0 if good else 1)


def _stop(why: str) -> NoReturn:
    Console(stderr=True, highlight=False).print(why, soft_wrap=True, markup=False)
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
