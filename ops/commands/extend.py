"""`extend`: hold chats for a while, for incidents in which customers or agents cannot write."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import typer

from function.contract import INACTIVE_MINIMUM, LONGEST, DurationError, format_duration, parse_within
from ops.chats import OPEN
from ops.hold import Held, Hold
from ops.options import JsonOption, OutputsOption, StackOption, YesOption, conversation_sid, deployment_of
from ops.terminal import (
    DONE,
    SOMETHING_FAILED,
    ask,
    errors_in_one_line,
    on_ctrl_c,
    plain,
    progress,
    show,
    stop,
    whoever_listens,
)
from ops.wording import TimeError, clock_time, parse_time


@dataclass(frozen=True)
class Period:
    """How long to hold a chat: for a while from now, or until a time."""

    by: timedelta | None = None
    until: datetime | None = None


def extend(
    conversations: Annotated[list[str] | None, typer.Argument(help="Conversations, CH...")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every open chat instead.")] = False,
    by: Annotated[str | None, typer.Option(help="For how long from now, in ISO 8601: PT2H; at most P30D.")] = None,
    until: Annotated[
        str | None, typer.Option(help="Until when instead, in ISO 8601 with a zone; at most P30D ahead.")
    ] = None,
    yes: YesOption = False,
    stack: StackOption = None,
    outputs: OutputsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Neither warn nor end chats for a while: an outage keeps customers from writing, or a case needs days.

    Writes `doNotTimeOutUntil` into the conversation's attributes, and keeps all others. A longer hold that is there
    stays. To hold everything that comes too, use `bin/inactivity off` or `mode: observe`.

    `bin/inactivity extend --all --by PT2H` holds every open chat for two hours.

    Exit status: 0, all are held; 1, some are not, and their lines say why; 2, nothing was done.
    """
    period = _period(by, until)
    if bool(conversations) == every:
        stop("name conversations, CH..., or --all")
    if as_json and every and not yes:
        stop("--json asks no questions: add --yes")
    sids = [conversation_sid(each) for each in conversations or ()]
    held: list[Held] = []
    with errors_in_one_line():
        hold = Hold(deployment_of(stack, outputs))
        if period.until:
            _check(period.until, hold.chats.now())
        if every:
            listing = hold.chats.listed(*OPEN)
            sids = list(listing.sids)
            held = [Held.unread(each) for each in listing.unread]
    if every and not yes:
        ask(f"Hold {len(sids)} open chats?")

    def show_held() -> None:
        with whoever_listens():
            show(held, (f"{each.conversation} {each.message}" for each in held), as_json=as_json)

    with errors_in_one_line(), on_ctrl_c(show_held), progress("holding chats") as tell:
        for done, sid in enumerate(sids, start=1):
            held.append(Held.interrupted(sid))  # unless the next line is done
            held[-1] = hold.held_or_why_not(sid, by=period.by, until=period.until)
            tell(done, len(sids))
    show_held()
    raise typer.Exit(DONE if all(each.succeeded for each in held) else SOMETHING_FAILED)


def _period(by: str | None, until: str | None) -> Period:
    if (by is None) == (until is None):
        stop("say for how long: --by PT2H, or --until 2026-11-27T18:00:00Z")
    try:
        if by is not None:
            return Period(by=parse_within(by, minimum=INACTIVE_MINIMUM))
        return Period(until=parse_time(until or ""))
    except DurationError as error:
        stop(f"--by {error}")
    except TimeError as error:
        stop(f"--until {error}")


def _check(until: datetime, now: datetime) -> None:
    """Refuse a time that is over, which holds nothing, and one too far ahead, because no command shortens a hold."""
    latest = now + LONGEST
    if until <= now:
        stop(
            f"--until is {clock_time(until)}, not in the future: at Twilio it is {clock_time(now)}; "
            f"write a later time, up to {plain(latest)}"
        )
    if until > latest:
        stop(
            f"--until is {clock_time(until)}, more than {format_duration(LONGEST)} ahead: write {plain(latest)} or "
            "earlier, and extend again before it ends"
        )
