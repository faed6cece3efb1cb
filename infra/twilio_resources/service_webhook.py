"""The Conversations service's webhook: one post URL, one pre URL, one method and one list of filters for both.

The post URL, the method and one filter are ours. A pre-webhook of somebody else keeps its URL and its filters, and the
method it is called with. A service's webhook silences the account's for that service (Twilio docs, per-service
webhooks), so one that is set there counts as somebody else's too.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from infra.twilio_resources.client import TwilioClient, WebhookSettings
from infra.twilio_resources.provider import Props
from infra.twilio_resources.singleton import SingletonProvider
from infra.twilio_resources.urls import shown_url

EVENT = "onConversationStateUpdated"
"""The only event that we need."""

METHOD = "POST"


def with_ours(live: WebhookSettings, url: str) -> WebhookSettings:
    """What shall stand: ours beside the filters of a pre-webhook, whose names are the ones without a past tense."""
    kept = [name for name in live.filters if not name.endswith("ed")] if live.pre_url else []
    return replace(live, post_url=url, method=METHOD, filters=(*kept, EVENT))


def without_ours(live: WebhookSettings, applied: WebhookSettings, previous: WebhookSettings) -> WebhookSettings:
    """What shall stand after us, field by field; a change that somebody made to the rest meanwhile stays.

    No URL means that ours was taken away, by `inactivity off` for one, with our filter or with all of them.
    """
    if not live.post_url:
        filters = live.filters if EVENT in live.filters else (*live.filters, EVENT)
        live = replace(live, post_url=applied.post_url, filters=filters if live.filters else applied.filters)
    if live.post_url != applied.post_url:
        return live
    filters = previous.filters
    if set(live.filters) != set(applied.filters):
        came, went = set(applied.filters) - set(previous.filters), set(previous.filters) - set(applied.filters)
        kept = [name for name in live.filters if name not in came | went]
        filters = (*kept, *(name for name in previous.filters if name in went))
    method = previous.method or live.method if live.method == applied.method else live.method
    return replace(live, post_url=previous.post_url, method=method, filters=filters)


def foreign(service_sid: str, live: WebhookSettings, account: WebhookSettings, own_urls: Collection[str]) -> str | None:
    """Why this webhook is not ours to write, in one line with the way out; None when it is."""
    if live.post_url in own_urls:
        return None
    owner = f"the webhook of service {service_sid}"
    way_out = "remove it at Twilio, or run pulumi config set takeover true to replace it; destroy puts it back"
    if live.post_url:
        return f"{owner} points at {shown_url(live.post_url)}, which is not this stack's; {way_out}"
    if live.pre_url and live.method not in {"", METHOD}:
        pre = shown_url(live.pre_url)
        return f"{owner} calls the pre-webhook {pre} by {live.method}, and ours needs {METHOD} for both; {way_out}"
    if not live.pre_url and (account.post_url or account.pre_url):
        theirs = shown_url(account.post_url or account.pre_url)
        silenced = f"would be silenced for service {service_sid} by a webhook of its own"
        return f"the account's webhook {theirs} {silenced}; {way_out}"
    return None


def before_us(live: WebhookSettings, own_urls: Collection[str], previous: WebhookSettings) -> WebhookSettings:
    """What to remember when what stands there is replaced: somebody else's webhook, else what was remembered."""
    return live if live.post_url and live.post_url not in own_urls else previous


def to_state(settings: WebhookSettings) -> Props:
    """Settings as properties."""
    return asdict(settings) | {"filters": list(settings.filters)}


def from_state(props: Mapping[str, Any]) -> WebhookSettings:
    """Properties as settings."""
    return WebhookSettings(props["pre_url"], props["post_url"], props["method"], tuple(props["filters"]))


class ServiceWebhookProvider(SingletonProvider[WebhookSettings]):
    """The webhook of one service."""

    inputs = ("account_sid", "service_sid", "url", "method", "events", "own_urls", "prior", "takeover")
    managed = ("url", "method", "events")
    identity = ("service_sid",)

    def id_of(self, props: Props) -> str:
        """One webhook a service."""
        return f"{props['service_sid']}/webhook"

    def fetch(self, client: TwilioClient, props: Props) -> WebhookSettings:
        """What stands."""
        return client.service_webhook(props["service_sid"])

    def write(self, client: TwilioClient, props: Props, before: WebhookSettings, after: WebhookSettings) -> None:
        """Change what stands."""
        client.write_service_webhook(props["service_sid"], before, after)

    def objection(
        self, client: TwilioClient, props: Props, live: WebhookSettings, applied: WebhookSettings | None
    ) -> str | None:
        """A URL of somebody else; none where ours was recorded is nobody's, and what it silences had its say then."""
        if applied and not live.post_url:
            return None
        return foreign(props["service_sid"], live, client.account_webhook(), self._own_urls(props, applied))

    def before_us(
        self, props: Props, live: WebhookSettings, applied: WebhookSettings | None, previous: WebhookSettings
    ) -> WebhookSettings:
        """Somebody else's webhook, else what was remembered."""
        return before_us(live, self._own_urls(props, applied), previous)

    def desired(
        self, props: Props, live: WebhookSettings, applied: WebhookSettings | None, previous: WebhookSettings
    ) -> WebhookSettings:
        """Ours in its place."""
        return with_ours(live, props["url"])

    def restored(self, live: WebhookSettings, applied: WebhookSettings, previous: WebhookSettings) -> WebhookSettings:
        """The previous, while the URL is ours or ours is gone."""
        return without_ours(live, applied, previous)

    def owned(self, props: Props, written: WebhookSettings) -> WebhookSettings:
        """All of it: what is not ours in it tells us what somebody changed since."""
        return written

    def shown(self, props: Props, live: WebhookSettings) -> Props:
        """Of the filters only the one that is ours, and nothing secret of somebody else's URL: states are not."""
        events = [EVENT] if EVENT in live.filters else []
        return {"url": shown_url(live.post_url), "method": live.method, "events": events}

    def to_state(self, settings: WebhookSettings) -> Props:
        """Settings as properties."""
        return to_state(settings)

    def from_state(self, props: Props) -> WebhookSettings:
        """Properties as settings."""
        return from_state(props)

    def _own_urls(self, props: Props, applied: WebhookSettings | None) -> set[str]:
        return {props["url"], *props["own_urls"], *([applied.post_url] if applied else [])}


class ServiceWebhook(Resource, module="twilio", name="ServiceWebhook"):
    """Points a Conversations service at the function."""

    service_sid: pulumi.Output[str]
    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        account_sid: pulumi.Input[str],
        service_sid: pulumi.Input[str],
        url: pulumi.Input[str],
        own_urls: pulumi.Input[list[str]],
        prior: pulumi.Input[Props],
        takeover: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the webhook.

        Args:
            name: of the resource.
            account_sid: whose service it is.
            service_sid: the service.
            url: what Twilio shall call.
            own_urls: further URLs that this stack may have left there.
            prior: the webhook that `PriorSettings` found.
            takeover: whether somebody else's may be replaced.
            opts: of the resource.
        """
        props = {
            "account_sid": account_sid,
            "service_sid": service_sid,
            "url": url,
            "method": METHOD,
            "events": [EVENT],
            "own_urls": own_urls,
            "prior": prior,
            "takeover": takeover,
            "applied": None,
            "previous": None,
        }
        # A webhook's URL may carry somebody's password.
        secret = pulumi.ResourceOptions(additional_secret_outputs=["applied", "previous"])
        super().__init__(ServiceWebhookProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))
