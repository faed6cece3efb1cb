"""A stack's state as the program before left it: the same resources, by the URNs and the providers that it gave them.

`stack_before.json` was written down once from a stack that the program of that time had made: each URN, with the one
that the same resource has now, and the pickled providers of the Twilio resources.
"""

import json
from pathlib import Path
from typing import Any

from tests.infra.program_graph import SECRET_KEY, SECRET_SIGNATURE

State = dict[str, Any]

_BEFORE = json.loads(Path(__file__).with_name("stack_before.json").read_text(encoding="utf-8"))
_STACK = "urn:pulumi:local::flex-chat-inactivity-timeout::"
NOW = {_STACK + before: _STACK + now for before, now in _BEFORE["urns"].items()}
"""The URN before -> the URN now."""

_COMPONENTS = {
    "inactivity:google:WebhookFunction": "webhook-function",
    "inactivity:google:SweepFunction": "sweep-function",
}
EARLIER_CHILDREN = {
    (kind, name, _COMPONENTS[component])
    for types, _, name in (before.partition("::") for before in _BEFORE["urns"])
    for component, _, kind in [types.partition("$")]
    if kind
}
"""Type, name and component of each resource in Google before."""

_BEFORE_OF = {now: before for before, now in NOW.items()}
_ORDER = ("pulumi:pulumi:Stack", "pulumi:providers:", "pulumi-python:dynamic/twilio:PriorSettings", "inactivity:")
"""Types whose resources stand first, because others are their children or depend on them."""


def state_file(home: Path) -> Path:
    """Where a local stack keeps its state."""
    return home / "backend" / ".pulumi" / "stacks" / "flex-chat-inactivity-timeout" / "local.json"


def urns(home: Path) -> set[str]:
    """The URNs of all resources of a local stack."""
    return {resource["urn"] for resource in _resources(json.loads(state_file(home).read_text("utf-8")))}


def make_earlier(home: Path) -> None:
    """Turn the state that the present program has just left into the one that the program before left."""
    state = json.loads(state_file(home).read_text("utf-8"))
    earlier = [_earlier(resource) for resource in _resources(state) if resource["urn"] in _BEFORE_OF]
    state["checkpoint"]["latest"]["resources"] = sorted(earlier, key=_place)
    state_file(home).write_text(json.dumps(state), "utf-8")


def _resources(state: State) -> list[State]:
    resources: list[State] = state["checkpoint"]["latest"]["resources"]
    return resources


def _earlier(resource: State) -> State:
    earlier: State = _renamed({key: value for key, value in resource.items() if key != "aliases"})
    kind = resource["type"].rpartition(":")[2]
    if kind in _BEFORE["providers"]:
        pickled = {SECRET_KEY: SECRET_SIGNATURE, "plaintext": json.dumps(_BEFORE["providers"][kind])}
        for properties in (earlier["inputs"], earlier["outputs"]):
            properties["__provider"] = pickled
    types = earlier["urn"].split("::")[2].rpartition("$")[0]
    if types:
        (earlier["parent"],) = (urn for urn in NOW if urn.split("::")[2] == types)
    return earlier


def _renamed(value: Any) -> Any:
    """With the URNs before; what did not exist then is left out of lists."""
    if isinstance(value, dict):
        return {key: _renamed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each) for each in value if not _is_new(each)]
    if isinstance(value, str) and value.startswith(_STACK):
        urn = "::".join(value.split("::")[:4])
        return _BEFORE_OF.get(urn, urn) + value.removeprefix(urn)
    return value


def _is_new(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_STACK) and value not in _BEFORE_OF


def _place(resource: State) -> int:
    return next((place for place, first in enumerate(_ORDER) if resource["type"].startswith(first)), len(_ORDER))
