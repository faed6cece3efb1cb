"""Changes members of a JSON object in its text, so that everybody else's members stay exactly as they are.

Parsing and writing again would turn `1e400` into a number that JSON does not have, drop the zero of `1.10`, and turn an
escaped lone surrogate into text that no request can contain.
"""

import json
import re
from collections.abc import Mapping

_decode = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode
_SPACE = " \t\n\r"
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]', re.DOTALL)

Members = Mapping[str, tuple[str, str]]
"""Name -> the member's name and value as they are written. The last of a repeated name counts."""


def members(text: str) -> dict[str, tuple[str, str]] | None:
    """Parse the members of an object; None for any other text."""
    try:
        return _members(text)
    except (ValueError, IndexError, RecursionError):
        return None


def _members(text: str) -> dict[str, tuple[str, str]] | None:
    found: dict[str, tuple[str, str]] = {}
    at = _next(text, 0, "{")
    if text[_skip(text, at)] == "}":
        return found if not text[_skip(text, at) + 1 :].strip(_SPACE) else None
    while True:
        begin = _skip(text, at)
        name, end = _decode(text, begin)
        if not isinstance(name, str) or text[begin] != '"':
            return None
        value_begin = _skip(text, _next(text, end, ":"))
        value_end = _end_of_value(text, value_begin)
        found[name] = text[begin:end], text[value_begin:value_end]
        at = _skip(text, value_end)
        if text[at] == "}":
            return found if not text[at + 1 :].strip(_SPACE) else None
        at = _next(text, at, ",")


def _end_of_value(text: str, begin: int) -> int:
    """Return the end of a value. One that is nested too deeply to be parsed ends with its last bracket."""
    try:
        return _decode(text, begin)[1]
    except RecursionError:
        depth = 0
        for found in _STRING_OR_BRACKET.finditer(text, begin):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
            if depth == 0:
                return found.end()
        raise ValueError("a bracket without its end") from None


def text_of_members(whole: Members) -> str:
    """Return the text of an object with these members."""
    return "{" + ",".join(f"{name}:{value}" for name, value in whole.values()) + "}"


def member(name: str, value: object) -> tuple[str, str]:
    """Make a member."""
    return json.dumps(name), json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at


def _next(text: str, at: int, sign: str) -> int:
    """Return the position after `sign`, which must come next."""
    at = _skip(text, at)
    if text[at] != sign:
        raise ValueError(f"no {sign}")
    return at + 1
