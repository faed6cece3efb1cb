"""Chat v2 of one account: the services of Conversations, with Chat's own settings.

A service's name, default roles and reachability are the same in both APIs; the dialect decides whether its webhook is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from simulator.conversations import errors
from simulator.conversations.models import Conversations
from simulator.conversations.service import Service
from simulator.conversations.webhooks import FILTERS, WebhookSettings
from simulator.shared.dialect.conversations import ChatWebhook
from simulator.shared.errors import invalid_parameter

MAXIMUM_RETRIES: Final = 3
_CHANGES: Final = ("Channel", "Message", "Member", "MediaMessage")
CHAT_FILTERS: Final = FILTERS | {
    *(f"on{what}{how}" for what in _CHANGES for how in ("Add", "Added", "Update", "Updated", "Remove", "Removed")),
    *(f"on{what}{how}" for what in ("Message", "MediaMessage") for how in ("Send", "Sent")),
    *(f"onChannel{how}" for how in ("Destroy", "Destroyed")),
}
"""Events by the names of Chat and of Conversations."""
NOTIFICATIONS: Final = ("new_message", "added_to_channel", "removed_from_channel", "invited_to_channel")


@dataclass(slots=True)
class ChatSettings:
    """The settings of a service that only Chat has. Times are in seconds, limits in members and channels."""

    webhook: WebhookSettings = field(default_factory=WebhookSettings)
    read_status_enabled: bool = True
    typing_indicator_timeout: int = 5
    consumption_report_interval: int = 10
    channel_members: int = 100
    user_channels: int = 250
    compatibility_message: str = "Media messages are not supported by your client"
    log_enabled: bool = False
    notifications: dict[str, dict[str, object]] = field(
        default_factory=lambda: {name: {"enabled": False} for name in NOTIFICATIONS}
    )


class Chat:
    """Chat, as one account sees it: a view of its Conversations services."""

    def __init__(self, conversations: Conversations) -> None:
        self.conversations = conversations
        self._settings: dict[str, ChatSettings] = {}

    def settings(self, service: Service) -> ChatSettings:
        """A service's settings that only Chat has."""
        return self._settings.setdefault(service.sid, ChatSettings())

    def webhook(self, service: Service) -> WebhookSettings:
        """The webhook that Chat's API shows and changes."""
        if self.conversations.account.dialect.chat_webhook is ChatWebhook.SHARED:
            return service.webhook
        return self.settings(service).webhook

    def update_webhook(
        self,
        service: Service,
        *,
        pre_webhook_url: str | None,
        post_webhook_url: str | None,
        filters: list[str] | None,
        method: str | None,
        pre_retry_count: str | None,
        post_retry_count: str | None,
    ) -> None:
        """Change what is given.

        Raises:
            TwilioError: 50065 for a retry count that is not 0 to 3; else as `WebhookSettings.update`.
        """
        webhook = self.webhook(service)
        before = webhook.pre_retry_count if pre_retry_count is None else _retries(pre_retry_count)
        after = webhook.post_retry_count if post_retry_count is None else _retries(post_retry_count)
        webhook.update(
            pre_webhook_url=pre_webhook_url,
            post_webhook_url=post_webhook_url,
            filters=filters,
            method=method,
            known=CHAT_FILTERS,
        )
        webhook.pre_retry_count, webhook.post_retry_count = before, after

    def update_settings(self, service: Service, wanted: dict[str, str]) -> None:
        """Change settings by their attributes' names; everything is checked before anything is changed.

        Raises:
            TwilioError: 20001 for a value that is not a whole number, or not true or false.
        """
        settings = self.settings(service)
        read: dict[str, object] = {}
        for name, text in wanted.items():
            before = getattr(settings, name)
            if isinstance(before, bool):
                read[name] = truth(name, text)
            elif isinstance(before, int):
                read[name] = _whole(name, text)
            else:
                read[name] = text
        for name, value in read.items():
            setattr(settings, name, value)


def truth(name: str, text: str) -> bool:
    """Read true or false.

    Raises:
        TwilioError: 20001.
    """
    if text.lower() not in {"true", "false"}:
        raise invalid_parameter(f"Invalid {name} value given: {text}")
    return text.lower() == "true"


def _retries(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MAXIMUM_RETRIES):
        raise errors.invalid_retry_count(text)
    return int(text)


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid_parameter(f"Invalid {name} value given: {text}")
    return int(text)
