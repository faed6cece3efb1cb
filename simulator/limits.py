"""Twilio's documented rate limits: a switch, off by default, counted in real time.

Which requests a limit counts, how many a second it allows, and how it refuses the rest. Refused requests are not
counted, so a client that waits and retries succeeds.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from simulator.shared.dialect import Dialect
from simulator.shared.dialect.platform import LimitCode, RetryAfter
from simulator.shared.dialect.taskrouter import EventLimit
from simulator.shared.errors import TwilioError

GENERAL_CODE: Final = 20429
_WINDOW: Final = 1.0
_KEPT_KEYS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. `code` is its own code in the error catalogue, beside the general 20429."""

    per_second: int
    code: int
    counts: str


DOCUMENTED: Final[Mapping[str, Limit]] = {
    "evaluateTaskAttributes": Limit(3, 20429, "task lists that filter by attributes, of the account"),
    "interactions": Limit(20, 45780, "requests to one Interactions endpoint, of the account"),
    "conversation": Limit(30, 50074, "writes to one conversation: itself, its messages, its participants"),
    "service": Limit(30, 50074, "creations and deletions of conversations, writes of users and roles, of a service"),
}
"""Twilio's documented limits: https://www.twilio.com/en-us/changelog/taskrouter-endpoint-rate-limit-correction (18
October 2024), https://www.twilio.com/docs/api/errors/45780 and
https://www.twilio.com/docs/conversations-classic/conversations-limits (November 2026). The 20 of Interactions are on
the limits page of Flex Conversations."""

EVENTS: Final = Limit(3, 20429, "reads of TaskRouter's events, of the account")
"""No figure is public. This is that of the search, used only where the dialect has it."""

LIMITS: Final[Mapping[str, Limit]] = {**DOCUMENTED, "events": EVENTS}
"""All limits that can be switched on, by name."""

_CONVERSATION = re.compile(r"/Conversations/(?P<sid>[^/]+)")
_OF_SERVICE = re.compile(r"/(Users|Roles)(/|$)")


def counted(product: str, method: str, template: str, path: str, *, filtered: bool) -> tuple[str, str] | None:
    """The limit that counts a request, and the key under which it does; None if no limit does.

    Args:
        product: The product's path prefix, e.g. `conversations`.
        method: GET, POST or DELETE.
        template: The operation's path template: an "endpoint" in the limit of Interactions.
        path: The path itself.
        filtered: Whether tasks are searched by attributes.
    """
    match product:
        case "taskrouter" if filtered and method == "GET" and template.endswith("/Tasks"):
            return "evaluateTaskAttributes", ""
        case "taskrouter" if "/Events" in template:
            return "events", ""
        case "flex-api" if template.startswith("/v1/Interactions"):
            return "interactions", f"{method} {template}"
        case "conversations" if method != "GET":
            conversation = _CONVERSATION.search(path)
            if conversation is not None and not (method == "DELETE" and path.endswith(conversation["sid"])):
                return "conversation", conversation["sid"]
            if conversation is not None or path.endswith("/Conversations") or _OF_SERVICE.search(path):
                return "service", path.partition("/Services/")[2].partition("/")[0]
    return None


class Limits:
    """The limits of one account, on or off, and the requests allowed in the last second."""

    def __init__(self, dialect: Dialect, now: Callable[[], float] = time.monotonic) -> None:
        self._dialect = dialect
        self._now = now
        self._passed: dict[tuple[str, str], deque[float]] = {}
        self.per_second: dict[str, int | None] = {}
        """Requests a second by limit; empty while the limits are off. None allows every request."""

    def switch_on(self, changed: Mapping[str, int | None]) -> None:
        """Switch limits on, with the documented numbers where none is given.

        Raises:
            ValueError: an unknown limit, or a number below 1.
        """
        unknown = sorted(set(changed) - set(LIMITS))
        if unknown:
            raise ValueError(f"limits: no limit {', '.join(unknown)}; there are {', '.join(LIMITS)}")
        for name, per_second in changed.items():
            if per_second is not None and per_second < 1:
                raise ValueError(f"limits: {name} cannot be {per_second}; it is a number from 1, or null for none")
        self._passed.clear()
        self.per_second = {name: changed.get(name, self._usual(name)) for name in LIMITS}

    def _usual(self, name: str) -> int | None:
        """How many a second are allowed by default; None for all."""
        if name == "events" and self._dialect.event_limit is EventLimit.NONE:
            return None
        return LIMITS[name].per_second

    def switch_off(self) -> None:
        """Switch all limits off."""
        self._passed.clear()
        self.per_second = {}

    def check(self, product: str, method: str, template: str, path: str, *, filtered: bool) -> None:
        """Allow a request, or refuse it.

        Raises:
            TwilioError: HTTP 429.
        """
        if not self.per_second:
            return
        found = counted(product, method, template, path, filtered=filtered)
        allowed = None if found is None else self.per_second[found[0]]
        if found is None or allowed is None:
            return
        now = self._now()
        passed = self._passed.get(found)
        if passed is None:
            if len(self._passed) >= _KEPT_KEYS:
                self._passed.clear()
            passed = self._passed[found] = deque()
        while passed and passed[0] <= now - _WINDOW:
            passed.popleft()
        if len(passed) >= allowed:
            raise self._refusal(found[0], allowed)
        passed.append(now)

    def _refusal(self, name: str, allowed: int) -> TwilioError:
        code = LIMITS[name].code if self._dialect.limit_code is LimitCode.PRODUCT else GENERAL_CODE
        headers = {"Retry-After": "1"} if self._dialect.retry_after is RetryAfter.SENT else {}
        return TwilioError(429, code, f"Too Many Requests: more than {allowed} a second ({name})", headers)
