"""A conversation and what it holds as JSON, in the shapes of Twilio's OpenAPI document conversations_v1.

`root` is the address that the request used: `.../v1` or `.../v1/Services/IS...`.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from simulator.conversations.contents import Binding, DeliveryStatus, Message, Participant, Receipt
from simulator.conversations.conversation import Conversation
from simulator.conversations.scoped_webhooks import ScopedWebhook, Target
from simulator.shared.clock import iso_seconds

Json = dict[str, object]


def conversation_json(conversation: Conversation, root: str) -> Json:
    """A conversation; `timers` has only those that are armed."""
    url = f"{root}/Conversations/{conversation.sid}"
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
        "state": conversation.shown_state,
        "timers": timers_json(conversation),
        "bindings": _bindings(conversation),
        "url": url,
        "links": {
            "participants": f"{url}/Participants",
            "messages": f"{url}/Messages",
            "webhooks": f"{url}/Webhooks",
            "export": f"{url}/Export",
        },
    }


def timers_json(conversation: Conversation) -> Json:
    """When its timers fire; only those that are armed."""
    timers: Json = {}
    if conversation.inactive_timer.due is not None:
        timers["date_inactive"] = iso_seconds(conversation.inactive_timer.due)
    if conversation.closed_timer.due is not None:
        timers["date_closed"] = iso_seconds(conversation.closed_timer.due)
    return timers


def _bindings(conversation: Conversation) -> Json:
    email = conversation.email
    return {} if email is None else {"email": {"address": email.address, "name": email.name}}


def message_json(conversation: Conversation, message: Message, root: str) -> Json:
    """A message."""
    url = f"{root}/Conversations/{conversation.sid}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": conversation.service.account.sid,
        **_service_sid(conversation, root),
        "conversation_sid": conversation.sid,
        "body": message.body,
        "media": None if message.media_sid is None else [{"sid": message.media_sid, "category": "media"}],
        "author": message.author,
        "participant_sid": message.participant_sid,
        "attributes": message.attributes,
        "date_created": iso_seconds(message.created),
        "date_updated": iso_seconds(message.updated),
        "index": message.index,
        "delivery": _delivery(message),
        "content_sid": message.content_sid,
        "url": url,
        "links": {"delivery_receipts": f"{url}/Receipts", "channel_metadata": f"{url}/ChannelMetadata"},
    }


def participant_json(conversation: Conversation, participant: Participant, root: str) -> Json:
    """A participant: in chat it has an identity, elsewhere a messaging binding."""
    binding = participant.binding
    return {
        "sid": participant.sid,
        "account_sid": conversation.service.account.sid,
        **_service_sid(conversation, root),
        "conversation_sid": conversation.sid,
        "identity": participant.identity,
        "attributes": participant.attributes,
        "messaging_binding": None if binding is None else binding_json(binding),
        "role_sid": participant.role_sid,
        "date_created": iso_seconds(participant.created),
        "date_updated": iso_seconds(participant.updated),
        "url": f"{root}/Conversations/{conversation.sid}/Participants/{participant.sid}",
        "last_read_message_index": participant.last_read_index,
        "last_read_timestamp": participant.last_read_at,
    }


def binding_json(binding: Binding) -> Json:
    """How a participant outside chat is reached."""
    projected: Json = {} if binding.projected_address is None else {"projected_address": binding.projected_address}
    return {
        "type": binding.kind,
        "address": binding.address,
        "proxy_address": binding.proxy_address,
        **projected,
    }


def receipt_json(conversation: Conversation, message: Message, receipt: Receipt, root: str) -> Json:
    """A delivery receipt."""
    return {
        "sid": receipt.sid,
        "account_sid": conversation.service.account.sid,
        **_service_sid(conversation, root),
        "conversation_sid": conversation.sid,
        "message_sid": message.sid,
        "channel_message_sid": receipt.channel_message_sid,
        "participant_sid": receipt.participant_sid,
        "status": receipt.status.value,
        "error_code": receipt.error_code,
        "date_created": iso_seconds(receipt.created),
        "date_updated": iso_seconds(receipt.updated),
        "url": f"{root}/Conversations/{conversation.sid}/Messages/{message.sid}/Receipts/{receipt.sid}",
    }


def scoped_webhook_json(conversation: Conversation, webhook: ScopedWebhook, root: str) -> Json:
    """A scoped webhook; its configuration has the fields of its target."""
    configuration: Json = {}
    if webhook.target is Target.STUDIO:
        configuration["flow_sid"] = webhook.flow_sid
    else:
        configuration.update(url=webhook.url, method=webhook.method)
    if webhook.filters:
        configuration["filters"] = list(webhook.filters)
    if webhook.triggers:
        configuration["triggers"] = list(webhook.triggers)
    if webhook.replay_after is not None:
        configuration["replay_after"] = webhook.replay_after
    return {
        "sid": webhook.sid,
        "account_sid": conversation.service.account.sid,
        **_service_sid(conversation, root),
        "conversation_sid": conversation.sid,
        "target": webhook.target.value,
        "configuration": configuration,
        "date_created": iso_seconds(webhook.created),
        "date_updated": iso_seconds(webhook.updated),
        "url": f"{root}/Conversations/{conversation.sid}/Webhooks/{webhook.sid}",
    }


_STAGES: Final = {
    DeliveryStatus.SENT: (DeliveryStatus.SENT,),
    DeliveryStatus.DELIVERED: (DeliveryStatus.SENT, DeliveryStatus.DELIVERED),
    DeliveryStatus.READ: (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ),
    DeliveryStatus.FAILED: (DeliveryStatus.FAILED,),
    DeliveryStatus.UNDELIVERED: (DeliveryStatus.SENT, DeliveryStatus.UNDELIVERED),
}
"""The statuses that a message with this status has been through."""


def _delivery(message: Message) -> Json | None:
    """The summary of deliveries outside chat; None if there are none."""
    if not message.receipts:
        return None
    counts = Counter(stage for receipt in message.receipts for stage in _STAGES[receipt.status])
    total = len(message.receipts)
    return {
        "total": total,
        **{
            status.value: "all" if counts[status] == total else "some" if counts[status] else "none"
            for status in DeliveryStatus
        },
    }


def _service_sid(conversation: Conversation, root: str) -> Json:
    """The service's SID, which is shown only under the service's own paths."""
    return {"chat_service_sid": conversation.service.sid} if "/Services/" in root else {}
