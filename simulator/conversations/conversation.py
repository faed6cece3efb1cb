"""One conversation: its messages, its participants, its own webhooks, and the events that it reports.

`lifecycle.py` decides when its state changes, `participants.py` who may join.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from simulator.conversations import errors, payloads
from simulator.conversations.contents import (
    SMALL_ATTRIBUTES_LIMIT,
    Binding,
    DeliveryStatus,
    Message,
    Participant,
    Receipt,
    valid_attributes,
    valid_body,
)
from simulator.conversations.lifecycle import Lifecycle, Reason, State, StateChange
from simulator.conversations.participants import admit
from simulator.conversations.scoped_webhooks import ScopedWebhook, ScopedWebhooks, Settings
from simulator.conversations.timers import Activity
from simulator.conversations.webhooks import PLATFORM, Actor
from simulator.shared.errors import invalid_parameter, not_found

if TYPE_CHECKING:
    from simulator.conversations.service import Service

__all__ = ["Conversation", "EmailBinding", "Reason", "State", "StateChange"]


@dataclass(frozen=True, slots=True)
class EmailBinding:
    """The sender of a conversation's outgoing e-mail."""

    address: str | None
    name: str | None


class Conversation(Lifecycle):
    """A conversation of a service."""

    __slots__ = (
        "_indexes",
        "attributes",
        "created_by",
        "email",
        "friendly_name",
        "messages",
        "messaging_service_sid",
        "participants",
        "scoped_webhooks",
        "sequence",
        "service",
        "sid",
        "unique_name",
    )

    def __init__(
        self,
        service: Service,
        sequence: int,
        *,
        state: State = State.ACTIVE,
        friendly_name: str | None = None,
        unique_name: str | None = None,
        messaging_service_sid: str | None = None,
        attributes: str = "{}",
        email: EmailBinding | None = None,
        created_by: str = "system",
        inactive: timedelta = timedelta(0),
        closed: timedelta = timedelta(0),
    ) -> None:
        super().__init__(service.account, state, inactive=inactive, closed=closed)
        self.service = service
        self.sequence = sequence
        self.sid = service.account.sids.new("CH")
        self.friendly_name = friendly_name
        self.unique_name = unique_name
        self.messaging_service_sid = messaging_service_sid
        self.attributes = attributes
        self.email = email
        self.created_by = created_by
        self.messages: dict[str, Message] = {}
        self.participants: dict[str, Participant] = {}
        self.scoped_webhooks = ScopedWebhooks()
        self._indexes = 0

    # -- messages ------------------------------------------------------------------------------------------------

    def add_message(
        self,
        actor: Actor,
        *,
        author: str | None = None,
        body: str | None = None,
        attributes: str = "{}",
        participant: Participant | None = None,
        content_sid: str | None = None,
        media_sid: str | None = None,
        created: datetime | None = None,
    ) -> Message:
        """Publish a message; it re-activates the conversation and re-arms its timers, whoever writes it.

        Raises:
            TwilioError: 50377 when the conversation is closed, 50504, 50303 or 20001 for a bad body or attributes,
                50057 when the pre-webhook rejects it.
        """
        self.refuse_if_closed()
        valid_attributes(attributes, SMALL_ATTRIBUTES_LIMIT)
        self._valid_body(body)
        if participant is None and author:
            participant = self.participant_named(author)
        name = author or (participant.name if participant else None) or "system"
        if actor.fires:
            draft = payloads.draft_params(self, name, body, attributes, participant)
            wanted = self.service.approval("onMessageAdd", actor, self.sid, lambda: draft)
            body, name = self._valid_body(wanted.get("body", body)), wanted.get("author", name)
            attributes = valid_attributes(wanted.get("attributes", attributes), SMALL_ATTRIBUTES_LIMIT)
        now = self._account.clock.now
        message = Message(
            sid=self._account.sids.new("IM"),
            index=self._indexes,
            author=name,
            body=None if content_sid else body,
            attributes=attributes,
            participant_sid=participant.sid if participant else None,
            created=created or now,
            updated=created or now,
            content_sid=content_sid,
            media_sid=None if content_sid else media_sid,
            receipts=self._hand_to_carriers(participant, now),
        )
        self._indexes += 1
        self.messages[message.sid] = message
        self.updated = now
        if actor.fires:
            self._fire("onMessageAdded", actor, lambda: payloads.message_params(self, message))
        self._activity(Activity.MESSAGE, actor)
        return message

    def update_message(
        self,
        sid: str,
        actor: Actor,
        *,
        body: str | None = None,
        attributes: str | None = None,
        author: str | None = None,
    ) -> Message:
        """Edit a message, which does not count as activity.

        Raises:
            TwilioError: 20404, 50377, and as `add_message`.
        """
        self.refuse_if_closed()
        message = self.message(sid)
        draft = replace(
            message,
            body=message.body if body is None else self._valid_body(body),
            attributes=message.attributes
            if attributes is None
            else valid_attributes(attributes, SMALL_ATTRIBUTES_LIMIT),
            author=message.author if author is None else author,
        )
        if actor.fires:
            wanted = self.service.approval(
                "onMessageUpdate", actor, self.sid, lambda: payloads.message_params(self, draft)
            )
            draft.body = self._valid_body(wanted.get("body", draft.body))
            draft.attributes = valid_attributes(wanted.get("attributes", draft.attributes), SMALL_ATTRIBUTES_LIMIT)
        message.body, message.attributes, message.author = draft.body, draft.attributes, draft.author
        message.updated = self._account.clock.now
        self._fire("onMessageUpdated", actor, lambda: payloads.message_params(self, message))
        return message

    def delete_message(self, sid: str, actor: Actor) -> None:
        """Remove a message; the others keep their indexes.

        Raises:
            TwilioError: 20404, 50377, 50057.
        """
        self.refuse_if_closed()
        message = self.message(sid)
        if actor.fires:
            self.service.approval("onMessageRemove", actor, self.sid, lambda: payloads.message_params(self, message))
        del self.messages[sid]
        self._fire("onMessageRemoved", actor, lambda: payloads.message_params(self, message))

    def report_delivery(self, message: Message, status: DeliveryStatus, error_code: int) -> None:
        """Set a message's delivery to all participants outside chat, which does not count as activity."""
        now = self._account.clock.now
        message.receipts = tuple(
            [replace(each, status=status, error_code=error_code, updated=now) for each in message.receipts]
        )
        for receipt in message.receipts:
            self._fire("onDeliveryUpdated", PLATFORM, partial(payloads.delivery_params, self, message, receipt))

    def message(self, sid: str) -> Message:
        """Find a message.

        Raises:
            TwilioError: 20404.
        """
        message = self.messages.get(sid)
        if message is None:
            raise not_found(f"/Conversations/{self.sid}/Messages/{sid}")
        return message

    @property
    def last_index(self) -> int | None:
        """The newest message's index."""
        return self._indexes - 1 if self._indexes else None

    def _valid_body(self, body: str | None) -> str | None:
        carriers = any(participant.identity is None for participant in self.participants.values())
        return None if body is None else valid_body(body, carriers=carriers)

    def _hand_to_carriers(self, author: Participant | None, now: datetime) -> tuple[Receipt, ...]:
        sids = self._account.sids
        return tuple(
            Receipt(sids.new("DY"), sids.new("SM"), participant.sid, DeliveryStatus.DELIVERED, now, now)
            for participant in self.participants.values()
            if participant.identity is None and participant is not author
        )

    # -- participants --------------------------------------------------------------------------------------------

    def add_participant(
        self,
        actor: Actor,
        *,
        identity: str | None = None,
        binding: Binding | None = None,
        role_sid: str | None = None,
        attributes: str = "{}",
        kind: str | None = None,
    ) -> Participant:
        """Add a participant, which re-activates and re-arms as a message does.

        Raises:
            TwilioError: 50377 when closed; 50433, 50416, 50417, 50418, 20001 when they may not join; 20404 for an
                unknown role; 50057 when the pre-webhook rejects it.
        """
        self.refuse_if_closed()
        valid_attributes(attributes, SMALL_ATTRIBUTES_LIMIT)
        pairs = self.service.product.address_pairs
        admit(self, pairs, identity, binding)
        role = self.service.role(role_sid).sid if role_sid else self.service.default_conversation_role_sid
        now = self._account.clock.now
        newcomer = Participant("", identity, binding, role, attributes, created=now, updated=now, kind=kind)
        if actor.fires:
            self.service.approval(
                "onParticipantAdd", actor, self.sid, lambda: payloads.participant_params(self, newcomer)
            )
        newcomer.sid = self._account.sids.new("MB")
        self.participants[newcomer.sid] = newcomer
        pairs.take(binding, self)
        if identity is not None:
            self.service.users.ensure(identity)
        self.updated = now
        self._fire("onParticipantAdded", actor, lambda: payloads.participant_params(self, newcomer))
        self._activity(Activity.REACTIVATION, actor)
        return newcomer

    def update_participant(
        self,
        sid: str,
        actor: Actor,
        *,
        attributes: str | None = None,
        role_sid: str | None = None,
        identity: str | None = None,
        proxy_address: str | None = None,
        projected_address: str | None = None,
        last_read_index: int | None = None,
        last_read_at: str | None = None,
        notification_level: str | None = None,
    ) -> Participant:
        """Change a participant, which does not count as activity.

        Raises:
            TwilioError: 20404, 50377, 50416, 50433, 50441, 50303, 50057.
        """
        self.refuse_if_closed()
        participant = self.participant(sid)
        draft = replace(participant)
        if attributes is not None:
            draft.attributes = valid_attributes(attributes, SMALL_ATTRIBUTES_LIMIT)
        if role_sid is not None:
            draft.role_sid = self.service.role(role_sid).sid
        if identity is not None and identity != draft.identity:
            if self.participant_named(identity):
                raise errors.participant_exists(identity)
            draft.identity = identity or None
        if proxy_address is not None or projected_address is not None:
            draft.binding = self._rebound(draft.binding, proxy_address, projected_address)
        draft.last_read_index = draft.last_read_index if last_read_index is None else last_read_index
        draft.last_read_at = draft.last_read_at if last_read_at is None else last_read_at
        if notification_level is not None:
            if notification_level not in {"default", "muted"}:
                raise invalid_parameter(f"Invalid NotificationLevel value given: {notification_level}")
            draft.notification_level = notification_level
        draft.updated = self._account.clock.now
        if actor.fires:
            self.service.approval(
                "onParticipantUpdate", actor, self.sid, lambda: payloads.participant_params(self, draft)
            )
        self.service.product.address_pairs.release([participant], self)
        self.service.product.address_pairs.take(draft.binding, self)
        for each in fields(draft):
            setattr(participant, each.name, getattr(draft, each.name))
        self._fire("onParticipantUpdated", actor, lambda: payloads.participant_params(self, participant))
        return participant

    def remove_participant(self, sid: str, actor: Actor) -> None:
        """Remove a participant, which does not count as activity.

        Raises:
            TwilioError: 20404, 50057, or 50377 when the conversation is closed.
        """
        participant = self.participant(sid)
        self.refuse_if_closed()
        if actor.fires:
            self.service.approval(
                "onParticipantRemove", actor, self.sid, lambda: payloads.participant_params(self, participant)
            )
        del self.participants[participant.sid]
        self.service.product.address_pairs.release([participant], self)
        self._fire("onParticipantRemoved", actor, lambda: payloads.participant_params(self, participant))

    def participant(self, sid: str) -> Participant:
        """Find a participant by SID or identity.

        Raises:
            TwilioError: 20404.
        """
        found = self.participants.get(sid) or next((p for p in self.participants.values() if p.identity == sid), None)
        if found is None:
            raise not_found(f"/Conversations/{self.sid}/Participants/{sid}")
        return found

    def participant_named(self, name: str) -> Participant | None:
        """The participant with this identity or address."""
        return next((p for p in self.participants.values() if p.name == name), None)

    def _rebound(self, binding: Binding | None, proxy_address: str | None, projected_address: str | None) -> Binding:
        """A binding with another proxy or projected address.

        `null` removes one, and a proxy address cannot be replaced.
        """
        before = binding or Binding("sms", None, None)
        proxy = before.proxy_address if proxy_address is None else _nullable(proxy_address)
        projected = before.projected_address if projected_address is None else _nullable(projected_address)
        if before.proxy_address and proxy and proxy != before.proxy_address:
            raise errors.proxy_address_not_changed()
        after = replace(before, proxy_address=proxy, projected_address=projected)
        holder = self.service.product.address_pairs.holder(after)
        if holder is not None and holder is not self:
            raise errors.pair_in_use(holder.sid)
        return after

    # -- its own webhooks ----------------------------------------------------------------------------------------

    def add_webhook(self, target: str | None, settings: Settings, replay_after: int | None) -> ScopedWebhook:
        """Add a webhook; with `replay_after` it gets the messages from that index on at once.

        Raises:
            TwilioError: 50377, and as `ScopedWebhooks.create`.
        """
        self.refuse_if_closed()
        account = self._account
        webhook = self.scoped_webhooks.create(account.sids.new("WH"), account.clock.now, target, settings, replay_after)
        if replay_after is not None:
            for message in self.messages.values():
                if message.index >= replay_after:
                    self.service.replay(webhook, self, message)
        return webhook

    # -- what it fires ------------------------------------------------------------------------------------------

    def touch(self, actor: Actor) -> None:
        """Record that fields have changed, and report it."""
        self.updated = self._account.clock.now
        self._fire("onConversationUpdated", actor, lambda: payloads.conversation_params(self))

    def merge_attributes(self, more: Mapping[str, object]) -> None:
        """Add the platform's own fields to the attributes, if those are an object."""
        attributes = json.loads(self.attributes)
        if isinstance(attributes, dict):
            self.attributes = json.dumps({**attributes, **more}, ensure_ascii=False)

    def changed(self, change: StateChange, actor: Actor) -> None:
        """Fire the event of a change of state."""
        self._fire("onConversationStateUpdated", actor, lambda: payloads.state_params(self, change))

    def ended(self) -> None:
        """The conversation is closed or deleted: release its address pairs."""
        self.service.product.address_pairs.release(self.participants.values(), self)

    def _fire(self, event: str, actor: Actor, params: Callable[[], dict[str, str]]) -> None:
        if actor.fires:
            self.service.fire(event, actor, params, self)


def _nullable(address: str) -> str | None:
    return None if address in {"", "null"} else address
