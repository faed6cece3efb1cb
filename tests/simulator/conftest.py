"""A simulator for these tests, one client for each way in, and a receiver that keeps what webhooks tell it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from twilio.rest import Client

from simulator.running import RunningSimulator

from .contract.documents import operation_at, violations


@dataclass
class Received:
    """One request that the receiver got."""

    method: str
    path: str
    headers: dict[str, str]
    params: dict[str, list[str]]

    def value(self, name: str) -> str | None:
        """A parameter, if it was sent."""
        return self.params.get(name, [None])[0]


@dataclass
class Receiver:
    """A web server that answers webhooks as it is told and remembers them."""

    url: str = ""
    status: int = 204
    delay: float = 0.0
    body: str = ""
    before_answer: Callable[[], object] | None = None
    got: list[Received] = field(default_factory=list)

    def events(self) -> list[str | None]:
        """The event types in order of arrival."""
        return [one.value("EventType") for one in self.got]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._keep(raw)

    def do_GET(self) -> None:
        self._keep(self.path.partition("?")[2])

    def _keep(self, raw: str) -> None:
        params = parse_qs(raw, keep_blank_values=True)
        self.receiver.got.append(Received(self.command, self.path, dict(self.headers), params))
        if self.receiver.before_answer is not None:
            self.receiver.before_answer()
        if self.receiver.delay:
            threading.Event().wait(self.receiver.delay)
        try:
            self.send_response(self.receiver.status)
            body = self.receiver.body.encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Stay quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks on a free port."""
    kept = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": kept}))
    kept.url = f"http://127.0.0.1:{server.server_port}/conversations"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSimulator]:
    """One server for the whole session; `simulator` resets it for each test."""
    with RunningSimulator() as simulator:
        yield simulator


@dataclass
class World:
    """A fresh account with everything at hand."""

    simulator: RunningSimulator
    twilio: Any
    http: requests.Session
    service_sid: str
    workspace_sid: str

    def control(self, method: str, path: str, json: object = None) -> Any:
        """Call the control plane."""
        return self.simulator.control(method, path, json)

    def advance(self, by: str, *, before: bool = False) -> list[dict[str, Any]]:
        """Move the clock; what was delivered."""
        deliveries: list[dict[str, Any]] = self.control("POST", "clock", {"advance": by, "before": before})[
            "deliveries"
        ]
        return deliveries

    def chat(self, **what: object) -> dict[str, str]:
        """Start a chat."""
        sids: dict[str, str] = self.control("POST", "chats", what)
        return sids

    def say(self, chat: dict[str, str], speaker: str, body: str = "hello") -> dict[str, Any]:
        """Let somebody speak."""
        said: dict[str, Any] = self.control(
            "POST", f"chats/{chat['conversation']}/messages", {"from": speaker, "body": body}
        )
        return said

    def do(self, chat: dict[str, str], action: str) -> dict[str, Any]:
        """Let somebody act."""
        sids: dict[str, Any] = self.control("POST", f"chats/{chat['conversation']}/actions", {"do": action})
        return sids

    def truth(self, chat: dict[str, str]) -> dict[str, Any]:
        """What really is."""
        told: dict[str, Any] = self.control("GET", f"chats/{chat['conversation']}")
        return told

    def conversation(self, chat: dict[str, str]) -> Any:
        """The SDK's context of a chat's conversation."""
        return self.twilio.conversations.v1.services(self.service_sid).conversations(chat["conversation"])

    @property
    def conversations(self) -> Any:
        """The SDK's conversations of the default service."""
        return self.twilio.conversations.v1.services(self.service_sid).conversations

    @property
    def tasks(self) -> Any:
        """The SDK's tasks of the default workspace."""
        return self.twilio.taskrouter.v1.workspaces(self.workspace_sid).tasks

    def call(self, method: str, path: str, form: dict[str, str] | None = None, **more: Any) -> requests.Response:
        """A raw REST call, e.g. `call("GET", "conversations/v1/Services")`."""
        return self.http.request(method, f"{self.simulator.url}/{path}", data=form, timeout=10, **more)

    def unchecked(self, method: str, path: str, form: dict[str, str] | None = None, **more: Any) -> requests.Response:
        """A raw REST call whose answer need not be as Twilio documents it."""
        auth = (self.simulator.account_sid, self.simulator.auth_token)
        url = path if path.startswith("http") else f"{self.simulator.url}/{path}"
        with requests.Session() as http:
            http.trust_env = False
            return http.request(method, url, data=form, timeout=10, auth=auth, **more)

    def listen(self, url: str, *filters: str) -> None:
        """Point the service's webhook at a receiver."""
        self.twilio.conversations.v1.services(self.service_sid).configuration.webhooks().update(
            post_webhook_url=url, filters=list(filters), method="POST"
        )

    def default_timers(self, **timers: str) -> None:
        """Set the account's default timers: `inactive="PT10M"`, `closed="PT1H"`."""
        self.twilio.conversations.v1.configuration().update(
            **{f"default_{name}_timer": length for name, length in timers.items()}
        )


def check_answer(response: requests.Response, **_: object) -> None:
    """Hold every answer that any test here gets against the OpenAPI documents; errors have Twilio's own body."""
    method, path = response.request.method or "", urlsplit(response.url).path
    operation = operation_at(method, path)
    try:
        body = response.json() if response.content else None
    except ValueError:
        return  # garbled by a fault
    if response.status_code >= 400:
        assert set(body or {"code", "message", "more_info", "status"}) == {"code", "message", "more_info", "status"}
    elif operation is not None:
        assert list(violations(operation, response.status_code, body)) == [], f"{method} {path}"


def connect(simulator: RunningSimulator, **reset: object) -> World:
    """Start over and connect the clients."""
    account = simulator.control("POST", "reset", reset)["account"]
    twilio = Client(simulator.account_sid, simulator.auth_token)
    twilio.conversations.base_url = f"{simulator.url}/conversations"
    twilio.chat.base_url = f"{simulator.url}/chat"
    twilio.taskrouter.base_url = f"{simulator.url}/taskrouter"
    twilio.flex_api.base_url = f"{simulator.url}/flex-api"
    http = requests.Session()
    http.trust_env = False
    http.auth = (simulator.account_sid, simulator.auth_token)
    for session in (http, twilio.http_client.session):
        session.hooks["response"].append(check_answer)
    return World(simulator, twilio, http, account["serviceSid"], account["workspaceSid"])


@pytest.fixture
def world(running: RunningSimulator) -> World:
    """A fresh account in the default dialect."""
    return connect(running)
