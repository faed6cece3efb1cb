"""`doctor`: whether a deployment works, end to end."""

from typing import Annotated

import typer
from rich.text import Text

from ops.doctor.examination import examine
from ops.doctor.finding import Finding, Level
from ops.messages import one_line
from ops.options import JsonOption, OutputsOption, StackOption, deployment_of
from ops.terminal import DONE, SOMETHING_FAILED, errors_in_one_line, progress, show, show_line

MARKS = {
    Level.FINE: ("✓", "green"),
    Level.NOTE: ("·", "dim"),
    Level.PROBLEM: ("✗", "red"),
    Level.UNKNOWN: ("?", "yellow"),
}


def doctor(
    *,
    chats: Annotated[
        bool, typer.Option(help="Look for stuck chats and tasks too, which reads every open chat.")
    ] = True,
    stack: StackOption = None,
    outputs: OutputsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the whole deployment, and name the command that mends each finding. Changes nothing.

    Credentials and rights, Twilio's edge, clock, service, webhook with its filters, a signed test event and one that
    nobody signed, timers, retries, Leave, the functions' revisions, the last sweep; stuck chats and tasks.
    ✓ fine, · worth knowing, ✗ a problem, ? could not be checked.

    In a cron job: `bin/inactivity doctor --no-chats || notify`.

    Exit status: 0, nothing to do; 1, there is a problem, or something could not be checked; 2, nothing was checked.
    """
    found: list[Finding] = []
    with errors_in_one_line():
        deployment = deployment_of(stack, outputs)
        with progress("reading chats") as tell:
            for finding in examine(deployment, tell, chats=chats):
                found.append(finding)
                if not as_json:
                    _show(finding)
    problems = sum(finding.needs_somebody for finding in found)
    show(found, [f"{len(found)} findings, {problems} for somebody to mend."], as_json=as_json)
    raise typer.Exit(SOMETHING_FAILED if problems else DONE)


def _show(finding: Finding) -> None:
    show_line(Text.assemble(MARKS[finding.level], f" {finding.check.ljust(12)} {one_line(finding.what)}"))
    if finding.mend:
        show_line(f"    → {finding.mend}")
