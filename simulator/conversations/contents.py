"""What a conversation holds: messages, participants and delivery receipts, and their maximum sizes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from simulator.conversations import errors
from simulator.shared.errors import invalid_parameter
from simulator.shared.json_text import parse_json

ATTRIBUTES_LIMIT = 16 * 1024
SMALL_ATTRIBUTES_LIMIT = 4 * 1024
"""Attributes of messages and participants."""
BODY_LIMIT = 32 * 1024
"""Bytes of a message's body in chat."""
CARRIER_BODY_LIMIT = 1_600
"""Characters of a message's body when a participant has SMS, WhatsApp or another carrier."""
NAME_LIMIT = 256
"""Characters of friendly names, unique names, identities and addresses."""


@dataclass(frozen=True, slots=True)
class Binding:
    """How a participant outside chat is reached; `kind` is sms, whatsapp, messenger, ..."""

    kind: str
    address: str | None
    proxy_address: str | None
    projected_address: str | None = None


def channel_of(address: str) -> str:
    """The channel of an address: its prefix, such as `whatsapp` of `whatsapp:+15550100`.

    SMS has none, an e-mail address has its @.
    """
    head, found, _ = address.partition(":")
    if found:
        return head
    return "email" if "@" in address else "sms"


@dataclass(slots=True)
class Participant:
    """A participant, with a chat identity or a messaging binding.

    `kind` is customer or agent, whatever the identity is.
    """

    sid: str
    identity: str | None
    binding: Binding | None
    role_sid: str | None
    attributes: str
    created: datetime
    updated: datetime
    kind: str | None = None
    last_read_index: int | None = None
    last_read_at: str | None = None
    notification_level: str = "default"

    @property
    def name(self) -> str | None:
        """The author of its messages."""
        return self.identity or (self.binding.address if self.binding else None)


class DeliveryStatus(StrEnum):
    """The delivery of a message to a participant outside chat."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The delivery of a message to one participant by a carrier.

    It is `delivered` at once unless the control plane changes it.

    `error_code` is the reason of a failure, 0 for none
    (https://github.com/twilio/twilio-oai, twilio_conversations_v1.json, 14 April 2026).
    """

    sid: str
    channel_message_sid: str
    participant_sid: str
    status: DeliveryStatus
    created: datetime
    updated: datetime
    error_code: int = 0


@dataclass(slots=True)
class Message:
    """One message. Without a participant it came over REST from an author who is not a participant."""

    sid: str
    index: int
    author: str
    body: str | None
    attributes: str
    participant_sid: str | None
    created: datetime
    updated: datetime
    content_sid: str | None = None
    media_sid: str | None = None
    receipts: tuple[Receipt, ...] = ()

    def receipt(self, sid: str) -> Receipt | None:
        """Find a receipt."""
        return next((one for one in self.receipts if one.sid == sid), None)


def valid_attributes(text: str, limit: int = ATTRIBUTES_LIMIT) -> str:
    """Check attributes: JSON in a string, within the size limit.

    Raises:
        TwilioError: 50303 when they are too long, 20001 when they are not JSON; HTTP 400.
    """
    if len(text.encode()) > limit:
        raise errors.attributes_too_long(limit)
    try:
        parse_json(text)
    except ValueError:
        raise invalid_parameter("Attributes are not valid JSON") from None
    return text


def valid_body(text: str, *, carriers: bool) -> str:
    """Check a message's body.

    Raises:
        TwilioError: 50504 when it is longer than chat, or a carrier, allows.
    """
    if len(text.encode()) > BODY_LIMIT:
        raise errors.body_too_long(f"{BODY_LIMIT} bytes")
    if carriers and len(text) > CARRIER_BODY_LIMIT:
        raise errors.body_too_long(f"{CARRIER_BODY_LIMIT} characters, for somebody takes part outside chat")
    return text


def valid_friendly_name(text: str) -> str:
    """Check a friendly name.

    Raises:
        TwilioError: 50003.
    """
    if len(text) > NAME_LIMIT:
        raise errors.friendly_name_too_long(NAME_LIMIT)
    return text


def valid_unique_name(text: str) -> str:
    """Check a unique name.

    Raises:
        TwilioError: 50004.
    """
    if len(text) > NAME_LIMIT:
        raise errors.unique_name_too_long(NAME_LIMIT)
    return text


def instant(name: str, text: str | None) -> datetime | None:
    """Read an ISO 8601 date from a client; a date without a time is midnight in UTC.

    Raises:
        TwilioError: 20001.
    """
    if text is None or not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid_parameter(f"Invalid {name} value given: {text}") from None


def sid_or_none(name: str, text: str | None, prefix: str) -> str | None:
    """Read a SID from a client; an empty one is None.

    Raises:
        TwilioError: 20001 when it is not one with this prefix.
    """
    if not text:
        return None
    if not re.fullmatch(f"{prefix}[0-9a-fA-F]{{32}}", text):
        raise invalid_parameter(f"Invalid {name} value given: {text}")
    return text
