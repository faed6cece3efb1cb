"""A service and its people as JSON, in the shapes of Twilio's OpenAPI document conversations_v1."""

from __future__ import annotations

from simulator.conversations.contents import Participant
from simulator.conversations.conversation import Conversation
from simulator.conversations.representations.account import webhook_fields
from simulator.conversations.representations.conversation import binding_json, timers_json
from simulator.conversations.roles import Role
from simulator.conversations.service import Service
from simulator.conversations.users import User
from simulator.shared.clock import iso_seconds

Json = dict[str, object]


def service_json(service: Service, root: str) -> Json:
    """A service; `root` ends in /v1."""
    url = f"{root}/Services/{service.sid}"
    return {
        "sid": service.sid,
        "account_sid": service.account.sid,
        "friendly_name": service.friendly_name,
        "date_created": iso_seconds(service.created),
        "date_updated": iso_seconds(service.updated),
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
    """A role; `root` is the address that the request used: .../v1 or .../v1/Services/IS..."""
    return {
        "sid": role.sid,
        "account_sid": service.account.sid,
        "chat_service_sid": service.sid,
        "friendly_name": role.friendly_name,
        "type": role.type,
        "permissions": list(role.permissions),
        "date_created": iso_seconds(role.created),
        "date_updated": iso_seconds(role.updated),
        "url": f"{root}/Roles/{role.sid}",
    }


def service_webhook_json(service: Service, root: str) -> Json:
    """A service's webhook; `root` ends in /v1."""
    return {
        "account_sid": service.account.sid,
        "chat_service_sid": service.sid,
        **webhook_fields(service.webhook),
        "url": f"{root}/Services/{service.sid}/Configuration/Webhooks",
    }


def user_json(service: Service, user: User, root: str) -> Json:
    """A user; reachability is not simulated."""
    url = f"{root}/Users/{user.sid}"
    return {
        "sid": user.sid,
        "account_sid": service.account.sid,
        "chat_service_sid": service.sid,
        "role_sid": user.role_sid,
        "identity": user.identity,
        "friendly_name": user.friendly_name,
        "attributes": user.attributes,
        "is_online": None,
        "is_notifiable": None,
        "date_created": iso_seconds(user.created),
        "date_updated": iso_seconds(user.updated),
        "url": url,
        "links": {"user_conversations": f"{url}/Conversations"},
    }


def user_conversation_json(user: User, conversation: Conversation, participant: Participant, root: str) -> Json:
    """A conversation as one of its users sees it."""
    read, last = participant.last_read_index, conversation.last_index
    return {
        "account_sid": conversation.service.account.sid,
        "chat_service_sid": conversation.service.sid,
        "conversation_sid": conversation.sid,
        "unread_messages_count": None if read is None or last is None else max(0, last - read),
        "last_read_message_index": read,
        "participant_sid": participant.sid,
        "user_sid": user.sid,
        "friendly_name": conversation.friendly_name,
        "conversation_state": conversation.shown_state,
        "timers": timers_json(conversation),
        "attributes": conversation.attributes,
        "date_created": iso_seconds(conversation.created),
        "date_updated": iso_seconds(conversation.updated),
        "created_by": conversation.created_by,
        "notification_level": participant.notification_level,
        "unique_name": conversation.unique_name,
        "url": f"{root}/Users/{user.sid}/Conversations/{conversation.sid}",
        "links": _links(conversation, participant, root),
    }


def participant_conversation_json(conversation: Conversation, participant: Participant, root: str) -> Json:
    """A conversation that somebody takes part in."""
    service, binding = conversation.service, participant.binding
    return {
        "account_sid": service.account.sid,
        "chat_service_sid": service.sid,
        "participant_sid": participant.sid,
        "participant_user_sid": service.users.sid_of(participant.identity),
        "participant_identity": participant.identity,
        "participant_messaging_binding": None if binding is None else binding_json(binding),
        "conversation_sid": conversation.sid,
        "conversation_unique_name": conversation.unique_name,
        "conversation_friendly_name": conversation.friendly_name,
        "conversation_attributes": conversation.attributes,
        "conversation_date_created": iso_seconds(conversation.created),
        "conversation_date_updated": iso_seconds(conversation.updated),
        "conversation_created_by": conversation.created_by,
        "conversation_state": conversation.shown_state,
        "conversation_timers": timers_json(conversation),
        "links": _links(conversation, participant, root),
    }


def _links(conversation: Conversation, participant: Participant, root: str) -> Json:
    url = f"{root}/Conversations/{conversation.sid}"
    return {"participant": f"{url}/Participants/{participant.sid}", "conversation": url}
