"""Answers that are not as they should be: a field of another value or type, one that is missing, a page without end.

Pure: a body in, another body out.
"""

from __future__ import annotations

from collections.abc import Callable

Json = dict[str, object]


def changed(body: Json, at: str, value: object) -> Json:
    """A body with this value at a path such as `tasks.0.assignment_status`; `*` is every row, or every field.

    A field that is not there is added; a path that leads nowhere changes nothing.
    """
    return _fields(_at(body, at.split("."), lambda _there: [value]))


def without(body: Json, at: str) -> Json:
    """A body without the field or the row at a path."""
    return _fields(_at(body, at.split("."), lambda _there: []))


def repeated(body: Json) -> Json:
    """A page whose next page is itself; whatever is no page stays as it is."""
    meta = body.get("meta")
    return {**body, "meta": {**meta, "next_page_url": meta.get("url")}} if isinstance(meta, dict) else body


Change = Callable[[object], list[object]]
"""What stands in a value's place: another value, or none."""


def _at(node: object, path: list[str], change: Change) -> object:
    """A copy of a value in which what the path leads to is changed."""
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
        raise TypeError(f"an answer is an object, and not {value!r}")
    return value
