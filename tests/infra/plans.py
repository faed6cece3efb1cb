"""What each example stack of `environments/` would create, as a text that somebody has read.

`python -m tests.infra.plans --write` writes `environments/*.plan.txt` anew, after a change that is meant.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.infra.program_graph import PROJECT, Declared, declare

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "environments"
ACCOUNT, PLACEHOLDER = "AC" + "0a" * 16, "AC" + "x" * 32
TOKEN = "5e" * 16
SHOWN = {
    "gcp": ("defaultLabels", "region"),
    "AlertPolicy": ("displayName", "notificationChannels"),
    "Account": ("accountId",),
    "Bucket": ("location", "lifecycleRules", "publicAccessPrevention"),
    "BucketIAMMember": ("role", "member"),
    "DefaultTimers": ("inactive",),
    "Function": ("location", "serviceConfig"),
    "IAMMember": ("role", "member", "condition"),
    "Job": ("region", "schedule"),
    "PriorSettings": ("takeover",),
    "Repository": ("location", "cleanupPolicies"),
    "RepositoryIamMember": ("role", "member"),
    "Secret": ("replication",),
    "SecretIamMember": ("role", "member"),
    "Service": ("service",),
    "ServiceIamMember": ("role", "member"),
    "ServiceWebhook": ("url",),
    "SignedTestEvent": ("url",),
}
"""The inputs that matter of each type."""

OF_A_FUNCTION = ("availableMemory", "ingressSettings", "maxInstanceCount", "minInstanceCount", "timeoutSeconds")
"""Those of a function's service."""


def plan(environment: Path) -> str:
    """The text: type and name of each resource, then the properties that matter, one a line."""
    config = {key.removeprefix(f"{PROJECT}:"): _text(value) for key, value in _read(environment).items()}
    config |= {"twilioAccountSid": ACCOUNT, "twilioAuthToken": TOKEN}
    graph = declare(config, secrets={"twilioAuthToken"}, preview=False, stack=environment.stem)
    lines = [f"# What {environment.name} creates: made by `python -m tests.infra.plans --write`; read the difference."]
    for name, each in sorted(graph.resources.items()):
        lines.append(f"{name}{' protected' if each.protected else ''}")
        lines += [f"    {line}" for line in _properties(each)]
    lines += [f"warning {each}" for each in graph.warnings]
    return "\n".join([*lines, ""]).replace(ACCOUNT, PLACEHOLDER)


def _read(environment: Path) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(environment.read_text("utf-8"))["config"]
    return config


def _text(value: object) -> str:
    """As Pulumi hands a value of the stack's file to a program."""
    return value if isinstance(value, str) else json.dumps(value)


def _properties(declared: Declared) -> Iterator[str]:
    kind = declared.type.rpartition(":")[2]
    for key in SHOWN.get(kind, ()):
        value = declared.inputs.get(key)
        if key == "serviceConfig":
            for part in OF_A_FUNCTION:
                yield f"{part}: {_shown(value[part])}"
        elif value is not None:
            yield f"{key}: {_shown(value)}"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else re.sub(r"\b(\d+)\.0\b", r"\1", json.dumps(value, sort_keys=True))


def plans() -> dict[Path, str]:
    """Each file with what it says when it is current."""
    for variable in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"):
        os.environ.pop(variable, None)
    return {path.with_suffix(".plan.txt"): plan(path) for path in sorted(ENVIRONMENTS.glob("*.yaml"))}


if __name__ == "__main__":
    for path, text in plans().items():
        if "--write" in sys.argv:
            path.write_text(text, "utf-8")
        print(path.name)
