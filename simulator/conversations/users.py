"""Users of a service: one for each chat identity, created when the identity first takes part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from simulator.conversations import errors, payloads
from simulator.conversations.contents import valid_attributes, valid_friendly_name
from simulator.conversations.conversation import Conversation, State
from simulator.conversations.webhooks import REST, Actor
from simulator.shared.errors import missing_parameter, not_found

if TYPE_CHECKING:
    from simulator.conversations.service import Service


@dataclass(slots=True)
class User:
    """A user; its service role has its permissions outside conversations."""

    sid: str
    sequence: int
    identity: str
    friendly_name: str | None
    attributes: str
    role_sid: str
    created: datetime
    updated: datetime


class Users:
    """The users of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._by_sid: dict[str, User] = {}
        self._by_identity: dict[str, User] = {}
        self._sequence = 0

    def __iter__(self) -> Iterator[User]:
        """In order of creation."""
        return iter(self._by_sid.values())

    def ensure(self, identity: str) -> User:
        """The user of an identity, created if it does not exist."""
        return self._by_identity.get(identity) or self._add(identity, None, "{}", None)

    def find(self, sid: str) -> User:
        """Find a user by SID or identity.

        Raises:
            TwilioError: 20404.
        """
        found = self._by_sid.get(sid) or self._by_identity.get(sid)
        if found is None:
            raise not_found(f"/Services/{self._service.sid}/Users/{sid}")
        return found

    def sid_of(self, identity: str | None) -> str | None:
        """The SID of an identity's user, if there is one."""
        user = None if identity is None else self._by_identity.get(identity)
        return None if user is None else user.sid

    def create(
        self,
        actor: Actor,
        *,
        identity: str | None,
        friendly_name: str | None,
        attributes: str | None,
        role_sid: str | None,
    ) -> User:
        """Add a user.

        Raises:
            TwilioError: 20001 without an identity, 50201 when it already has a user, 20404 for an unknown role, 50303.
        """
        if not identity:
            raise missing_parameter("Identity")
        if identity in self._by_identity:
            raise errors.user_exists(identity)
        role = None if role_sid is None else self._service.role(role_sid).sid
        user = self._add(identity, _name(friendly_name), valid_attributes(attributes or "{}"), role)
        self._service.fire("onUserAdded", actor, lambda: payloads.user_params(self._service, user))
        return user

    def update(
        self, sid: str, actor: Actor, *, friendly_name: str | None, attributes: str | None, role_sid: str | None
    ) -> User:
        """Change what is given.

        Raises:
            TwilioError: 20404, 50303, 50057.
        """
        user = self.find(sid)
        name = user.friendly_name if friendly_name is None else _name(friendly_name)
        described = user.attributes if attributes is None else valid_attributes(attributes)
        role = user.role_sid if role_sid is None else self._service.role(role_sid).sid
        self._service.approval("onUserUpdate", actor, None, lambda: payloads.user_params(self._service, user))
        user.friendly_name, user.attributes, user.role_sid = name, described, role
        user.updated = self._service.account.clock.now
        self._service.fire("onUserUpdated", actor, lambda: payloads.user_params(self._service, user))
        return user

    def delete(self, sid: str) -> None:
        """Remove a user, also from every conversation that is not closed.

        Raises:
            TwilioError: 20404.
        """
        user = self.find(sid)
        for conversation in list(self.conversations(user)):
            if conversation.state is not State.CLOSED:
                conversation.remove_participant(user.identity, REST)
        del self._by_sid[user.sid], self._by_identity[user.identity]

    def conversations(self, user: User) -> Iterator[Conversation]:
        """The conversations that a user takes part in, in order of creation."""
        return (
            conversation
            for conversation in self._service.conversations.values()
            if any(participant.identity == user.identity for participant in conversation.participants.values())
        )

    def _add(self, identity: str, friendly_name: str | None, attributes: str, role_sid: str | None) -> User:
        now = self._service.account.clock.now
        self._sequence += 1
        user = User(
            sid=self._service.account.sids.new("US"),
            sequence=self._sequence,
            identity=identity,
            friendly_name=friendly_name,
            attributes=attributes,
            role_sid=role_sid or self._service.default_chat_service_role_sid,
            created=now,
            updated=now,
        )
        self._by_sid[user.sid] = self._by_identity[identity] = user
        return user


def _name(text: str | None) -> str | None:
    return None if text is None else valid_friendly_name(text)
