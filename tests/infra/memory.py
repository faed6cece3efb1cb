"""A Twilio account in memory with the client's interface: thousands of histories a second, where HTTP does a few.

It does what the simulator does (and the tests over HTTP show): an omitted parameter keeps, an empty one clears, and a
method cannot be cleared.
"""

from dataclasses import dataclass, field, replace
from functools import cache

from pulumi.dynamic import Config, ConfigureRequest

from infra.twilio_resources.client import (
    CredentialsError,
    EventSettings,
    TimerSettings,
    WebhookSettings,
    same_timer,
)
from infra.twilio_resources.provider import TwilioProvider


@dataclass
class MemoryAccount:
    """One account with one service; provider and test speak to the same object."""

    webhook: WebhookSettings = WebhookSettings()
    silenced: WebhookSettings = WebhookSettings()
    timers: TimerSettings = TimerSettings()
    events: EventSettings = EventSettings()
    writes: list[str] = field(default_factory=list)
    sid: str = "AC" + "0" * 32
    refuses: bool = False

    def provider(self, kind: type[TwilioProvider]) -> TwilioProvider:
        """A provider of this kind that works on this account, configured as the engine would."""
        provider = _in_memory(kind)(self)
        provider.configure(ConfigureRequest(Config({"p:twilioAuthToken": "t"}, "p")))
        return provider

    def settings(self) -> tuple[object, ...]:
        """Everything, in one plain form: see `TwilioAccount.settings`."""
        method = self.webhook.method if self.webhook.pre_url or self.webhook.post_url else ""
        webhook = replace(self.webhook, filters=tuple(sorted(self.webhook.filters)), method=method)
        plain = [("" if same_timer(text, "") else text) for text in (self.timers.inactive, self.timers.closed)]
        return webhook, self.silenced, replace(self.events, events=tuple(sorted(self.events.events))), *plain

    def default_service_sid(self) -> str:
        """The only service."""
        return "IS" + "0" * 32

    def workspace_sid(self) -> str:
        """The workspace."""
        return "WS" + "0" * 32

    def account_webhook(self) -> WebhookSettings:
        """The account's webhook."""
        return self.silenced

    def service_webhook(self, service_sid: str) -> WebhookSettings:
        """The service's webhook."""
        return self.webhook

    def write_service_webhook(self, service_sid: str, before: WebhookSettings, after: WebhookSettings) -> None:
        """Change what differs from what the caller saw."""
        self.writes.append("webhook")
        for key in ("pre_url", "post_url", "filters"):
            if getattr(before, key) != getattr(after, key):
                self.webhook = replace(self.webhook, **{key: getattr(after, key)})
        if after.method:
            self.webhook = replace(self.webhook, method=after.method)

    def task_events(self, workspace_sid: str) -> EventSettings:
        """The workspace's event callback."""
        return self.events

    def write_task_events(self, workspace_sid: str, before: EventSettings, after: EventSettings) -> None:
        """Change what differs from what the caller saw."""
        self.writes.append("events")
        for key in ("url", "events"):
            if getattr(before, key) != getattr(after, key):
                self.events = replace(self.events, **{key: getattr(after, key)})

    def default_timers(self) -> TimerSettings:
        """The account's timers."""
        return self.timers

    def write_default_timers(self, before: TimerSettings, after: TimerSettings) -> None:
        """Change what differs from what the caller saw."""
        self.writes.append("timers")
        for key in ("inactive", "closed"):
            if getattr(before, key) != getattr(after, key):
                self.timers = replace(self.timers, **{key: getattr(after, key) or "PT0S"})


@cache
def _in_memory(kind: type[TwilioProvider]) -> type[TwilioProvider]:
    """A kind of provider in everything but the account that it speaks to."""

    class InMemory(kind):
        """Speaks to no API."""

        def __init__(self, account: MemoryAccount) -> None:
            super().__init__()
            self._account = account

        def client(self, props: object) -> MemoryAccount:
            """The account itself, for it has the client's interface."""
            if self._account.refuses:
                raise CredentialsError("refused")
            return self._account

    return InMemory
