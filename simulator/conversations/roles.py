"""Roles of a service: what a participant may do, and how clients tell an agent from a customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from simulator.sids import derived_sid

_USER = ("sendMessage", "sendMediaMessage", "editOwnMessage", "deleteOwnMessage", "leaveConversation")
_ADMIN = (*_USER, "addParticipant", "removeParticipant", "editConversationName", "deleteConversation")


@dataclass(frozen=True, slots=True)
class Role:
    """A role; `type` is conversation or service."""

    sid: str
    friendly_name: str
    type: str
    permissions: tuple[str, ...]
    created: datetime


def default_roles(service_sid: str, now: datetime) -> dict[str, Role]:
    """The roles that a service has from the beginning, with those that Flex adds for its people."""
    kinds = {
        "channel admin": ("conversation", _ADMIN),
        "channel user": ("conversation", _USER),
        "service admin": ("service", ("createConversation", "joinConversation")),
        "service user": ("service", ("createConversation", "joinConversation")),
        "agent": ("conversation", _ADMIN),
        "supervisor": ("conversation", _ADMIN),
        "customer": ("conversation", _USER),
    }
    return {
        name: Role(derived_sid("RL", f"{service_sid}/{name}"), name, kind, permissions, now)
        for name, (kind, permissions) in kinds.items()
    }
