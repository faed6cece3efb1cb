"""What is new to one open page, as server-sent events.

Their format is that of https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Final

from simulator.page.overview import overview
from simulator.simulation import Simulation
from simulator.truth import Json

SHORTEST_PAUSE_S: Final = 0.15
"""Real time between two events of a page."""

_SHARE: Final = 10
"""A page costs the server at most one part in so many: the pause grows with the processor time that an event took."""

_SILENCE_S: Final = 15.0
"""After so long without an event a comment is sent, so that a broken connection is noticed."""

RETRY_MS: Final = 1000
"""When a browser whose connection broke asks again."""


class Feed:
    """What one page has been sent, and what is new to it."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._seen: object = None
        self._account: object = None
        self._sent: dict[str, Json] = {}

    def news(self) -> Json | None:
        """What changed since the last call; None if nothing did. The first one has everything, also after a reset."""
        seen = self._mark()
        if seen == self._seen:
            return None
        self._seen = seen
        account, everything = self._simulation.account, self._account is not self._simulation.account
        if everything:
            self._account, self._sent = account, {}
        found = overview(self._simulation)
        changed = [row for sid, row in found.rows.items() if self._sent.get(sid) != row]
        gone = [sid for sid in self._sent if sid not in found.rows]
        self._sent = found.rows
        return {**found.rest, "everything": everything, "rows": changed, "gone": gone}

    def _mark(self) -> object:
        """A value that differs after anything has happened; it is read several times a second, so it must be cheap."""
        simulation = self._simulation
        return (
            simulation.account,
            simulation.account.clock.now,
            simulation.acts,
            simulation.requests.total,
            simulation.deliverer.total,
            simulation.decisions.total,
            tuple(simulation.schedules),
            str(simulation.faults.as_json()),
        )


async def events(simulation: Simulation) -> AsyncIterator[str]:
    """The stream for one page, until the server stops or the page goes away."""
    feed = Feed(simulation)
    yield f"retry: {RETRY_MS}\n\n"
    spoke_at = time.monotonic()
    while not simulation.stopping:
        began = time.thread_time()
        news = feed.news()
        text = "" if news is None else f"data: {json.dumps(news, separators=(',', ':'))}\n\n"
        pause = max(SHORTEST_PAUSE_S, (time.thread_time() - began) * _SHARE)
        if not text and time.monotonic() - spoke_at > _SILENCE_S:
            text = ": nothing new\n\n"
        if text:
            yield text
            spoke_at = time.monotonic()
        await asyncio.sleep(pause)
