"""`explain`: why a chat is treated as it is, or what happened in it."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from ops.explanation import conversation_at, explained, lines_of
from ops.options import JsonOption, OutputsOption, StackOption, conversation_sid, deployment_of
from ops.terminal import errors_in_one_line, show, stop
from ops.wording import TimeError, parse_time


def explain(
    conversation: Annotated[str | None, typer.Argument(help="The conversation, CH...")] = None,
    *,
    customer: Annotated[
        str | None,
        typer.Option(help="Instead: the customer's address (whatsapp:+49..., +49...) or chat identity."),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="With --customer: a time in the chat, in ISO 8601 with a zone.")
    ] = None,
    stack: StackOption = None,
    outputs: OutputsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which row of the decision table decides about a chat, and why those above it do not. Changes nothing.

    Also what happens now and next, if nobody writes. Of a closed chat: what happened in it, from our marks on its
    messages and from TaskRouter's events, which are kept for 30 days; no log is needed.

    A complaint has no SID: `bin/inactivity explain --customer whatsapp:+4915112345678 --at 2026-11-27T14:05:00Z`.

    Exit status: 0, explained; 2, it could not be read, and one line says why.
    """
    if (conversation is None) == (customer is None) or (customer is None) != (at is None):
        stop("name either a conversation, CH..., or --customer ADDRESS with --at TIME")
    if customer is not None and not customer.strip():
        stop(f"--customer is {customer!r}: write an address as Twilio does (whatsapp:+49..., +49...), or an identity")
    moment = _moment(at) if at is not None else None
    sid, remark = conversation_sid(conversation) if conversation is not None else "", None
    with errors_in_one_line():
        deployment = deployment_of(stack, outputs)
        if customer is not None and moment is not None:
            sid, remark = conversation_at(deployment, customer, moment)
        explanation = replace(explained(deployment, sid), remark=remark)
    show(explanation, lines_of(explanation), as_json=as_json)


def _moment(text: str) -> datetime:
    try:
        return parse_time(text)
    except TimeError as error:
        stop(f"--at {error}")
