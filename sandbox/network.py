"""The calls between the function and the simulator without sockets; each can be delayed, broken or observed.

A session of `requests` gets this adapter, so the function's own transport, retries and deadlines are the real ones.
Seconds pass on a clock of our own, so a timeout takes no time.
"""

from __future__ import annotations

import enum
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import IncompleteRead, NewConnectionError, ProtocolError

if TYPE_CHECKING:
    from simulator.app import App

ADDRESS = "http://twilio.simulator"
"""What the function takes for Twilio's address."""

ROUND_TRIP = 0.02
"""Seconds that pass with every call."""

_SID = re.compile(r"\b(?!Services)[A-Z]{2}[0-9a-f]{32}\b")


class Wall:
    """Replaces the module `time` for the function. It moves only during a sleep."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def monotonic(self) -> float:
        """Return the seconds since an arbitrary time."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let the seconds pass."""
        self.seconds += max(0.0, seconds)


SHORTEST_WAIT = 1e-6
"""Seconds. A shorter wait could be lost in the rounding of the clock, and the moment waited for would never come."""


@dataclass(frozen=True)
class Shared:
    """The same clock for several that wait at the same time; here each waits its share, one after the other."""

    wall: Wall
    among: int

    def monotonic(self) -> float:
        """Return the seconds since an arbitrary time."""
        return self.wall.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let a share of the seconds pass."""
        self.wall.sleep(max(seconds / self.among, SHORTEST_WAIT))


class Fault(enum.Enum):
    """What can go wrong with one call, before its change is applied or after it."""

    REFUSED = "connection refused"
    TIMEOUT_BEFORE = "timeout before"
    TIMEOUT_AFTER = "timeout after"
    RESET_BEFORE = "reset before"
    RESET_AFTER = "reset after"
    TOO_MANY = "429"
    ERROR = "500"
    UNAVAILABLE = "503"
    MISSING = "404"
    GARBLED = "garbled"
    CUT = "cut off"

    @property
    def status(self) -> int | None:
        """The HTTP status of a fault that answers instead of Twilio without applying anything; None for others."""
        return {Fault.TOO_MANY: 429, Fault.ERROR: 500, Fault.UNAVAILABLE: 503, Fault.MISSING: 404}.get(self)

    @property
    def applied(self) -> bool:
        """Whether Twilio applied the request."""
        return self in {Fault.TIMEOUT_AFTER, Fault.RESET_AFTER, Fault.GARBLED, Fault.CUT}


@dataclass(frozen=True)
class Call:
    """One request; `number` counts those of its wire from 0."""

    number: int
    method: str
    path: str
    body: str

    @property
    def name(self) -> str:
        """The name without SIDs: `POST Conversations/CH/Messages`."""
        path = _SID.sub(lambda sid: sid[0][:2], self.path.partition("?")[0])
        return f"{self.method} {path.partition('/v1/')[2]}" + (" (search)" if "EvaluateTask" in self.path else "")


class KilledError(BaseException):
    """The process died here. No handler of the function catches this, because it is no `Exception`."""


@dataclass
class Hooks:
    """What happens around the calls of one wire.

    Attributes:
    trouble: the fault of a call.
    before: called before Twilio receives a call.
    after: called before the function receives the answer, with its status (None without one).
    rewrite: changes the body of an answer.
    """

    trouble: Callable[[Call], Fault | None] = lambda _call: None
    before: Callable[[Call], None] = lambda _call: None
    after: Callable[[Call, int | None], None] = lambda _call, _status: None
    rewrite: Callable[[bytes], bytes] = lambda body: body


@dataclass
class Wire(BaseAdapter):
    """One process's calls to Twilio.

    Attributes:
    calls: the calls so far, in order.
    """

    app: App
    wall: Wall
    hooks: Hooks = field(default_factory=Hooks)
    round_trip: float = ROUND_TRIP
    calls: list[Call] = field(default_factory=list)
    dead: bool = False

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """Carry one request.

        Raises:
        KilledError: the process is dead.
        requests.RequestException: the connection fails.
        """
        if self.dead:
            raise KilledError
        parts = urlsplit(request.url or "")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        body = request.body or b""
        call = Call(len(self.calls), request.method or "", path, body if isinstance(body, str) else body.decode())
        self.calls.append(call)
        self.hooks.before(call)
        fault = self.hooks.trouble(call)
        self.wall.sleep(self.round_trip)
        if fault is None:
            response = self._ask(request, call)
            self.hooks.after(call, response.status_code)
            return response
        return self._break(fault, request, call, options["timeout"])

    def _break(self, fault: Fault, request: requests.PreparedRequest, call: Call, timeout: Any) -> requests.Response:
        response = self._ask(request, call) if fault.applied else None
        self.hooks.after(call, fault.status)
        if fault.status is not None:
            body = b'{"code": %d, "message": "Simulated fault"}' % (20000 + fault.status)
            return _response(request, fault.status, {"Content-Type": "application/json"}, body)
        match fault:
            case Fault.REFUSED:
                refused: Any = NewConnectionError(None, "refused")  # type: ignore[arg-type]
                raise requests.ConnectionError(refused, request=request)
            case Fault.TIMEOUT_BEFORE | Fault.TIMEOUT_AFTER:
                self.wall.sleep(timeout.read_timeout)
                raise requests.ReadTimeout(request=request)
            case Fault.RESET_BEFORE | Fault.RESET_AFTER:
                raise requests.ConnectionError(ProtocolError("Connection aborted."), request=request)
        if response is None:
            raise AssertionError("garbled and cut off answers are answers")
        if fault is Fault.CUT and len(response.content) > 1:
            half = len(response.content) // 2
            raise requests.exceptions.ChunkedEncodingError(IncompleteRead(half, half), request=request)
        spoiled = b"<html>Bad gateway</html>" + response.content[len(response.content) // 2 :]
        return _response(request, response.status_code, dict(response.headers), spoiled)

    def _ask(self, request: requests.PreparedRequest, call: Call) -> requests.Response:
        status, headers, body = ask(self.app, call, request.headers)
        return _response(request, status, headers, self.hooks.rewrite(body))

    def close(self) -> None:
        """Do nothing; no connection is open."""


def ask(app: App, call: Call, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
    """Send one request to the simulator's application in this thread; it never waits, so no event loop is needed."""
    path, _, query = call.path.partition("?")
    raw = [(name.lower().encode(), str(value).encode("latin-1")) for name, value in headers.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "method": call.method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"host", ADDRESS.partition("//")[2].encode()), *raw],
        "scheme": "http",
        "client": ("wire", 0),
    }
    answer: dict[str, Any] = {"body": b""}

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": call.body.encode(), "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.update(status=message["status"], headers=message["headers"])
        else:
            answer["body"] += message.get("body", b"")

    handled = app(scope, receive, send)
    try:
        handled.send(None)
    except StopIteration:
        headers_by_name = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer["headers"]}
        return answer["status"], headers_by_name, answer["body"]
    raise RuntimeError("the simulator wants to wait; in process it cannot")


def _response(
    request: requests.PreparedRequest, status: int, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers = CaseInsensitiveDict(headers)
    response.request = request
    response.url = request.url or ""
    response.raw = io.BytesIO(body)
    return response
