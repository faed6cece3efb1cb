"""Chat v2 over HTTP: services."""

from __future__ import annotations

from typing import Final

from simulator.chat.models import NOTIFICATIONS, Chat, truth
from simulator.chat.representations import service_json
from simulator.conversations.contents import valid_friendly_name
from simulator.shared.rest import Answer, Call, Routes, after, page

ROUTES: Final[Routes[Chat]] = Routes()
_SETTINGS: Final = {
    "read_status_enabled": "ReadStatusEnabled",
    "typing_indicator_timeout": "TypingIndicatorTimeout",
    "consumption_report_interval": "ConsumptionReportInterval",
    "channel_members": "Limits.ChannelMembers",
    "user_channels": "Limits.UserChannels",
    "compatibility_message": "Media.CompatibilityMessage",
    "log_enabled": "Notifications.LogEnabled",
}
"""Attributes of `ChatSettings`, and their names in forms."""


@ROUTES.on("POST", "/v2/Services")
def create_service(call: Call[Chat]) -> Answer:
    """Create a service in both APIs."""
    service = call.product.conversations.create_service(call.value("FriendlyName"))
    return Answer(201, service_json(call.product, service, call.base))


@ROUTES.on("GET", "/v2/Services")
def list_services(call: Call[Chat]) -> Answer:
    """List."""
    begin, chat = after(call), call.product
    found = (row for row in enumerate(call.product.conversations.services.values()) if row[0] > begin)
    return page(call, "services", found, lambda row: service_json(chat, row[1], call.base), lambda row: row[0])


@ROUTES.on("GET", "/v2/Services/{sid}")
def fetch_service(call: Call[Chat], sid: str) -> Answer:
    """Fetch."""
    return Answer(200, service_json(call.product, call.product.conversations.service(sid), call.base))


@ROUTES.on("POST", "/v2/Services/{sid}")
def update_service(call: Call[Chat], sid: str) -> Answer:
    """Update what is given."""
    chat = call.product
    service = call.product.conversations.service(sid)
    friendly_name = call.value("FriendlyName")
    if friendly_name:
        valid_friendly_name(friendly_name)
    notifications = _notifications(call)
    wanted = {name: text for name, field in _SETTINGS.items() if (text := call.value(field)) is not None}
    roles = {
        "default_chat_service_role_sid": call.value("DefaultServiceRoleSid"),
        "default_conversation_role_sid": call.value("DefaultChannelRoleSid"),
        "default_conversation_creator_role_sid": call.value("DefaultChannelCreatorRoleSid"),
    }
    chat.update_webhook(
        service,
        pre_webhook_url=call.value("PreWebhookUrl"),
        post_webhook_url=call.value("PostWebhookUrl"),
        filters=call.values("WebhookFilters"),
        method=call.value("WebhookMethod"),
        pre_retry_count=call.value("PreWebhookRetryCount"),
        post_retry_count=call.value("PostWebhookRetryCount"),
    )
    chat.update_settings(service, wanted)
    service.configure(**roles, reachability_enabled=call.value("ReachabilityEnabled"))
    for name, changes in notifications.items():
        chat.settings(service).notifications[name].update(changes)
    service.friendly_name = friendly_name or service.friendly_name
    service.updated = call.product.conversations.account.clock.now
    return Answer(200, service_json(chat, service, call.base))


@ROUTES.on("DELETE", "/v2/Services/{sid}")
def delete_service(call: Call[Chat], sid: str) -> Answer:
    """Delete a service in both APIs."""
    call.product.conversations.delete_service(sid)
    return Answer(204)


def _notifications(call: Call[Chat]) -> dict[str, dict[str, object]]:
    """The settings of push notifications that were sent; nothing is pushed here."""
    sent: dict[str, dict[str, object]] = {}
    for name in NOTIFICATIONS:
        prefix = f"Notifications.{name.title().replace('_', '')}"
        changes: dict[str, object] = {}
        for key, field in (("enabled", "Enabled"), ("badge_count_enabled", "BadgeCountEnabled")):
            text = call.value(f"{prefix}.{field}")
            if text is not None:
                changes[key] = truth(f"{prefix}.{field}", text)
        for key, field in (("template", "Template"), ("sound", "Sound")):
            text = call.value(f"{prefix}.{field}")
            if text is not None:
                changes[key] = text
        sent[name] = changes
    return sent
