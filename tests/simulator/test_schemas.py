"""Answers have the shapes of Twilio's OpenAPI documents, where those lie beside this repository.

The documents are large and not ours, so they are no part of it: put a checkout of github.com/twilio/twilio-oai's
`spec/json` into `../shared/twilio-oai`, or these checks say that they did not run.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from .conftest import World

DOCUMENTS = Path(__file__).parents[3] / "shared" / "twilio-oai"
PRODUCTS = {"conversations": "conversations_v1", "taskrouter": "taskrouter_v1", "flex-api": "flex_v1"}

READS = [
    "conversations/v1/Conversations",
    "conversations/v1/Conversations/{conversation}",
    "conversations/v1/Conversations/{conversation}/Messages",
    "conversations/v1/Conversations/{conversation}/Participants",
    "conversations/v1/Services",
    "conversations/v1/Services/{service}",
    "conversations/v1/Services/{service}/Configuration",
    "conversations/v1/Services/{service}/Configuration/Webhooks",
    "conversations/v1/Services/{service}/Roles",
    "conversations/v1/Services/{service}/Conversations",
    "conversations/v1/Services/{service}/Conversations/{conversation}",
    "conversations/v1/Services/{service}/Conversations/{conversation}/Messages",
    "conversations/v1/Services/{service}/Conversations/{conversation}/Messages/{message}",
    "conversations/v1/Services/{service}/Conversations/{conversation}/Participants",
    "conversations/v1/Configuration",
    "conversations/v1/Configuration/Webhooks",
    "taskrouter/v1/Workspaces",
    "taskrouter/v1/Workspaces/{workspace}",
    "taskrouter/v1/Workspaces/{workspace}/Tasks",
    "taskrouter/v1/Workspaces/{workspace}/Tasks/{task}",
    "taskrouter/v1/Workspaces/{workspace}/Tasks/{task}/Reservations",
    "taskrouter/v1/Workspaces/{workspace}/Workers",
    "flex-api/v1/Configuration",
    "flex-api/v1/Interactions/{interaction}",
    "flex-api/v1/Interactions/{interaction}/Channels",
    "flex-api/v1/Interactions/{interaction}/Channels/{channel}",
    "flex-api/v1/Interactions/{interaction}/Channels/{channel}/Participants",
]


@cache
def document(product: str) -> dict[str, Any]:
    """A product's OpenAPI document, `nullable` put in JSON Schema's words."""

    def in_words(node: Any) -> Any:
        if isinstance(node, list):
            return [in_words(each) for each in node]
        if not isinstance(node, dict):
            return node
        spelled = {key: in_words(value) for key, value in node.items() if key != "nullable"}
        if node.get("nullable") and "type" in node:
            spelled["type"] = [node["type"], "null"]
        return spelled

    loaded: dict[str, Any] = in_words(json.loads((DOCUMENTS / f"twilio_{PRODUCTS[product]}.json").read_text()))
    return loaded


def schema(product: str, path: str) -> dict[str, Any]:
    """The schema of what a GET of this path answers."""
    described = document(product)
    for template, item in described["paths"].items():
        if "get" in item and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            found: dict[str, Any] = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            return {**found, "components": described["components"]}
    raise LookupError(f"{product} describes no GET {path}")


def fields(product: str, found: dict[str, Any]) -> set[str]:
    """The names that a schema gives."""
    if "$ref" in found:
        found = document(product)["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    return set(found.get("properties", ()))


@pytest.mark.parametrize("template", READS)
def test_what_is_read_has_the_documented_shape(world: World, template: str) -> None:
    """Every field is described, every described field is there, every value is of its type."""
    if not DOCUMENTS.is_dir():
        pytest.skip("DID NOT RUN: Twilio's OpenAPI documents are not beside the repository (see the module)")
    world.default_timers(inactive="PT10M", closed="P1D")
    world.listen("https://example.com/hook", "onMessageAdded")
    chat = world.chat(channel="whatsapp", stage="assigned")
    message = world.say(chat, "customer")["sid"]
    path = template.format(**chat, service=world.service_sid, workspace=world.workspace_sid, message=message)

    answer = world.call("GET", path)

    product, _, rest = path.partition("/")
    described = schema(product, f"/{rest}")
    assert 200 == answer.status_code
    jsonschema.validate(answer.json(), described)
    assert fields(product, described) == set(answer.json())
