"""The parameters of webhooks, by event.

Source: https://www.twilio.com/docs/conversations-classic/conversations-webhooks, November 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.conversations.contents import Binding, Message, Participant, Receipt
from simulator.shared.clock import iso_milliseconds, iso_seconds

if TYPE_CHECKING:
    from simulator.conversations.conversation import Conversation, StateChange
    from simulator.conversations.service import Service
    from simulator.conversations.users import User


def conversation_params(conversation: Conversation) -> dict[str, str]:
    """The parameters of onConversationAdded, Updated and Removed."""
    params = {
        "ConversationSid": conversation.sid,
        "ChatServiceSid": conversation.service.sid,
        "DateCreated": iso_milliseconds(conversation.created),
        "DateUpdated": iso_milliseconds(conversation.updated),
        "Attributes": conversation.attributes,
        "State": conversation.shown_state,
    }
    if conversation.friendly_name is not None:
        params["FriendlyName"] = conversation.friendly_name
    if conversation.unique_name is not None:
        params["UniqueName"] = conversation.unique_name
    if conversation.messaging_service_sid is not None:
        params["MessagingServiceSid"] = conversation.messaging_service_sid
    return params


def state_params(conversation: Conversation, change: StateChange) -> dict[str, str]:
    """The parameters of onConversationStateUpdated, which include neither `State` nor the attributes."""
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


def draft_params(
    conversation: Conversation, author: str, body: str | None, attributes: str, participant: Participant | None
) -> dict[str, str]:
    """The parameters of onMessageAdd: a message that has no SID and no index yet."""
    params = {
        "ConversationSid": conversation.sid,
        "Body": body or "",
        "Author": author,
        "Attributes": attributes,
    }
    if participant is not None:
        params["ParticipantSid"] = participant.sid
    if conversation.messaging_service_sid is not None:
        params["MessagingServiceSid"] = conversation.messaging_service_sid
    return params


def message_params(conversation: Conversation, message: Message) -> dict[str, str]:
    """The parameters of onMessageAdded, Updated, Removed and of the pre-events of the latter two."""
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


def delivery_params(conversation: Conversation, message: Message, receipt: Receipt) -> dict[str, str]:
    """The parameters of onDeliveryUpdated.

    Source: https://www.twilio.com/docs/events/event-types/conversations/delivery, November 2026.
    """
    return {
        "ChatServiceSid": conversation.service.sid,
        "ConversationSid": conversation.sid,
        "MessageSid": message.sid,
        "DeliveryReceiptSid": receipt.sid,
        "ChannelMessageSid": receipt.channel_message_sid,
        "ParticipantSid": receipt.participant_sid,
        "Status": receipt.status.value,
        "ErrorCode": str(receipt.error_code),
        "DateCreated": iso_milliseconds(receipt.created),
        "DateUpdated": iso_milliseconds(receipt.updated),
    }


def participant_params(conversation: Conversation, participant: Participant) -> dict[str, str]:
    """The parameters of onParticipantAdded, Updated, Removed and their pre-events.

    Before it is added, a participant has no SID.
    """
    params = {"ConversationSid": conversation.sid}
    if participant.sid:
        params["ParticipantSid"] = participant.sid
        params["DateCreated"] = iso_seconds(participant.created)
    params["Attributes"] = participant.attributes
    if participant.role_sid is not None:
        params["RoleSid"] = participant.role_sid
    if participant.identity is not None:
        params["Identity"] = participant.identity
    if participant.binding is not None:
        params.update(_binding(participant.binding))
    return params


def user_params(service: Service, user: User) -> dict[str, str]:
    """The parameters of onUserAdded, onUserUpdate and onUserUpdated."""
    params = {
        "ChatServiceSid": service.sid,
        "UserSid": user.sid,
        "Identity": user.identity,
        "RoleSid": user.role_sid,
        "Attributes": user.attributes,
        "DateUpdated": iso_milliseconds(user.updated),
    }
    if user.friendly_name is not None:
        params["FriendlyName"] = user.friendly_name
    return params


def _binding(binding: Binding) -> dict[str, str]:
    params = {"MessagingBinding.Type": binding.kind.upper()}
    if binding.address is not None:
        params["MessagingBinding.Address"] = binding.address
    if binding.proxy_address is not None:
        params["MessagingBinding.ProxyAddress"] = binding.proxy_address
    if binding.projected_address is not None:
        params["MessagingBinding.ProjectedAddress"] = binding.projected_address
    return params
