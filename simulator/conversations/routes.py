"""Conversations over HTTP: paths and parameters to models and back. Short paths mean the account's default service."""

from __future__ import annotations

from typing import Final

from simulator.conversations import representations as show
from simulator.conversations.contents import Binding
from simulator.conversations.models import Service
from simulator.conversations.webhooks import REST, REST_ECHOED, Actor, WebhookSettings
from simulator.errors import invalid_parameter
from simulator.rest import Answer, Call, Routes, after, page

ROUTES: Final = Routes()

_CONVERSATIONS = ("/v1/Conversations", "/v1/Services/{service_sid}/Conversations")
_CONVERSATION = tuple(f"{path}/{{sid}}" for path in _CONVERSATIONS)
_MESSAGES = tuple(f"{path}/Messages" for path in _CONVERSATION)
_MESSAGE = tuple(f"{path}/{{message_sid}}" for path in _MESSAGES)
_PARTICIPANTS = tuple(f"{path}/Participants" for path in _CONVERSATION)
_PARTICIPANT = tuple(f"{path}/{{participant_sid}}" for path in _PARTICIPANTS)


def _actor(call: Call) -> Actor:
    return REST_ECHOED if call.headers.get("x-twilio-webhook-enabled", "").lower() == "true" else REST


def _service(call: Call, service_sid: str | None) -> Service:
    product = call.account.conversations
    return product.default_service if service_sid is None else product.service(service_sid)


def _root(call: Call, service_sid: str | None) -> str:
    return f"{call.base}/v1" if service_sid is None else f"{call.base}/v1/Services/{service_sid}"


# -- conversations -----------------------------------------------------------------------------------------------------


@ROUTES.on("POST", *_CONVERSATIONS)
def create_conversation(call: Call, service_sid: str | None = None) -> Answer:
    """Create."""
    conversation = _service(call, service_sid).create_conversation(
        _actor(call),
        friendly_name=call.value("FriendlyName"),
        unique_name=call.value("UniqueName"),
        messaging_service_sid=call.value("MessagingServiceSid"),
        attributes=call.value("Attributes"),
        state=call.value("State"),
        inactive=call.value("Timers.Inactive"),
        closed=call.value("Timers.Closed"),
    )
    return Answer(201, show.conversation_json(conversation, _root(call, service_sid)))


@ROUTES.on("GET", *_CONVERSATIONS)
def list_conversations(call: Call, service_sid: str | None = None) -> Answer:
    """List in order of creation."""
    found = _service(call, service_sid).list_conversations(state=call.asked("State"), after=after(call))
    root = _root(call, service_sid)
    return page(call, "conversations", found, lambda row: show.conversation_json(row, root), lambda row: row.sequence)


@ROUTES.on("GET", *_CONVERSATION)
def fetch_conversation(call: Call, sid: str, service_sid: str | None = None) -> Answer:
    """Fetch by SID or unique name."""
    conversation = _service(call, service_sid).conversation(sid)
    return Answer(200, show.conversation_json(conversation, _root(call, service_sid)))


@ROUTES.on("POST", *_CONVERSATION)
def update_conversation(call: Call, sid: str, service_sid: str | None = None) -> Answer:
    """Update."""
    conversation = _service(call, service_sid).update_conversation(
        sid,
        _actor(call),
        friendly_name=call.value("FriendlyName"),
        unique_name=call.value("UniqueName"),
        attributes=call.value("Attributes"),
        state=call.value("State"),
        inactive=call.value("Timers.Inactive"),
        closed=call.value("Timers.Closed"),
    )
    return Answer(200, show.conversation_json(conversation, _root(call, service_sid)))


@ROUTES.on("DELETE", *_CONVERSATION)
def delete_conversation(call: Call, sid: str, service_sid: str | None = None) -> Answer:
    """Delete."""
    _service(call, service_sid).delete_conversation(sid, _actor(call))
    return Answer(204)


# -- messages ----------------------------------------------------------------------------------------------------------


@ROUTES.on("POST", *_MESSAGES)
def create_message(call: Call, sid: str, service_sid: str | None = None) -> Answer:
    """Create; without an author it is `system`'s."""
    conversation = _service(call, service_sid).conversation(sid)
    message = conversation.add_message(
        _actor(call),
        author=call.value("Author"),
        body=call.value("Body"),
        attributes=call.value("Attributes") or "{}",
    )
    return Answer(201, show.message_json(conversation, message, _root(call, service_sid)))


@ROUTES.on("GET", *_MESSAGES)
def list_messages(call: Call, sid: str, service_sid: str | None = None) -> Answer:
    """List by index, ascending unless Order=desc."""
    conversation = _service(call, service_sid).conversation(sid)
    order = call.asked("Order") or "asc"
    if order not in {"asc", "desc"}:
        raise invalid_parameter(f"Invalid Order value given: {order}")
    if order == "desc":
        before = after(call, start=10**18)
        found = (row for row in reversed(conversation.messages.values()) if row.index < before)
    else:
        begin = after(call)
        found = (row for row in conversation.messages.values() if row.index > begin)
    root = _root(call, service_sid)
    return page(call, "messages", found, lambda row: show.message_json(conversation, row, root), lambda row: row.index)


@ROUTES.on("GET", *_MESSAGE)
def fetch_message(call: Call, sid: str, message_sid: str, service_sid: str | None = None) -> Answer:
    """Fetch."""
    conversation = _service(call, service_sid).conversation(sid)
    return Answer(200, show.message_json(conversation, conversation.message(message_sid), _root(call, service_sid)))


@ROUTES.on("POST", *_MESSAGE)
def update_message(call: Call, sid: str, message_sid: str, service_sid: str | None = None) -> Answer:
    """Edit."""
    conversation = _service(call, service_sid).conversation(sid)
    message = conversation.update_message(
        message_sid,
        _actor(call),
        body=call.value("Body"),
        attributes=call.value("Attributes"),
        author=call.value("Author"),
    )
    return Answer(200, show.message_json(conversation, message, _root(call, service_sid)))


@ROUTES.on("DELETE", *_MESSAGE)
def delete_message(call: Call, sid: str, message_sid: str, service_sid: str | None = None) -> Answer:
    """Delete."""
    _service(call, service_sid).conversation(sid).delete_message(message_sid, _actor(call))
    return Answer(204)


# -- participants ------------------------------------------------------------------------------------------------------


@ROUTES.on("POST", *_PARTICIPANTS)
def create_participant(call: Call, sid: str, service_sid: str | None = None) -> Answer:
    """Add by identity or by messaging binding."""
    conversation = _service(call, service_sid).conversation(sid)
    address = call.value("MessagingBinding.Address")
    participant = conversation.add_participant(
        _actor(call),
        identity=call.value("Identity"),
        binding=None if not address else Binding(_kind(address), address, call.value("MessagingBinding.ProxyAddress")),
        role_sid=call.value("RoleSid"),
        attributes=call.value("Attributes") or "{}",
    )
    return Answer(201, show.participant_json(conversation, participant, _root(call, service_sid)))


@ROUTES.on("GET", *_PARTICIPANTS)
def list_participants(call: Call, sid: str, service_sid: str | None = None) -> Answer:
    """List in order of arrival."""
    conversation = _service(call, service_sid).conversation(sid)
    begin = after(call)
    found = (row for row in enumerate(conversation.participants.values()) if row[0] > begin)
    root = _root(call, service_sid)
    return page(
        call, "participants", found, lambda row: show.participant_json(conversation, row[1], root), lambda row: row[0]
    )


@ROUTES.on("GET", *_PARTICIPANT)
def fetch_participant(call: Call, sid: str, participant_sid: str, service_sid: str | None = None) -> Answer:
    """Fetch by SID or identity."""
    conversation = _service(call, service_sid).conversation(sid)
    participant = conversation.participant(participant_sid)
    return Answer(200, show.participant_json(conversation, participant, _root(call, service_sid)))


@ROUTES.on("POST", *_PARTICIPANT)
def update_participant(call: Call, sid: str, participant_sid: str, service_sid: str | None = None) -> Answer:
    """Update attributes or role."""
    conversation = _service(call, service_sid).conversation(sid)
    participant = conversation.update_participant(
        participant_sid, _actor(call), attributes=call.value("Attributes"), role_sid=call.value("RoleSid")
    )
    return Answer(200, show.participant_json(conversation, participant, _root(call, service_sid)))


@ROUTES.on("DELETE", *_PARTICIPANT)
def delete_participant(call: Call, sid: str, participant_sid: str, service_sid: str | None = None) -> Answer:
    """Remove."""
    conversation = _service(call, service_sid).conversation(sid)
    conversation.remove_participant(participant_sid, _actor(call))
    return Answer(204)


def _kind(address: str) -> str:
    """Addresses outside SMS carry their channel in front: `whatsapp:+15550100`."""
    head, found, _ = address.partition(":")
    return head if found else "sms"


# -- services and configuration ----------------------------------------------------------------------------------------


@ROUTES.on("GET", "/v1/Services")
def list_services(call: Call) -> Answer:
    """List."""
    begin = after(call)
    found = (row for row in enumerate(call.account.conversations.services.values()) if row[0] > begin)
    return page(call, "services", found, lambda row: show.service_json(row[1], f"{call.base}/v1"), lambda row: row[0])


@ROUTES.on("POST", "/v1/Services")
def create_service(call: Call) -> Answer:
    """Create."""
    service = call.account.conversations.create_service(call.value("FriendlyName"))
    return Answer(201, show.service_json(service, f"{call.base}/v1"))


@ROUTES.on("GET", "/v1/Services/{service_sid}")
def fetch_service(call: Call, service_sid: str) -> Answer:
    """Fetch."""
    return Answer(200, show.service_json(_service(call, service_sid), f"{call.base}/v1"))


@ROUTES.on("DELETE", "/v1/Services/{service_sid}")
def delete_service(call: Call, service_sid: str) -> Answer:
    """Delete."""
    call.account.conversations.delete_service(service_sid)
    return Answer(204)


@ROUTES.on("GET", "/v1/Services/{service_sid}/Configuration")
def fetch_service_configuration(call: Call, service_sid: str) -> Answer:
    """Fetch. There is no timer here: default timers are the account's."""
    return Answer(200, show.service_configuration_json(_service(call, service_sid), f"{call.base}/v1"))


@ROUTES.on("POST", "/v1/Services/{service_sid}/Configuration")
def update_service_configuration(call: Call, service_sid: str) -> Answer:
    """Update."""
    service = _service(call, service_sid)
    service.configure(
        default_conversation_creator_role_sid=call.value("DefaultConversationCreatorRoleSid"),
        default_conversation_role_sid=call.value("DefaultConversationRoleSid"),
        default_chat_service_role_sid=call.value("DefaultChatServiceRoleSid"),
        reachability_enabled=call.value("ReachabilityEnabled"),
    )
    return Answer(200, show.service_configuration_json(service, f"{call.base}/v1"))


@ROUTES.on("GET", "/v1/Services/{service_sid}/Roles")
def list_roles(call: Call, service_sid: str) -> Answer:
    """List: how a client tells an agent's role from a customer's."""
    service = _service(call, service_sid)
    begin = after(call)
    found = (row for row in enumerate(service.roles.values()) if row[0] > begin)
    return page(
        call, "roles", found, lambda row: show.role_json(service, row[1], f"{call.base}/v1"), lambda row: row[0]
    )


@ROUTES.on("GET", "/v1/Services/{service_sid}/Roles/{sid}")
def fetch_role(call: Call, service_sid: str, sid: str) -> Answer:
    """Fetch."""
    service = _service(call, service_sid)
    return Answer(200, show.role_json(service, service.role(sid), f"{call.base}/v1"))


@ROUTES.on("GET", "/v1/Services/{service_sid}/Configuration/Webhooks")
def fetch_service_webhook(call: Call, service_sid: str) -> Answer:
    """Fetch; unset is all null."""
    return Answer(200, show.service_webhook_json(_service(call, service_sid), f"{call.base}/v1"))


@ROUTES.on("POST", "/v1/Services/{service_sid}/Configuration/Webhooks")
def update_service_webhook(call: Call, service_sid: str) -> Answer:
    """Update what is given."""
    service = _service(call, service_sid)
    _update_webhook(call, service.webhook)
    return Answer(200, show.service_webhook_json(service, f"{call.base}/v1"))


@ROUTES.on("GET", "/v1/Configuration")
def fetch_configuration(call: Call) -> Answer:
    """Fetch."""
    return Answer(200, show.configuration_json(call.account.conversations, f"{call.base}/v1"))


@ROUTES.on("POST", "/v1/Configuration")
def update_configuration(call: Call) -> Answer:
    """Update what is given."""
    product = call.account.conversations
    product.update_configuration(
        default_chat_service_sid=call.value("DefaultChatServiceSid"),
        default_messaging_service_sid=call.value("DefaultMessagingServiceSid"),
        default_inactive_timer=call.value("DefaultInactiveTimer"),
        default_closed_timer=call.value("DefaultClosedTimer"),
    )
    return Answer(200, show.configuration_json(product, f"{call.base}/v1"))


@ROUTES.on("GET", "/v1/Configuration/Webhooks")
def fetch_account_webhook(call: Call) -> Answer:
    """Fetch."""
    return Answer(200, show.account_webhook_json(call.account.conversations, f"{call.base}/v1"))


@ROUTES.on("POST", "/v1/Configuration/Webhooks")
def update_account_webhook(call: Call) -> Answer:
    """Update what is given."""
    product = call.account.conversations
    _update_webhook(call, product.webhook)
    product.webhook.retarget(call.value("Target"))
    return Answer(200, show.account_webhook_json(product, f"{call.base}/v1"))


def _update_webhook(call: Call, webhook: WebhookSettings) -> None:
    webhook.update(
        pre_webhook_url=call.value("PreWebhookUrl"),
        post_webhook_url=call.value("PostWebhookUrl"),
        filters=call.values("Filters"),
        method=call.value("Method"),
    )
