"""Which webhook hears of a change, and what it is told (Twilio docs, conversations-classic webhooks).

A service's webhook silences the account's for that service. Only listed filters fire. Changes over REST fire nothing
unless the request asked for it; that is the actor's property. What fires for a change asks the pre-webhook before it.
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
"""Asked before a change. A state has none: nobody is asked before it changes."""
POST_EVENTS: Final = frozenset(
    {f"on{what}{how}" for what in _CHANGES for how in ("Added", "Updated", "Removed")}
    | {"onConversationStateUpdated", "onDeliveryUpdated", "onUserAdded", "onUserUpdated"}
)
FILTERS: Final = PRE_EVENTS | POST_EVENTS


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change: the `Source` that webhooks name, and whether its changes fire webhooks at all."""

    source: str
    fires: bool
    identity: str | None = None


REST = Actor("API", fires=False)
REST_ECHOED = Actor("API", fires=True)
"""A REST request with X-Twilio-Webhook-Enabled: true."""
PLATFORM = Actor("API", fires=True)
"""Timers: they tell, and ask nobody."""
MESSAGING = Actor("SMS", fires=True)
"""A customer who writes by SMS, WhatsApp or another carrier."""


def sdk(identity: str) -> Actor:
    """A chat client: a web customer or an agent."""
    return Actor("SDK", fires=True, identity=identity)


@dataclass(slots=True)
class WebhookSettings:
    """An account's or a service's webhook, as it stands; None is unset."""

    pre_webhook_url: str | None = None
    post_webhook_url: str | None = None
    filters: list[str] | None = None
    method: str | None = None
    target: str = "webhook"
    pre_retry_count: int = 0
    post_retry_count: int = 0

    @property
    def is_set(self) -> bool:
        """Whether anything is configured here."""
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
            TwilioError: 50077, 50078 for a URL that is none, 20001 for a filter or method that does not exist.
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
        """Send events to the webhook or to Flex itself (account-wide webhooks only); None leaves it.

        Raises:
            TwilioError: 20001 for any other target.
        """
        if target is None:
            return
        if target not in {"webhook", "flex"}:
            raise invalid_parameter(f"Invalid Target value given: {target}")
        self.target = target

    def hears(self, event: str) -> bool:
        """Whether the post-webhook is told of this event."""
        return bool(self.post_webhook_url) and self.target == "webhook" and event in (self.filters or ())

    def is_asked(self, event: str) -> bool:
        """Whether the pre-webhook is asked about this event."""
        return bool(self.pre_webhook_url) and self.target == "webhook" and event in (self.filters or ())


def is_url(text: str) -> bool:
    """Whether this is an address that can be called."""
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
