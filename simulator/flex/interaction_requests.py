"""Reads the `Channel` of a new interaction: its type, its initiator, its participants, its conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.conversations.contents import Binding
from simulator.flex.routing import parse_object
from simulator.shared.errors import invalid_parameter, missing_parameter

TYPES: Final = frozenset({"voice", "sms", "email", "web", "whatsapp", "chat", "messenger", "gbm"})
INITIATORS: Final = frozenset({"customer", "agent", "api"})
WITH_IDENTITY: Final = frozenset({"web", "chat"})
PARTICIPANT_TYPES: Final = frozenset({"supervisor", "customer", "external", "agent", "unknown"})


@dataclass(frozen=True, slots=True)
class Person:
    """A participant, by an identity, or by an address and a proxy address."""

    identity: str | None
    binding: Binding | None
    name: str | None
    type: str = "customer"

    @property
    def address(self) -> str:
        """Their identity or address."""
        address = self.identity if self.binding is None else self.binding.address
        return address or ""


@dataclass(frozen=True, slots=True)
class ChannelRequest:
    """The content of `Channel`."""

    type: str
    initiated_by: str
    people: tuple[Person, ...]
    conversation_sid: str | None


def parse_channel(text: str | None) -> ChannelRequest:
    """Read `Channel`.

    Raises:
        TwilioError: 20001 for what is missing, not JSON or not of its type.
    """
    if not text:
        raise missing_parameter("Channel")
    value = parse_object("Channel", text)
    kind, initiated_by = value.get("type"), value.get("initiated_by", "customer")
    if not isinstance(kind, str) or kind not in TYPES:
        raise invalid_parameter(f"Invalid Channel value given: type is one of {', '.join(sorted(TYPES))}")
    if not isinstance(initiated_by, str) or initiated_by not in INITIATORS:
        raise invalid_parameter(f"Invalid Channel value given: initiated_by is one of {', '.join(sorted(INITIATORS))}")
    people = value.get("participants") or []
    properties = value.get("properties") or {}
    if not isinstance(people, list) or not isinstance(properties, dict):
        raise invalid_parameter("Invalid Channel value given: participants is a list, properties an object")
    conversation_sid = properties.get("media_channel_sid")
    if conversation_sid is not None and not isinstance(conversation_sid, str):
        raise invalid_parameter("Invalid Channel value given: media_channel_sid is a string")
    if conversation_sid is None and not people:
        raise invalid_parameter("Invalid Channel value given: it has neither participants nor a media_channel_sid")
    return ChannelRequest(kind, initiated_by, tuple(person(each, kind) for each in people), conversation_sid)


def parse_participant(participant_type: str | None, media_properties: str | None, channel_type: str) -> Person:
    """Read `Type` and `MediaProperties` of a new participant.

    Raises:
        TwilioError: 20001 for what is missing, not JSON or not of its type.
    """
    for name, text in (("Type", participant_type), ("MediaProperties", media_properties)):
        if not text:
            raise missing_parameter(name)
    if participant_type not in PARTICIPANT_TYPES:
        raise invalid_parameter(f"Invalid Type value given: {participant_type}")
    return person({**parse_object("MediaProperties", media_properties or ""), "type": participant_type}, channel_type)


def person(value: object, channel_type: str) -> Person:
    """Read a participant.

    Raises:
        TwilioError: 20001 without an identity or an address of this channel.
    """
    if not isinstance(value, dict):
        raise invalid_parameter("Invalid participant: it is not an object")
    identity, address, proxy, name = (_text(value, each) for each in ("identity", "address", "proxy_address", "name"))
    kind = _text(value, "type") or "customer"
    kind = kind if kind in PARTICIPANT_TYPES else "customer"
    if identity is None and address is None:
        raise invalid_parameter("Invalid participant: it has neither identity nor address")
    if channel_type in WITH_IDENTITY or address is None:
        return Person(identity or str(address), None, name, kind)
    return Person(None, Binding(channel_type, address, proxy), name, kind)


def _text(value: dict[str, object], name: str) -> str | None:
    found = value.get(name)
    if found is None or found == "":
        return None
    if not isinstance(found, str):
        raise invalid_parameter(f"Invalid participant: {name} is a string")
    return found
