"""Which webhook gets an event.

Source: https://www.twilio.com/docs/conversations-classic/conversations-webhooks, November 2026.

A service's webhook replaces the account's for that service. Only listed filters fire. Changes over REST fire nothing
unless the request asks for it, which the actor knows. An actor that fires events also asks the pre-webhook.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from simulator.conversations import errors
from simulator.shared.errors import invalid_parameter

_CHANGES: Final = ("Conversation", "Message", "Participant")
PRE_EVENTS: Final = frozenset(
    {f"on{what}{how}" for what in _CHANGES for how in ("Add", "Update", "Remove")} | {"onUserUpdate"}
)
"""Events before a change. A change of the state has none."""
POST_EVENTS: Final = frozenset(
    {f"on{what}{how}" for what in _CHANGES for how in ("Added", "Updated", "Removed")}
    | {"onConversationStateUpdated", "onDeliveryUpdated", "onUserAdded", "onUserUpdated"}
)
FILTERS: Final = PRE_EVENTS | POST_EVENTS


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change: the `Source` in webhooks, and whether its changes fire any."""

    source: str
    fires: bool
    identity: str | None = None


REST = Actor("API", fires=False)
REST_ECHOED = Actor("API", fires=True)
"""A REST request with X-Twilio-Webhook-Enabled: true."""
PLATFORM = Actor("API", fires=True)
"""Timers: they fire post-events only."""
MESSAGING = Actor("SMS", fires=True)
"""A customer with SMS, WhatsApp or another carrier."""


def sdk(identity: str) -> Actor:
    """A chat client: a web customer or an agent."""
    return Actor("SDK", fires=True, identity=identity)


@dataclass(slots=True)
class WebhookSettings:
    """An account's or a service's webhook; None is unset."""

    pre_webhook_url: str | None = None
    post_webhook_url: str | None = None
    filters: list[str] | None = None
    method: str | None = None
    target: str = "webhook"
    pre_retry_count: int = 0
    post_retry_count: int = 0

    @property
    def is_set(self) -> bool:
        """Whether anything is configured."""
        return bool(self.pre_webhook_url or self.post_webhook_url)

    def update(
        self,
        *,
        pre_webhook_url: str | None,
        post_webhook_url: str | None,
        filters: list[str] | None,
        method: str | None,
        known: frozenset[str] = FILTERS,
    ) -> None:
        """Change what is given; an empty URL or a single empty filter clears.

        Raises:
            TwilioError: 50077, 50078 for an invalid URL, 20001 for a filter or method that does not exist.
        """
        names = None if filters is None else [name for name in filters if name]
        for url, error in ((pre_webhook_url, errors.invalid_pre_url), (post_webhook_url, errors.invalid_post_url)):
            if url and not is_url(url):
                raise error(url)
        unknown = sorted(set(names or ()) - known)
        if unknown:
            raise invalid_parameter(f"Invalid Filters value given: {', '.join(unknown)}")
        if method is not None and method.upper() not in {"GET", "POST"}:
            raise invalid_parameter(f"Invalid Method value given: {method}")
        if pre_webhook_url is not None:
            self.pre_webhook_url = pre_webhook_url or None
        if post_webhook_url is not None:
            self.post_webhook_url = post_webhook_url or None
        if names is not None:
            self.filters = names
        if method is not None:
            self.method = method.upper()

    def retarget(self, target: str | None) -> None:
        """Set the target, `webhook` or `flex` (account's webhook only); None leaves it unchanged.

        Raises:
            TwilioError: 20001 for any other target.
        """
        if target is None:
            return
        if target not in {"webhook", "flex"}:
            raise invalid_parameter(f"Invalid Target value given: {target}")
        self.target = target

    def listens_to(self, event: str) -> bool:
        """Whether the post-webhook gets this event."""
        return bool(self.post_webhook_url) and self.target == "webhook" and event in (self.filters or ())

    def is_asked(self, event: str) -> bool:
        """Whether the pre-webhook gets this event."""
        return bool(self.pre_webhook_url) and self.target == "webhook" and event in (self.filters or ())


def is_url(text: str) -> bool:
    """Whether this is a URL that can be called."""
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
