"""A Twilio account in memory with the client's interface: thousands of histories a second instead of a few over HTTP.

It behaves as the simulator does: an omitted parameter keeps its value, an empty one clears it, and a method cannot be
cleared.
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

SERVICE_SID, OTHER_SERVICE_SID = "IS" + "0" * 32, "IS" + "1" * 32
WORKSPACE_SID, OTHER_WORKSPACE_SID = "WS" + "0" * 32, "WS" + "1" * 32


@dataclass
class MemoryAccount:
    """One account with two services and two workspaces; provider and test use the same object."""

    webhook: WebhookSettings = WebhookSettings()
    silenced: WebhookSettings = WebhookSettings()
    timers: TimerSettings = TimerSettings()
    events: EventSettings = EventSettings()
    other_webhook: WebhookSettings = WebhookSettings()
    other_events: EventSettings = EventSettings()
    others_are_default: bool = False
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
        webhooks = [
            replace(
                each, filters=tuple(sorted(each.filters)), method=each.method if each.pre_url or each.post_url else ""
            )
            for each in (self.webhook, self.other_webhook)
        ]
        events = [replace(each, events=tuple(sorted(each.events))) for each in (self.events, self.other_events)]
        timers = [("" if same_timer(text, "") else text) for text in (self.timers.inactive, self.timers.closed)]
        return *webhooks, self.silenced, *events, *timers

    def check_credentials(self) -> None:
        """Accept them."""

    def default_service_sid(self) -> str:
        """The account's default service."""
        return OTHER_SERVICE_SID if self.others_are_default else SERVICE_SID

    def workspace_sid(self) -> str:
        """The workspace of the Flex configuration."""
        return OTHER_WORKSPACE_SID if self.others_are_default else WORKSPACE_SID

    def account_webhook(self) -> WebhookSettings:
        """The account's webhook."""
        return self.silenced

    def service_webhook(self, service_sid: str) -> WebhookSettings:
        """The service's webhook."""
        return {SERVICE_SID: self.webhook, OTHER_SERVICE_SID: self.other_webhook}[service_sid]

    def write_service_webhook(self, service_sid: str, before: WebhookSettings, after: WebhookSettings) -> None:
        """Change what differs from what the caller saw."""
        self.writes.append("webhook")
        live = self.service_webhook(service_sid)
        for key in ("pre_url", "post_url", "filters"):
            if getattr(before, key) != getattr(after, key):
                live = replace(live, **{key: getattr(after, key)})
        if after.method:
            live = replace(live, method=after.method)
        if service_sid == SERVICE_SID:
            self.webhook = live
        else:
            self.other_webhook = live

    def task_events(self, workspace_sid: str) -> EventSettings:
        """The workspace's event callback."""
        return {WORKSPACE_SID: self.events, OTHER_WORKSPACE_SID: self.other_events}[workspace_sid]

    def write_task_events(self, workspace_sid: str, before: EventSettings, after: EventSettings) -> None:
        """Change what differs from what the caller saw."""
        self.writes.append("events")
        live = self.task_events(workspace_sid)
        for key in ("url", "events"):
            if getattr(before, key) != getattr(after, key):
                live = replace(live, **{key: getattr(after, key)})
        if workspace_sid == WORKSPACE_SID:
            self.events = live
        else:
            self.other_events = live

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
    """A kind of provider that uses this account and is otherwise the real one."""

    class InMemory(kind):
        """Calls no API."""

        def __init__(self, account: MemoryAccount) -> None:
            super().__init__()
            self._account = account

        def client(self, props: object) -> MemoryAccount:
            """The account itself, for it has the client's interface."""
            if self._account.refuses:
                raise CredentialsError("refused")
            return self._account

    return InMemory
