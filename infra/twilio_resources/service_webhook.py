"""The Conversations service's webhook: one post URL, one pre URL, one method and one list of filters for both.

The post URL, the method and one filter are ours. A pre-webhook of somebody else keeps its URL and its filters, and the
method it is called with. A service's webhook silences the account's for that service (Twilio docs, per-service
webhooks), so one that is set there counts as somebody else's too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pulumi

from infra.twilio_resources.client import TwilioClient, WebhookSettings
from infra.twilio_resources.kind import Kind, Props
from infra.twilio_resources.singleton import Remembered, SettingsResource, SingletonProvider
from infra.twilio_resources.urls import shown_url

EVENT = "onConversationStateUpdated"
"""The only event that we need."""

METHOD = "POST"


class WebhookKind(Kind[WebhookSettings, str]):
    """The webhook of one service; recognised by its post URL."""

    name = "webhook"
    nothing = WebhookSettings()
    place_key = "service_sid"
    managed = ("url", "method", "events")
    own_key = "own_urls"
    wanted_place_key = "wanted_service_sid"
    wanted_key = "webhook_url"
    previous_key = "previous_webhook"
    remembered_own_key = "own_urls"
    left_key = "left_services"

    def fetch(self, client: TwilioClient, place: str) -> WebhookSettings:
        """Read the service's webhook."""
        return client.service_webhook(place)

    def write(self, client: TwilioClient, place: str, before: WebhookSettings, after: WebhookSettings) -> None:
        """Change the service's webhook."""
        client.write_service_webhook(place, before, after)

    def default_place(self, client: TwilioClient) -> str:
        """Read the account's default service."""
        return client.default_service_sid()

    def to_state(self, settings: WebhookSettings) -> Props:
        """Settings as properties."""
        return asdict(settings) | {"filters": list(settings.filters)}

    def from_state(self, props: Mapping[str, Any]) -> WebhookSettings:
        """Properties as settings."""
        return WebhookSettings(props["pre_url"], props["post_url"], props["method"], tuple(props["filters"]))

    def ours(self, props: Props) -> str:
        """The URL."""
        return str(props["url"])

    def wanted(self, props: Props) -> str | None:
        """The URL, which every stack wants."""
        return str(props["webhook_url"])

    def mark(self, settings: WebhookSettings) -> str:
        """The post URL."""
        return settings.post_url

    def recognised(self, live: WebhookSettings, own: str) -> str | None:
        """The URL, while Twilio calls it."""
        return own if own == live.post_url else None

    def with_ours(self, live: WebhookSettings, own: str) -> WebhookSettings:
        """Ours beside the filters of a pre-webhook."""
        kept = [name for name in live.filters if not _is_of_post_webhook(name)] if live.pre_url else []
        return replace(live, post_url=own, method=METHOD, filters=(*kept, EVENT))

    def without_ours(
        self, live: WebhookSettings, applied: WebhookSettings, previous: WebhookSettings
    ) -> WebhookSettings:
        """The previous, field by field; a change that somebody made to the rest meanwhile stays.

        What `applied` has of a pre-webhook's is not ours: somebody may have set it after `previous` was remembered.
        """
        live = _with_ours_back(live, applied)
        if live.post_url != applied.post_url:
            return live
        kept = [name for name in live.filters if name != EVENT]
        replaced = [name for name in previous.filters if _is_of_post_webhook(name) or not live.pre_url]
        method = live.method
        if method == applied.method and (previous.post_url or previous.pre_url == live.pre_url):
            method = previous.method or method
        filters = tuple(dict.fromkeys([*kept, *replaced]))
        return replace(live, post_url=previous.post_url, method=method, filters=filters)

    def foreign(self, client: TwilioClient, place: str, live: WebhookSettings, own: Sequence[str]) -> str | None:
        """A URL of somebody else, a pre-webhook that needs another method, or an account's webhook to be silenced.

        The method is somebody else's also where the URL is ours.
        """
        owner = f"the webhook of service {place}"
        way_out = "remove it at Twilio, or run pulumi config set takeover true to replace it; destroy puts it back"
        if live.post_url and live.post_url not in own:
            return f"{owner} points at {shown_url(live.post_url)}, which is not this stack's; {way_out}"
        if calls_pre_webhook_otherwise(live):
            pre = shown_url(live.pre_url)
            return f"{owner} calls the pre-webhook {pre} by {live.method}, and ours needs {METHOD} for both; {way_out}"
        if live.post_url:
            return None
        account = client.account_webhook()
        if not live.pre_url and (account.post_url or account.pre_url):
            theirs = shown_url(account.post_url or account.pre_url)
            silenced = f"would be silenced for service {place} by a webhook of its own"
            return f"the account's webhook {theirs} {silenced}; {way_out}"
        return None

    def without_drift(self, live: WebhookSettings, was: str, wanted: str) -> WebhookSettings:
        """No URL where ours was means that ours was taken away; what it silences was asked about before."""
        return live if live.post_url else replace(live, post_url=wanted)

    def desired(
        self, live: WebhookSettings, own: str, applied: WebhookSettings | None, previous: WebhookSettings
    ) -> WebhookSettings:
        """Ours; what was removed with it comes back with it."""
        return self.with_ours(_with_ours_back(live, applied) if applied else live, own)

    def before_us(self, live: WebhookSettings, own: Sequence[str], previous: WebhookSettings) -> WebhookSettings:
        """Somebody else's webhook, else what was remembered; of a pre-webhook beside ours the method that we replace.

        The method of a webhook that comes back is its own.
        """
        if live.post_url and live.post_url not in own:
            return live
        if calls_pre_webhook_otherwise(live) and not previous.post_url:
            return replace(previous, pre_url=live.pre_url, method=live.method)
        return previous

    def first_before_us(
        self,
        live: WebhookSettings,
        was: str | None,
        wanted: str | None,
        own: Sequence[str],
        previous: WebhookSettings | None,
    ) -> WebhookSettings:
        """What is there in a service that we come to, or come back to after ours is gone.

        A webhook that is ours already is that of a stack whose state was lost: it had none before that we know of.
        """
        if previous is None or not own:
            filters = tuple(name for name in live.filters if name != EVENT)
            previous = replace(live, post_url="", filters=filters) if live.post_url == wanted else live
        return self.before_us(live, [*own, *([wanted] if wanted else [])], previous)

    def shown(self, props: Props, live: WebhookSettings) -> Props:
        """Of the filters only the one that is ours, and nothing secret of somebody else's URL: states are not."""
        events = [EVENT] if EVENT in live.filters else []
        return {"url": shown_url(live.post_url), "method": live.method, "events": events}


def calls_pre_webhook_otherwise(live: WebhookSettings) -> bool:
    """Whether somebody's pre-webhook is called by another method than ours needs; there is one for both."""
    return bool(live.pre_url) and live.method not in {"", METHOD}


def _is_of_post_webhook(filter_name: str) -> bool:
    """Whether it is an event that has happened: its name has a past tense, and a pre-webhook's has none."""
    return filter_name.endswith("ed")


def _with_ours_back(live: WebhookSettings, applied: WebhookSettings) -> WebhookSettings:
    """No URL means that ours was taken away, by `inactivity off` for one, with our filter or with all of them."""
    return live if live.post_url else replace(live, post_url=applied.post_url, filters=live.filters or applied.filters)


class ServiceWebhookProvider(SingletonProvider[WebhookSettings, str]):
    """The webhook of one service."""

    kind = WebhookKind()


class ServiceWebhook(SettingsResource, module="twilio", name="ServiceWebhook"):
    """Points a Conversations service at the function."""

    service_sid: pulumi.Output[str]
    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        service_sid: pulumi.Input[str],
        url: pulumi.Input[str],
        remembered: Remembered,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare that Twilio calls this URL for conversations of this service."""
        wanted = {"service_sid": service_sid, "url": url, "method": METHOD, "events": [EVENT]}
        super().__init__(ServiceWebhookProvider(), name, wanted, remembered, opts)
