"""The server's two faces: Twilio's REST API, by host name or path prefix, and the control plane under /_simulator/.

A plain ASGI application, because faults need the connection itself. Routing to products, credentials, faults and the
request log are here; what an operation does is in the products' folders.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from simulator.control import control_app
from simulator.conversations.routes import ROUTES as CONVERSATIONS
from simulator.errors import TwilioError, not_found, unauthenticated
from simulator.faults import Fault
from simulator.flex.routes import ROUTES as FLEX
from simulator.rest import Answer, Call, Routes, basic_credentials, parse_form
from simulator.simulation import Simulation
from simulator.taskrouter.routes import ROUTES as TASKROUTER

PRODUCTS: Final[dict[str, Routes]] = {"conversations": CONVERSATIONS, "taskrouter": TASKROUTER, "flex-api": FLEX}
_DOMAIN: Final = ".twilio.com"


class App:
    """The ASGI application over one simulation."""

    def __init__(self) -> None:
        self.simulation = Simulation()
        self._control = control_app(self.simulation)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            if scope["path"].startswith("/_simulator") or scope["path"] == "/":
                await self._control(scope, receive, send)
            else:
                await self._rest(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.simulation.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _rest(self, scope: Scope, receive: Receive, send: Send) -> None:
        simulation = self.simulation
        log = simulation.requests  # taken now: what is held back beyond a reset belongs to the log before it
        began, received = time.perf_counter(), time.time()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _read(receive)
        faults = simulation.faults.take(scope["method"], scope["path"])
        slow = next((fault for fault in faults if fault.kind == "slow"), None)
        fault = next((fault for fault in faults if fault.kind != "slow"), None)
        if slow is not None:
            await asyncio.sleep(slow.seconds)
        status: int | None
        if fault is not None and fault.kind in {"status", "reset", "timeout"} and fault.when == "before":
            status = await self._spoil(fault, send, None)
        else:
            answer = self._answer(scope, headers, body, fault)
            simulation.dispatch()
            if fault is None or fault.kind == "failed":
                status = await self._respond(answer, send)
            else:
                status = await self._spoil(fault, send, answer)
        log.add(
            at=simulation.account.clock.now,
            received=received,
            duration_ms=round((time.perf_counter() - began) * 1000, 3),
            connection="{}:{}".format(*scope["client"]) if scope.get("client") else "",
            method=scope["method"],
            path=scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else ""),
            status=status,
            fault=" + ".join(hit.name for hit in faults) or None,
        )

    def _answer(self, scope: Scope, headers: dict[str, str], body: bytes, fault: Fault | None) -> Answer:
        account = self.simulation.account
        path: str = scope["path"]
        try:
            product, base, rest = _product(scope, headers)
            credentials = basic_credentials(headers.get("authorization"))
            if credentials is None or not account.accepts(*credentials):
                raise unauthenticated()
            found = PRODUCTS[product].find(scope["method"], rest) if product in PRODUCTS else None
            if found is None:
                raise not_found(path)
            operation, parameters = found
            call = Call(
                account=account,
                method=scope["method"],
                path=rest,
                base=base,
                query=parse_qsl(scope["query_string"].decode(), keep_blank_values=True),
                form=parse_form(body) if body else [],
                headers=headers,
                fault=None if fault is None else fault.kind,
            )
            return operation(call, **parameters)
        except TwilioError as error:
            return Answer(error.status, error.body())

    async def _respond(self, answer: Answer, send: Send, body: bytes | None = None) -> int:
        body = answer.encoded() if body is None else body
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": self._headers(answer, len(body))}
        )
        await send({"type": "http.response.body", "body": body})
        return answer.status

    def _headers(self, answer: Answer, length: int) -> list[tuple[bytes, bytes]]:
        headers = [(b"date", format_datetime(self.simulation.account.clock.now, usegmt=True).encode())]
        if answer.status != 204:
            headers += [(b"content-type", b"application/json;charset=utf-8"), (b"content-length", b"%d" % length)]
        return headers + [(_Spelled(name.encode()), value.encode()) for name, value in answer.headers.items()]

    async def _spoil(self, fault: Fault, send: Send, answer: Answer | None) -> int | None:
        """Let the fault happen; the change is applied already when there is an answer."""
        match fault.kind:
            case "status":
                error = TwilioError(
                    fault.status, fault.code or 20000 + fault.status, fault.message or "Simulated fault"
                )
                extra = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
                return await self._respond(Answer(error.status, error.body(), extra), send)
            case "timeout":
                await asyncio.sleep(fault.seconds)
                _reset(send)
                return None
            case "reset":
                _reset(send)
                return None
        if answer is None:
            raise RuntimeError(f"a fault of kind {fault.kind} needs an answer to spoil")
        body = answer.encoded()
        half = len(body) // 2
        if fault.kind == "garbled":
            return await self._respond(answer, send, b"<html>Bad gateway</html>" + body[half:])
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": self._headers(answer, len(body))}
        )
        await send({"type": "http.response.body", "body": body[:half], "more_body": True})
        _transport(send).close()
        return answer.status


class _Spelled(bytes):
    """A header's name that keeps its capitals: uvicorn lowers names, and clients look for `ETag` by exactly that."""

    def lower(self) -> bytes:
        """Stay as it is."""
        return self


def _product(scope: Scope, headers: dict[str, str]) -> tuple[str, str, str]:
    """Which product a request means, its address as the client sees it, and the path within it."""
    host = headers.get("host", "")
    name = host.partition(":")[0].lower()
    if name.endswith(_DOMAIN):
        return name.removesuffix(_DOMAIN).partition(".")[0], f"{scope['scheme']}://{host}", scope["path"]
    product, _, rest = scope["path"][1:].partition("/")
    return product, f"{scope['scheme']}://{host}/{product}", f"/{rest}"


async def _read(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


def _transport(send: Send) -> asyncio.Transport:
    """The connection under uvicorn's `send`: its response cycle holds it, and ASGI has no word for breaking one."""
    cycle: Any = getattr(send, "__self__", None)
    transport: asyncio.Transport = cycle.transport
    return transport


def _reset(send: Send) -> None:
    transport = _transport(send)
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
