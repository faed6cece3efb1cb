"""Conversations of one account: its services, account-wide configuration, and which webhook hears of what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from simulator.conversations import errors
from simulator.conversations.contents import valid_attributes
from simulator.conversations.conversation import Conversation, State
from simulator.conversations.payloads import conversation_params
from simulator.conversations.roles import Role, default_roles
from simulator.conversations.timers import closed_timer, inactive_timer
from simulator.conversations.webhooks import Actor, WebhookSettings
from simulator.dialect import CreationTimers
from simulator.errors import invalid_parameter, missing_parameter, not_found
from simulator.outbox import OutgoingCall
from simulator.sids import derived_sid

if TYPE_CHECKING:
    from simulator.account import Account

SETTABLE_STATES = (State.ACTIVE, State.INACTIVE, State.CLOSED)


@dataclass(slots=True)
class Configuration:
    """The account's `/v1/Configuration`; timers are kept as they were written."""

    default_chat_service_sid: str
    default_messaging_service_sid: str
    default_inactive_timer: str | None = None
    default_closed_timer: str | None = None


class Service:
    """A Conversations service: its conversations, its webhook, its roles."""

    def __init__(self, account: Account, sid: str, friendly_name: str) -> None:
        self.account = account
        self.sid = sid
        self.friendly_name = friendly_name
        self.created: datetime = account.clock.now
        self.webhook = WebhookSettings()
        self.reachability_enabled = False
        self.roles = default_roles(sid, account.clock.now)
        self.default_conversation_creator_role_sid = self.roles["channel admin"].sid
        self.default_conversation_role_sid = self.roles["channel user"].sid
        self.default_chat_service_role_sid = self.roles["service user"].sid
        self.conversations: dict[str, Conversation] = {}
        self._unique_names: dict[str, Conversation] = {}
        self._sequence = 0

    def configure(
        self,
        *,
        default_conversation_creator_role_sid: str | None,
        default_conversation_role_sid: str | None,
        default_chat_service_role_sid: str | None,
        reachability_enabled: str | None,
    ) -> None:
        """Change the service's configuration where something is given."""
        if default_conversation_creator_role_sid:
            self.default_conversation_creator_role_sid = default_conversation_creator_role_sid
        if default_conversation_role_sid:
            self.default_conversation_role_sid = default_conversation_role_sid
        if default_chat_service_role_sid:
            self.default_chat_service_role_sid = default_chat_service_role_sid
        if reachability_enabled is not None:
            self.reachability_enabled = reachability_enabled.lower() == "true"

    def create_conversation(
        self,
        actor: Actor,
        *,
        friendly_name: str | None = None,
        unique_name: str | None = None,
        messaging_service_sid: str | None = None,
        attributes: str | None = None,
        state: str | None = None,
        inactive: str | None = None,
        closed: str | None = None,
    ) -> Conversation:
        """Create a conversation; timers that are not given come from the account's configuration.

        Raises:
            TwilioError: 50353, 50374 to 50384, 20001.
        """
        started = State.ACTIVE if state is None else _state(state)
        if started is State.CLOSED:
            raise errors.created_closed()
        timers_given = inactive is not None or closed is not None
        refused = self.account.dialect.creation_timers is CreationTimers.REFUSED_WITHOUT_STATE
        if timers_given and state is None and refused:
            raise errors.timers_without_state()
        if unique_name and unique_name in self._unique_names:
            raise errors.unique_name_taken(unique_name)
        configuration = self.account.conversations.configuration
        if inactive is None:
            inactive = configuration.default_inactive_timer or "PT0S"
        if closed is None:
            closed = configuration.default_closed_timer or "PT0S"
        self._sequence += 1
        conversation = Conversation(
            self,
            self._sequence,
            state=started,
            friendly_name=friendly_name,
            unique_name=unique_name or None,
            messaging_service_sid=messaging_service_sid or configuration.default_messaging_service_sid,
            attributes=valid_attributes(attributes) if attributes else "{}",
            inactive=inactive_timer(inactive),
            closed=closed_timer(closed),
        )
        self.conversations[conversation.sid] = conversation
        if unique_name:
            self._unique_names[unique_name] = conversation
        if actor.fires:
            self.tell("onConversationAdded", actor, conversation.sid, lambda: conversation_params(conversation))
        return conversation

    def update_conversation(
        self,
        sid: str,
        actor: Actor,
        *,
        friendly_name: str | None = None,
        unique_name: str | None = None,
        attributes: str | None = None,
        state: str | None = None,
        inactive: str | None = None,
        closed: str | None = None,
    ) -> Conversation:
        """Change what is given; everything is checked before anything is changed.

        Raises:
            TwilioError: 50377 when the conversation is closed; else as `create_conversation`.
        """
        conversation = self.conversation(sid)
        conversation.refuse_if_closed()
        wanted = None if state is None else _state(state)
        inactive_length = None if inactive is None else inactive_timer(inactive)
        closed_length = None if closed is None else closed_timer(closed)
        checked_attributes = None if attributes is None else valid_attributes(attributes)
        if unique_name is not None and self._unique_names.get(unique_name, conversation) is not conversation:
            raise errors.unique_name_taken(unique_name)
        if unique_name is not None:
            self._forget_unique_name(conversation)
            conversation.unique_name = unique_name or None
            if unique_name:
                self._unique_names[unique_name] = conversation
        if friendly_name is not None:
            conversation.friendly_name = friendly_name
        if checked_attributes is not None:
            conversation.attributes = checked_attributes
        conversation.set_timers(inactive=inactive_length, closed=closed_length)
        if wanted is not None or inactive_length is not None or closed_length is not None:
            conversation.set_state(wanted or conversation.state, actor)
        conversation.touch(actor)
        return conversation

    def delete_conversation(self, sid: str, actor: Actor) -> None:
        """Remove a conversation, in whatever state it is."""
        conversation = self.conversation(sid)
        del self.conversations[conversation.sid]
        self._forget_unique_name(conversation)
        conversation.retire()
        if actor.fires:
            self.tell("onConversationRemoved", actor, conversation.sid, lambda: conversation_params(conversation))

    def conversation(self, sid: str) -> Conversation:
        """Find a conversation by SID or unique name.

        Raises:
            TwilioError: 20404.
        """
        found = self.conversations.get(sid) or self._unique_names.get(sid)
        if found is None:
            raise not_found(f"/Services/{self.sid}/Conversations/{sid}")
        return found

    def list_conversations(self, *, state: str | None, after: int) -> Iterator[Conversation]:
        """Conversations in order of creation, those after a sequence number, in one state or all."""
        if state is not None and state not in {member.value for member in SETTABLE_STATES}:
            raise errors.invalid_state(state)
        return (
            conversation
            for conversation in self.conversations.values()
            if conversation.sequence > after and (state is None or conversation.state == state)
        )

    def role(self, sid: str) -> Role:
        """Find a role.

        Raises:
            TwilioError: 20404.
        """
        for role in self.roles.values():
            if role.sid == sid:
                return role
        raise not_found(f"/Services/{self.sid}/Roles/{sid}")

    def tell(self, event: str, actor: Actor, conversation_sid: str, params: Callable[[], dict[str, str]]) -> None:
        """Let the webhook that is in charge hear of an event, if it listens."""
        webhook = self.webhook if self.webhook.is_set else self.account.conversations.webhook
        if not webhook.hears(event):
            return
        named = {"EventType": event, "AccountSid": self.account.sid, "Source": actor.source}
        if actor.identity is not None:
            named["ClientIdentity"] = actor.identity
        self.account.outbox.put(
            OutgoingCall(
                url=webhook.post_webhook_url or "",
                method=webhook.method or "POST",
                params=(*named.items(), *params().items()),
                event=event,
                conversation_sid=conversation_sid,
            )
        )

    def _forget_unique_name(self, conversation: Conversation) -> None:
        if conversation.unique_name:
            self._unique_names.pop(conversation.unique_name, None)


class Conversations:
    """The product as one account sees it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.services: dict[str, Service] = {}
        default = self._add(derived_sid("IS", "Flex Chat Service"), "Flex Chat Service")
        self.configuration = Configuration(
            default_chat_service_sid=default.sid,
            default_messaging_service_sid=derived_sid("MG", "default"),
        )
        self.webhook = WebhookSettings(method="POST")

    @property
    def default_service(self) -> Service:
        """The service that short paths mean."""
        return self.services[self.configuration.default_chat_service_sid]

    def service(self, sid: str) -> Service:
        """Find a service.

        Raises:
            TwilioError: 20404.
        """
        found = self.services.get(sid)
        if found is None:
            raise not_found(f"/Services/{sid}")
        return found

    def create_service(self, friendly_name: str | None) -> Service:
        """Add a service.

        Raises:
            TwilioError: 20001 without a name.
        """
        if not friendly_name:
            raise missing_parameter("FriendlyName")
        return self._add(self.account.sids.new("IS"), friendly_name)

    def delete_service(self, sid: str) -> None:
        """Remove a service and its conversations; the account's default stays.

        Raises:
            TwilioError: 20404, or 20001 for the default.
        """
        service = self.service(sid)
        if service is self.default_service:
            raise invalid_parameter("The default service cannot be deleted")
        for conversation in service.conversations.values():
            conversation.retire()
        del self.services[sid]

    def update_configuration(
        self,
        *,
        default_chat_service_sid: str | None = None,
        default_messaging_service_sid: str | None = None,
        default_inactive_timer: str | None = None,
        default_closed_timer: str | None = None,
    ) -> None:
        """Change what is given. Timers apply to conversations created from now on.

        Raises:
            TwilioError: 20404 for an unknown service, 50375 to 50380 for timers (a blank is no duration).
        """
        if default_chat_service_sid is not None:
            self.service(default_chat_service_sid)
        if default_inactive_timer is not None:
            inactive_timer(default_inactive_timer)
        if default_closed_timer is not None:
            closed_timer(default_closed_timer)
        configuration = self.configuration
        configuration.default_chat_service_sid = default_chat_service_sid or configuration.default_chat_service_sid
        if default_messaging_service_sid is not None:
            configuration.default_messaging_service_sid = default_messaging_service_sid
        if default_inactive_timer is not None:
            configuration.default_inactive_timer = default_inactive_timer
        if default_closed_timer is not None:
            configuration.default_closed_timer = default_closed_timer

    def _add(self, sid: str, friendly_name: str) -> Service:
        service = self.services[sid] = Service(self.account, sid, friendly_name)
        return service


def _state(text: str) -> State:
    if not text:
        raise errors.empty_state()
    if text not in {member.value for member in SETTABLE_STATES}:
        raise errors.invalid_state(text)
    return State(text)
