"""A Chat v2 service as JSON, with the fields that Twilio's client libraries read."""

from __future__ import annotations

from simulator.chat.models import Chat
from simulator.conversations.service import Service
from simulator.shared.clock import iso_seconds

Json = dict[str, object]


def service_json(chat: Chat, service: Service, base: str) -> Json:
    """A service; `base` is the product's address."""
    url = f"{base}/v2/Services/{service.sid}"
    settings, webhook = chat.settings(service), chat.webhook(service)
    return {
        "sid": service.sid,
        "account_sid": service.account.sid,
        "friendly_name": service.friendly_name,
        "date_created": iso_seconds(service.created),
        "date_updated": iso_seconds(service.updated),
        "default_service_role_sid": service.default_chat_service_role_sid,
        "default_channel_role_sid": service.default_conversation_role_sid,
        "default_channel_creator_role_sid": service.default_conversation_creator_role_sid,
        "read_status_enabled": settings.read_status_enabled,
        "reachability_enabled": service.reachability_enabled,
        "typing_indicator_timeout": settings.typing_indicator_timeout,
        "consumption_report_interval": settings.consumption_report_interval,
        "limits": {"channel_members": settings.channel_members, "user_channels": settings.user_channels},
        "pre_webhook_url": webhook.pre_webhook_url,
        "post_webhook_url": webhook.post_webhook_url,
        "webhook_method": webhook.method,
        "webhook_filters": webhook.filters,
        "pre_webhook_retry_count": webhook.pre_retry_count,
        "post_webhook_retry_count": webhook.post_retry_count,
        "notifications": {"log_enabled": settings.log_enabled, **settings.notifications},
        "media": {"size_limit_mb": 150, "compatibility_message": settings.compatibility_message},
        "url": url,
        "links": {
            "channels": f"{url}/Channels",
            "users": f"{url}/Users",
            "roles": f"{url}/Roles",
            "bindings": f"{url}/Bindings",
        },
    }
