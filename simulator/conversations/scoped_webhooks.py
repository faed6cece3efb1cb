"""Webhooks of one conversation: up to five, only for post-events, in addition to the service's or account's.

Source: https://www.twilio.com/docs/conversations-classic/api/conversation-scoped-webhook-resource, and 50361 to 50372
of the error catalogue (https://www.twilio.com/docs/api/errors, November 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from simulator.conversations import errors
from simulator.conversations.webhooks import POST_EVENTS, is_url
from simulator.shared.errors import invalid_parameter, not_found

LIMIT: Final = 5
TRIGGERS_LIMIT: Final = 5
TRIGGER_LENGTH: Final = 248
URL_LENGTH: Final = 512
SCOPED_EVENTS: Final = POST_EVENTS - {"onConversationAdded", "onUserAdded", "onUserUpdated"}
"""A scoped webhook is created after its conversation, and users belong to the service."""
_FLOW_SID: Final = re.compile(r"FW[0-9a-fA-F]{32}")


class Target(StrEnum):
    """The receiver of its events. A trigger gets messages with one of its keywords; Studio flows are not simulated."""

    WEBHOOK = "webhook"
    TRIGGER = "trigger"
    STUDIO = "studio"


@dataclass(frozen=True, slots=True)
class Settings:
    """The fields that a client may set; None leaves a field unchanged."""

    url: str | None = None
    method: str | None = None
    filters: tuple[str, ...] | None = None
    triggers: tuple[str, ...] | None = None
    flow_sid: str | None = None


@dataclass(slots=True)
class ScopedWebhook:
    """One webhook.

    Its method keeps the spelling that was sent, as acceptance tests of a Terraform provider show
    (https://github.com/RJPearson94/terraform-provider-twilio, November 2026).
    """

    sid: str
    target: Target
    url: str | None
    method: str
    filters: tuple[str, ...]
    triggers: tuple[str, ...]
    flow_sid: str | None
    replay_after: int | None
    created: datetime
    updated: datetime

    def listens_to(self, event: str, body: str) -> bool:
        """Whether it gets this event; `body` is the message's, for keywords."""
        match self.target:
            case Target.WEBHOOK:
                return event in self.filters
            case Target.TRIGGER:
                return event == "onMessageAdded" and any(keyword in body for keyword in self.triggers)
            case Target.STUDIO:
                return False


class ScopedWebhooks:
    """The webhooks of one conversation."""

    __slots__ = ("_by_sid",)

    def __init__(self) -> None:
        self._by_sid: dict[str, ScopedWebhook] = {}

    def __iter__(self) -> Iterator[ScopedWebhook]:
        """In order of creation."""
        return iter(self._by_sid.values())

    def __len__(self) -> int:
        """How many there are."""
        return len(self._by_sid)

    def find(self, sid: str) -> ScopedWebhook:
        """Find one.

        Raises:
            TwilioError: 20404.
        """
        found = self._by_sid.get(sid)
        if found is None:
            raise not_found(f"/Webhooks/{sid}")
        return found

    def create(
        self, sid: str, now: datetime, target: str | None, settings: Settings, replay_after: int | None
    ) -> ScopedWebhook:
        """Add one.

        Raises:
            TwilioError: 50361 for the sixth, 50362 to 50372 for what is missing or wrong.
        """
        if target is None:
            raise errors.target_missing()
        if target not in set(Target):
            raise errors.invalid_target(target)
        if len(self._by_sid) >= LIMIT:
            raise errors.too_many_scoped_webhooks(LIMIT)
        webhook = ScopedWebhook(sid, Target(target), None, "post", (), (), None, replay_after, now, now)
        _apply(webhook, settings)
        self._by_sid[sid] = webhook
        return webhook

    def update(self, sid: str, now: datetime, settings: Settings) -> ScopedWebhook:
        """Change what is given.

        Raises:
            TwilioError: as `create`, and 20404.
        """
        webhook = self.find(sid)
        _apply(webhook, settings)
        webhook.updated = now
        return webhook

    def delete(self, sid: str) -> None:
        """Remove one.

        Raises:
            TwilioError: 20404.
        """
        del self._by_sid[self.find(sid).sid]


def _apply(webhook: ScopedWebhook, settings: Settings) -> None:
    """Check everything, then change."""
    url = webhook.url if settings.url is None else settings.url
    method = webhook.method if settings.method is None else settings.method
    filters = webhook.filters if settings.filters is None else settings.filters
    triggers = webhook.triggers if settings.triggers is None else settings.triggers
    flow_sid = webhook.flow_sid if settings.flow_sid is None else settings.flow_sid
    if webhook.target is Target.STUDIO:
        if flow_sid is None or not _FLOW_SID.fullmatch(flow_sid):
            raise errors.invalid_flow_sid(flow_sid or "")
    else:
        _check_url(url)
    if method.lower() not in {"get", "post"}:
        raise invalid_parameter(f"Invalid Configuration.Method value given: {settings.method}")
    _check_filters(webhook.target, filters)
    _check_triggers(webhook.target, triggers)
    webhook.url, webhook.method, webhook.filters = url, method, filters
    webhook.triggers, webhook.flow_sid = triggers, flow_sid


def _check_url(url: str | None) -> None:
    if not url:
        raise errors.scoped_url_missing()
    if len(url) > URL_LENGTH:
        raise errors.scoped_url_too_long(URL_LENGTH)
    if not is_url(url):
        raise invalid_parameter(f"Invalid Configuration.Url value given: {url}")


def _check_filters(target: Target, filters: tuple[str, ...]) -> None:
    for name in filters:
        if name not in SCOPED_EVENTS:
            raise errors.invalid_filter(name)
    if target is Target.WEBHOOK and not filters:
        raise errors.filters_missing()


def _check_triggers(target: Target, triggers: tuple[str, ...]) -> None:
    if len(triggers) > TRIGGERS_LIMIT:
        raise errors.too_many_triggers(TRIGGERS_LIMIT)
    for keyword in triggers:
        if not keyword or len(keyword) > TRIGGER_LENGTH:
            raise errors.invalid_trigger(keyword)
    if target is Target.TRIGGER and not triggers:
        raise errors.triggers_missing()
