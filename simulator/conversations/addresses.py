"""Address configurations of an account: what to do with a message from outside chat that belongs to no conversation.

They are stored and shown only: the control plane creates the chats of customers itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from simulator.conversations import errors
from simulator.conversations.contents import valid_friendly_name
from simulator.conversations.scoped_webhooks import SCOPED_EVENTS
from simulator.shared.errors import invalid_parameter, missing_parameter, not_found

if TYPE_CHECKING:
    from simulator.conversations.models import Conversations

TYPES: Final = frozenset({"sms", "whatsapp", "messenger", "gbm", "email", "rcs", "apple", "chat"})
T = TypeVar("T")
_METHODS: Final = frozenset({"GET", "POST"})
AUTO_CREATION_TYPES: Final = frozenset({"webhook", "studio", "default"})


@dataclass(frozen=True, slots=True)
class AutoCreation:
    """Whether a conversation is created, in which service, and which scoped webhook it gets."""

    enabled: bool = False
    type: str = "default"
    conversation_service_sid: str | None = None
    webhook_url: str | None = None
    webhook_method: str | None = None
    webhook_filters: tuple[str, ...] = ()
    studio_flow_sid: str | None = None
    studio_retry_count: int | None = None


@dataclass(slots=True)
class Address:
    """One address configuration."""

    sid: str
    sequence: int
    type: str
    address: str
    friendly_name: str | None
    country: str | None
    created: datetime
    updated: datetime
    auto_creation: AutoCreation = field(default_factory=AutoCreation)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The fields that a client sent; None leaves a field unchanged."""

    friendly_name: str | None = None
    enabled: str | None = None
    type: str | None = None
    conversation_service_sid: str | None = None
    webhook_url: str | None = None
    webhook_method: str | None = None
    webhook_filters: tuple[str, ...] | None = None
    studio_flow_sid: str | None = None
    studio_retry_count: str | None = None


class Addresses:
    """The address configurations of an account."""

    def __init__(self, product: Conversations) -> None:
        self._product = product
        self._account = product.account
        self._by_sid: dict[str, Address] = {}
        self._sequence = 0

    def __iter__(self) -> Iterator[Address]:
        """In order of creation."""
        return iter(self._by_sid.values())

    def find(self, sid: str) -> Address:
        """Find one by its SID or its address.

        Raises:
            TwilioError: 20404.
        """
        found = self._by_sid.get(sid) or next((one for one in self if one.address == sid), None)
        if found is None:
            raise not_found(f"/Configuration/Addresses/{sid}")
        return found

    def create(self, kind: str | None, address: str | None, country: str | None, wanted: Wanted) -> Address:
        """Add one.

        Raises:
            TwilioError: 20001 for what is missing or wrong, 20409 when the address already has one.
        """
        if not kind:
            raise missing_parameter("Type")
        if not address:
            raise missing_parameter("Address")
        kind = kind.lower()
        if kind not in TYPES:
            raise invalid_parameter(f"Invalid Type value given: {kind}")
        if any((one.type, one.address) == (kind, address) for one in self):
            raise errors.address_configured(address)
        now = self._account.clock.now
        made = Address("", self._sequence, kind, address, None, country or None, now, now)
        self._apply(made, wanted)
        self._sequence += 1
        made.sid = self._account.sids.new("IG")
        self._by_sid[made.sid] = made
        return made

    def update(self, sid: str, wanted: Wanted) -> Address:
        """Change what is given.

        Raises:
            TwilioError: 20404, 20001.
        """
        address = self.find(sid)
        self._apply(address, wanted)
        address.updated = self._account.clock.now
        return address

    def delete(self, sid: str) -> None:
        """Remove one.

        Raises:
            TwilioError: 20404.
        """
        del self._by_sid[self.find(sid).sid]

    def _apply(self, address: Address, wanted: Wanted) -> None:
        """Check everything, then change."""
        if wanted.friendly_name is not None:
            valid_friendly_name(wanted.friendly_name)
        if wanted.conversation_service_sid is not None:
            self._product.service(wanted.conversation_service_sid)
        address.auto_creation = _changed(address.auto_creation, wanted)
        address.friendly_name = address.friendly_name if wanted.friendly_name is None else wanted.friendly_name


def _changed(auto: AutoCreation, wanted: Wanted) -> AutoCreation:
    for name in wanted.webhook_filters or ():
        _one_of("AutoCreation.WebhookFilters", name, SCOPED_EVENTS)
    given: dict[str, Any] = {
        "enabled": _read(wanted.enabled, _true),
        "type": _read(wanted.type, lambda text: _one_of("AutoCreation.Type", text.lower(), AUTO_CREATION_TYPES)),
        "conversation_service_sid": wanted.conversation_service_sid,
        "webhook_url": wanted.webhook_url,
        "webhook_method": _read(
            wanted.webhook_method, lambda text: _one_of("AutoCreation.WebhookMethod", text.upper(), _METHODS)
        ),
        "webhook_filters": wanted.webhook_filters,
        "studio_flow_sid": wanted.studio_flow_sid,
        "studio_retry_count": _read(wanted.studio_retry_count, _count),
    }
    changed = replace(auto, **{name: value for name, value in given.items() if value is not None})
    if changed.enabled and changed.type == "webhook" and not changed.webhook_url:
        raise missing_parameter("AutoCreation.WebhookUrl")
    if changed.enabled and changed.type == "studio" and not changed.studio_flow_sid:
        raise missing_parameter("AutoCreation.StudioFlowSid")
    return changed


def _read(text: str | None, how: Callable[[str], T]) -> T | None:
    return None if text is None else how(text)


def _true(text: str) -> bool:
    return _one_of("AutoCreation.Enabled", text.lower(), frozenset({"true", "false"})) == "true"


def _one_of(name: str, value: str, allowed: frozenset[str]) -> str:
    if value not in allowed:
        raise invalid_parameter(f"Invalid {name} value given: {value}")
    return value


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 3:
        raise invalid_parameter(f"Invalid AutoCreation.StudioRetryCount value given: {text}")
    return int(text)
