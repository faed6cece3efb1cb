"""Connection overrides: the timeouts and retries of a webhook, from its URL's fragment.

`https://example.com/events#rc=2&rp=5xx,ct`; the fragment is neither sent nor signed. TaskRouter's event callbacks have
overrides, Conversations' webhooks do not (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides,
November 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

_POLICIES: Final = frozenset({"4xx", "5xx", "ct", "rt"})


@dataclass(frozen=True, slots=True)
class ConnectionOverrides:
    """Seconds to connect, to read and in total; how many retries, and after which outcomes.

    An outcome is `4xx`, `5xx`, `ct` (no connection) or `rt` (no answer).
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})


def parse_overrides(url: str) -> ConnectionOverrides:
    """Read a URL's fragment; a part that is missing, or not a number within its bounds, has its default."""
    asked = dict(parse_qsl(urlsplit(url).fragment))
    default = ConnectionOverrides()
    named = frozenset(asked.get("rp", "").split(","))
    policy = _POLICIES if "all" in named else named & _POLICIES
    return ConnectionOverrides(
        connect=_milliseconds(asked.get("ct"), 10_000, default.connect),
        read=_milliseconds(asked.get("rt"), 15_000, default.read),
        total=_milliseconds(asked.get("tt"), 15_000, default.total),
        retries=int(rc) if (rc := asked.get("rc", "")) in set("012345") else default.retries,
        policy=policy or default.policy,
    )


def _milliseconds(text: str | None, maximum: int, default: float) -> float:
    if text is None or not text.isdecimal() or not 100 <= int(text[:9]) <= maximum:
        return default
    return int(text) / 1000
