"""Writes what happened so that two runs of one behaviour are equal: SIDs by their order, and no real time."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sandbox.network import Call

_SID = re.compile(r"\b([A-Z]{2})[0-9a-f]{32}\b")
_ATTEMPT = re.compile(r'("by": ?")[0-9a-f]{32}"')
REAL_TIME = frozenset({"durationMs", "logging.googleapis.com/trace"})
"""Keys of the log that say how long something took on this machine, or whose request it was."""


class Names:
    """Names SIDs in the order in which they appear: CH1, CH2, WT1."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def spelled(self, text: str) -> str:
        """Return a text with names for SIDs, and none for attempts."""
        return _SID.sub(self._name, _ATTEMPT.sub(r'\1us"', text))

    def _name(self, found: re.Match[str]) -> str:
        kind = found[1]
        if found[0] not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[found[0]] = f"{kind}{self._counts[kind]}"
        return self._known[found[0]]


def line(entry: Mapping[str, Any]) -> str:
    """Return a line of the function's log: every key and value, calls by name and status."""
    kept = {key: value for key, value in sorted(entry.items()) if key not in REAL_TIME}
    if calls := kept.pop("calls", None):
        kept["calls"] = [f"{call['name']} {call['status']}" for call in calls]
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def call(made: Call) -> str:
    """Return a call to Twilio: method, path, and every parameter."""
    path, _, query = made.path.partition("?")
    words = [made.method, path.partition("/v1/")[2]]
    words += [f"{name}={value}" for name, value in sorted(parse_qsl(query) + parse_qsl(made.body))]
    return " ".join(words)


def lines(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Several lines of the log."""
    return [line(entry) for entry in entries]


def since(began: datetime, at: datetime) -> str:
    """Return hours, minutes and seconds from one time to another."""
    minutes, seconds = divmod(int((at - began).total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


class Even(random.Random):
    """A random source that always returns the same, so the number of draws makes no difference."""

    def random(self) -> float:
        """Return a quarter."""
        return 0.25
