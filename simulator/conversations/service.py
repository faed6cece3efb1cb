"""A Conversations service: its conversations and their names, its roles and users, and its webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from simulator.conversations import errors, payloads
from simulator.conversations.contents import Message, valid_attributes, valid_friendly_name, valid_unique_name
from simulator.conversations.conversation import Conversation, EmailBinding, State
from simulator.conversations.participants import read_binding
from simulator.conversations.roles import Role, Roles
from simulator.conversations.scoped_webhooks import ScopedWebhook
from simulator.conversations.timers import closed_timer, inactive_timer
from simulator.conversations.users import Users
from simulator.conversations.webhooks import PLATFORM, REST, Actor, WebhookSettings
from simulator.shared.dialect.conversations import CreationTimers
from simulator.shared.errors import TwilioError, invalid_parameter, not_found
from simulator.shared.json_text import parse_json
from simulator.shared.outbox import OutgoingCall, Params

if TYPE_CHECKING:
    from simulator.conversations.models import Conversations

PARTICIPANTS_AT_ONCE: Final = 10
"""The maximum of participants that a conversation can be created with."""
SETTABLE_STATES: Final = (State.ACTIVE, State.INACTIVE, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a conversation that a client sent; None for one that it did not."""

    friendly_name: str | None = None
    unique_name: str | None = None
    messaging_service_sid: str | None = None
    attributes: str | None = None
    state: str | None = None
    inactive: str | None = None
    closed: str | None = None
    email_address: str | None = None
    email_name: str | None = None
    created: datetime | None = None
    updated: datetime | None = None

    def check(self) -> None:
        """Check what can be checked without a conversation.

        Raises:
            TwilioError: 50003, 50004, 50303, 50375 to 50380, 20001.
        """
        if self.friendly_name is not None:
            valid_friendly_name(self.friendly_name)
        if self.unique_name is not None:
            valid_unique_name(self.unique_name)
        if self.attributes:
            valid_attributes(self.attributes)
        if self.inactive is not None:
            inactive_timer(self.inactive)
        if self.closed is not None:
            closed_timer(self.closed)


class Service:
    """A Conversations service of one account."""

    def __init__(self, product: Conversations, sid: str, friendly_name: str) -> None:
        self.product = product
        self.account = product.account
        self.sid = sid
        self.friendly_name = friendly_name
        self.created: datetime = self.account.clock.now
        self.updated: datetime = self.account.clock.now
        self.webhook = WebhookSettings()
        self.reachability_enabled = False
        self.roles = Roles(self)
        self.default_conversation_creator_role_sid = self.roles["channel admin"].sid
        self.default_conversation_role_sid = self.roles["channel user"].sid
        self.default_chat_service_role_sid = self.roles["service user"].sid
        self.users = Users(self)
        self.conversations: dict[str, Conversation] = {}
        self._unique_names: dict[str, Conversation] = {}
        self._sequence = 0

    def configure(
        self,
        *,
        default_conversation_creator_role_sid: str | None = None,
        default_conversation_role_sid: str | None = None,
        default_chat_service_role_sid: str | None = None,
        reachability_enabled: str | None = None,
    ) -> None:
        """Change the given fields of the service's configuration.

        Raises:
            TwilioError: 20404 for an unknown role.
        """
        for sid in (
            default_conversation_creator_role_sid,
            default_conversation_role_sid,
            default_chat_service_role_sid,
        ):
            if sid:
                self.role(sid)
        if default_conversation_creator_role_sid:
            self.default_conversation_creator_role_sid = default_conversation_creator_role_sid
        if default_conversation_role_sid:
            self.default_conversation_role_sid = default_conversation_role_sid
        if default_chat_service_role_sid:
            self.default_chat_service_role_sid = default_chat_service_role_sid
        if reachability_enabled is not None:
            self.reachability_enabled = reachability_enabled.lower() == "true"

    # -- conversations -------------------------------------------------------------------------------------------

    def create_conversation(self, actor: Actor, wanted: Fields | None = None) -> Conversation:
        """Create a conversation; timers that are not given come from the account's configuration.

        Raises:
            TwilioError: 50353, 50374 to 50384, 50003, 50004, 50303, 20001, 50057.
        """
        conversation = self._make(actor, wanted or Fields())
        self.fire("onConversationAdded", actor, lambda: payloads.conversation_params(conversation), conversation)
        return conversation

    def _make(self, actor: Actor, wanted: Fields) -> Conversation:
        wanted.check()
        started = State.ACTIVE if wanted.state is None else _state(wanted.state)
        if started is State.CLOSED:
            raise errors.created_closed()
        timers_given = wanted.inactive is not None or wanted.closed is not None
        refused = self.account.dialect.creation_timers is CreationTimers.REFUSED_WITHOUT_STATE
        if timers_given and wanted.state is None and refused:
            raise errors.timers_without_state()
        if wanted.unique_name and wanted.unique_name in self._unique_names:
            raise errors.unique_name_taken(wanted.unique_name)
        changes = self.approval("onConversationAdd", actor, None, lambda: _wanted_params(self, wanted))
        configuration = self.product.configuration
        inactive = configuration.default_inactive_timer if wanted.inactive is None else wanted.inactive
        closed = configuration.default_closed_timer if wanted.closed is None else wanted.closed
        self._sequence += 1
        conversation = Conversation(
            self,
            self._sequence,
            state=started,
            friendly_name=changes.get("friendly_name", wanted.friendly_name),
            unique_name=wanted.unique_name or None,
            messaging_service_sid=wanted.messaging_service_sid or configuration.default_messaging_service_sid,
            attributes=wanted.attributes or "{}",
            email=_email(None, wanted),
            created_by=actor.identity or "system",
            inactive=inactive_timer(inactive or "PT0S"),
            closed=closed_timer(closed or "PT0S"),
        )
        conversation.created = wanted.created or conversation.created
        conversation.updated = wanted.updated or conversation.created
        self.conversations[conversation.sid] = conversation
        if wanted.unique_name:
            self._unique_names[wanted.unique_name] = conversation
        return conversation

    def create_with_participants(self, actor: Actor, wanted: Fields, participants: Sequence[str]) -> Conversation:
        """Create a conversation and its first participants, each given as a JSON object; all of it or nothing.

        Raises:
            TwilioError: as `create_conversation` and as `Conversation.add_participant`; 20001 for more than ten, 50425
                for address pairs of other conversations.
        """
        if len(participants) > PARTICIPANTS_AT_ONCE:
            raise invalid_parameter(f"At most {PARTICIPANTS_AT_ONCE} participants can be added in a single request")
        people = [_person(text) for text in participants]
        conversation = self._make(actor, wanted)
        try:
            for person in people:
                conversation.add_participant(
                    REST,
                    identity=person.get("identity"),
                    binding=read_binding(
                        person.get("messaging_binding.address"),
                        person.get("messaging_binding.proxy_address"),
                        person.get("messaging_binding.projected_address"),
                    ),
                    role_sid=person.get("role_sid"),
                    attributes=person.get("attributes") or "{}",
                )
        except TwilioError as error:
            self.delete_conversation(conversation.sid, REST)
            raise errors.pairs_in_use() if error.code == errors.PAIR_IN_USE else error from None
        self.fire("onConversationAdded", actor, lambda: payloads.conversation_params(conversation), conversation)
        return conversation

    def update_conversation(self, sid: str, actor: Actor, wanted: Fields) -> Conversation:
        """Change what is given; everything is checked before anything is changed.

        Raises:
            TwilioError: 50377 when the conversation is closed; else as `create_conversation`.
        """
        conversation = self.conversation(sid)
        conversation.refuse_if_closed()
        wanted.check()
        state = None if wanted.state is None else _state(wanted.state)
        attributes = None if wanted.attributes is None else valid_attributes(wanted.attributes)
        unique_name = wanted.unique_name
        if unique_name is not None and self._unique_names.get(unique_name, conversation) is not conversation:
            raise errors.unique_name_taken(unique_name)
        changes = self.approval(
            "onConversationUpdate", actor, conversation.sid, lambda: payloads.conversation_params(conversation)
        )
        if unique_name is not None:
            self._forget_unique_name(conversation)
            conversation.unique_name = unique_name or None
            if unique_name:
                self._unique_names[unique_name] = conversation
        friendly_name = changes.get("friendly_name", wanted.friendly_name)
        if friendly_name is not None:
            conversation.friendly_name = friendly_name
        if wanted.messaging_service_sid:
            conversation.messaging_service_sid = wanted.messaging_service_sid
        if attributes is not None:
            conversation.attributes = attributes
            conversation.note_attributes()
        conversation.email = _email(conversation.email, wanted)
        conversation.created = wanted.created or conversation.created
        inactive = None if wanted.inactive is None else inactive_timer(wanted.inactive)
        closed = None if wanted.closed is None else closed_timer(wanted.closed)
        conversation.set_timers(inactive=inactive, closed=closed)
        if state is not None or inactive is not None or closed is not None:
            conversation.set_state(state or conversation.state, actor)
        conversation.touch(actor)
        conversation.updated = wanted.updated or conversation.updated
        return conversation

    def delete_conversation(self, sid: str, actor: Actor) -> None:
        """Remove a conversation, in whatever state it is.

        Raises:
            TwilioError: 20404, 50057.
        """
        conversation = self.conversation(sid)
        self.approval(
            "onConversationRemove", actor, conversation.sid, lambda: payloads.conversation_params(conversation)
        )
        del self.conversations[conversation.sid]
        self._forget_unique_name(conversation)
        conversation.retire()
        self.fire("onConversationRemoved", actor, lambda: payloads.conversation_params(conversation), conversation)

    def conversation(self, sid: str) -> Conversation:
        """Find a conversation by SID or unique name.

        Raises:
            TwilioError: 20404.
        """
        found = self.conversations.get(sid) or self._unique_names.get(sid)
        if found is None:
            raise not_found(f"/Services/{self.sid}/Conversations/{sid}")
        return found

    def list_conversations(
        self, *, state: str | None, start: datetime | None = None, end: datetime | None = None
    ) -> Iterator[Conversation]:
        """Conversations, filtered by state and time of creation.

        In order of creation; the newest first if a range is given (https://github.com/twilio/twilio-oai,
        twilio_conversations_v1.json, 14 April 2026).

        Raises:
            TwilioError: 50378 for an unknown state.
        """
        if state is not None and state not in {*SETTABLE_STATES, "initializing"}:
            raise errors.invalid_state(state)
        rows = list(self.conversations.values())
        if start is not None or end is not None:
            rows = [
                row
                for row in sorted(rows, key=lambda row: (row.created, row.sequence), reverse=True)
                if (start is None or row.created >= start) and (end is None or row.created <= end)
            ]
        return (row for row in rows if state is None or row.shown_state == state)

    # -- roles ---------------------------------------------------------------------------------------------------

    def role(self, sid: str) -> Role:
        """Find a role.

        Raises:
            TwilioError: 20404.
        """
        return self.roles.find(sid)

    # -- webhooks -------------------------------------------------------------------------------------------------

    @property
    def webhook_in_charge(self) -> WebhookSettings:
        """The webhook that applies: the service's if it is configured, else the account's."""
        return self.webhook if self.webhook.is_set else self.product.webhook

    def fire(
        self,
        event: str,
        actor: Actor,
        params: Callable[[], dict[str, str]],
        conversation: Conversation | None = None,
    ) -> None:
        """Send an event to the webhooks that listen: the one that applies, and the conversation's own."""
        if not actor.fires:
            return
        webhook = self.webhook_in_charge
        listens = webhook.listens_to(event)
        own = () if conversation is None else conversation.scoped_webhooks
        if not listens and not own:
            return
        specific = params()
        sent = self._with_common(event, actor, specific)
        sid = None if conversation is None else conversation.sid
        if listens:
            url, method = webhook.post_webhook_url or "", webhook.method or "POST"
            self.account.outbox.put(OutgoingCall(url, method, sent, event, sid, retries=webhook.post_retry_count))
        for one in own:
            if one.listens_to(event, specific.get("Body", "")):
                self._fire_scoped(one, event, sent, sid)

    def replay(self, webhook: ScopedWebhook, conversation: Conversation, message: Message) -> None:
        """Send a new scoped webhook a message that is older than it."""
        if webhook.listens_to("onMessageAdded", message.body or ""):
            sent = self._with_common("onMessageAdded", PLATFORM, payloads.message_params(conversation, message))
            self._fire_scoped(webhook, "onMessageAdded", sent, conversation.sid)

    def _fire_scoped(self, webhook: ScopedWebhook, event: str, common: Params, conversation_sid: str | None) -> None:
        """Send an event to a scoped webhook, with its SID, which public software reads there."""
        sent = (*common, ("WebhookSid", webhook.sid))
        url, method = webhook.url or "", webhook.method.upper()
        self.account.outbox.put(OutgoingCall(url, method, sent, event, conversation_sid))

    def approval(
        self, event: str, actor: Actor, conversation_sid: str | None, params: Callable[[], dict[str, str]]
    ) -> Mapping[str, str]:
        """Ask the pre-webhook about a change, if it listens.

        Returns:
            The fields that it changes.

        Raises:
            ApprovalNeeded: its answer is not known yet.
            TwilioError: 50057 when it rejects the change.
        """
        webhook = self.webhook_in_charge
        if not actor.fires or not webhook.is_asked(event):
            return {}
        call = OutgoingCall(
            url=webhook.pre_webhook_url or "",
            method=webhook.method or "POST",
            params=self._with_common(event, actor, params()),
            event=event,
            conversation_sid=conversation_sid,
            retries=webhook.pre_retry_count,
        )
        return self.product.approvals.changes(call)

    def _with_common(self, event: str, actor: Actor, params: dict[str, str]) -> Params:
        named = {"EventType": event, "AccountSid": self.account.sid, "Source": actor.source}
        if actor.identity is not None:
            named["ClientIdentity"] = actor.identity
        return (*named.items(), *params.items())

    def _forget_unique_name(self, conversation: Conversation) -> None:
        if conversation.unique_name:
            self._unique_names.pop(conversation.unique_name, None)


def _state(text: str) -> State:
    if not text:
        raise errors.empty_state()
    if text not in set(SETTABLE_STATES):
        raise errors.invalid_state(text)
    return State(text)


def _email(before: EmailBinding | None, wanted: Fields) -> EmailBinding | None:
    if wanted.email_address is None and wanted.email_name is None:
        return before
    address = wanted.email_address if wanted.email_address is not None else (before.address if before else None)
    name = wanted.email_name if wanted.email_name is not None else (before.name if before else None)
    return EmailBinding(address or None, name or None)


def _wanted_params(service: Service, wanted: Fields) -> dict[str, str]:
    named = {
        "FriendlyName": wanted.friendly_name,
        "UniqueName": wanted.unique_name,
        "MessagingServiceSid": wanted.messaging_service_sid,
    }
    given = {name: value for name, value in named.items() if value}
    return {"ChatServiceSid": service.sid, "Attributes": wanted.attributes or "{}", **given}


def _person(text: str) -> dict[str, str]:
    """A participant's JSON, with the fields of its binding prefixed by their path."""
    try:
        value = parse_json(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise invalid_parameter(f"Participant is no JSON object: {text[:80]}")
    binding = value.pop("messaging_binding", None)
    if isinstance(binding, dict):
        value.update({f"messaging_binding.{name}": each for name, each in binding.items()})
    return {name: each for name, each in value.items() if isinstance(each, str)}
