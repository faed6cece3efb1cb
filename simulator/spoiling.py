"""Damaged answers: a field with another value or type, a missing field, a page that is its own next.

Pure functions from one body to another.
"""

from __future__ import annotations

from collections.abc import Callable

Json = dict[str, object]


def changed(body: Json, at: str, value: object) -> Json:
    """A body with this value at a path such as `tasks.0.assignment_status`; `*` is every row, or every field.

    A field that is not there is added; a path that does not exist changes nothing.
    """
    return _fields(_at(body, at.split("."), lambda _there: [value]))


def without(body: Json, at: str) -> Json:
    """A body without the field or the row at a path."""
    return _fields(_at(body, at.split("."), lambda _there: []))


def repeated(body: Json) -> Json:
    """A page whose next page is itself; other bodies are unchanged."""
    meta = body.get("meta")
    return {**body, "meta": {**meta, "next_page_url": meta.get("url")}} if isinstance(meta, dict) else body


Change = Callable[[object], list[object]]
"""The replacement of a value: one value, or none."""


def _at(node: object, path: list[str], change: Change) -> object:
    """A copy of a value with a change at a path."""
    step, *rest = path

    def new(name: str, value: object) -> list[object]:
        if step not in {"*", name}:
            return [value]
        return [_at(value, rest, change)] if rest else change(value)

    match node:
        case dict():
            if not rest and step != "*":
                node = {**node, step: node.get(step)}
            return {name: value for name, before in node.items() for value in new(name, before)}
        case list():
            return [value for row, before in enumerate(node) for value in new(str(row), before)]
    return node


def _fields(value: object) -> Json:
    if not isinstance(value, dict):
        raise TypeError(f"an answer must be an object, not {value!r}")
    return value
