"""The answer to one request: sent over HTTP, complete or broken on purpose.

`faults.py` decides which faults hit. Here they are applied to the connection, which ASGI gives no access to.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from starlette.types import Send

from simulator.faults import Fault, Trouble
from simulator.shared.errors import TwilioError
from simulator.shared.rest import Answer

GARBAGE: Final = b"<html>Bad gateway</html>"


class Connection:
    """Answers one request. A lost answer has no status."""

    def __init__(self, send: Send, now: datetime, trouble: Trouble) -> None:
        self._send = send
        self._now = now
        self._trouble = trouble

    async def lose(self, fault: Fault) -> int | None:
        """Send no answer, or another than the application's: `status`, `reset` or `timeout`."""
        if fault.kind == "status":
            code = fault.code or 20000 + fault.status
            error = TwilioError(fault.status, code, fault.message or "Simulated fault")
            extra = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return await self.answer(Answer(error.status, error.body(), extra))
        if fault.kind == "timeout":
            await asyncio.sleep(fault.seconds)
        self._reset()
        return None

    async def answer(self, answer: Answer) -> int:
        """Send an answer, with the changes to its body and the connection that the faults want."""
        if answer.body is not None:
            answer = replace(answer, body=self._trouble.spoil(answer.body))
        body = answer.encoded()
        if body and self._trouble.has("garbled"):
            body = GARBAGE + body[len(body) // 2 :]
        cut = self._trouble.has("cut")
        headers = self._headers(answer, len(body))
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        sent = body[: len(body) // 2] if cut else body
        dripping = self._trouble.dripping
        if dripping is not None:
            sent = await self._drip(sent, dripping)
        await self._send({"type": "http.response.body", "body": sent, "more_body": cut})
        if cut:
            self._transport().close()
        return answer.status

    async def _drip(self, body: bytes, fault: Fault) -> bytes:
        """Send byte by byte until the fault's time is over or the client has gone; returns the rest."""
        count = int(fault.seconds * fault.per_second)
        for sent in range(min(count, len(body))):
            await self._send({"type": "http.response.body", "body": body[sent : sent + 1], "more_body": True})
            await asyncio.sleep(1 / fault.per_second)
            if self._transport().is_closing():
                break
        return body[count:]

    def _headers(self, answer: Answer, length: int) -> list[tuple[bytes, bytes]]:
        headers = [(b"date", format_datetime(self._now, usegmt=True).encode())]
        if self._trouble.has("close"):
            headers.append((b"connection", b"close"))
        if answer.status != 204:
            headers += [(b"content-type", b"application/json;charset=utf-8"), (b"content-length", b"%d" % length)]
        return headers + [(_Spelled(name.encode()), value.encode()) for name, value in answer.headers.items()]

    def _transport(self) -> asyncio.Transport:
        """The connection below uvicorn's `send`, from its response cycle."""
        cycle: Any = getattr(self._send, "__self__", None)
        transport: asyncio.Transport = cycle.transport
        return transport

    def _reset(self) -> None:
        transport = self._transport()
        connection: socket.socket | None = transport.get_extra_info("socket")
        if connection is not None and connection.fileno() >= 0:  # the client may have gone first
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


class _Spelled(bytes):
    """A header's name that keeps its capitals: uvicorn lowers names, and clients look for `ETag`."""

    def lower(self) -> bytes:
        """Keep the spelling."""
        return self
