"""What software that uses this simulator has decided about chats, in its own words, for the page.

The simulator decides nothing: whoever decides posts it, and the page shows it beside the chat.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

KEPT: Final = 50
"""How many decisions are kept for each chat."""

LONGEST: Final = 500
"""Maximum number of characters of each text; the rest is cut off."""

MAXIMUM_ROWS: Final = 100
_TEXTS: Final = ("decision", "reason", "message")
KEYS: Final = (*_TEXTS, "rows", "at")
_ROW_KEYS: Final = frozenset({"row", "matched", "why"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a decision table: its name, whether it matched, and the fact that it looked at."""

    row: str
    matched: bool
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about a chat, at a virtual time."""

    at: datetime
    decision: str
    reason: str
    message: str
    rows: tuple[Row, ...]


class Decisions:
    """The newest decisions about each chat."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[Decision]] = {}
        self.total = 0

    def add(self, conversation_sid: str, decision: Decision) -> None:
        """Add the newest decision about a chat."""
        self.total += 1
        self._kept.setdefault(conversation_sid, deque(maxlen=KEPT)).append(decision)

    def about(self, conversation_sid: str) -> list[Decision]:
        """The decisions about a chat, oldest first."""
        return list(self._kept.get(conversation_sid, ()))

    def newest(self, conversation_sid: str) -> Decision | None:
        """The newest decision about a chat."""
        kept = self._kept.get(conversation_sid)
        return kept[-1] if kept else None


def parse_decision(body: Mapping[str, Any], at: datetime) -> Decision:
    """Read a decision from the control plane's JSON.

    Raises:
        ValueError: it has no `decision`, or rows of another shape.
    """
    if not body.get("decision"):
        raise ValueError('decision: a text is missing; write {"decision": "warn", "reason": "customer_silent"}')
    decision, reason, message = (str(body.get(key) or "")[:LONGEST] for key in _TEXTS)
    rows = body.get("rows", [])
    if not isinstance(rows, list) or len(rows) > MAXIMUM_ROWS:
        raise ValueError(f"decision: rows is a list of up to {MAXIMUM_ROWS} rows")
    return Decision(at, decision, reason, message, tuple([_row(row) for row in rows]))


def _row(value: object) -> Row:
    if not isinstance(value, dict) or not value.get("row") or set(value) - _ROW_KEYS:
        raise ValueError(
            'decision: a row is {"row": "queued", "matched": false, "why": "task assigned"}, why may be left out'
        )
    return Row(str(value["row"])[:LONGEST], value.get("matched") is True, str(value.get("why") or "")[:LONGEST])
