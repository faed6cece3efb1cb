"""`report`: what a lead reads weekly."""

import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from function.contract import DurationError, parse_within
from ops.deployment import Deployment, DeploymentError, PlaceError
from ops.options import JsonOption, OutputsOption, StackOption, deployment_of
from ops.report.chats import Observed
from ops.report.figures import lines_of, report_of
from ops.report.log_source import observed_in, read_log, tasks_of
from ops.report.twilio_source import TwilioSource
from ops.terminal import errors_in_one_line, progress, show, stop
from ops.wording import TimeError, parse_time

SHORTEST = timedelta(hours=1)
NOT_LOOKED_UP = "The log names no queue and no customer: with credentials for Twilio, both are looked up."


def report(
    *,
    since: Annotated[str, typer.Option(help="The length of the period, in ISO 8601.")] = "P7D",
    log: Annotated[
        str | None, typer.Option(help="A file with the function's log, - for standard input; by default from Twilio.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="The end of the period; by default now, or the last line of the log.")
    ] = None,
    look_up: Annotated[
        bool, typer.Option(help="With --log: ask Twilio for queues, and for customers who wrote again.")
    ] = True,
    stack: StackOption = None,
    outputs: OutputsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what happened in a week against the week before: warned, returned, ended, waited, given up on.

    From the log it takes seconds. It must reach back twice the period:

    `gcloud logging read 'jsonPayload.event!=""' --freshness=14d --format json | bin/inactivity report --log -`

    Without a log it is read from Twilio, some four calls for each chat of both periods. Rules are named as in the
    policy; a rule for each side of a comparison shows both.

    Exit status: 0, shown; 2, nothing could be read, and one line says why.
    """
    try:
        length = parse_within(since, minimum=SHORTEST)
    except DurationError as error:
        stop(f"--since {error}")
    try:
        end = parse_time(until) if until is not None else None
    except TimeError as error:
        stop(f"--until {error}")
    with errors_in_one_line():
        if log is None:
            source = TwilioSource(deployment_of(stack, outputs))
            with progress("reading chats") as tell:
                observed = source.observe(length, end, tell)
        else:
            observed = _from_log(log, end, _deployment(stack, outputs) if look_up else None)
    shown = report_of(observed, length)
    show(shown, lines_of(shown), as_json=as_json)


def _deployment(stack: str | None, outputs: Path | None) -> Deployment | None:
    """The deployment, if it can be read: without it the log is enough for most."""
    try:
        deployment = deployment_of(stack, outputs)
    except PlaceError:
        raise
    except DeploymentError:
        return None
    return deployment if deployment.credentials.complete else None


def _from_log(name: str, end: datetime | None, deployment: Deployment | None) -> Observed:
    try:
        text = sys.stdin.buffer.read().decode("utf-8") if name == "-" else Path(name).read_text(encoding="utf-8")
        lines = read_log(text, "standard input" if name == "-" else name)
    except (OSError, UnicodeDecodeError) as error:
        stop(f"--log {name} cannot be read: {error}")
    observed = observed_in(lines, end)
    if deployment is None:
        return replace(observed, remarks=(*observed.remarks, NOT_LOOKED_UP))
    source, tasks = TwilioSource(deployment), tasks_of(lines)
    ended = []
    with progress("looking up chats that were ended") as tell:
        for each in observed.ended:
            ended.append(source.looked_up(each, tasks.get(each.conversation, ""), observed.until))
            tell(len(ended), len(observed.ended))
    return replace(observed, ended=tuple(ended))
