"""`end`: one chat now, whatever the decision table says of it."""

from typing import Annotated

import typer

from function.chat import Case
from ops.ending import Ended, Ending
from ops.explanation import agents_of
from ops.options import JsonOption, OutputsOption, StackOption, YesOption, conversation_sid, deployment_of
from ops.terminal import (
    DONE,
    SOMETHING_FAILED,
    ask,
    errors_in_one_line,
    on_ctrl_c,
    show,
    show_line,
    stop,
    whoever_listens,
)
from ops.wording import duration_words


def end(
    conversation: Annotated[str, typer.Argument(help="The conversation, CH...")],
    *,
    notice: Annotated[bool, typer.Option(help="Post the closing notice, if a text reaches the customer.")] = True,
    yes: YesOption = False,
    stack: StackOption = None,
    outputs: OutputsOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a chat now, for incidents: the notice, the task, the channel, then the conversation, in the safe order.

    It says who wrote last, and asks: this cuts off a customer who waits for an answer. A message that arrives before
    the notice stops the end. Of a closed chat it releases what is left over. It works in any `mode`.

    `bin/inactivity end CH0123456789abcdef0123456789abcdef`

    Exit status: 0, ended; 1, not ended or half ended, or an agent still has a task; 2, nothing was done, and one line
    says why.
    """
    sid = conversation_sid(conversation)
    if as_json and not yes:
        stop("--json asks no questions: add --yes")
    with errors_in_one_line():
        ending = Ending(deployment_of(stack, outputs), notice=notice)
        case = ending.case(sid)
    if not as_json:
        with whoever_listens():
            show_line(_about(case))
    if not yes:
        ask("End it now?")

    def show_ended(ended: Ended) -> None:
        with whoever_listens():
            show(ended, [_line(ended)], as_json=as_json)

    with errors_in_one_line(), on_ctrl_c(lambda: show_ended(Ended.interrupted(sid))):
        ended = ending.end(sid)
    show_ended(ended)
    raise typer.Exit(DONE if ended.succeeded else SOMETHING_FAILED)


def _about(case: Case) -> str:
    snapshot = case.snapshot
    sid, state = snapshot.conversation.sid, snapshot.conversation.state.value
    agents = ", ".join(agents_of(case)) or "no agent"
    last_word = f"{case.newest.by.value} wrote last, {duration_words(case.now - case.newest.sent_at)} ago"
    return f"{sid} is {state}, with {agents}; {last_word}."


def _line(ended: Ended) -> str:
    unsaid = f", without a notice ({ended.unsaid.value})" if ended.unsaid else ""
    tasks = f"; complete {', '.join(ended.assigned)} by hand, an agent still has it" if ended.assigned else ""
    return f"{ended.conversation}: {ended.message}{unsaid}{tasks}."
