"""What the operator's command knows about a deployment: the stack's outputs, and credentials from the environment.

Everything that is not secret comes from `pulumi stack output`; a file with that output will do as well, for the hour in
which Pulumi's state cannot be reached.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from function.settings import SECRET_VARIABLES
from infra.twilio_resources.client import Credentials, find_credentials

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 60


class DeploymentError(Exception):
    """What is needed to know is not known; one line, with the way out."""


@dataclass(frozen=True)
class Deployment:
    """One deployed stack.

    Attributes:
        webhook_url: what Twilio calls while it is on.
        service_sid: whose webhook that is.
        sweep_job: Google's name of the schedule; empty where Google is not used.
        environment: the function's plain variables.
        credentials: for Twilio's API.
    """

    webhook_url: str
    service_sid: str
    sweep_job: str
    environment: Mapping[str, str]
    credentials: Credentials = field(repr=False)

    @property
    def account_sid(self) -> str:
        """AC..."""
        return self.environment["TWILIO_ACCOUNT_SID"]

    @property
    def twilio_base_url(self) -> str | None:
        """Another address of Twilio's API; None for the real one."""
        return self.environment.get("TWILIO_BASE_URL") or None

    @property
    def function_environment(self) -> dict[str, str]:
        """All variables as the function sees them, secrets included."""
        secrets = (
            self.credentials.auth_token,
            self.credentials.auth_token_secondary,
            self.credentials.api_key_secret,
        )
        return {**self.environment, **{k: v for k, v in zip(SECRET_VARIABLES, secrets, strict=True) if v}}


def read_deployment(*, stack: str | None = None, outputs: Path | None = None) -> Deployment:
    """Find out about a stack.

    Args:
        stack: its name; the selected one unless given.
        outputs: a file with the output of `pulumi stack output --json`, instead of asking Pulumi.

    Raises:
        DeploymentError: the stack, an output or the credentials are missing.
    """
    told = _from_file(outputs) if outputs else _from_pulumi(stack)
    missing = [name for name in ("webhookUrl", "serviceSid", "settings") if not told.get(name)]
    if missing:
        raise DeploymentError(f"the stack has no output {', '.join(missing)}: run pulumi up with this version first")
    credentials = find_credentials(os.environ, lambda _key: None)
    if not credentials.complete and not outputs:
        credentials = find_credentials(os.environ, _config(stack).get)
    if not credentials.complete:
        raise DeploymentError("no credentials for Twilio: export TWILIO_AUTH_TOKEN (or an API key's SID and secret)")
    return Deployment(
        webhook_url=told["webhookUrl"],
        service_sid=told["serviceSid"],
        sweep_job=told.get("sweepJob") or "",
        environment=told["settings"],
        credentials=credentials,
    )


def _from_file(path: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DeploymentError(f"{path} is not the output of pulumi stack output --json: {error}") from None
    return told


def _from_pulumi(stack: str | None) -> dict[str, Any]:
    told: dict[str, Any] = _pulumi("stack", "output", "--json", *_named(stack))
    return told


def _config(stack: str | None) -> dict[str, str]:
    """The stack's config with its secrets, keys without their namespace."""
    values: dict[str, dict[str, str]] = _pulumi("config", "--json", "--show-secrets", *_named(stack))
    return {key.rpartition(":")[2]: str(value.get("value", "")) for key, value in values.items()}


def _named(stack: str | None) -> tuple[str, ...]:
    return ("--stack", stack) if stack else ()


def _pulumi(*arguments: str) -> Any:
    command = ["pulumi", *arguments, "--non-interactive"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS, cwd=ROOT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DeploymentError(f"pulumi cannot be asked ({error}); give --outputs FILE instead") from None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise DeploymentError(f"pulumi {' '.join(arguments[:2])} failed: {reason}; or give --outputs FILE")
    return json.loads(done.stdout)
