"""Lets a person try the operator's command on the stack of this machine: two lines to type in another terminal."""

import json
import shlex
from collections.abc import Mapping
from typing import Final

from laptop.gcp_provider.front import FUNCTIONS, SCHEDULER
from laptop.stack import LocalStack

GOOGLE_TOKEN: Final = "laptop"  # noqa: S105 -- nobody checks it here


def operator_environment(stack: LocalStack, auth_token: str) -> dict[str, str]:
    """Write the stack's outputs to a file, and return the variables with which `bin/inactivity` works on it.

    Args:
        stack: the deployed stack.
        auth_token: of the simulator's account.
    """
    outputs = stack.home / "outputs.json"
    outputs.write_text(json.dumps(dict(stack.outputs), indent=2), encoding="utf-8")
    return {
        "INACTIVITY_OUTPUTS": str(outputs),
        "TWILIO_AUTH_TOKEN": auth_token,
        "GOOGLE_OAUTH_ACCESS_TOKEN": GOOGLE_TOKEN,
        "CLOUDSCHEDULER_BASE_URL": f"{stack.front_url}/{SCHEDULER}",
        "CLOUDFUNCTIONS_BASE_URL": f"{stack.front_url}/{FUNCTIONS}",
    }


def operator_lines(variables: Mapping[str, str]) -> tuple[str, str]:
    """Return the two lines: the variables, and a first command."""
    assignments = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
    return f"export {assignments}", "bin/inactivity doctor"
