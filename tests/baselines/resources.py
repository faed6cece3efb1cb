"""The stack's resources as the program declares them, for several configurations."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.infra.program_graph import Graph, declare, is_secret

GOOD = {
    "twilioAccountSid": "AC" + "0a" * 16,
    "twilioAuthToken": "5e" * 16,
    "gcp:project": "a-project",
    "conversationsServiceSid": "IS" + "0a" * 16,
    "workspaceSid": "WS" + "0a" * 16,
}
SECRETS = frozenset({"twilioAuthToken", "twilioAuthTokenSecondary", "twilioApiKeySecret"})
RULES = {"rules": [{"name": "night", "match": {"queue": "Night"}, "timeout": "PT5M", "warnings": []}]}
CONFIGURATIONS: Mapping[str, Mapping[str, str]] = {
    "default": {},
    "on-accept": {"timers": "on-accept"},
    "unmanaged": {"timers": "unmanaged"},
    "observe": {"mode": "observe"},
    "elsewhere": {"functionUrl": "https://elsewhere.example.com/f"},
    "a policy": {"timeout": "PT20M", "policy": json.dumps(RULES)},
    "keys and a rotation": {
        "twilioApiKeySid": "SK" + "0a" * 16,
        "twilioApiKeySecret": "secret",
        "twilioAuthTokenSecondary": "6f" * 16,
    },
    "warm": {"minInstances": "1", "maxInstances": "3", "sweepEvery": "PT15M"},
    "closed by the organisation": {"publicAccess": "none", "closedTimeout": "P1D", "takeover": "true"},
}
_ZIP = re.compile(r"function-[0-9a-f]{16}\.zip")


def record() -> list[str]:
    """Each configuration, as an `up` declares it."""
    told: list[str] = []
    for name, config in CONFIGURATIONS.items():
        graph = declare({**GOOD, **config}, secrets=set(SECRETS), preview=False)
        told += [f"# {name}", *_told(graph), ""]
    return told


def _told(graph: Graph) -> list[str]:
    told = []
    for name, each in sorted(graph.resources.items()):
        told.append(f"{name}: {each.type}")
        told += [f"  {part}" for part in _flat("", {k: v for k, v in each.inputs.items() if k != "source"})]
        for what, found in (
            ("depends on", each.depends_on),
            ("secret", each.secret_outputs),
            ("replaced with", each.replace_with),
            ("hooks", each.hooks),
        ):
            told += [f"  {what} {one}" for one in sorted(found)]
    return [*told, *(f"warning {one}" for one in graph.warnings), *_flat("output ", graph.outputs)]


def _flat(path: str, value: Any) -> list[str]:
    """One line a value; secrets are named and not shown, and the zip's name, which is its content's, is left out."""
    if is_secret(value):
        return [f"{path} is a secret"]
    if isinstance(value, dict):
        return [line for key in sorted(value) for line in _flat(f"{path}.{key}" if path else key, value[key])]
    if isinstance(value, list):
        return [line for number, one in enumerate(value) for line in _flat(f"{path}[{number}]", one)]
    return [f"{path} = {_ZIP.sub('function-.zip', json.dumps(value, ensure_ascii=False))}"]
