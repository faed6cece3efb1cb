"""What the operations on Conversations share: the table, the two kinds of paths, the actor, lists.

A path without `/Services/` is one of the account's default service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from simulator.conversations.models import Conversations
from simulator.conversations.service import Service
from simulator.conversations.webhooks import REST, REST_ECHOED, Actor
from simulator.shared.errors import invalid_parameter
from simulator.shared.rest import Answer, Call, Json, Routes, after, page

T = TypeVar("T")

ROUTES: Final[Routes[Conversations]] = Routes()
CONVERSATIONS: Final = ("/v1/Conversations", "/v1/Services/{service_sid}/Conversations")
CONVERSATION: Final = tuple(f"{path}/{{sid}}" for path in CONVERSATIONS)


def both(path: str) -> tuple[str, str]:
    """A path of the default service, and the same path of any service."""
    return f"/v1{path}", f"/v1/Services/{{service_sid}}{path}"


def actor(call: Call[Conversations]) -> Actor:
    """The actor of a change over REST, which fires webhooks only if the request asks for it."""
    return REST_ECHOED if call.headers.get("x-twilio-webhook-enabled", "").lower() == "true" else REST


def service(call: Call[Conversations], service_sid: str | None) -> Service:
    """The service of a path.

    Raises:
        TwilioError: 20404.
    """
    product = call.product
    return product.default_service if service_sid is None else product.service(service_sid)


def root(call: Call[Conversations], service_sid: str | None) -> str:
    """The address that the request used, up to the service."""
    return f"{call.base}/v1" if service_sid is None else f"{call.base}/v1/Services/{service_sid}"


def listed(
    call: Call[Conversations],
    key: str,
    rows: Iterable[T],
    number: Callable[[T], int],
    render: Callable[[T], Json],
    *,
    default: int = 50,
    maximum: int = 100,
) -> Answer:
    """One page of rows that are ordered by a number of their own."""
    begin = after(call)
    return page(
        call, key, (row for row in rows if number(row) > begin), render, number, default=default, maximum=maximum
    )


def listed_in_order(
    call: Call[Conversations],
    key: str,
    rows: Iterable[T],
    render: Callable[[T], Json],
    *,
    default: int = 50,
    maximum: int = 100,
) -> Answer:
    """One page of rows that are ordered by their position only."""
    return listed(
        call,
        key,
        enumerate(rows),
        lambda row: row[0],
        lambda row: render(row[1]),
        default=default,
        maximum=maximum,
    )


def whole_number(call: Call[Conversations], name: str) -> int | None:
    """A form parameter that is a whole number; None when it was not sent.

    Raises:
        TwilioError: 20001.
    """
    text = call.value(name)
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise invalid_parameter(f"Invalid {name} value given: {text}")
    return int(text)


def several(call: Call[Conversations], name: str) -> tuple[str, ...] | None:
    """All values of a repeated form parameter, blank ones left out; None when it was not sent."""
    values = call.values(name)
    return None if values is None else tuple(value for value in values if value)
