"""As much of Google's logging query language as our filters use, evaluated on log entries.

From https://cloud.google.com/logging/docs/view/logging-query-language (read on 2026-11-27): NOT comes before OR, and OR
before AND. Text is compared without regard to case, except by `=~`, which finds an RE2 expression anywhere in it. A
severity is compared by its rank. A comparison with a field that is missing is false.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Entry = Mapping[str, Any]
"""A log entry as Google's API writes it."""
Matches = Callable[[Entry], bool]

SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")
_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>>=|<=|=~|[()=<>])|(?P<word>[\w.\-/]+))')


class QueryError(ValueError):
    """A filter that is no query, or that this does not support."""


def compiled(query: str) -> Matches:
    """Whether an entry matches.

    Raises:
        QueryError: the query cannot be understood.
    """
    reader = _Reader(_tokens(query))
    matches = reader.conjunction()
    if reader.next is not None:
        raise QueryError(f"{reader.next!r} is left over of {query!r}")
    return matches


def extracted(expression: str, entry: Entry) -> str:
    """The value that `EXTRACT(field)` finds, empty for a field that is missing."""
    field = re.fullmatch(r"EXTRACT\(([\w.]+)\)", expression)
    if field is None:
        raise QueryError(f"{expression!r} is no EXTRACT(field)")
    value = _field(entry, field[1])
    return "" if value is None else str(value)


def _tokens(query: str) -> list[str]:
    tokens, at = [], 0
    while query[at:].strip():
        token = _TOKEN.match(query, at)
        if token is None:
            raise QueryError(f"{query[at:]!r} cannot be read")
        tokens.append(token[0].strip())
        at = token.end()
    return tokens


@dataclass
class _Reader:
    tokens: list[str]
    at: int = 0

    @property
    def next(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self) -> str:
        if self.next is None:
            raise QueryError("the query ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def took(self, token: str) -> bool:
        found = self.next == token
        self.at += found
        return found

    def conjunction(self) -> Matches:
        parts = [self.disjunction()]
        while self.took("AND"):
            parts.append(self.disjunction())
        return lambda entry: all(part(entry) for part in parts)

    def disjunction(self) -> Matches:
        parts = [self.term()]
        while self.took("OR"):
            parts.append(self.term())
        return lambda entry: any(part(entry) for part in parts)

    def term(self) -> Matches:
        if self.took("NOT"):
            negated = self.term()
            return lambda entry: not negated(entry)
        if self.took("("):
            inner = self.conjunction()
            if not self.took(")"):
                raise QueryError("a parenthesis is not closed")
            return inner
        return _comparison(self.take(), self.take(), self.take())


def _comparison(field: str, sign: str, written: str) -> Matches:
    wanted = re.sub(r"\\(.)", r"\1", written[1:-1]) if written.startswith('"') else written
    if sign not in {"=", "=~", ">=", "<=", ">", "<"}:
        raise QueryError(f"{field} {sign} {written} is no comparison")

    def matches(entry: Entry) -> bool:
        found = _field(entry, field)
        if found is None:
            return False
        if sign == "=~":
            return re.search(wanted, str(found)) is not None
        if field != "severity" and sign == "=":
            return _text(found) == wanted.lower()
        return _holds(sign, _rank(field, found), _rank(field, wanted))

    return matches


def _rank(field: str, value: Any) -> float:
    return SEVERITIES.index(str(value).upper()) if field == "severity" else float(value)


def _holds(sign: str, found: float, wanted: float) -> bool:
    return {"=": found == wanted, ">": found > wanted, "<": found < wanted}[sign[0]] or (
        sign.endswith("=") and found == wanted
    )


def _text(value: Any) -> str:
    return str(value).lower()


def _field(entry: Any, path: str) -> Any:
    for key in path.split("."):
        entry = entry.get(key) if isinstance(entry, Mapping) else None
    return entry
