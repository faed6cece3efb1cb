"""The server: Twilio's REST API by host name or path prefix, and the control plane under /_simulator/.

A plain ASGI application, because faults need the connection itself (`connection.py`). It selects the product, checks
credentials and limits, and logs requests. The products carry out the operations.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final, NamedTuple

from starlette.types import Receive, Scope, Send

from simulator.chat.routes import ROUTES as CHAT
from simulator.connection import Connection
from simulator.control import control_app
from simulator.conversations.routes import ROUTES as CONVERSATIONS
from simulator.faults import Trouble
from simulator.flex.routes import ROUTES as FLEX
from simulator.shared.errors import TwilioError, not_found, unauthenticated
from simulator.shared.rest import Answer, Call, Routes, basic_credentials, parse_form, parse_query
from simulator.simulation import Simulation
from simulator.taskrouter.routes import ROUTES as TASKROUTER

PRODUCTS: Final[dict[str, Routes[Any]]] = {
    "conversations": CONVERSATIONS,
    "chat": CHAT,
    "taskrouter": TASKROUTER,
    "flex-api": FLEX,
}
_DOMAIN: Final = ".twilio.com"
HOME: Final = "us1"
"""The region of every account, the only one that has Flex. Other regions refuse its keys, because credentials belong to
a region (https://www.twilio.com/docs/global-infrastructure, 2026)."""


class App:
    """The ASGI application over one simulation."""

    def __init__(self, simulation: Simulation | None = None) -> None:
        self.simulation = simulation or Simulation()
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
        log = simulation.requests  # taken now: a request that is delayed beyond a reset belongs to the log before it
        began, received = time.perf_counter(), time.time()
        body = await _read(receive)
        address = _address(scope)
        trouble = simulation.faults.take(scope["method"], address.name)
        if trouble.wait:
            await asyncio.sleep(trouble.wait)
        connection = Connection(send, simulation.account.clock.now, trouble)
        lost = trouble.losing("before")
        ignored: list[str] = []
        if lost is not None:
            status = await connection.lose(lost)
        else:
            answer, ignored = await self._answer(scope, address, body, trouble)
            simulation.dispatch()
            lost = trouble.losing("after")
            status = await connection.answer(answer) if lost is None else await connection.lose(lost)
        log.add(
            at=simulation.account.clock.now,
            received=received,
            duration_ms=round((time.perf_counter() - began) * 1000, 3),
            connection="{}:{}".format(*scope["client"]) if scope.get("client") else "",
            method=scope["method"],
            path=address.name + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""),
            status=status,
            fault=trouble.names,
            ignored=tuple(ignored),
            body=body,
        )

    async def _answer(self, scope: Scope, address: Address, body: bytes, trouble: Trouble) -> tuple[Answer, list[str]]:
        """The application's answer, and the parameters that it ignored."""
        method: str = scope["method"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            product, path = address.product, address.path
            credentials = basic_credentials(headers.get("authorization"))
            products = None if credentials is None else self.simulation.products_of(*credentials)
            if products is None or address.region != HOME:
                raise unauthenticated()
            if product not in PRODUCTS:
                raise not_found(address.name)
            if method == "OPTIONS":
                return Answer(204, headers={"Allow": PRODUCTS[product].allowed(path)}), []
            route, parameters = PRODUCTS[product].find("GET" if method == "HEAD" else method, path)
            query = parse_query(scope["query_string"])
            filtered = any(name == "EvaluateTaskAttributes" for name, _ in query)
            self.simulation.limits.check(product, route.method, route.template, path, filtered=filtered)
            call = Call(
                product=products.by_name[product],
                method=route.method,
                path=path,
                base=address.base,
                query=query,
                form=parse_form(body, headers.get("content-type", "")) if body else [],
                headers=headers,
                body=body,
                fails=trouble.has("failed"),
            )
            answer = await self.simulation.approved(lambda: route.operation(call, **parameters), products)
            return answer, call.ignored()
        except TwilioError as error:
            return Answer(error.status, error.body(), error.headers), []


class Address(NamedTuple):
    """The product and path of a request; `name` is the same by host name and by path prefix."""

    product: str
    base: str
    path: str
    name: str
    region: str = HOME


def _address(scope: Scope) -> Address:
    """The product that a request is for, its address as the client sees it, and the path within it."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    path: str = scope["path"]
    domain = host.partition(":")[0].lower()
    if domain.endswith(_DOMAIN):
        product, *place = domain.removesuffix(_DOMAIN).split(".")
        region = place[-1] if place else HOME
        return Address(product, f"{scope['scheme']}://{host}", path, f"/{product}{path}", region)
    product, _, rest = path[1:].partition("/")
    return Address(product, f"{scope['scheme']}://{host}/{product}", f"/{rest}", path)


async def _read(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body
