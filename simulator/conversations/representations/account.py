"""An account's configuration as JSON, in the shapes of Twilio's OpenAPI document conversations_v1.

`root` ends in /v1.
"""

from __future__ import annotations

from simulator.conversations.addresses import Address
from simulator.conversations.models import Conversations
from simulator.conversations.webhooks import WebhookSettings
from simulator.shared.clock import iso_seconds

Json = dict[str, object]


def configuration_json(product: Conversations, root: str) -> Json:
    """The account's configuration."""
    configuration = product.configuration
    return {
        "account_sid": product.account.sid,
        "default_chat_service_sid": configuration.default_chat_service_sid,
        "default_messaging_service_sid": configuration.default_messaging_service_sid,
        "default_inactive_timer": product.shown_timer(configuration.default_inactive_timer),
        "default_closed_timer": product.shown_timer(configuration.default_closed_timer),
        "url": f"{root}/Configuration",
        "links": {
            "service": f"{root}/Services/{configuration.default_chat_service_sid}/Configuration",
            "webhooks": f"{root}/Configuration/Webhooks",
        },
    }


def account_webhook_json(product: Conversations, root: str) -> Json:
    """The account's webhook."""
    return {
        "account_sid": product.account.sid,
        **webhook_fields(product.webhook),
        "target": product.webhook.target,
        "url": f"{root}/Configuration/Webhooks",
    }


def address_json(product: Conversations, address: Address, root: str) -> Json:
    """An address configuration; `auto_creation` has the fields of its type."""
    auto = address.auto_creation
    shown: Json = {"enabled": auto.enabled, "type": auto.type}
    if auto.conversation_service_sid is not None:
        shown["conversation_service_sid"] = auto.conversation_service_sid
    if auto.type == "webhook":
        shown.update(
            webhook_url=auto.webhook_url,
            webhook_method=auto.webhook_method or "POST",
            webhook_filters=list(auto.webhook_filters),
        )
    if auto.type == "studio":
        shown.update(studio_flow_sid=auto.studio_flow_sid, studio_retry_count=auto.studio_retry_count or 0)
    return {
        "sid": address.sid,
        "account_sid": product.account.sid,
        "type": address.type,
        "address": address.address,
        "friendly_name": address.friendly_name,
        "auto_creation": shown,
        "address_country": address.country,
        "date_created": iso_seconds(address.created),
        "date_updated": iso_seconds(address.updated),
        "url": f"{root}/Configuration/Addresses/{address.sid}",
    }


def webhook_fields(settings: WebhookSettings) -> Json:
    """The fields that the webhooks of accounts and services share."""
    return {
        "pre_webhook_url": settings.pre_webhook_url,
        "post_webhook_url": settings.post_webhook_url,
        "filters": settings.filters,
        "method": settings.method,
    }
