"""Serves the page: one HTML file, one style sheet, one JavaScript module, and the stream of what is new.

Nothing comes from another origin, and the browser is told so. Texts of chats are never markup: with Trusted Types the
browser refuses every assignment that would make them one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route

from simulator.page.feed import events
from simulator.simulation import Simulation

ASSETS: Final = Path(__file__).parent / "assets"
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The page's Content-Security-Policy (https://www.w3.org/TR/CSP3/)."""

_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Page:
    """The page over one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def assets(self) -> BaseRoute:
        """The route of style sheet, module and icon."""
        return Mount("/page", routes=[Route("/{name}", self.asset)])

    async def index(self, _request: Request) -> Response:
        """The page itself."""
        return _file("page.html")

    async def asset(self, request: Request) -> Response:
        """One of its files."""
        name: str = request.path_params["name"]
        if name not in {path.name for path in ASSETS.iterdir()}:
            raise LookupError(f"the page has no file {name}")
        return _file(name)

    async def events(self, _request: Request) -> Response:
        """What is new, as it happens."""
        return StreamingResponse(events(self._simulation), media_type="text/event-stream", headers=_HEADERS)


def _file(name: str) -> Response:
    path = ASSETS / name
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers=_HEADERS)
