"""A simulator for these tests, a client for each API, and a receiver that records webhooks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pytest_httpserver import HTTPServer
from twilio.rest import Client
from werkzeug import Request, Response

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
        """Return a parameter, if it was sent."""
        return self.params.get(name, [None])[0]


@dataclass
class Receiver:
    """A web server that records webhooks, and answers them as a test wants."""

    url: str = ""
    status: int = 204
    delay: float = 0.0
    body: str = ""
    before_answer: Callable[[], object] | None = None
    got: list[Received] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        """Record a request and answer it."""
        raw = request.query_string.decode() if request.method == "GET" else request.get_data(as_text=True)
        params = parse_qs(raw, keep_blank_values=True)
        self.got.append(Received(request.method, request.environ["RAW_URI"], dict(request.headers), params))
        if self.before_answer is not None:
            self.before_answer()
        time.sleep(self.delay)
        return Response(self.body, self.status)

    def events(self) -> list[str | None]:
        """The event types in order of arrival."""
        return [one.value("EventType") for one in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks on a free port."""
    receiver = Receiver()
    with HTTPServer("127.0.0.1", threaded=True) as server:
        server.expect_request(re.compile("/")).respond_with_handler(receiver.answer)
        receiver.url = server.url_for("/conversations")
        yield receiver


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSimulator]:
    """One server for the whole session; `simulator` resets it for each test."""
    with RunningSimulator() as simulator:
        yield simulator


@dataclass
class World:
    """An account after a reset, with clients for everything."""

    simulator: RunningSimulator
    twilio: Any
    http: requests.Session
    service_sid: str
    workspace_sid: str

    def control(self, method: str, path: str, json: object = None) -> Any:
        """Call the control plane."""
        return self.simulator.control(method, path, json)

    def advance(self, by: str, *, before: bool = False) -> list[dict[str, Any]]:
        """Move the clock, and return what was delivered."""
        deliveries: list[dict[str, Any]] = self.control("POST", "clock", {"advance": by, "before": before})[
            "deliveries"
        ]
        return deliveries

    def chat(self, **what: object) -> dict[str, str]:
        """Start a chat."""
        sids: dict[str, str] = self.control("POST", "chats", what)
        return sids

    def say(self, chat: dict[str, str], speaker: str, body: str = "hello") -> dict[str, Any]:
        """Write a message."""
        said: dict[str, Any] = self.control(
            "POST", f"chats/{chat['conversation']}/messages", {"from": speaker, "body": body}
        )
        return said

    def do(self, chat: dict[str, str], action: str) -> dict[str, Any]:
        """Do an action of Flex."""
        sids: dict[str, Any] = self.control("POST", f"chats/{chat['conversation']}/actions", {"do": action})
        return sids

    def truth(self, chat: dict[str, str]) -> dict[str, Any]:
        """Return the true state."""
        truth: dict[str, Any] = self.control("GET", f"chats/{chat['conversation']}")
        return truth

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
    """Check every answer in these tests against the OpenAPI documents; errors have Twilio's body."""
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
    """Reset the simulator and connect the clients."""
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
    """An account after a reset, in the default dialect."""
    return connect(running)
