"""Options that several commands have, and how a command reads its deployment."""

from pathlib import Path
from typing import Annotated

import typer

from function.chat import sid_or_none
from ops.terminal import stop

StackOption = Annotated[str | None, typer.Option("--stack", "-s", help="The stack; the selected one by default.")]
OutputsOption = Annotated[
    Path | None,
    typer.Option(envvar="INACTIVITY_OUTPUTS", help="Output of `pulumi stack output --json`, instead of asking Pulumi."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


def conversation_sid(text: str) -> str:
    """Return a conversation's SID; end the command if it is none."""
    if sid_or_none(text, "CH") is None:
        stop(f"{text!r} is not CH followed by 32 hexadecimal digits")
    return text
