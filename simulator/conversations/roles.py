"""Roles of a service: the permissions of participants, by which clients also tell agents from customers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from simulator.conversations import errors
from simulator.shared.dialect.conversations import RoleNames
from simulator.shared.errors import invalid_parameter, missing_parameter, not_found
from simulator.shared.sids import derived_sid

if TYPE_CHECKING:
    from simulator.conversations.service import Service

NAME_LIMITS: Final = {RoleNames.DOCUMENTED: 64, RoleNames.LONGER: 256}
TYPES: Final = frozenset({"conversation", "service"})
_USER = ("sendMessage", "sendMediaMessage", "editOwnMessage", "deleteOwnMessage", "leaveConversation")
_ADMIN = (*_USER, "addParticipant", "removeParticipant", "editConversationName", "deleteConversation")
_SERVICE = ("createConversation", "joinConversation")
_DEFAULTS: Final = {
    "channel admin": ("conversation", _ADMIN),
    "channel user": ("conversation", _USER),
    "service admin": ("service", _SERVICE),
    "service user": ("service", _SERVICE),
    "agent": ("conversation", _ADMIN),
    "supervisor": ("conversation", _ADMIN),
    "customer": ("conversation", _USER),
}
"""The roles that every service has, and those that Flex adds."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role; `type` is conversation or service."""

    sid: str
    sequence: int
    friendly_name: str
    type: str
    permissions: tuple[str, ...]
    created: datetime
    updated: datetime


class Roles:
    """The roles of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        now = service.account.clock.now
        sids = {name: derived_sid("RL", f"{service.sid}/{name}") for name in _DEFAULTS}
        self._by_sid = {
            sids[name]: Role(sids[name], number, name, kind, permissions, now, now)
            for number, (name, (kind, permissions)) in enumerate(_DEFAULTS.items())
        }
        self._sequence = len(self._by_sid)

    def __iter__(self) -> Iterator[Role]:
        """In order of creation."""
        return iter(self._by_sid.values())

    def __getitem__(self, name: str) -> Role:
        """The first role of this name."""
        return next(role for role in self if role.friendly_name == name)

    def find(self, sid: str) -> Role:
        """Find a role by SID.

        Raises:
            TwilioError: 20404.
        """
        role = self._by_sid.get(sid)
        if role is None:
            raise not_found(f"/Services/{self._service.sid}/Roles/{sid}")
        return role

    def create(self, friendly_name: str | None, kind: str | None, permissions: Sequence[str] | None) -> Role:
        """Add a role.

        Raises:
            TwilioError: 20001 for what is missing or wrong.
        """
        if not friendly_name:
            raise missing_parameter("FriendlyName")
        limit = NAME_LIMITS[self._service.account.dialect.role_names]
        if len(friendly_name) > limit:
            raise invalid_parameter(f"FriendlyName is longer than {limit} characters")
        if not kind:
            raise missing_parameter("Type")
        if kind not in TYPES:
            raise invalid_parameter(f"Invalid Type value given: {kind}")
        account = self._service.account
        now = account.clock.now
        role = Role(account.sids.new("RL"), self._sequence, friendly_name, kind, _some(permissions), now, now)
        self._sequence += 1
        self._by_sid[role.sid] = role
        return role

    def update(self, sid: str, permissions: Sequence[str] | None) -> Role:
        """Give a role other permissions.

        Raises:
            TwilioError: 20404, or 20001 without a permission.
        """
        now = self._service.account.clock.now
        role = self._by_sid[sid] = replace(self.find(sid), permissions=_some(permissions), updated=now)
        return role

    def delete(self, sid: str) -> None:
        """Remove a role.

        Raises:
            TwilioError: 20404, or 20409 for a default role of the service.
        """
        role, service = self.find(sid), self._service
        if sid in {
            service.default_conversation_creator_role_sid,
            service.default_conversation_role_sid,
            service.default_chat_service_role_sid,
        }:
            raise errors.role_in_use(role.friendly_name)
        del self._by_sid[sid]


def _some(permissions: Sequence[str] | None) -> tuple[str, ...]:
    given = tuple(permission for permission in permissions or () if permission)
    if not given:
        raise missing_parameter("Permission")
    return given
