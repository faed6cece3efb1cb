"""Connection overrides: how patient a webhook is and what it tries again, as its URL's fragment asks for.

`https://example.com/events#rc=2&rp=5xx,ct`; the fragment is neither sent nor signed (Twilio docs, webhooks connection
overrides). Conversations' webhooks have none of it; TaskRouter's event callbacks do.
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
    """Read a URL's fragment; what is not there, or is no number within its bounds, has its default."""
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


def _milliseconds(text: str | None, most: int, default: float) -> float:
    if text is None or not text.isdecimal() or not 100 <= int(text[:9]) <= most:
        return default
    return int(text) / 1000
