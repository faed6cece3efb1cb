"""`off`, `on` and `status`: the same parts of a deployment, switched or shown."""

from collections.abc import Iterator

import typer
from rich.text import Text

from infra.twilio_resources.client import TwilioClient
from ops.deployment import Deployment
from ops.google import Scheduler
from ops.messages import one_line
from ops.options import JsonOption, OutputsOption, StackOption, deployment_of
from ops.switch import Interrupted, Step, Switch
from ops.terminal import DONE, SOMETHING_FAILED, errors_in_one_line, on_ctrl_c, show, show_line, whoever_listens


def off(stack: StackOption = None, outputs: OutputsOption = None, *, as_json: JsonOption = False) -> None:
    """Remove what calls us at Twilio and pause the sweep, at once. Nothing is destroyed.

    Each part is tried even if another fails. `on`, or the next `pulumi up`, restores them.

    Exit status: 0, everything is off; 1, something is not, and its line says why; 2, nothing was tried.
    """
    with errors_in_one_line():
        _show(switch_of(deployment_of(stack, outputs)).off(), as_json=as_json)


def on(stack: StackOption = None, outputs: OutputsOption = None, *, as_json: JsonOption = False) -> None:
    """Restore what calls us at Twilio and resume the sweep, which then catches up.

    Exit status: 0, everything is on; 1, something is not, and its line says why; 2, nothing was tried.
    """
    with errors_in_one_line():
        _show(switch_of(deployment_of(stack, outputs)).on(), as_json=as_json)


def status(stack: StackOption = None, outputs: OutputsOption = None, *, as_json: JsonOption = False) -> None:
    """Show what is on and what is off. Changes nothing; `doctor` looks closer.

    Exit status: 0, each part could be read; 1, one could not; 2, nothing was tried.
    """
    with errors_in_one_line():
        _show(switch_of(deployment_of(stack, outputs)).status(), as_json=as_json)


def switch_of(deployment: Deployment) -> Switch:
    """The switch of a deployment; without credentials for Twilio it can still pause the sweep."""
    scheduler = Scheduler(deployment.sweep_job) if deployment.sweep_job else None
    more = {job: Scheduler(job) for job in deployment.more_jobs}
    if not deployment.account_sid or not deployment.credentials.complete:
        return Switch(deployment, None, scheduler, more)
    place = (deployment.twilio_base_url, deployment.twilio_edge)
    client = TwilioClient(deployment.account_sid, deployment.credentials, *place)
    return Switch(deployment, client, scheduler, more)


def _show(steps: Iterator[Step], *, as_json: bool) -> None:
    """Print each part as soon as it is done, because an operator in an emergency waits for it."""
    done: list[Step] = []

    def show_document() -> None:
        if as_json:
            with whoever_listens():
                show(done, (), as_json=True)

    def show_step(step: Step) -> None:
        done.append(step)
        if not as_json:
            mark = ("✓", "green") if step.succeeded else ("✗", "red")
            with whoever_listens():
                show_line(Text.assemble(mark, f" {step.part.value}: {one_line(step.message)}"))

    with on_ctrl_c(show_document):
        try:
            for step in steps:
                show_step(step)
        except Interrupted as interrupted:
            show_step(interrupted.step)
            raise
    show_document()
    raise typer.Exit(DONE if all(step.succeeded for step in done) else SOMETHING_FAILED)
