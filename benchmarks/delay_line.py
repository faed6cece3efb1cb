"""A way to the simulator's TLS port that is as long as the way to Twilio: every connection and every byte takes time.

A client takes it for its HTTP proxy. The CONNECT itself is answered at once, for a real client has no proxy; what it
would have cost to open the connection, one round trip, is added to the first bytes instead.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

_CHUNK = 65_536


class DelayLine:
    """Listens in a thread of its own for as long as the block lasts.

    Args:
        port: where the bytes go, on this machine.
        round_trip: how long a byte and its answer are on their way together.

    Attributes:
        port: where it listens; known inside the block.
        connections: how many were opened so far.
    """

    def __init__(self, port: int, round_trip: timedelta) -> None:
        self._target = port
        self._one_way = round_trip.total_seconds() / 2
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="delay line", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._connect, "127.0.0.1", 0), self._loop)
        self._server = server.result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_exc: TracebackType | type[BaseException] | BaseException | None) -> None:
        """Cut every connection."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"CONNECT "):
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
        opening = 2 * self._one_way
        self._begin(self._carry(reader, there_writer, self._one_way, opening))
        self._begin(self._carry(there_reader, writer, self._one_way, 0.0))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, one_way: float, opening: float
    ) -> None:
        """Pass on each piece of data after its delay, in order; pieces that follow closely are not delayed further."""
        try:
            while data := await reader.read(_CHUNK):
                self._loop.call_later(one_way + opening, _write, writer, data)
                opening = 0.0 if not opening else await self._opened(opening)
        except (ConnectionError, asyncio.CancelledError):
            pass
        self._loop.call_later(one_way, writer.close)

    async def _opened(self, opening: float) -> float:
        """Nothing overtakes the first bytes, which waited for the connection to be there."""
        await asyncio.sleep(opening)
        return 0.0


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)
