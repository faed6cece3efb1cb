"""Switches a deployment off and on: what calls us at Twilio, and the sweep's schedule at Google.

Nothing is deployed or destroyed, and nobody else's settings are changed. Each part is tried even if another failed, and
the result of each is shown: in an emergency, half is better than nothing.
"""

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from infra.twilio_resources.client import EventSettings, MissingError, TwilioClient, TwilioError, WebhookSettings
from infra.twilio_resources.service_webhook import EVENT, METHOD, WebhookKind, calls_pre_webhook_otherwise
from infra.twilio_resources.task_events import EventsKind, is_one_of
from ops.deployment import NO_CREDENTIALS, Deployment
from ops.google import GoneError, Scheduler
from ops.messages import OneLineError, explained

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


class Interrupted(KeyboardInterrupt):
    """Ctrl-C came while a part was being done.

    Attributes:
        step: nobody waited for its result.
    """

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step


@dataclass(frozen=True)
class Actions:
    """What is done about each part; each says how it is afterwards.

    Attributes:
        webhook: of a service.
        events: of a workspace.
        sweep: of a schedule; None where there is none.
    """

    webhook: Callable[[str], str]
    events: Callable[[str], str]
    sweep: Callable[[Scheduler | None], str]


class ForeignError(OneLineError):
    """The webhook or event callback is somebody else's."""


class UnknownError(OneLineError):
    """Something that is needed is not known; the message says what, and the way out."""


class Switch:
    """Off and on for one deployment.

    A run that moved the stack and broke off leaves more than one of a part: each is a step, and says where it is.

    Args:
        deployment: to switch.
        client: for its account; None without credentials.
        scheduler: of its sweep; None where there is none.
        more_schedulers: of the sweeps in other places, by the names of their jobs.
    """

    def __init__(
        self,
        deployment: Deployment,
        client: TwilioClient | None,
        scheduler: Scheduler | None,
        more_schedulers: Mapping[str, Scheduler] = MappingProxyType({}),
    ) -> None:
        self._deployment = deployment
        self._client = client
        self._scheduler = scheduler
        self._more_schedulers = more_schedulers
        self._webhook_is_foreign = False

    def off(self) -> Iterator[Step]:
        """Switch all parts off, the webhook first, because it acts within seconds."""
        webhook, events, sweep = self._take_webhook_away, self._take_events_away, self._pause
        elsewhere = Actions(partial(_off_or_gone, webhook), partial(_off_or_gone, events), sweep)
        return self._steps(Actions(webhook, events, sweep), elsewhere)

    def on(self) -> Iterator[Step]:
        """Switch all parts on where the last finished run had them; elsewhere only look."""
        actions = Actions(self._put_webhook_back, self._put_events_back, self._resume)
        unfinished = Actions(
            lambda sid: _only_if_on(self._look_at_webhook(sid)),
            lambda sid: _only_if_on(self._look_at_events(sid)),
            lambda scheduler: _only_if_on(self._look_at_sweep(scheduler)),
        )
        return self._steps(actions, unfinished)

    def status(self) -> Iterator[Step]:
        """Show each part, and change nothing."""
        actions = Actions(self._look_at_webhook, self._look_at_events, self._look_at_sweep)
        return self._steps(actions, actions)

    def _steps(self, here: Actions, elsewhere: Actions) -> Iterator[Step]:
        deployment = self._deployment
        yield _attempted(Part.WEBHOOK, partial(here.webhook, deployment.service_sid))
        for sid in deployment.more_services:
            yield _attempted(Part.WEBHOOK, partial(elsewhere.webhook, sid), sid)
        if deployment.task_events_url:
            yield _attempted(Part.EVENTS, partial(here.events, deployment.workspace_sid))
            for sid in deployment.more_workspaces:
                yield _attempted(Part.EVENTS, partial(elsewhere.events, sid), sid)
        yield _attempted(Part.SWEEP, partial(here.sweep, self._scheduler))
        for job, scheduler in self._more_schedulers.items():
            yield _attempted(Part.SWEEP, partial(elsewhere.sweep, scheduler), job)

    @property
    def _twilio(self) -> TwilioClient:
        if self._client is None and self._deployment.credentials.complete:
            raise UnknownError(
                "the stack's output settings has no TWILIO_ACCOUNT_SID, so nobody knows whose webhook it is; remove it "
                "in the Console, or run pulumi up"
            )
        if self._client is None:
            raise UnknownError(NO_CREDENTIALS)
        return self._client

    def _is_ours(self, url: str) -> bool:
        return url in {self._deployment.webhook_url, *self._deployment.own_urls}

    def _calls_us(self, url: str) -> bool:
        ours = (self._deployment.task_events_url, *self._deployment.own_event_urls)
        return bool(url) and is_one_of(url, [each for each in ours if each])

    def _webhook(self, sid: str) -> tuple[str, WebhookSettings]:
        """Our URL, and the service's webhook as it is now."""
        url = self._deployment.webhook_url
        if not sid or not url:
            raise UnknownError("the stack has no outputs serviceSid and webhookUrl; look at the service in the Console")
        return url, self._twilio.service_webhook(sid)

    def _take_webhook_away(self, sid: str) -> str:
        _, live = self._webhook(sid)
        if not self._is_ours(live.post_url):
            self._webhook_is_foreign = bool(live.post_url)
            return "is somebody else's, so it was not changed" if live.post_url else "was off already"
        filters = tuple(name for name in live.filters if name != EVENT)
        self._twilio.write_service_webhook(sid, live, replace(live, post_url="", filters=filters))
        if self._twilio.service_webhook(sid).post_url:
            raise TwilioError(f"Twilio accepted the change of service {sid}, but its webhook is still set")
        return "off: Twilio does not call us any more"

    def _put_webhook_back(self, sid: str) -> str:
        url, live = self._webhook(sid)
        if live.post_url and not self._is_ours(live.post_url):
            raise ForeignError(f"service {sid} has somebody else's webhook now; it was not changed")
        if calls_pre_webhook_otherwise(live):
            raise ForeignError(
                f"service {sid} calls somebody else's pre-webhook by {live.method}, and ours needs {METHOD} for both; "
                "it was not changed: change it at Twilio, or run pulumi up, which says how to take it over"
            )
        wanted = WebhookKind().with_ours(live, live.post_url or url)
        if wanted == live:
            return "was on already"
        self._twilio.write_service_webhook(sid, live, wanted)
        if self._twilio.service_webhook(sid).post_url != wanted.post_url:
            raise TwilioError(f"Twilio accepted the change of service {sid}, but its webhook is not set")
        return "on: Twilio calls us"

    def _look_at_webhook(self, sid: str) -> str:
        _, live = self._webhook(sid)
        if self._is_ours(live.post_url):
            return "on"
        return "somebody else's" if live.post_url else "off"

    def _events(self, sid: str) -> tuple[str, EventSettings]:
        """Our URL, and the workspace's event callback as it is now."""
        url = self._deployment.task_events_url
        if not sid or not url:
            raise UnknownError("the stack's output settings names no workspace; look at it in the Console")
        return url, self._twilio.task_events(sid)

    def _take_events_away(self, sid: str) -> str:
        _, live = self._events(sid)
        if not self._calls_us(live.url):
            return "is somebody else's, so it was not changed" if live.url else "was off already"
        self._twilio.write_task_events(sid, live, EventSettings())
        if self._twilio.task_events(sid).url:
            raise TwilioError(f"Twilio accepted the change of workspace {sid}, but its event callback is still set")
        return "off: TaskRouter does not call us any more"

    def _put_events_back(self, sid: str) -> str:
        url, live = self._events(sid)
        if live.url and not self._calls_us(live.url):
            raise ForeignError(f"workspace {sid} has somebody else's event callback now; it was not changed")
        wanted = EventsKind().with_ours(live, url)
        if wanted == live:
            return "was on already"
        self._twilio.write_task_events(sid, live, wanted)
        if self._twilio.task_events(sid).url != url:
            raise TwilioError(f"Twilio accepted the change of workspace {sid}, but its event callback is not set")
        return "on: TaskRouter calls us"

    def _look_at_events(self, sid: str) -> str:
        _, live = self._events(sid)
        if self._calls_us(live.url):
            return "on"
        return "somebody else's" if live.url else "off"

    def _pause(self, scheduler: Scheduler | None) -> str:
        if scheduler is None:
            return NO_SCHEDULE
        try:
            scheduler.pause()
        except GoneError:
            file = self._deployment.outputs
            if file and self._webhook_is_foreign:  # both moved on, or a destroy put theirs back: the file cannot say
                raise UnknownError(
                    f"is gone, and the webhook is somebody else's: {file} may be of an earlier deployment; write it "
                    f"again (pulumi stack output --json > {file}) and run this again, or with --stack instead"
                ) from None
            return "is gone: Google has no such schedule"
        return "off: the schedule is paused; a sweep that is running ends within its interval"

    def _resume(self, scheduler: Scheduler | None) -> str:
        if scheduler is None:
            return NO_SCHEDULE
        scheduler.resume()
        return "on: the schedule runs, and the next sweeps catch up"

    def _look_at_sweep(self, scheduler: Scheduler | None) -> str:
        if scheduler is None:
            return NO_SCHEDULE
        return "off" if scheduler.paused() else "on"


def _off_or_gone(take_away: Callable[[str], str], sid: str) -> str:
    """Switch a place off that an unfinished run left; the state may name one that was deleted since."""
    try:
        return take_away(sid)
    except MissingError:
        return "is gone: Twilio does not have it"


def _only_if_on(found: str) -> str:
    """What was found in a place that an unfinished run left."""
    if found != "on":
        raise UnknownError(f"{found}: run pulumi up, which finishes the run that broke off")
    return found


def _attempted(part: Part, action: Callable[[], str], where: str = "") -> Step:
    """Do something about a part, and say what became of it; `where` names one of several places.

    Raises:
        Interrupted: by Ctrl-C.
    """
    place = f"{where}: " if where else ""
    try:
        return Step(part, succeeded=True, message=f"{place}{action()}")
    except Exception as error:  # noqa: BLE001 -- the other parts are tried whatever happens to this one
        return Step(part, succeeded=False, message=f"{place}{explained(error)}")
    except KeyboardInterrupt:
        message = f"{place}was interrupted: it may be done, or not; run it again"
        raise Interrupted(Step(part, succeeded=False, message=message)) from None
