"""What a conversation holds: messages and participants, and how large their attributes may be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from simulator.errors import invalid_parameter

ATTRIBUTES_LIMIT = 16 * 1024
SMALL_ATTRIBUTES_LIMIT = 4 * 1024
"""Attributes of messages and participants."""
BODY_LIMIT = 32 * 1024


@dataclass(frozen=True, slots=True)
class Binding:
    """How a participant outside chat is reached; `kind` is sms, whatsapp, messenger, ..."""

    kind: str
    address: str
    proxy_address: str | None


@dataclass(slots=True)
class Participant:
    """Somebody in a conversation: with a chat identity or with a messaging binding. `kind` is what it really is."""

    sid: str
    identity: str | None
    binding: Binding | None
    role_sid: str | None
    attributes: str
    created: datetime
    updated: datetime
    kind: str | None = None

    @property
    def name(self) -> str | None:
        """What its messages carry as author."""
        return self.identity or (self.binding.address if self.binding else None)


@dataclass(slots=True)
class Message:
    """One message. Without a participant it came over REST from something that takes no part."""

    sid: str
    index: int
    author: str
    body: str | None
    attributes: str
    participant_sid: str | None
    created: datetime
    updated: datetime


def valid_attributes(text: str, limit: int = ATTRIBUTES_LIMIT) -> str:
    """Check attributes: JSON in a string, within the size limit.

    Raises:
        TwilioError: 20001, HTTP 400.
    """
    if len(text.encode()) > limit:
        raise invalid_parameter(f"Attributes exceed {limit} bytes")
    try:
        json.loads(text)
    except ValueError:
        raise invalid_parameter("Attributes are not valid JSON") from None
    return text
