"""Faults on the way of REST requests: what goes wrong, with which request, before or after the change is applied.

This file decides; `app.py` does it to the connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

CHANNEL_FAILED: Final = "failed"

Kind = Literal["status", "slow", "reset", "timeout", "garbled", "cut", "failed"]
When = Literal["before", "after"]


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        match: A regular expression over "METHOD /path".
        kind: `status` answers that status; `slow` waits first; `reset` breaks the connection; `timeout` holds it and
            answers nothing; `garbled` and `cut` spoil the body; `failed` makes an interaction channel's update fail
            with HTTP 200.
        nth: The first matching request that is hit, from 1.
        times: How many are hit from there on; None for all.
        when: For `status`, `reset`, `timeout`: before the change is applied (lost on the way in), or after it (the
            answer is lost).
        seconds: How long `slow` and `timeout` wait, in real time.
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
    seen: int = 0
    hit: int = 0

    def take(self, request: str) -> bool:
        """Count a request ("METHOD /path"); say whether the fault hits it."""
        if not self.match.search(request):
            return False
        self.seen += 1
        hits = self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)
        self.hit += hits
        return hits

    @property
    def name(self) -> str:
        """How logs name it, e.g. `reset after`."""
        return f"{self.kind} {self.when}" if self.kind in {"status", "reset", "timeout"} else self.kind

    def as_json(self) -> dict[str, object]:
        """For the control plane."""
        return {
            "match": self.match.pattern,
            "kind": self.kind,
            "nth": self.nth,
            "times": self.times,
            "when": self.when,
            "seen": self.seen,
            "hit": self.hit,
        }


_KEYS: Final = {"match", "kind", "nth", "times", "when", "status", "code", "message", "retryAfter", "seconds"}


def parse_fault(value: object) -> Fault:
    """Read a fault from the control plane's JSON.

    Raises:
        ValueError: what is wrong with it, and what there is.
    """
    if not isinstance(value, dict):
        raise ValueError("a fault is an object")  # noqa: TRY004 -- the control plane answers ValueError with 400
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
        raise ValueError(f"fault: match is no regular expression: {error}") from None
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
    )


class Faults:
    """All faults that are set, in order; a request is hit by the first that takes it, and counted by every one."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, faults: list[Fault]) -> None:
        """Set more faults."""
        self._faults.extend(faults)

    def clear(self) -> None:
        """Let everything work again."""
        self._faults.clear()

    def take(self, method: str, path: str) -> list[Fault]:
        """The faults that hit this request: at most one of each kind, so that slow and another compose."""
        if not self._faults:
            return []
        request = f"{method} {path}"
        hits: dict[str, Fault] = {}
        for fault in self._faults:
            if fault.take(request):
                hits.setdefault("slow" if fault.kind == "slow" else "other", fault)
        return list(hits.values())

    def as_json(self) -> list[dict[str, object]]:
        """For the control plane."""
        return [fault.as_json() for fault in self._faults]
