"""Cloud Functions' REST API (v2) on this machine, as far as the operator's command calls it: the list of functions."""

import re

from laptop.gcp_provider.cloud import Cloud, Resource
from laptop.gcp_provider.tokens import FUNCTION
from laptop.gcp_provider.values import at, reveal

_LIST = re.compile(r"v2/projects/([^/]+)/locations/-/functions")


def answer(cloud: Cloud, method: str, path: str) -> tuple[int, dict[str, object]]:
    """Answer `GET v2/projects/P/locations/-/functions`: status and body."""
    found = _LIST.fullmatch(path)
    if method != "GET" or found is None:
        return 404, {"error": {"code": 404, "status": "NOT_FOUND"}}
    return 200, {"functions": [_shown(each, found[1]) for each in cloud.all(FUNCTION)]}


def _shown(function: Resource, project: str) -> dict[str, object]:
    outputs = reveal(function.outputs)
    name, location = str(outputs["name"]), str(outputs["location"])
    config = {"environmentVariables": dict(at(outputs, "serviceConfig.environmentVariables") or {})}
    shown: dict[str, object] = {"name": f"projects/{project}/locations/{location}/functions/{name}"}
    return shown | {"state": str(outputs.get("state")), "serviceConfig": config}
