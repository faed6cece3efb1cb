"""Off and on: what calls us at Twilio and the sweep's schedule at Google, taken away at once and put back.

Nothing is deployed or destroyed, and nothing of anybody else's is touched. Each part is tried although another failed:
in an emergency half is better than nothing, and the answer says which half it was.
"""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from infra.twilio_resources.client import EventSettings, TwilioClient, TwilioError, WebhookSettings
from infra.twilio_resources.service_webhook import EVENT, WebhookKind
from infra.twilio_resources.task_events import EventsKind, is_one_of
from ops.deployment import NO_CREDENTIALS, Deployment
from ops.scheduler import GoneError, Scheduler, SchedulerError

NO_SCHEDULE = "there is none: this stack has no schedule"


class Part(enum.StrEnum):
    """What can be off."""

    WEBHOOK = "webhook"
    EVENTS = "event callback"
    SWEEP = "sweep"


@dataclass(frozen=True)
class Step:
    """What was found or done about one part.

    Attributes:
        part: which.
        good: it is as was asked.
        said: for people.
    """

    part: Part
    good: bool
    said: str


class ForeignError(Exception):
    """Somebody else's webhook or event callback stands there."""


class UnknownError(Exception):
    """What is needed to know is not known; the line says what, and the way out."""


class Switch:
    """Off and on for one deployment.

    Args:
        deployment: whose.
        client: for its account; None where there are no credentials.
        scheduler: of its sweep; None where there is none.
    """

    def __init__(self, deployment: Deployment, client: TwilioClient | None, scheduler: Scheduler | None) -> None:
        self._deployment = deployment
        self._client = client
        self._scheduler = scheduler

    def off(self) -> Iterator[Step]:
        """Take all away, the webhook first: it is what acts within seconds."""
        yield _tried(Part.WEBHOOK, self._take_webhook_away)
        if self._deployment.task_events_url:
            yield _tried(Part.EVENTS, self._take_events_away)
        yield _tried(Part.SWEEP, self._pause)

    def on(self) -> Iterator[Step]:
        """Put all back."""
        yield _tried(Part.WEBHOOK, self._put_webhook_back)
        if self._deployment.task_events_url:
            yield _tried(Part.EVENTS, self._put_events_back)
        yield _tried(Part.SWEEP, self._resume)

    def status(self) -> Iterator[Step]:
        """How it stands, without changing anything."""
        yield _tried(Part.WEBHOOK, self._look_at_webhook)
        if self._deployment.task_events_url:
            yield _tried(Part.EVENTS, self._look_at_events)
        yield _tried(Part.SWEEP, self._look_at_sweep)

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
        """The service, what Twilio shall call for it, and how its webhook stands."""
        sid, url = self._deployment.service_sid, self._deployment.webhook_url
        if not sid or not url:
            raise UnknownError("the stack has no outputs serviceSid and webhookUrl; look at the service in the Console")
        return sid, url, self._twilio.service_webhook(sid)

    def _take_webhook_away(self) -> str:
        sid, _, live = self._webhook()
        if not self._is_ours(live.post_url):
            return "is not ours just now, so nothing of it was changed" if live.post_url else "was off already"
        filters = tuple(name for name in live.filters if name != EVENT)
        self._twilio.write_service_webhook(sid, live, replace(live, post_url="", filters=filters))
        if self._twilio.service_webhook(sid).post_url:
            raise TwilioError(f"Twilio took the change of service {sid}, but its webhook is still there")
        return "off: Twilio does not call us any more"

    def _put_webhook_back(self) -> str:
        sid, url, live = self._webhook()
        if live.post_url and not self._is_ours(live.post_url):
            raise ForeignError(f"service {sid} has somebody else's webhook now; it was left alone")
        wanted = WebhookKind().with_ours(live, live.post_url or url)
        if wanted == live:
            return "was on already"
        self._twilio.write_service_webhook(sid, live, wanted)
        if self._twilio.service_webhook(sid).post_url != wanted.post_url:
            raise TwilioError(f"Twilio took the change of service {sid}, but its webhook is not there")
        return "on: Twilio calls us"

    def _look_at_webhook(self) -> str:
        _, _, live = self._webhook()
        if self._is_ours(live.post_url):
            return "on"
        return "somebody else's" if live.post_url else "off"

    def _events(self) -> tuple[str, str, EventSettings]:
        """The workspace, what TaskRouter shall call for it, and how its event callback stands."""
        sid, url = self._deployment.workspace_sid, self._deployment.task_events_url
        if not sid or not url:
            raise UnknownError("the stack's output settings names no workspace; look at it in the Console")
        return sid, url, self._twilio.task_events(sid)

    def _take_events_away(self) -> str:
        sid, _, live = self._events()
        if not self._calls_us(live.url):
            return "is not ours just now, so nothing of it was changed" if live.url else "was off already"
        self._twilio.write_task_events(sid, live, EventSettings())
        if self._twilio.task_events(sid).url:
            raise TwilioError(f"Twilio took the change of workspace {sid}, but its event callback is still there")
        return "off: TaskRouter does not call us any more"

    def _put_events_back(self) -> str:
        sid, url, live = self._events()
        if live.url and not self._calls_us(live.url):
            raise ForeignError(f"workspace {sid} has somebody else's event callback now; it was left alone")
        wanted = EventsKind().with_ours(live, url)
        if wanted == live:
            return "was on already"
        self._twilio.write_task_events(sid, live, wanted)
        if self._twilio.task_events(sid).url != url:
            raise TwilioError(f"Twilio took the change of workspace {sid}, but its event callback is not there")
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
            return "is gone: Google knows no such schedule"
        return "off: the schedule is paused; a sweep that is running ends within its interval"

    def _resume(self) -> str:
        if self._scheduler is None:
            return NO_SCHEDULE
        self._scheduler.resume()
        return "on: the schedule runs, and makes up for what was missed"

    def _look_at_sweep(self) -> str:
        if self._scheduler is None:
            return NO_SCHEDULE
        return "off" if self._scheduler.paused() else "on"


def _tried(part: Part, action: Callable[[], str]) -> Step:
    try:
        return Step(part, good=True, said=action())
    except (TwilioError, SchedulerError, ForeignError, UnknownError) as error:
        return Step(part, good=False, said=str(error))
    except Exception as error:  # noqa: BLE001 -- the other parts are tried whatever happened to this one
        return Step(part, good=False, said=f"{type(error).__name__}: {error}")
