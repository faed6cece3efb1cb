"""What the control plane returns, as types: those of its client, and of the server where both use the same.

`read` makes them from the control plane's JSON, which `truth.py` writes. Instants are aware and UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Final, Self

Json = Mapping[str, Any]


class _Fact:
    """A type whose fields have the same names in the control plane's JSON, in camel case."""

    __slots__ = ()

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read the control plane's JSON."""
        return cls(**{name: read(data[wire]) for name, wire, read in _names(cls)})  # type: ignore[arg-type]  # a class is hashable


@cache
def _names(fact: type[Any]) -> tuple[tuple[str, str, Callable[[Any], Any]], ...]:
    """Each field's name, its name in JSON, and the function that reads its value."""
    return tuple((field.name, _camel(field.name), _READERS.get(str(field.type), _same)) for field in fields(fact))


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(word.capitalize() for word in more)


def _same(value: Any) -> Any:
    return value


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {"datetime": datetime.fromisoformat, "tuple[str, ...]": tuple}


@dataclass(frozen=True, slots=True)
class Delivery(_Fact):
    """One HTTP attempt to deliver a webhook, or to make a schedule's call.

    Attributes:
        at: virtual time.
        kind: the event's type, such as `onConversationStateUpdated`, or `schedule NAME`.
        status: the status of the receiver's answer; None without an answer, and `error` is then the reason.
        duration_ms: how long the answer took, in real time.
        conversation: the SID of the conversation that the event is about, if any.
    """

    sequence: int
    at: datetime
    kind: str
    url: str
    status: int | None
    duration_ms: float
    conversation: str | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedRequest(_Fact):
    """One REST request.

    `at` is virtual, `received` the real time in seconds since the epoch; `ignored` names the parameters that the
    operation did not read; `body` is the beginning of what was sent.
    """

    sequence: int
    at: datetime
    received: float
    duration_ms: float
    connection: str
    method: str
    path: str
    status: int | None
    fault: str | None
    ignored: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class AccountFacts(_Fact):
    """An account's credentials, and the SIDs of its default objects."""

    account_sid: str
    auth_token: str
    api_key_sid: str
    api_key_secret: str
    service_sid: str
    workspace_sid: str
    workflow_sid: str
    flex_instance_sid: str


@dataclass(frozen=True, slots=True)
class Counts(_Fact):
    """How many of each there are; `by_state` counts the conversations."""

    conversations: int
    by_state: Mapping[str, int]
    tasks: int
    requests: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class ChatSids(_Fact):
    """The SIDs of a chat; None where there is none. `task` is the newest."""

    conversation: str
    task: str | None
    interaction: str | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a conversation.

    Attributes:
        index: its number within the conversation.
        speaker: `customer` or `agent`, also after they have left; `bot` for an author over REST who is not a
            participant.
        participant: the SID of that participant; None for `bot`.
    """

    sid: str
    index: int
    author: str
    speaker: str
    participant: str | None
    text: str
    attributes: Json
    at: datetime

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read the control plane's JSON."""
        return cls(
            data["sid"],
            data["index"],
            data["author"],
            data["kind"] or "bot",
            data["participant"],
            data["body"] or "",
            data["attributes"],
            datetime.fromisoformat(data["at"]),
        )


@dataclass(frozen=True, slots=True)
class Person(_Fact):
    """A participant of a conversation; `kind` is `customer` or `agent`, whatever their identity is."""

    sid: str
    kind: str
    identity: str | None
    address: str | None
    role_sid: str | None


@dataclass(frozen=True, slots=True)
class TaskTruth(_Fact):
    """A task. `purged` means that Twilio has deleted it; `queue` and `worker` are names."""

    sid: str
    status: str
    reason: str | None
    revision: int
    purged: bool
    queue: str | None
    worker: str | None
    created_at: datetime
    updated_at: datetime
    attributes: Json


@dataclass(frozen=True, slots=True)
class ChannelTruth:
    """An interaction channel; its participants by SID, with their types."""

    sid: str
    status: str
    participants: Mapping[str, str]

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read the control plane's JSON."""
        return cls(data["sid"], data["status"], {each["sid"]: each["type"] for each in data["participants"]})


@dataclass(frozen=True, slots=True)
class StateChange:
    """A change of a conversation's state; `reason` is TIMER, EVENT, API, or FLEX."""

    at: datetime
    state_from: str
    state_to: str
    reason: str

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read the control plane's JSON."""
        return cls(datetime.fromisoformat(data["at"]), data["from"], data["to"], data["reason"])


@dataclass(frozen=True, slots=True)
class ChatTruth:
    """The true state of one chat, whatever Twilio's API shows; all lists are oldest first.

    Attributes:
        state: `active`, `inactive` or `closed`.
        inactive_at: when its inactive timer fires, if one runs; `closed_at` likewise.
        participants: who is in it now.
        interaction_channel: None for a chat without an interaction.
        deliveries: of webhooks about it.
    """

    sids: ChatSids
    channel_type: str
    service: str
    state: str
    attributes: Json
    created_at: datetime
    inactive_at: datetime | None
    closed_at: datetime | None
    messages: tuple[Said, ...]
    participants: tuple[Person, ...]
    tasks: tuple[TaskTruth, ...]
    interaction_channel: ChannelTruth | None
    history: tuple[StateChange, ...]
    deliveries: tuple[Delivery, ...]

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self.state == "closed"

    @property
    def task_statuses(self) -> list[str]:
        """The status of each task."""
        return [task.status for task in self.tasks]

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read the control plane's JSON."""
        timers, channel = data["timers"], data["interactionChannel"]
        return cls(
            sids=ChatSids.read(data),
            channel_type=data["channelType"],
            service=data["service"],
            state=data["state"],
            attributes=data["attributes"],
            created_at=datetime.fromisoformat(data["createdAt"]),
            inactive_at=_maybe(timers["inactive"]),
            closed_at=_maybe(timers["closed"]),
            messages=tuple([Said.read(each) for each in data["messages"]]),
            participants=tuple([Person.read(each) for each in data["participants"]]),
            tasks=tuple([TaskTruth.read(each) for each in data["tasks"]]),
            interaction_channel=None if channel is None else ChannelTruth.read(channel),
            history=tuple([StateChange.read(each) for each in data["history"]]),
            deliveries=tuple([Delivery.read(each) for each in data["deliveries"]]),
        )
