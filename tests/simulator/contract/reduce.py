"""Reduce Twilio's OpenAPI documents to what these tests need: paths, parameters, schemas of answers.

    python -m tests.simulator.contract.reduce [--check]

reads a checkout of github.com/twilio/twilio-oai's `spec/json` at `../shared/twilio-oai` (beside this repository) and
writes one small OpenAPI document for each product into this folder: no descriptions, no examples, no headers. The
documents are Twilio's, MIT licensed; their notice is beside the reductions.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
ORIGINALS: Final = Path(__file__).parents[4] / "shared" / "twilio-oai"
DOCUMENTS: Final = {
    "conversations": "conversations_v1",
    "taskrouter": "taskrouter_v1",
    "flex-api": "flex_v1",
    "chat": "chat_v2",
}
"""By the product's path prefix in the simulator."""

_KEPT: Final = frozenset(
    {
        *("paths", "components", "schemas", "schema", "parameters", "requestBody", "responses", "content"),
        *("get", "post", "put", "patch", "delete", "name", "in", "required", "$ref", "type", "format", "nullable"),
        *("enum", "items", "properties", "pattern", "allOf", "anyOf", "oneOf", "additionalProperties"),
        *("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"),
    }
)
_FREE: Final = frozenset({"paths", "schemas", "properties", "responses", "content"})
"""Objects whose keys are names, not words of OpenAPI."""
_META: Final = {"$ref": "#/components/schemas/meta"}


def reduced(original: dict[str, Any]) -> dict[str, Any]:
    """A document with the same schemas and nothing else; the repeated `meta` of lists is one schema."""
    document = _reduce(original, names=False)
    metas: list[dict[str, Any]] = []
    for item in document["paths"].values():
        for operation in item.values():
            for answer in operation.get("responses", {}).values():
                for media in answer.get("content", {}).values():
                    properties = media["schema"].get("properties", {})
                    if "meta" in properties:
                        metas.append(properties["meta"])
                        properties["meta"] = _META
            for answer in operation.get("responses", {}).values():
                answer["description"] = ""
    if any(meta != metas[0] for meta in metas):
        raise ValueError("lists differ in their meta; keep each one's own")
    document["components"]["schemas"]["meta"] = metas[0]
    described = {"title": original["info"]["title"], "version": original["info"]["version"]}
    return {"openapi": original["openapi"], "info": described, **document}


def rendered(document: dict[str, Any]) -> str:
    """One line for each path and schema, so that a change can be read in a diff."""
    head = {key: value for key, value in document.items() if key not in {"paths", "components"}}
    paths, schemas = _lines(document["paths"]), _lines(document["components"]["schemas"])
    return f'{_compact(head)[:-1]},"paths":{{\n{paths}\n}},"components":{{"schemas":{{\n{schemas}\n}}}}}}\n'


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _lines(entries: dict[str, Any]) -> str:
    return ",\n".join(f"{json.dumps(key)}:{_compact(value)}" for key, value in sorted(entries.items()))


def files() -> dict[Path, str]:
    """The files of this folder.

    Raises:
        FileNotFoundError: Twilio's documents are not beside the repository.
    """
    wanted = {HERE / "LICENSE-twilio-oai": (ORIGINALS / "LICENSE").read_text("utf-8")}
    for product, name in DOCUMENTS.items():
        original = json.loads((ORIGINALS / f"twilio_{name}.json").read_text("utf-8"))
        wanted[HERE / f"{product}.json"] = rendered(reduced(original))
    return wanted


def outdated() -> list[str]:
    """The files here that differ from what the documents give."""
    return [path.name for path, text in files().items() if not path.exists() or path.read_text("utf-8") != text]


def _reduce(node: Any, *, names: bool) -> Any:
    if isinstance(node, list):
        return [_reduce(each, names=False) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value if key == "enum" else _reduce(value, names=not names and key in _FREE)
        for key, value in node.items()
        if names or key in _KEPT
    }


def main(arguments: list[str]) -> int:
    """Write the files, or with --check say which differ."""
    if "--check" in arguments:
        different = outdated()
        print("\n".join(different) or "the reductions are current")
        return 1 if different else 0
    for path, text in files().items():
        path.write_text(text, "utf-8")
        print(f"{path.name}: {len(text.encode()) // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
