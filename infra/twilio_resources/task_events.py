"""The TaskRouter workspace's event callback: one URL, and the events that are sent to it.

Both are ours together, because a filter means nothing without the URL that it is for. A workspace has one callback, so
one that is set there belongs to somebody, and stays. The URL's fragment asks Twilio for retries; it does not say who is
called, so without it a URL is still ours.
"""

from collections.abc import Collection, Mapping
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from infra.twilio_resources.client import EventSettings, TwilioClient
from infra.twilio_resources.provider import Props
from infra.twilio_resources.singleton import SingletonProvider
from infra.twilio_resources.urls import shown_url

EVENT = "reservation.accepted"
"""The only event that we need: an agent has accepted a task."""


def with_ours(url: str) -> EventSettings:
    """What shall stand."""
    return EventSettings(url, (EVENT,))


def without_ours(live: EventSettings, applied: EventSettings, previous: EventSettings) -> EventSettings:
    """What shall stand after us: the previous, while the URL is ours, or was taken away."""
    return previous if not live.url or is_one_of(live.url, [applied.url]) else live


def is_one_of(url: str, own_urls: Collection[str]) -> bool:
    """Whether one of these is called by this URL, whatever retries its fragment asks for."""
    return url.partition("#")[0] in {own.partition("#")[0] for own in own_urls}


def foreign(workspace_sid: str, live: EventSettings, own_urls: Collection[str]) -> str | None:
    """Why this callback is not ours to write, in one line with the way out; None when it is."""
    if not live.url or is_one_of(live.url, own_urls):
        return None
    return (
        f"the event callback of workspace {workspace_sid} points at {shown_url(live.url)}, which is not this stack's, "
        "and a workspace has only one; remove it at Twilio, write timers: account, or run pulumi config set takeover "
        "true to replace it, which takes its events away; destroy puts it back"
    )


def before_us(live: EventSettings, own_urls: Collection[str], previous: EventSettings) -> EventSettings:
    """What to remember when what stands there is replaced: somebody else's callback, else what was remembered."""
    return live if live.url and not is_one_of(live.url, own_urls) else previous


def to_state(settings: EventSettings) -> Props:
    """Settings as properties."""
    return {"url": settings.url, "events": list(settings.events)}


def from_state(props: Mapping[str, Any]) -> EventSettings:
    """Properties as settings."""
    return EventSettings(props["url"], tuple(props["events"]))


class TaskEventsProvider(SingletonProvider[EventSettings]):
    """The event callback of one workspace."""

    inputs = ("account_sid", "workspace_sid", "url", "events", "own_urls", "prior", "takeover")
    managed = ("url", "events")
    identity = ("workspace_sid",)

    def id_of(self, props: Props) -> str:
        """One callback a workspace."""
        return f"{props['workspace_sid']}/task-events"

    def fetch(self, client: TwilioClient, props: Props) -> EventSettings:
        """What stands."""
        return client.task_events(props["workspace_sid"])

    def write(self, client: TwilioClient, props: Props, before: EventSettings, after: EventSettings) -> None:
        """Change what stands."""
        client.write_task_events(props["workspace_sid"], before, after)

    def objection(
        self, client: TwilioClient, props: Props, live: EventSettings, applied: EventSettings | None
    ) -> str | None:
        """A URL of somebody else."""
        return foreign(props["workspace_sid"], live, self._own_urls(props, applied))

    def before_us(
        self, props: Props, live: EventSettings, applied: EventSettings | None, previous: EventSettings
    ) -> EventSettings:
        """Somebody else's callback, else what was remembered."""
        return before_us(live, self._own_urls(props, applied), previous)

    def desired(
        self, props: Props, live: EventSettings, applied: EventSettings | None, previous: EventSettings
    ) -> EventSettings:
        """Ours."""
        return with_ours(props["url"])

    def restored(self, live: EventSettings, applied: EventSettings, previous: EventSettings) -> EventSettings:
        """The previous, while the URL is ours or ours is gone."""
        return without_ours(live, applied, previous)

    def owned(self, props: Props, written: EventSettings) -> EventSettings:
        """All of it."""
        return written

    def shown(self, props: Props, live: EventSettings) -> Props:
        """URL and events, the latter in an order that means nothing; nothing secret of somebody else's URL."""
        ours = is_one_of(live.url, [props["url"], *props["own_urls"]])
        return {"url": live.url if ours else shown_url(live.url), "events": sorted(live.events)}

    def to_state(self, settings: EventSettings) -> Props:
        """Settings as properties."""
        return to_state(settings)

    def from_state(self, props: Props) -> EventSettings:
        """Properties as settings."""
        return from_state(props)

    def _own_urls(self, props: Props, applied: EventSettings | None) -> set[str]:
        return {props["url"], *props["own_urls"], *([applied.url] if applied else [])}


class TaskEvents(Resource, module="twilio", name="TaskEvents"):
    """Lets a TaskRouter workspace tell the function that an agent has accepted a task."""

    workspace_sid: pulumi.Output[str]
    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        account_sid: pulumi.Input[str],
        workspace_sid: pulumi.Input[str],
        url: pulumi.Input[str],
        own_urls: pulumi.Input[list[str]],
        prior: pulumi.Input[Props],
        takeover: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the callback.

        Args:
            name: of the resource.
            account_sid: whose workspace it is.
            workspace_sid: the workspace.
            url: what Twilio shall call, with the retries in its fragment.
            own_urls: further URLs that this stack may have left there.
            prior: the callback that `PriorSettings` found.
            takeover: whether somebody else's may be replaced.
            opts: of the resource.
        """
        props = {
            "account_sid": account_sid,
            "workspace_sid": workspace_sid,
            "url": url,
            "events": [EVENT],
            "own_urls": own_urls,
            "prior": prior,
            "takeover": takeover,
            "applied": None,
            "previous": None,
        }
        # A callback's URL may carry somebody's password.
        secret = pulumi.ResourceOptions(additional_secret_outputs=["applied", "previous"])
        super().__init__(TaskEventsProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))
