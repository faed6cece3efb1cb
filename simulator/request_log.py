"""The newest requests, and totals of all of them."""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime

from simulator.facts import LoggedRequest

KEPT = 20_000
LONGEST_BODY = 2_000
"""How many bytes of a body are kept."""


class RequestLog:
    """Keeps the newest requests only, so that a long replay needs no memory."""

    def __init__(self) -> None:
        self._kept: deque[LoggedRequest] = deque(maxlen=KEPT)
        self.total = 0
        self.by_status: Counter[int | None] = Counter()

    def add(
        self,
        *,
        at: datetime,
        received: float,
        duration_ms: float,
        connection: str,
        method: str,
        path: str,
        status: int | None,
        fault: str | None,
        ignored: tuple[str, ...] = (),
        body: bytes = b"",
    ) -> None:
        """Add a request; a status of None means that no answer was sent."""
        self.total += 1
        self.by_status[status] += 1
        sent = body[:LONGEST_BODY].decode("utf-8", "replace")
        self._kept.append(
            LoggedRequest(self.total, at, received, duration_ms, connection, method, path, status, fault, ignored, sent)
        )

    def after(self, sequence: int) -> list[LoggedRequest]:
        """Kept requests with a greater sequence number, oldest first."""
        skip = max(0, len(self._kept) - (self.total - sequence))
        return [entry for index, entry in enumerate(self._kept) if index >= skip]

    def clear(self) -> None:
        """Clear the log; sequence numbers continue."""
        self._kept.clear()
