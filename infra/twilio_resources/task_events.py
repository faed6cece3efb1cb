"""The TaskRouter workspace's event callback: one URL, and the events that are sent to it.

Both are ours together, because a filter means nothing without the URL that it is for. A workspace has one callback, so
one that is set there belongs to somebody, and stays. The URL's fragment asks Twilio for retries; it does not say who is
called, so without it a URL is still ours.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pulumi

from infra.twilio_resources.client import EventSettings, TwilioClient
from infra.twilio_resources.kind import Kind, Props
from infra.twilio_resources.singleton import Remembered, SettingsResource, SingletonProvider
from infra.twilio_resources.urls import shown_url

EVENT = "reservation.accepted"
"""The only event that we need: an agent has accepted a task."""


def is_one_of(url: str, own_urls: Collection[str]) -> bool:
    """Whether one of these is called by this URL, whatever retries its fragment asks for."""
    return url.partition("#")[0] in {own.partition("#")[0] for own in own_urls}


class EventsKind(Kind[EventSettings, str]):
    """The event callback of one workspace; recognised by its URL."""

    name = "task-events"
    nothing = EventSettings()
    place_key = "workspace_sid"
    managed = ("url", "events")
    own_key = "own_urls"
    optional = True
    wanted_place_key = "wanted_workspace_sid"
    wanted_key = "events_url"
    previous_key = "previous_events"
    remembered_own_key = "own_event_urls"
    left_key = "left_workspaces"

    def fetch(self, client: TwilioClient, place: str) -> EventSettings:
        """Read the workspace's event callback."""
        return client.task_events(place)

    def write(self, client: TwilioClient, place: str, before: EventSettings, after: EventSettings) -> None:
        """Change the workspace's event callback."""
        client.write_task_events(place, before, after)

    def default_place(self, client: TwilioClient) -> str:
        """Read the workspace of the Flex configuration."""
        return client.workspace_sid()

    def to_state(self, settings: EventSettings) -> Props:
        """Settings as properties."""
        return {"url": settings.url, "events": list(settings.events)}

    def from_state(self, props: Mapping[str, Any]) -> EventSettings:
        """Properties as settings."""
        return EventSettings(props["url"], tuple(props["events"]))

    def ours(self, props: Props) -> str:
        """The URL."""
        return str(props["url"])

    def wanted(self, props: Props) -> str | None:
        """The URL; older states do not know the property."""
        return props.get("events_url") or None

    def mark(self, settings: EventSettings) -> str:
        """The URL."""
        return settings.url

    def recognised(self, live: EventSettings, own: str) -> str | None:
        """The URL, while TaskRouter calls it."""
        return own if is_one_of(live.url, [own]) else None

    def with_ours(self, live: EventSettings, own: str) -> EventSettings:
        """Ours, and nothing beside it."""
        return EventSettings(own, (EVENT,))

    def without_ours(self, live: EventSettings, applied: EventSettings, previous: EventSettings) -> EventSettings:
        """The previous, while the URL is ours, or was taken away."""
        return previous if not live.url or is_one_of(live.url, [applied.url]) else live

    def foreign(self, client: TwilioClient, place: str, live: EventSettings, own: Sequence[str]) -> str | None:
        """A URL of somebody else."""
        if not live.url or is_one_of(live.url, own):
            return None
        return (
            f"the event callback of workspace {place} points at {shown_url(live.url)}, which is not this stack's, "
            "and a workspace has only one; remove it at Twilio, write timers: account, or run pulumi config set "
            "takeover true to replace it, which takes its events away; destroy puts it back"
        )

    def before_us(self, live: EventSettings, own: Sequence[str], previous: EventSettings) -> EventSettings:
        """Somebody else's callback, else what was remembered."""
        return live if live.url and not is_one_of(live.url, own) else previous

    def first_before_us(
        self,
        live: EventSettings,
        was: str | None,
        wanted: str | None,
        own: Sequence[str],
        previous: EventSettings | None,
    ) -> EventSettings | None:
        """A callback that was not ours until now, an empty one too; unless a killed run wrote it."""
        if not wanted:
            return previous
        own = [*own, wanted]
        if was and previous:
            return self.before_us(live, own, previous)
        return (previous or self.nothing) if is_one_of(live.url, own) else live

    def shown(self, props: Props, live: EventSettings) -> Props:
        """URL and events, the latter in an order that means nothing; nothing secret of somebody else's URL."""
        ours = is_one_of(live.url, [props["url"], *props["own_urls"]])
        return {"url": live.url if ours else shown_url(live.url), "events": sorted(live.events)}


class TaskEventsProvider(SingletonProvider[EventSettings, str]):
    """The event callback of one workspace."""

    kind = EventsKind()


class TaskEvents(SettingsResource, module="twilio", name="TaskEvents"):
    """Lets a TaskRouter workspace tell the function that an agent has accepted a task."""

    workspace_sid: pulumi.Output[str]
    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        workspace_sid: pulumi.Input[str],
        url: pulumi.Input[str],
        remembered: Remembered,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare that TaskRouter calls this URL, with the retries in its fragment, for tasks of this workspace."""
        wanted = {"workspace_sid": workspace_sid, "url": url, "events": [EVENT]}
        super().__init__(TaskEventsProvider(), name, wanted, remembered, opts)
