"""`list`: the open chats, and what is next for each."""

import typer

from ops.chats import ChatReader
from ops.open_chats import lines_of, read_open_chats
from ops.options import JsonOption, OutputsOption, StackOption, deployment_of
from ops.terminal import DONE, SOMETHING_FAILED, errors_in_one_line, progress, show


def list_chats(stack: StackOption = None, outputs: OutputsOption = None, *, as_json: JsonOption = False) -> None:
    """List the open chats: what is next and when, by which rule, and who waits for whom. Changes nothing.

    What is due first comes first. Each chat is read and decided about as the function would, about five calls to
    Twilio each, so a thousand chats take some minutes; on a terminal a bar shows how far it is.

    Exit status: 0, all were read; 1, some could not be read; 2, none was, and one line says why.
    """
    with errors_in_one_line():
        reader = ChatReader(deployment_of(stack, outputs))
        with progress("reading chats") as tell:
            found = read_open_chats(reader, tell)
    show(found, lines_of(found, found.now), as_json=as_json)
    raise typer.Exit(SOMETHING_FAILED if found.unread else DONE)
