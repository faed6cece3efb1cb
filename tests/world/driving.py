"""Methods for tests: chats in the simulator, events that Twilio would send, and their results."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from laptop.ours import kind_of_ours
from sandbox.sandbox import point_at
from simulator.client import SimulatorClient
from simulator.facts import ChatSids, ChatTruth


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


class Twilio(SimulatorClient):
    """The simulator's client, with methods for our product: an account that is set up, chats, events."""

    def configure(self, webhook: str, inactive: str) -> None:
        """Set the account up as `pulumi up` does."""
        point_at(self, webhook, inactive)

    def listen(self, url: str) -> None:
        """Set the account up as `pulumi up` does with `timers: on-accept`."""
        self.configure(f"{url}/conversations", "PT0S")
        self.rest(
            "POST",
            f"taskrouter/v1/Workspaces/{self.account.workspace_sid}",
            EventCallbackUrl=f"{url}/tasks#rc=2&rp=5xx,ct,rt",
            EventsFilter="reservation.accepted",
        )

    def chat(self, stage: str = "assigned", **options: Any) -> "Chat":
        """Create a chat."""
        return Chat(self, self.create_chat(stage=stage, **options))

    def answered(self, stage: str = "assigned", **options: Any) -> "Chat":
        """Create a chat in which it is the customer's turn: the agent, or the bot that has it, wrote last."""
        chat = self.chat(stage, **options)
        chat.says("customer", "hello")
        chat.says("bot" if stage == "bot" else "agent", "how can I help?")
        return chat

    def event(self, chat: "Chat", **overrides: str | None) -> dict[str, str]:
        """Return the event of a timer that made this chat inactive; None leaves a parameter out."""
        event: dict[str, str | None] = {
            "EventType": "onConversationStateUpdated",
            "AccountSid": self.account.account_sid,
            "Source": "API",
            "ChatServiceSid": self.account.service_sid,
            "ConversationSid": chat.conversation,
            "StateUpdated": "2026-01-05T09:10:00.000Z",
            "StateFrom": "active",
            "StateTo": "inactive",
            "Reason": "TIMER",
            **overrides,
        }
        return {name: value for name, value in event.items() if value is not None}

    def accepted(self, chat: "Chat", **overrides: str | None) -> dict[str, str]:
        """Return the event of an agent who accepted this chat's first task; None leaves a parameter out."""
        attributes = {"conversationSid": chat.conversation, "channelType": "web"}
        event: dict[str, str | None] = {
            "EventType": "reservation.accepted",
            "AccountSid": self.account.account_sid,
            "WorkspaceSid": self.account.workspace_sid,
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
        """Send an event to a function, signed with the account's token by default."""
        validator = RequestValidator(token or self.account.auth_token)
        signature = validator.compute_signature(signed_url or f"{url}/{route}", event)
        return post(f"{url}/{route}", urlencode(event).encode(), signature=signature)


class Chat:
    """One chat in the simulator."""

    def __init__(self, twilio: Twilio, sids: ChatSids) -> None:
        self._twilio = twilio
        self.conversation = sids.conversation
        self.task = sids.task

    def says(self, who: str, text: str = "...", attributes: Mapping[str, object] | None = None) -> None:
        """Write a message as somebody."""
        self._twilio.say(self.conversation, who, text, attributes=attributes)

    def does(self, action: str) -> None:
        """Do an action of Flex."""
        self._twilio.do(self.conversation, action)

    @property
    def path(self) -> str:
        """The conversation's path in the REST API."""
        return f"conversations/v1/Services/{self._twilio.account.service_sid}/Conversations/{self.conversation}"

    @property
    def truth(self) -> ChatTruth:
        """Everything about the chat."""
        return self._twilio.truth(self.conversation)

    @property
    def state(self) -> str:
        """The conversation's state."""
        return self.truth.state

    @property
    def task_statuses(self) -> list[str]:
        """The statuses of its tasks, in order."""
        return self.truth.task_statuses

    @property
    def ours(self) -> list[str]:
        """The kinds of the messages that we posted."""
        return [kind for message in self.truth.messages if (kind := kind_of_ours(message))]


def eventually(condition: Any, seconds: float = 10.0) -> None:
    """Wait until a condition holds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)
