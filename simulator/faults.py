"""Faults of REST requests: what goes wrong, with which request, before or after the change is applied.

This file decides, `connection.py` carries it out. All faults that hit a request take effect, in the order in which a
request is handled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, cast, get_args

from simulator.spoiling import Json, changed, repeated, without

Kind = Literal["status", "slow", "reset", "timeout", "odd", "repeat", "garbled", "cut", "drip", "close", "failed"]
When = Literal["before", "after"]
LOSING: Final[tuple[Kind, ...]] = ("reset", "timeout", "status")
"""Kinds that replace the application's answer, before or after the change; the first that hits a request wins."""


class Removed(Enum):
    """The absence of a value, where None means JSON's null."""

    REMOVED = "removed"


REMOVED: Final = Removed.REMOVED


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        match: A regular expression over "METHOD /path".
        kind: `status` answers with that status; `slow` waits first; `reset` breaks the connection; `timeout` keeps it
            open without an answer; `odd` gives a field of the answer another value, or removes it; `repeat` makes a
            page its own next page; `garbled` and `cut` damage the body, also that of a `status`; `drip` sends it byte
            by byte; `close` ends the connection after the answer, with the header for it; `failed` makes an interaction
            channel's update fail with HTTP 200.
        nth: The first matching request that is hit, from 1.
        times: How many are hit from there on; None for all.
        when: For `status`, `reset`, `timeout`: before the change is applied (lost on the way in), or after it (the
            answer is lost).
        seconds: How long `slow` and `timeout` wait, and after which `drip` sends the rest at once, in real time.
        per_second: How many bytes `drip` sends in a second.
        at: Where in the answer `odd` finds its field: names and row numbers with dots between them, `*` for all.
        value: What `odd` puts there; without one it takes the field out.
    """

    match: re.Pattern[str]
    kind: Kind
    nth: int = 1
    times: int | None = 1
    when: When = "before"
    status: int = 503
    code: int | None = None
    message: str | None = None
    retry_after: int | None = None
    seconds: float = 30.0
    per_second: float = 10.0
    at: str = ""
    value: object = REMOVED
    seen: int = 0
    hit: int = 0

    def take(self, request: str) -> bool:
        """Count a request ("METHOD /path"); return whether the fault hits it."""
        if not self.match.search(request):
            return False
        self.seen += 1
        hits = self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)
        self.hit += hits
        return hits

    @property
    def name(self) -> str:
        """Its name in logs, e.g. `reset after`."""
        return f"{self.kind} {self.when}" if self.kind in LOSING else self.kind

    def as_json(self) -> dict[str, object]:
        """The JSON of the control plane."""
        return {
            "match": self.match.pattern,
            "kind": self.kind,
            "nth": self.nth,
            "times": self.times,
            "when": self.when,
            "seen": self.seen,
            "hit": self.hit,
        }


_KEYS: Final = {
    "match",
    "kind",
    "nth",
    "times",
    "when",
    "status",
    "code",
    "message",
    "retryAfter",
    "seconds",
    "perSecond",
    "at",
    "value",
}


def parse_fault(value: object) -> Fault:
    """Read a fault from the control plane's JSON.

    Raises:
        ValueError: an invalid fault; the message lists what is possible.
    """
    if not isinstance(value, dict):
        raise ValueError("a fault must be an object")  # noqa: TRY004 -- the control plane answers ValueError with 400
    unknown = sorted(set(value) - _KEYS)
    if unknown:
        raise ValueError(f"fault: no key {', '.join(unknown)}; there are {', '.join(sorted(_KEYS))}")
    kind, when = value.get("kind"), value.get("when", "before")
    if kind not in get_args(Kind):
        raise ValueError(f"fault: kind cannot be {kind!r}; it is one of {', '.join(get_args(Kind))}")
    if when not in get_args(When):
        raise ValueError(f"fault: when cannot be {when!r}; it is before or after")
    try:
        match = re.compile(str(value.get("match", "")))
    except re.error as error:
        raise ValueError(f"fault: match is not a regular expression: {error}") from None
    if kind == "odd" and not value.get("at"):
        raise ValueError("fault: odd needs at, the field of the answer that it changes, e.g. tasks.0.assignment_status")
    per_second = float(value.get("perSecond", 10.0))
    if not per_second > 0:
        raise ValueError(f"fault: perSecond cannot be {per_second}; it is a number of bytes above 0")
    times = value.get("times", 1)
    retry_after = value.get("retryAfter")
    return Fault(
        match=match,
        kind=cast("Kind", kind),
        nth=int(value.get("nth", 1)),
        times=None if times is None else int(times),
        when=cast("When", when),
        status=int(value.get("status", 503)),
        code=None if value.get("code") is None else int(value["code"]),
        message=value.get("message"),
        retry_after=None if retry_after is None else int(retry_after),
        seconds=float(value.get("seconds", 30.0)),
        per_second=per_second,
        at=str(value.get("at", "")),
        value=value.get("value", REMOVED),
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """All faults that hit one request, in the order in which they were set."""

    faults: tuple[Fault, ...] = ()

    @property
    def wait(self) -> float:
        """How many seconds the request waits first."""
        return sum(fault.seconds for fault in self.faults if fault.kind == "slow")

    @property
    def names(self) -> str | None:
        """Their name in logs, e.g. `slow + reset after`; None without faults."""
        return " + ".join(fault.name for fault in self.faults) or None

    def has(self, kind: Kind) -> bool:
        """Whether a fault of this kind is among them."""
        return any(fault.kind == kind for fault in self.faults)

    def spoil(self, body: Json) -> Json:
        """An answer's body with the changes of `odd` and `repeat`."""
        for fault in self.faults:
            if fault.kind == "odd":
                body = without(body, fault.at) if fault.value is REMOVED else changed(body, fault.at, fault.value)
            elif fault.kind == "repeat":
                body = repeated(body)
        return body

    @property
    def dripping(self) -> Fault | None:
        """The first fault that sends the answer byte by byte."""
        return next((fault for fault in self.faults if fault.kind == "drip"), None)

    def losing(self, when: When) -> Fault | None:
        """The first fault that replaces the answer before the change is applied, or after it."""
        return next((fault for fault in self.faults if fault.kind in LOSING and fault.when == when), None)


NO_TROUBLE: Final = Trouble()


class Faults:
    """All faults, in the order in which they were set; each counts the requests that it matches."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, faults: list[Fault]) -> None:
        """Add faults."""
        self._faults.extend(faults)

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def take(self, method: str, path: str) -> Trouble:
        """The faults that hit this request."""
        if not self._faults:
            return NO_TROUBLE
        request = f"{method} {path}"
        return Trouble(tuple([fault for fault in self._faults if fault.take(request)]))

    def as_json(self) -> list[dict[str, object]]:
        """The JSON of the control plane."""
        return [fault.as_json() for fault in self._faults]
