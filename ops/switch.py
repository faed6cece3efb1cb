"""Switches a deployment off and on: what calls us at Twilio, and the sweep's schedule at Google.

Nothing is deployed or destroyed, and nobody else's settings are changed. Each part is tried even if another failed, and
the result of each is shown: in an emergency, half is better than nothing.
"""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from infra.twilio_resources.client import EventSettings, TwilioClient, TwilioError, WebhookSettings
from infra.twilio_resources.service_webhook import EVENT, WebhookKind
from infra.twilio_resources.task_events import EventsKind, is_one_of
from ops.deployment import NO_CREDENTIALS, Deployment
from ops.google import GoneError, GoogleError, Scheduler

NO_SCHEDULE = "there is none: this stack has no schedule"


class Part(enum.StrEnum):
    """What can be switched off."""

    WEBHOOK = "webhook"
    EVENTS = "event callback"
    SWEEP = "sweep"


@dataclass(frozen=True)
class Step:
    """The result for one part.

    Attributes:
        part: which.
        succeeded: whether the part is as asked.
        message: the result, for people.
    """

    part: Part
    succeeded: bool
    message: str


class ForeignError(Exception):
    """The webhook or event callback is somebody else's."""


class UnknownError(Exception):
    """Something that is needed is not known; the message says what, and the way out."""


class Switch:
    """Off and on for one deployment.

    Args:
        deployment: to switch.
        client: for its account; None without credentials.
        scheduler: of its sweep; None where there is none.
    """

    def __init__(self, deployment: Deployment, client: TwilioClient | None, scheduler: Scheduler | None) -> None:
        self._deployment = deployment
        self._client = client
        self._scheduler = scheduler

    def off(self) -> Iterator[Step]:
        """Switch all parts off, the webhook first, because it acts within seconds."""
        yield _attempted(Part.WEBHOOK, self._take_webhook_away)
        if self._deployment.task_events_url:
            yield _attempted(Part.EVENTS, self._take_events_away)
        yield _attempted(Part.SWEEP, self._pause)

    def on(self) -> Iterator[Step]:
        """Switch all parts on."""
        yield _attempted(Part.WEBHOOK, self._put_webhook_back)
        if self._deployment.task_events_url:
            yield _attempted(Part.EVENTS, self._put_events_back)
        yield _attempted(Part.SWEEP, self._resume)

    def status(self) -> Iterator[Step]:
        """Show each part, and change nothing."""
        yield _attempted(Part.WEBHOOK, self._look_at_webhook)
        if self._deployment.task_events_url:
            yield _attempted(Part.EVENTS, self._look_at_events)
        yield _attempted(Part.SWEEP, self._look_at_sweep)

    @property
    def _twilio(self) -> TwilioClient:
        if self._client is None:
            raise UnknownError(NO_CREDENTIALS)
        return self._client

    def _is_ours(self, url: str) -> bool:
        return url in {self._deployment.webhook_url, *self._deployment.own_urls}

    def _calls_us(self, url: str) -> bool:
        ours = (self._deployment.task_events_url, *self._deployment.own_event_urls)
        return bool(url) and is_one_of(url, [each for each in ours if each])

    def _webhook(self) -> tuple[str, str, WebhookSettings]:
        """The service, our URL, and the service's webhook as it is now."""
        sid, url = self._deployment.service_sid, self._deployment.webhook_url
        if not sid or not url:
            raise UnknownError("the stack has no outputs serviceSid and webhookUrl; look at the service in the Console")
        return sid, url, self._twilio.service_webhook(sid)

    def _take_webhook_away(self) -> str:
        sid, _, live = self._webhook()
        if not self._is_ours(live.post_url):
            return "is somebody else's, so it was not changed" if live.post_url else "was off already"
        filters = tuple(name for name in live.filters if name != EVENT)
        self._twilio.write_service_webhook(sid, live, replace(live, post_url="", filters=filters))
        if self._twilio.service_webhook(sid).post_url:
            raise TwilioError(f"Twilio accepted the change of service {sid}, but its webhook is still set")
        return "off: Twilio does not call us any more"

    def _put_webhook_back(self) -> str:
        sid, url, live = self._webhook()
        if live.post_url and not self._is_ours(live.post_url):
            raise ForeignError(f"service {sid} has somebody else's webhook now; it was not changed")
        wanted = WebhookKind().with_ours(live, live.post_url or url)
        if wanted == live:
            return "was on already"
        self._twilio.write_service_webhook(sid, live, wanted)
        if self._twilio.service_webhook(sid).post_url != wanted.post_url:
            raise TwilioError(f"Twilio accepted the change of service {sid}, but its webhook is not set")
        return "on: Twilio calls us"

    def _look_at_webhook(self) -> str:
        _, _, live = self._webhook()
        if self._is_ours(live.post_url):
            return "on"
        return "somebody else's" if live.post_url else "off"

    def _events(self) -> tuple[str, str, EventSettings]:
        """The workspace, our URL, and the workspace's event callback as it is now."""
        sid, url = self._deployment.workspace_sid, self._deployment.task_events_url
        if not sid or not url:
            raise UnknownError("the stack's output settings names no workspace; look at it in the Console")
        return sid, url, self._twilio.task_events(sid)

    def _take_events_away(self) -> str:
        sid, _, live = self._events()
        if not self._calls_us(live.url):
            return "is somebody else's, so it was not changed" if live.url else "was off already"
        self._twilio.write_task_events(sid, live, EventSettings())
        if self._twilio.task_events(sid).url:
            raise TwilioError(f"Twilio accepted the change of workspace {sid}, but its event callback is still set")
        return "off: TaskRouter does not call us any more"

    def _put_events_back(self) -> str:
        sid, url, live = self._events()
        if live.url and not self._calls_us(live.url):
            raise ForeignError(f"workspace {sid} has somebody else's event callback now; it was not changed")
        wanted = EventsKind().with_ours(live, url)
        if wanted == live:
            return "was on already"
        self._twilio.write_task_events(sid, live, wanted)
        if self._twilio.task_events(sid).url != url:
            raise TwilioError(f"Twilio accepted the change of workspace {sid}, but its event callback is not set")
        return "on: TaskRouter calls us"

    def _look_at_events(self) -> str:
        _, _, live = self._events()
        if self._calls_us(live.url):
            return "on"
        return "somebody else's" if live.url else "off"

    def _pause(self) -> str:
        if self._scheduler is None:
            return NO_SCHEDULE
        try:
            self._scheduler.pause()
        except GoneError:
            return "is gone: Google has no such schedule"
        return "off: the schedule is paused; a sweep that is running ends within its interval"

    def _resume(self) -> str:
        if self._scheduler is None:
            return NO_SCHEDULE
        self._scheduler.resume()
        return "on: the schedule runs, and the next sweeps catch up"

    def _look_at_sweep(self) -> str:
        if self._scheduler is None:
            return NO_SCHEDULE
        return "off" if self._scheduler.paused() else "on"


def _attempted(part: Part, action: Callable[[], str]) -> Step:
    try:
        return Step(part, succeeded=True, message=action())
    except (TwilioError, GoogleError, ForeignError, UnknownError) as error:
        return Step(part, succeeded=False, message=str(error))
    except Exception as error:  # noqa: BLE001 -- the other parts are tried whatever happens to this one
        return Step(part, succeeded=False, message=f"{type(error).__name__}: {error}")
