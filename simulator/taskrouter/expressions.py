"""Attribute expressions of `EvaluateTaskAttributes`: comparisons joined by AND, as public clients write them.

`conversationSid=="CH..."`, `conversationSid = 'CH...'`, `a.b != 3 AND c == true`. Either quote, = or ==.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.errors import invalid_parameter

_TERM = re.compile(
    r"""\s*(?P<path>[A-Za-z_][\w.]*)\s*(?P<operator>==|=|!=)\s*"""
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>true|false|null))\s*"""
)
_AND = re.compile(r"AND\b", re.IGNORECASE)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One attribute against one value."""

    path: str
    equal: bool
    value: str | float | bool | None

    def matches(self, attributes: object) -> bool:
        """Whether the attribute is, or is not, the value."""
        found: object = attributes
        for step in self.path.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return (found == self.value) is self.equal


@dataclass(frozen=True, slots=True)
class Expression:
    """Comparisons that all have to hold."""

    comparisons: tuple[Comparison, ...]

    def matches(self, attributes: object) -> bool:
        """Whether all hold for these attributes."""
        return all(comparison.matches(attributes) for comparison in self.comparisons)

    def required(self, path: str) -> str | None:
        """The text that an attribute must equal, if the expression demands one."""
        for comparison in self.comparisons:
            if comparison.path == path and comparison.equal and isinstance(comparison.value, str):
                return comparison.value
        return None


def parse_expression(text: str) -> Expression:
    """Read an expression.

    Raises:
        TwilioError: 20001 when it is none of those that are understood here.
    """
    comparisons: list[Comparison] = []
    position = 0
    while True:
        match = _TERM.match(text, position)
        if match is None:
            raise invalid_parameter(f"Invalid expression in EvaluateTaskAttributes: {text}")
        comparisons.append(Comparison(match["path"], match["operator"] != "!=", _value(match)))
        if match.end() == len(text):
            return Expression(tuple(comparisons))
        joint = _AND.match(text, match.end())
        if joint is None:
            raise invalid_parameter(f"Invalid expression in EvaluateTaskAttributes: {text}")
        position = joint.end()


def _value(match: re.Match[str]) -> str | float | bool | None:
    for quoted in (match["double"], match["single"]):
        if quoted is not None:
            return quoted
    return float(match["number"]) if match["number"] is not None else _WORDS[match["word"]]
