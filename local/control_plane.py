"""A client of the simulator's control plane: speak, act, wait, and ask for the truth.

Decides nothing; turns the control plane's JSON into facts. One pooled connection, because a replay makes tens of
thousands of calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import urllib3

from function.contract import format_duration

MARKER = "inactivityTimeout"
"""The attribute by which a message says that it is a warning or a closing notice (docs: architecture)."""

CALL_TIMEOUT_S = 600
"""A day's advance waits for every delivery, so this is long; it only ends a call that hangs."""


class ControlPlaneError(RuntimeError):
    """The simulator refused a call or could not be reached."""


@dataclass(frozen=True)
class Delivery:
    """One webhook that the clock set off.

    Attributes:
        at: Twilio's time of the event.
        kind: the event's type, such as `onConversationStateUpdated`.
        status: the receiver's answer; None when there was none.
        duration: how long the answer took, in real time.
        conversation: whose event it was; empty when it belongs to none.
    """

    at: datetime
    kind: str
    status: int | None
    duration: timedelta
    conversation: str


@dataclass(frozen=True)
class Said:
    """A message of a conversation.

    Attributes:
        index: Twilio's number of it within the conversation.
        speaker: `customer`, `agent`, `bot`, or `us`.
        text: what it says.
        kind: `warning` or `closing` for ours; empty for others.
        at: when.
    """

    index: int
    speaker: str
    text: str
    kind: str
    at: datetime


@dataclass(frozen=True)
class ChatTruth:
    """One chat as the simulator knows it, whatever anybody's log says.

    Attributes:
        conversation: its `CH` SID.
        state: `active`, `inactive` or `closed`.
        messages: all of them, oldest first.
        task_statuses: of its tasks, oldest first.
    """

    conversation: str
    state: str
    messages: tuple[Said, ...]
    task_statuses: tuple[str, ...]

    @property
    def closed(self) -> bool:
        """Over for good."""
        return self.state == "closed"


class ControlPlane:
    """The calls of `/_simulator/`. Not for use by several threads at once."""

    def __init__(self, simulator_url: str) -> None:
        self.url = f"{simulator_url.rstrip('/')}/_simulator"
        # A third less time a call than with requests; a pool of its own also asks no proxy for loopback.
        self._pool = urllib3.connection_from_url(simulator_url, maxsize=1, retries=False, timeout=CALL_TIMEOUT_S)

    def reset(self, now: datetime | None = None) -> None:
        """Start over with the default account, at `now` when given."""
        self._call("POST", "reset", {"now": _spell(now)} if now else {})

    def account(self) -> Mapping[str, str]:
        """The SIDs of the default account's objects."""
        account: Mapping[str, str] = self._call("GET", "state")["account"]
        return account

    def now(self) -> datetime:
        """The virtual time."""
        return _time(self._call("GET", "clock")["now"])

    def advance(self, by: timedelta, *, before: bool = False) -> list[Delivery]:
        """Move the clock, firing what is due in order; `before` leaves out what is due at the very end."""
        answer = self._call("POST", "clock", {"advance": format_duration(by), "before": before})
        return [_delivery(delivery) for delivery in answer["deliveries"]]

    def create_chat(self, **what: object) -> str:
        """A Flex chat at the stage named, no message yet; its conversation's SID."""
        chat = self._call("POST", "chats", {key: value for key, value in what.items() if value is not None})
        return str(chat["conversation"])

    def say(self, conversation: str, speaker: str, text: str) -> list[Delivery]:
        """`customer`, `agent` or `bot` writes a message, and what that set off, such as a re-activation."""
        answer = self._call("POST", f"chats/{conversation}/messages", {"from": speaker, "body": text})
        return [_delivery(delivery) for delivery in answer["deliveries"]]

    def do(self, conversation: str, action: str) -> None:
        """Something happens in Flex, such as `accept`."""
        self._call("POST", f"chats/{conversation}/actions", {"do": action})

    def disturb(self, **how: object) -> None:
        """Let webhooks be lost (`drop`), doubled, late or out of order from now on; nothing for as they should be."""
        self._call("POST", "delivery", how)

    def chat(self, conversation: str) -> ChatTruth:
        """The truth about one chat."""
        return _truth(self._call("GET", f"chats/{conversation}"))

    def close(self) -> None:
        """Give the connection back."""
        self._pool.close()

    def _call(self, method: str, path: str, body: object = None) -> Any:
        try:
            answer = self._pool.request(method, f"/_simulator/{path}", json=body)
        except urllib3.exceptions.HTTPError as error:
            raise ControlPlaneError(f"the simulator at {self.url} does not answer {method} {path}: {error}") from error
        if answer.status >= 400:
            raise ControlPlaneError(f"{method} {path} {body or ''}: {answer.status} {answer.data[:500]!r}")
        return answer.json() if answer.data else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _spell(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _delivery(data: Mapping[str, Any]) -> Delivery:
    return Delivery(
        at=_time(data["at"]),
        kind=data["kind"],
        status=data["status"],
        duration=timedelta(milliseconds=data["durationMs"]),
        conversation=data["conversation"] or "",
    )


def _truth(data: Mapping[str, Any]) -> ChatTruth:
    return ChatTruth(
        conversation=data["conversation"],
        state=data["state"],
        messages=tuple(_said(message) for message in data["messages"]),
        task_statuses=tuple(task["status"] for task in data["tasks"]),
    )


def _said(data: Mapping[str, Any]) -> Said:
    marker = data["attributes"].get(MARKER)
    return Said(
        index=data["index"],
        speaker="us" if marker else data["kind"] or "bot",
        text=data["body"] or "",
        kind=marker["kind"] if marker else "",
        at=_time(data["at"]),
    )
