"""One address for all functions of the laptop: `/{function name}/...` goes to that function's process.

Where functions of one name run in two regions, the newer one answers, and `/{region}/{function name}/...` is one of
them. The front takes the place of Google's front end: it removes the function's name from the path, passes on
everything else unchanged, and lets only those call whom the function's invoker binding names.
"""

import asyncio
import socket
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Protocol

import aiohttp
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from yarl import URL

from laptop.ports import listen

SCHEDULER = "_cloudscheduler"
"""First path segment of Cloud Scheduler's REST API here; no function can have this name."""

FUNCTIONS = "_cloudfunctions"
"""The same of Cloud Functions' REST API."""

# Those that concern one connection, not the request (RFC 9110, 7.6.1).
_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
_IDLE_SECONDS = 1.0  # functions-framework's server closes idle connections after two


class Routes(Protocol):
    """What the front asks about each request."""

    def port(self, name: str, location: str = "") -> int | None:
        """Where the function listens, in any region unless one is named; None when it does not run."""

    def locations(self) -> frozenset[str]:
        """The regions in which functions run."""

    def names(self) -> list[str]:
        """The functions that run."""

    def scheduler(self, method: str, path: str) -> tuple[int, dict[str, object]]:
        """What Cloud Scheduler's REST API answers: status and body."""

    def functions(self, method: str, path: str) -> tuple[int, dict[str, object]]:
        """What Cloud Functions' REST API answers: status and body."""

    def may_call(self, name: str, authorization: str | None) -> bool:
        """Whether this Authorization header allows calling it."""


class Front:
    """The functions' address, served by a thread of this process while the block lasts.

    Args:
        port: where to listen on the loopback interface; 0 for any free one.

    Raises:
        PortTakenError: on entering, when another process listens there.
    """

    def __init__(self, port: int) -> None:
        self._wanted_port = port
        self._socket: socket.socket | None = None
        self._routes: Routes | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._session: aiohttp.ClientSession | None = None
        self.url = ""

    def bind(self) -> None:
        """Listen on the port, so that `url` is known before anything is served."""
        self._socket = listen(self._wanted_port, purpose="the functions' front", option="front port")
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def serve(self, routes: Routes) -> None:
        """Answer requests from now on."""
        self._routes = routes
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            http="httptools",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            access_log=False,
            log_level="warning",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="front", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering and release the port."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(5)
        if self._socket:
            self._socket.close()

    def __enter__(self) -> "Front":
        self.bind()
        return self

    def __exit__(self, *_exc: TracebackType | type[BaseException] | BaseException | None) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_SECONDS)
        timeout = aiohttp.ClientTimeout(total=None)  # the platform's limit is the function's own timeout
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as self._session:
            if self._server and self._socket:
                await self._server.serve(sockets=[self._socket])

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._routes is None or self._session is None:
            return  # no lifespan or websocket, and nothing before `serve`
        response = await _respond(Request(scope, receive), self._routes, self._session)
        await response(scope, receive, send)


async def _respond(request: Request, routes: Routes, session: aiohttp.ClientSession) -> Response:
    raw_path: bytes = request.scope["raw_path"]
    name, _, rest = raw_path.decode("latin-1").lstrip("/").partition("/")
    if api := {SCHEDULER: routes.scheduler, FUNCTIONS: routes.functions}.get(name):
        status, body = await asyncio.to_thread(api, request.method, rest)
        return JSONResponse(body, status)
    location = ""
    if name in routes.locations():
        location, (name, _, rest) = name, rest.partition("/")
    port = routes.port(name, location)
    if port is None:
        return JSONResponse({"error": f"no function is called {name!r}", "functions": routes.names()}, 404)
    authorizations = request.headers.getlist("authorization")
    if not routes.may_call(name, authorizations[0] if len(authorizations) == 1 else None):
        return JSONResponse({"error": f"{name} may not be called by you: it has no invoker binding for that"}, 403)
    return await _pass_on(session, f"http://127.0.0.1:{port}/{rest}", request)


async def _pass_on(session: aiohttp.ClientSession, target: str, request: Request) -> Response:
    query: bytes = request.scope["query_string"]
    url = URL(f"{target}?{query.decode('latin-1')}" if query else target, encoded=True)
    try:
        async with session.request(
            request.method,
            url,
            headers=[(k.decode("latin-1"), v.decode("latin-1")) for k, v in _end_to_end(request.headers.raw)],
            data=await request.body() or None,
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        ) as answer:
            response = Response(await answer.read(), answer.status)
            response.raw_headers = _end_to_end(answer.raw_headers)
            return response
    except aiohttp.ClientError as error:
        return JSONResponse({"error": f"the function did not answer: {error}"}, 503)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it, and the function never sees half a body


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in headers if name.lower() not in _HOP_BY_HOP]
