"""The reduced OpenAPI documents, looked up by the simulator's own operations, and answers checked against them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import jsonschema

from simulator.app import PRODUCTS
from simulator.shared.rest import Route
from tests.simulator.contract.reduce import DOCUMENTS, HERE

_REF: Final = "#/components/schemas/"
_FORMATS: Final = jsonschema.FormatChecker(formats=())
_DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_FORMATS.checks("date-time")(lambda value: not isinstance(value, str) or bool(_DATE_TIME.fullmatch(value)))
_FORMATS.checks("uri")(lambda value: not isinstance(value, str) or bool(re.fullmatch(r"(https?://\S+)?", value)))
"""An empty URI is valid, as `event_callback_url` in the documents' examples."""
_NULL_TOO: Final = frozenset({"service_webhook_configuration_enum_method"})
"""Enumerations that are null in the documents' examples, although their schemas do not allow it."""


ALIASES: Final = {"/v1/Conversations/Webhooks": "/v1/Configuration/Webhooks"}
"""Undocumented paths, and the documented ones that they are aliases of."""


@dataclass(frozen=True)
class Operation:
    """One operation of the simulator: the product's path prefix, and its route."""

    product: str
    route: Route[Any]

    @property
    def name(self) -> str:
        """E.g. `POST /conversations/v1/Services`."""
        return f"{self.route.method} /{self.product}{self.route.template}"

    @property
    def shape(self) -> str:
        """Its path in the document, without the names of parameters; an alias has its documented path."""
        return ALIASES.get(self.route.template, shape(self.route.template))

    @property
    def documented(self) -> dict[str, Any] | None:
        """Its entry in the OpenAPI document; None if there is none."""
        if self.product not in DOCUMENTS:
            return None
        item = _by_shape(self.product).get(self.shape, {})
        found: dict[str, Any] | None = item.get(self.route.method.lower())
        return found


def operations() -> list[Operation]:
    """All operations of the simulator, from its route tables."""
    return [Operation(product, route) for product, routes in PRODUCTS.items() for route in routes]


def operation_at(method: str, path: str) -> Operation | None:
    """The simulator's operation for a request by path prefix, e.g. `GET`, `/flex-api/v1/Configuration`."""
    product, _, rest = path.lstrip("/").partition("/")
    if product not in PRODUCTS:
        return None
    matching = (r for r in PRODUCTS[product] if r.method == method and r.pattern.fullmatch(f"/{rest}"))
    route = next(matching, None)
    return None if route is None else Operation(product, route)


def shape(template: str) -> str:
    """Return a path template without the names of its parameters."""
    return re.sub(r"{\w+}", "{}", template)


@cache
def document(product: str) -> dict[str, Any]:
    """A product's reduced OpenAPI document."""
    loaded: dict[str, Any] = json.loads((HERE / f"{product}.json").read_text("utf-8"))
    return loaded


@cache
def _by_shape(product: str) -> dict[str, dict[str, Any]]:
    return {shape(template): item for template, item in document(product)["paths"].items()}


def form_schema(documented: Mapping[str, Any], product: str) -> dict[str, Any]:
    """The documented form of an operation: an object schema, references resolved one level."""
    content = documented.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = content.get("application/x-www-form-urlencoded", {}).get("schema", {})
    components = document(product)["components"]["schemas"]
    properties = {
        name: components[value["$ref"].removeprefix(_REF)] if "$ref" in value else value
        for name, value in schema.get("properties", {}).items()
    }
    return {"properties": properties, "required": schema.get("required", [])}


@cache
def _validator(product: str, template: str, method: str, status: int) -> jsonschema.Draft202012Validator:
    answer = _by_shape(product)[template][method]["responses"][str(status)]
    schema = _in_words(answer["content"]["application/json"]["schema"])
    components = _in_words(document(product)["components"])
    for name in _NULL_TOO & set(components["schemas"]):
        components["schemas"][name] = {"enum": [*components["schemas"][name]["enum"], None]}
    return jsonschema.Draft202012Validator({**schema, "components": components}, format_checker=_FORMATS)


def _in_words(node: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema, but stricter: an object has exactly the documented fields."""
    if isinstance(node, list):
        return [_in_words(each) for each in node]
    if not isinstance(node, dict):
        return node
    spelled = {key: _in_words(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") and isinstance(node.get("type"), str):
        spelled["type"] = [node["type"], "null"]
        if "enum" in node:
            spelled["enum"] = [*node["enum"], None]
    if node.get("type") == "object" and isinstance(node.get("properties"), dict):
        spelled["required"] = sorted(node["properties"])
        spelled["additionalProperties"] = False
    return spelled


def violations(operation: Operation, status: int, body: object) -> Iterator[str]:
    """Return what is wrong with an answer, one sentence each."""
    if operation.documented is None:
        return
    template, method = operation.shape, operation.route.method.lower()
    answers = operation.documented["responses"]
    if str(status) not in answers:
        yield f"HTTP {status} is not documented; documented are {', '.join(answers)}"
    elif "content" in answers[str(status)]:
        for error in _validator(operation.product, template, method, status).iter_errors(body):
            yield f"{error.json_path}: {error.message[:300]}"
    elif body is not None:
        yield "there is a body where none is documented"
