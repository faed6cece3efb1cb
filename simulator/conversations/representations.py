"""Conversations resources as JSON, in the shapes of Twilio's OpenAPI document conversations_v1.

`root` is the address under which the resource was asked for: `.../v1` or `.../v1/Services/IS...`.
"""

from __future__ import annotations

from simulator.clock import iso_seconds
from simulator.conversations.contents import Message, Participant
from simulator.conversations.conversation import Conversation
from simulator.conversations.models import Conversations, Service
from simulator.conversations.roles import Role
from simulator.conversations.webhooks import WebhookSettings

Json = dict[str, object]


def conversation_json(conversation: Conversation, root: str) -> Json:
    """A conversation; `timers` shows only what is armed."""
    url = f"{root}/Conversations/{conversation.sid}"
    timers: Json = {}
    if conversation.inactive_timer.due is not None:
        timers["date_inactive"] = iso_seconds(conversation.inactive_timer.due)
    if conversation.closed_timer.due is not None:
        timers["date_closed"] = iso_seconds(conversation.closed_timer.due)
    return {
        "sid": conversation.sid,
        "account_sid": conversation.service.account.sid,
        "chat_service_sid": conversation.service.sid,
        "messaging_service_sid": conversation.messaging_service_sid,
        "friendly_name": conversation.friendly_name,
        "unique_name": conversation.unique_name,
        "attributes": conversation.attributes,
        "date_created": iso_seconds(conversation.created),
        "date_updated": iso_seconds(conversation.updated),
        "state": conversation.state.value,
        "timers": timers,
        "bindings": {},
        "url": url,
        "links": {
            "participants": f"{url}/Participants",
            "messages": f"{url}/Messages",
            "webhooks": f"{url}/Webhooks",
            "export": f"{url}/Export",
        },
    }


def message_json(conversation: Conversation, message: Message, root: str) -> Json:
    """A message."""
    url = f"{root}/Conversations/{conversation.sid}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": conversation.service.account.sid,
        "chat_service_sid": conversation.service.sid,
        "conversation_sid": conversation.sid,
        "body": message.body,
        "media": None,
        "author": message.author,
        "participant_sid": message.participant_sid,
        "attributes": message.attributes,
        "date_created": iso_seconds(message.created),
        "date_updated": iso_seconds(message.updated),
        "index": message.index,
        "delivery": None,
        "content_sid": None,
        "url": url,
        "links": {"delivery_receipts": f"{url}/Receipts", "channel_metadata": f"{url}/ChannelMetadata"},
    }


def participant_json(conversation: Conversation, participant: Participant, root: str) -> Json:
    """A participant: chat ones have an identity, others a messaging binding."""
    binding = participant.binding
    return {
        "sid": participant.sid,
        "account_sid": conversation.service.account.sid,
        "chat_service_sid": conversation.service.sid,
        "conversation_sid": conversation.sid,
        "identity": participant.identity,
        "attributes": participant.attributes,
        "messaging_binding": None
        if binding is None
        else {"type": binding.kind, "address": binding.address, "proxy_address": binding.proxy_address},
        "role_sid": participant.role_sid,
        "date_created": iso_seconds(participant.created),
        "date_updated": iso_seconds(participant.updated),
        "url": f"{root}/Conversations/{conversation.sid}/Participants/{participant.sid}",
        "last_read_message_index": None,
        "last_read_timestamp": None,
    }


def service_json(service: Service, root: str) -> Json:
    """A service; `root` ends in /v1."""
    url = f"{root}/Services/{service.sid}"
    return {
        "sid": service.sid,
        "account_sid": service.account.sid,
        "friendly_name": service.friendly_name,
        "date_created": iso_seconds(service.created),
        "date_updated": iso_seconds(service.created),
        "url": url,
        "links": {
            "conversations": f"{url}/Conversations",
            "users": f"{url}/Users",
            "roles": f"{url}/Roles",
            "bindings": f"{url}/Bindings",
            "configuration": f"{url}/Configuration",
            "participant_conversations": f"{url}/ParticipantConversations",
            "conversation_with_participants": f"{url}/ConversationWithParticipants",
        },
    }


def service_configuration_json(service: Service, root: str) -> Json:
    """A service's configuration; `root` ends in /v1."""
    url = f"{root}/Services/{service.sid}/Configuration"
    return {
        "chat_service_sid": service.sid,
        "default_conversation_creator_role_sid": service.default_conversation_creator_role_sid,
        "default_conversation_role_sid": service.default_conversation_role_sid,
        "default_chat_service_role_sid": service.default_chat_service_role_sid,
        "reachability_enabled": service.reachability_enabled,
        "url": url,
        "links": {"notifications": f"{url}/Notifications", "webhooks": f"{url}/Webhooks"},
    }


def role_json(service: Service, role: Role, root: str) -> Json:
    """A role of a service; `root` ends in /v1."""
    return {
        "sid": role.sid,
        "account_sid": service.account.sid,
        "chat_service_sid": service.sid,
        "friendly_name": role.friendly_name,
        "type": role.type,
        "permissions": list(role.permissions),
        "date_created": iso_seconds(role.created),
        "date_updated": iso_seconds(role.created),
        "url": f"{root}/Services/{service.sid}/Roles/{role.sid}",
    }


def configuration_json(product: Conversations, root: str) -> Json:
    """The account's configuration; `root` ends in /v1."""
    configuration = product.configuration
    return {
        "account_sid": product.account.sid,
        "default_chat_service_sid": configuration.default_chat_service_sid,
        "default_messaging_service_sid": configuration.default_messaging_service_sid,
        "default_inactive_timer": configuration.default_inactive_timer,
        "default_closed_timer": configuration.default_closed_timer,
        "url": f"{root}/Configuration",
        "links": {
            "service": f"{root}/Services/{configuration.default_chat_service_sid}/Configuration",
            "webhooks": f"{root}/Configuration/Webhooks",
        },
    }


def account_webhook_json(product: Conversations, root: str) -> Json:
    """The account's webhook; `root` ends in /v1."""
    return {
        "account_sid": product.account.sid,
        **_webhook(product.webhook),
        "target": product.webhook.target,
        "url": f"{root}/Configuration/Webhooks",
    }


def service_webhook_json(service: Service, root: str) -> Json:
    """A service's webhook; `root` ends in /v1."""
    return {
        "account_sid": service.account.sid,
        "chat_service_sid": service.sid,
        **_webhook(service.webhook),
        "url": f"{root}/Services/{service.sid}/Configuration/Webhooks",
    }


def _webhook(settings: WebhookSettings) -> Json:
    return {
        "pre_webhook_url": settings.pre_webhook_url,
        "post_webhook_url": settings.post_webhook_url,
        "filters": settings.filters,
        "method": settings.method,
    }
