"""Options that several commands have, and how a command reads its deployment."""

import os
from pathlib import Path
from typing import Annotated

import typer

from function.chat import sid_or_none
from ops.deployment import Deployment, read_deployment
from ops.terminal import stop

OUTPUTS_VARIABLE = "INACTIVITY_OUTPUTS"

StackOption = Annotated[str | None, typer.Option("--stack", "-s", help="The stack; the selected one by default.")]
OutputsOption = Annotated[
    Path | None,
    typer.Option(
        help="Output of `pulumi stack output --json`, instead of asking Pulumi; "
        f"by default the file in {OUTPUTS_VARIABLE}, unless --stack is given."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


def deployment_of(stack: str | None, outputs: Path | None) -> Deployment:
    """Read the deployment that was typed, else the one whose outputs are exported, else the selected one.

    Raises:
        DeploymentError: it cannot be read.
    """
    exported = os.environ.get(OUTPUTS_VARIABLE)
    if exported and stack is None and outputs is None:
        outputs = Path(exported)
    return read_deployment(stack=stack, outputs=outputs)


def conversation_sid(text: str) -> str:
    """Return a conversation's SID; end the command if it is none."""
    if sid_or_none(text, "CH") is None:
        stop(f"the conversation {text!r} is not CH followed by 32 hexadecimal digits")
    return text
