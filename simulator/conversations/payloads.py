"""What webhooks are told about a change, event by event (Twilio docs, conversations webhooks)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.clock import iso_milliseconds, iso_seconds
from simulator.conversations.contents import Message, Participant

if TYPE_CHECKING:
    from simulator.conversations.conversation import Conversation, StateChange


def conversation_params(conversation: Conversation) -> dict[str, str]:
    """What onConversationAdded, Updated and Removed say."""
    params = {
        "ConversationSid": conversation.sid,
        "ChatServiceSid": conversation.service.sid,
        "DateCreated": iso_milliseconds(conversation.created),
        "DateUpdated": iso_milliseconds(conversation.updated),
        "Attributes": conversation.attributes,
        "State": conversation.state.value,
    }
    if conversation.friendly_name is not None:
        params["FriendlyName"] = conversation.friendly_name
    if conversation.unique_name is not None:
        params["UniqueName"] = conversation.unique_name
    if conversation.messaging_service_sid is not None:
        params["MessagingServiceSid"] = conversation.messaging_service_sid
    return params


def state_params(conversation: Conversation, change: StateChange) -> dict[str, str]:
    """What onConversationStateUpdated says: neither `State` nor attributes, as consumers keep finding out."""
    params = {
        "ChatServiceSid": conversation.service.sid,
        "ConversationSid": conversation.sid,
        "StateUpdated": iso_milliseconds(change.at),
        "StateFrom": change.state_from.value,
        "StateTo": change.state_to.value,
        "Reason": change.reason.value,
    }
    if conversation.messaging_service_sid is not None:
        params["MessagingServiceSid"] = conversation.messaging_service_sid
    return params


def message_params(conversation: Conversation, message: Message) -> dict[str, str]:
    """What onMessageAdded, Updated and Removed say."""
    params = {
        "ConversationSid": conversation.sid,
        "MessageSid": message.sid,
        "Index": str(message.index),
        "DateCreated": iso_milliseconds(message.created),
        "Body": message.body or "",
        "Author": message.author,
        "Attributes": message.attributes,
    }
    if message.participant_sid is not None:
        params["ParticipantSid"] = message.participant_sid
    if conversation.messaging_service_sid is not None:
        params["MessagingServiceSid"] = conversation.messaging_service_sid
    return params


def participant_params(conversation: Conversation, participant: Participant) -> dict[str, str]:
    """What onParticipantAdded, Updated and Removed say."""
    params = {
        "ConversationSid": conversation.sid,
        "ParticipantSid": participant.sid,
        "DateCreated": iso_seconds(participant.created),
        "Attributes": participant.attributes,
    }
    if participant.role_sid is not None:
        params["RoleSid"] = participant.role_sid
    if participant.identity is not None:
        params["Identity"] = participant.identity
    if participant.binding is not None:
        params["MessagingBinding.Address"] = participant.binding.address
        params["MessagingBinding.Type"] = participant.binding.kind.upper()
        if participant.binding.proxy_address is not None:
            params["MessagingBinding.ProxyAddress"] = participant.binding.proxy_address
    return params
