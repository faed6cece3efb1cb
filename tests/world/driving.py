"""Words for tests: chats that happen in the simulator, events that Twilio would send, and what came of them."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from twilio.request_validator import RequestValidator

from simulator.running import RunningSimulator


@dataclass(frozen=True)
class Reply:
    """What the function answered."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def post(
    url: str,
    body: bytes,
    *,
    signature: str | None = None,
    method: str = "POST",
    headers: Mapping[str, str] = {},
    timeout: float = 20,
) -> Reply:
    """Send bytes to a function."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    signed = {"X-Twilio-Signature": signature} if signature is not None else {}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request(method, parts.path, body, {**form, **signed, **headers})
        response = connection.getresponse()
        answered = response.read()
        return Reply(response.status, dict(response.headers), answered)
    finally:
        connection.close()


class Twilio:
    """The simulator, its clock, and the account as a tool would set it up."""

    def __init__(self, simulator: RunningSimulator) -> None:
        self.simulator = simulator
        account = simulator.control("GET", "state")["account"]
        self.account_sid: str = account["accountSid"]
        self.service_sid: str = account["serviceSid"]
        self.workspace_sid: str = account["workspaceSid"]

    def rest(self, method: str, path: str, **data: object) -> Any:
        """Call the REST API as somebody else."""
        auth = (self.simulator.account_sid, self.simulator.auth_token)
        response = requests.request(method, f"{self.simulator.url}/{path}", auth=auth, data=data, timeout=10)
        response.raise_for_status()
        return response.json() if response.content else None

    def configure(self, webhook: str, inactive: str) -> None:
        """What `pulumi up` does to the account."""
        self.rest(
            "POST",
            f"conversations/v1/Services/{self.service_sid}/Configuration/Webhooks",
            PostWebhookUrl=webhook,
            Method="POST",
            Filters="onConversationStateUpdated",
        )
        self.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer=inactive)

    def listen(self, url: str) -> None:
        """What `pulumi up` does to the account with `timers: on-accept`."""
        self.configure(f"{url}/conversations", "PT0S")
        self.rest(
            "POST",
            f"taskrouter/v1/Workspaces/{self.workspace_sid}",
            EventCallbackUrl=f"{url}/tasks#rc=2&rp=5xx,ct,rt",
            EventsFilter="reservation.accepted",
        )

    def advance(self, duration: str, *, before: bool = False) -> list[dict[str, Any]]:
        """Let virtual time pass; what was delivered on the way."""
        deliveries: list[dict[str, Any]] = self.simulator.control(
            "POST", "clock", {"advance": duration, "before": before}
        )["deliveries"]
        return deliveries

    def fault(self, **fault: object) -> None:
        """Let something go wrong."""
        self.simulator.control("POST", "faults", fault)

    def requests(self) -> list[dict[str, Any]]:
        """What was called since the log was cleared."""
        found: list[dict[str, Any]] = self.simulator.control("GET", "requests")["requests"]
        return found

    def chat(self, stage: str = "assigned", **options: object) -> "Chat":
        """Somebody writes to us."""
        return Chat(self, self.simulator.control("POST", "chats", {"channel": "web", "stage": stage, **options}))

    def answered(self, stage: str = "assigned", **options: object) -> "Chat":
        """A chat in which it is the customer's turn: the agent, or the bot that has it, wrote last."""
        chat = self.chat(stage, **options)
        chat.says("customer", "hello")
        chat.says("bot" if stage == "bot" else "agent", "how can I help?")
        return chat

    def event(self, chat: "Chat", **overrides: str | None) -> dict[str, str]:
        """The event of a timer that made this chat inactive; None leaves a parameter out."""
        event: dict[str, str | None] = {
            "EventType": "onConversationStateUpdated",
            "AccountSid": self.account_sid,
            "Source": "API",
            "ChatServiceSid": self.service_sid,
            "ConversationSid": chat.conversation,
            "StateUpdated": "2026-01-05T09:10:00.000Z",
            "StateFrom": "active",
            "StateTo": "inactive",
            "Reason": "TIMER",
            **overrides,
        }
        return {name: value for name, value in event.items() if value is not None}

    def accepted(self, chat: "Chat", **overrides: str | None) -> dict[str, str]:
        """The event of an agent who accepted this chat's first task; None leaves a parameter out."""
        attributes = {"conversationSid": chat.conversation, "channelType": "web"}
        event: dict[str, str | None] = {
            "EventType": "reservation.accepted",
            "AccountSid": self.account_sid,
            "WorkspaceSid": self.workspace_sid,
            "TaskSid": chat.task,
            "TaskAttributes": json.dumps(attributes),
            "WorkerName": "agent",
            **overrides,
        }
        return {name: value for name, value in event.items() if value is not None}

    def send(
        self,
        url: str,
        event: Mapping[str, str],
        *,
        token: str | None = None,
        signed_url: str | None = None,
        route: str = "conversations",
    ) -> Reply:
        """Send an event to a function, signed with the account's token unless told otherwise."""
        validator = RequestValidator(token or self.simulator.auth_token)
        signature = validator.compute_signature(signed_url or f"{url}/{route}", event)
        return post(f"{url}/{route}", urlencode(event).encode(), signature=signature)


class Chat:
    """One chat, from the inside."""

    def __init__(self, twilio: Twilio, sids: Mapping[str, str]) -> None:
        self._twilio = twilio
        self.conversation = sids["conversation"]
        self.task = sids["task"]

    def says(self, who: str, text: str = "...") -> None:
        """Somebody writes."""
        self._control("POST", "/messages", {"from": who, "body": text})

    def does(self, action: str) -> None:
        """Somebody acts."""
        self._control("POST", "/actions", {"do": action})

    @property
    def path(self) -> str:
        """Of the conversation in the REST API."""
        return f"conversations/v1/Services/{self._twilio.service_sid}/Conversations/{self.conversation}"

    @property
    def truth(self) -> dict[str, Any]:
        """Everything about it."""
        found: dict[str, Any] = self._control("GET", "")
        return found

    @property
    def state(self) -> str:
        """The conversation's."""
        return str(self.truth["state"])

    @property
    def task_statuses(self) -> list[str]:
        """Of its tasks, in order."""
        return [task["status"] for task in self.truth["tasks"]]

    @property
    def ours(self) -> list[str]:
        """Kinds of the messages that we posted."""
        markers = (message["attributes"].get("inactivityTimeout") for message in self.truth["messages"])
        return [marker["kind"] for marker in markers if marker]

    def _control(self, method: str, path: str, body: object = None) -> Any:
        return self._twilio.simulator.control(method, f"chats/{self.conversation}{path}", body)


def eventually(condition: Any, seconds: float = 10.0) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)
