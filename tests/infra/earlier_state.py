"""The names that resources had in Google before their component's name became part of them."""

import json
from pathlib import Path

_BEFORE = Path(__file__).with_name("state_named_before_components.json")
_URNS = [resource["urn"] for resource in json.loads(_BEFORE.read_text(encoding="utf-8"))["state"]["resources"]]

_COMPONENTS = {
    "inactivity:google:WebhookFunction": "webhook-function",
    "inactivity:google:SweepFunction": "sweep-function",
}
EARLIER_CHILDREN = {
    (kind, name, _COMPONENTS[component])
    for _, _, types, name in (urn.split("::") for urn in _URNS)
    for component, _, kind in [types.partition("$")]
    if kind.startswith("gcp:")
}
"""Type, name and component of each resource in Google before."""
