"""Twilio's REST conventions, the same for every product: routes, credentials, forms, paging.

A product's `routes.py` declares operations on a `Routes`; its models carry them out.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Concatenate, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

from simulator.shared.errors import invalid_parameter, method_not_allowed, not_found
from simulator.shared.json_text import parse_json

T = TypeVar("T")
P = TypeVar("P")
Json = dict[str, object]


@dataclass(slots=True)
class Call(Generic[P]):
    """One REST request, taken apart.

    Attributes:
        product: the product, as the caller's account sees it.
        base: the product's own address as the client sees it.
        fails: whether a fault wants a failure with HTTP 200, for operations that have one.
    """

    product: P
    method: str
    path: str
    base: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes = b""
    fails: bool = False
    read: set[str] = field(default_factory=set)

    def value(self, name: str) -> str | None:
        """A form parameter's last value; None when it was not sent."""
        self.read.add(name)
        return next((value for key, value in reversed(self.form) if key == name), None)

    def values(self, name: str) -> list[str] | None:
        """All values of a repeated form parameter; None when it was not sent."""
        self.read.add(name)
        return [value for key, value in self.form if key == name] or None

    def asked(self, name: str) -> str | None:
        """A query parameter; None when it was not sent."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def document(self) -> Json:
        """The body as a JSON object; an empty one is an empty object.

        Raises:
            TwilioError: 20001 when it is anything else.
        """
        try:
            value = parse_json(self.body or b"{}")
        except ValueError:
            raise invalid_parameter("The body is not valid JSON") from None
        if not isinstance(value, dict):
            raise invalid_parameter("The body is not a JSON object")
        return value

    def ignored(self) -> list[str]:
        """Form parameters that no operation read. Twilio ignores them and logs warning 20001."""
        return sorted({name for name, _ in self.form} - self.read)


@dataclass(slots=True)
class Answer:
    """An answer: a status, a JSON body if any, extra headers."""

    status: int = 200
    body: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The body's bytes. Half a surrogate, which UTF-8 does not have, stays escaped."""
        text = "" if self.body is None else json.dumps(self.body, ensure_ascii=False)
        return text.encode("utf-8", "backslashreplace")


Operation = Callable[Concatenate[Call[P], ...], Answer]
"""A function that answers a call to a product; path parameters are keyword arguments."""


@dataclass(frozen=True, slots=True)
class Route(Generic[P]):
    """One operation: its method, its path, its function."""

    method: str
    template: str
    pattern: re.Pattern[str]
    operation: Operation[P]


class Routes(Generic[P]):
    """One product's operations by method and path template, e.g. `/v1/Services/{service_sid}`."""

    def __init__(self) -> None:
        self._table: dict[tuple[str, int], list[Route[P]]] = {}

    def on(self, method: str, *templates: str) -> Callable[[Operation[P]], Operation[P]]:
        """Declare an operation on one or several templates."""

        def declare(operation: Operation[P]) -> Operation[P]:
            for template in templates:
                pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template))
                at = (method, template.count("/"))
                self._table.setdefault(at, []).append(Route(method, template, pattern, operation))
            return operation

        return declare

    def __iter__(self) -> Iterator[Route[P]]:
        """All operations."""
        return (route for routes in self._table.values() for route in routes)

    def find(self, method: str, path: str) -> tuple[Route[P], dict[str, str]]:
        """Find the operation for a request, and its path parameters.

        Raises:
            TwilioError: 20404 for an unknown path, 20004 (HTTP 405) for a method that it does not support.
        """
        for route in self._table.get((method, path.count("/")), ()):
            match = route.pattern.fullmatch(path)
            if match is not None:
                return route, match.groupdict()
        raise method_not_allowed(method, self.allowed(path))

    def allowed(self, path: str) -> str:
        """The methods that a path supports, as the value of an Allow header.

        Raises:
            TwilioError: 20404 for an unknown path.
        """
        methods = {route.method for route in self if route.pattern.fullmatch(path)}
        if not methods:
            raise not_found(path)
        return ", ".join(sorted({*methods, "OPTIONS", *({"HEAD"} if "GET" in methods else ())}))


def basic_credentials(header: str | None) -> tuple[str, str] | None:
    """User and password of an Authorization header."""
    if header is None or header[:6].lower() != "basic ":
        return None
    try:
        user, found, password = b64decode(header[6:], validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if found else None


def parse_form(raw: bytes, content_type: str = "") -> list[tuple[str, str]]:
    """A form's parameters in order, including blank ones; a body of another type has none."""
    if content_type and content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return []
    return parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)


def parse_query(raw: bytes) -> list[tuple[str, str]]:
    """A query's parameters in order, including blank ones; invalid UTF-8 is replaced."""
    return parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)


def page(
    call: Call[Any],
    key: str,
    found: Iterable[T],
    render: Callable[[T], Json],
    token: Callable[[T], int],
    *,
    default: int = 50,
    maximum: int = 100,
) -> Answer:
    """One page of a list with Twilio's `meta`.

    `found` begins after the page token (see `after`). The token of the next page is the last row's own number, so rows
    that are removed meanwhile do not shift the others.
    """
    size = min(number(call, "PageSize", default), maximum)
    rows = list(islice(found, size + 1))
    more = len(rows) > size
    rows = rows[:size]
    index = int(number(call, "Page", 0, minimum=0))
    url = f"{call.base}{call.path}"
    kept = [(name, value) for name, value in call.query if name not in {"PageSize", "Page", "PageToken"}]

    def address(page_index: int, page_token: str | None) -> str:
        extra = [] if page_token is None else [("PageToken", page_token)]
        return f"{url}?{urlencode([*kept, ('PageSize', str(size)), ('Page', str(page_index)), *extra])}"

    meta: Json = {
        "page": index,
        "page_size": size,
        "first_page_url": address(0, None),
        "previous_page_url": None if index == 0 else address(0, None),
        "url": address(index, call.asked("PageToken")),
        "next_page_url": address(index + 1, str(token(rows[-1]))) if more else None,
        "key": key,
    }
    return Answer(body={key: [render(row) for row in rows], "meta": meta})


def after(call: Call[Any], start: int = -1) -> int:
    """The number after which the requested page begins.

    Raises:
        TwilioError: 20001 for an invalid token.
    """
    text = call.asked("PageToken")
    if text is None:
        return start
    if not re.fullmatch(r"\d{1,18}", text):
        raise invalid_parameter(f"Invalid PageToken {text!r}")
    return int(text)


def number(call: Call[Any], name: str, default: int, *, minimum: int = 1) -> int:
    """A whole number among the query parameters.

    Raises:
        TwilioError: 20001 if it is not one, or is too small.
    """
    text = call.asked(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,9}", text) or int(text) < minimum:
        raise invalid_parameter(f"Invalid {name} value given: {text}")
    return int(text)
