"""TaskRouter's expressions: in `EvaluateTaskAttributes`, in a queue's target workers, in a workflow's filters.

Comparisons of constants and attributes (`==`, `=`, `!=`, `<`, `<=`, `>`, `>=`, IN, NOT IN, HAS, CONTAINS), joined by
AND and OR, grouped by parentheses (https://www.twilio.com/docs/taskrouter/expression-syntax, November 2026). Keys reach
into objects with dots and into arrays with brackets; a missing key is null. Values of different types are never equal
and never ordered.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from simulator.shared.errors import TwilioError, invalid_parameter

LONGEST: Final = 4096
DEEPEST: Final = 50

_TOKEN = re.compile(
    r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])"""
    r"""|(?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d+\])*)|(?P<sign>==|!=|<=|>=|[=<>()\[\],]))"""
)
_CONSTANTS: Final[dict[str, object]] = {"true": True, "false": False, "null": None}
_KEYWORDS: Final = frozenset({"AND", "OR", "NOT", "IN", "HAS", "CONTAINS"})
_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant."""

    value: object

    def resolve(self, _attributes: object) -> object:
        """The value itself."""
        return self.value


@dataclass(frozen=True, slots=True)
class Key:
    """A path in the attributes: names, and indexes of arrays."""

    path: str

    def resolve(self, attributes: object) -> object:
        """The value at the path; None if there is none."""
        found = attributes
        for name, index in re.findall(r"(\w+)|\[(\d+)\]", self.path.replace("[", ".[")):
            if index:
                found = found[int(index)] if isinstance(found, list) and int(index) < len(found) else None
            else:
                found = found.get(name) if isinstance(found, dict) else None
        return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values and an operator."""

    left: Constant | Key
    sign: str
    right: Constant | Key

    def matches(self, attributes: object) -> bool:
        """Whether it is true for these attributes."""
        left, right = self.left.resolve(attributes), self.right.resolve(attributes)
        match self.sign:
            case "=" | "==" | "!=":
                return _equal(left, right) is (self.sign != "!=")
            case "IN" | "NOT IN":
                return _among(left, right) is (self.sign == "IN")
            case "HAS":
                return _among(right, left)
            case "CONTAINS":
                return isinstance(left, str) and isinstance(right, str) and right in left
            case sign:
                return _comparable(left, right) and _ORDERS[sign](left, right)

    def required(self, path: str) -> str | None:
        """The text that an attribute must equal for this to be true."""
        if self.sign not in {"=", "=="}:
            return None
        for key, constant in ((self.left, self.right), (self.right, self.left)):
            if isinstance(key, Key) and key.path == path and isinstance(constant, Constant):
                return constant.value if isinstance(constant.value, str) else None
        return None


@dataclass(frozen=True, slots=True)
class All:
    """Parts that must all be true."""

    parts: tuple[Expression, ...]

    def matches(self, attributes: object) -> bool:
        """Whether all parts are true."""
        return all(part.matches(attributes) for part in self.parts)

    def required(self, path: str) -> str | None:
        """The text that one of the parts requires."""
        return next((text for part in self.parts if (text := part.required(path)) is not None), None)


@dataclass(frozen=True, slots=True)
class Either:
    """Parts of which one must be true."""

    parts: tuple[Expression, ...]

    def matches(self, attributes: object) -> bool:
        """Whether one part is true."""
        return any(part.matches(attributes) for part in self.parts)

    def required(self, _path: str) -> str | None:
        """None: another part may be true instead."""
        return None


Expression = Comparison | All | Either


@lru_cache(maxsize=1024)
def parse_expression(text: str) -> Expression:
    """Read an expression.

    Raises:
        TwilioError: 20001 when it is not valid.
    """
    if len(text) > LONGEST:
        raise invalid_parameter(f"Invalid expression: it has more than {LONGEST} characters")
    parser = _Parser(text)
    found = parser.alternatives(0)
    parser.end()
    return found


class _Parser:
    """Recursive descent over the tokens: OR binds less than AND, AND less than a comparison."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split(text)
        self._at = 0

    def _split(self, text: str) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        position = 0
        stripped = text.rstrip()
        while position < len(stripped):
            match = _TOKEN.match(stripped, position)
            if match is None or match.lastgroup is None:
                raise self._invalid()
            kind, value = match.lastgroup, match[match.lastgroup]
            if kind == "word" and value.upper() in _KEYWORDS:
                kind, value = "sign", value.upper()
            tokens.append((kind, value))
            position = match.end()
        return tokens

    def alternatives(self, depth: int) -> Expression:
        """Parts joined by OR."""
        parts = [self._conjunction(depth)]
        while self._take("OR"):
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def end(self) -> None:
        """Require the end of the expression."""
        if self._at < len(self._tokens):
            raise self._invalid()

    def _conjunction(self, depth: int) -> Expression:
        parts = [self._part(depth)]
        while self._take("AND"):
            parts.append(self._part(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _part(self, depth: int) -> Expression:
        if not self._take("("):
            return self._comparison()
        if depth == DEEPEST:
            raise self._invalid()
        inner = self.alternatives(depth + 1)
        self._expect(")")
        return inner

    def _comparison(self) -> Comparison:
        left = self._side()
        kind, sign = self._next()
        if kind != "sign" or sign in {"(", ")", "[", "]", ",", "AND", "OR"}:
            raise self._invalid()
        if sign == "NOT":
            self._expect("IN")
            sign = "NOT IN"
        return Comparison(left, sign, self._side())

    def _side(self) -> Constant | Key:
        if not self._take("["):
            return self._scalar()
        values: list[object] = []
        while not self._take("]"):
            if values:
                self._expect(",")
            value = self._scalar()
            if isinstance(value, Key):
                raise self._invalid()
            values.append(value.value)
        return Constant(tuple(values))

    def _scalar(self) -> Constant | Key:
        kind, value = self._next()
        match kind:
            case "double" | "single":
                return Constant(value)
            case "number":
                return Constant(float(value))
            case "word":
                return Constant(_CONSTANTS[value.lower()]) if value.lower() in _CONSTANTS else Key(value)
        raise self._invalid()

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise self._invalid()
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign):
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self._invalid()

    def _invalid(self) -> TwilioError:
        return invalid_parameter(f"Invalid expression: {self._text}")


def _equal(left: object, right: object) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _among(value: object, values: object) -> bool:
    return isinstance(values, list | tuple) and any(_equal(value, each) for each in values)


def _comparable(left: object, right: object) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return True
    return all(isinstance(side, int | float) and not isinstance(side, bool) for side in (left, right))
