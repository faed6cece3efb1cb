"""Off and on: our webhook at Twilio and the sweep's schedule at Google, taken away at once and put back.

Nothing is deployed or destroyed, and nothing of anybody else's is touched. Each of the two is tried although the other
failed: in an emergency half is better than nothing, and the answer says which half it was.
"""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from infra.twilio_resources.client import TwilioClient, TwilioError
from infra.twilio_resources.service_webhook import EVENT, with_ours
from ops.deployment import Deployment
from ops.scheduler import Scheduler, SchedulerError


class Part(enum.StrEnum):
    """What can be off."""

    WEBHOOK = "webhook"
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
    """Somebody else's webhook stands there."""


class Switch:
    """Off and on for one deployment."""

    def __init__(self, deployment: Deployment, client: TwilioClient, scheduler: Scheduler | None) -> None:
        self._deployment = deployment
        self._client = client
        self._scheduler = scheduler

    def off(self) -> Iterator[Step]:
        """Take both away, the webhook first: it is what acts within seconds."""
        yield _tried(Part.WEBHOOK, self._take_webhook_away)
        yield _tried(Part.SWEEP, self._pause)

    def on(self) -> Iterator[Step]:
        """Put both back."""
        yield _tried(Part.WEBHOOK, self._put_webhook_back)
        yield _tried(Part.SWEEP, self._resume)

    def status(self) -> Iterator[Step]:
        """How it stands, without changing anything."""
        yield _tried(Part.WEBHOOK, self._look_at_webhook)
        yield _tried(Part.SWEEP, self._look_at_sweep)

    def _take_webhook_away(self) -> str:
        sid, url = self._deployment.service_sid, self._deployment.webhook_url
        live = self._client.service_webhook(sid)
        if live.post_url != url:
            return "is not ours just now, so nothing of it was changed" if live.post_url else "was off already"
        filters = tuple(name for name in live.filters if name != EVENT)
        self._client.write_service_webhook(sid, live, replace(live, post_url="", filters=filters))
        if self._client.service_webhook(sid).post_url:
            raise TwilioError(f"Twilio took the change of service {sid}, but its webhook is still there")
        return "off: Twilio does not call us any more"

    def _put_webhook_back(self) -> str:
        sid, url = self._deployment.service_sid, self._deployment.webhook_url
        live = self._client.service_webhook(sid)
        if live.post_url not in {"", url}:
            raise ForeignError(f"service {sid} has somebody else's webhook now; it was left alone")
        wanted = with_ours(live, url)
        if wanted == live:
            return "was on already"
        self._client.write_service_webhook(sid, live, wanted)
        if self._client.service_webhook(sid).post_url != url:
            raise TwilioError(f"Twilio took the change of service {sid}, but its webhook is not there")
        return "on: Twilio calls us"

    def _look_at_webhook(self) -> str:
        live = self._client.service_webhook(self._deployment.service_sid)
        if live.post_url == self._deployment.webhook_url:
            return "on"
        return "somebody else's" if live.post_url else "off"

    def _pause(self) -> str:
        if self._scheduler is None:
            return "there is none: this stack does not use Google"
        self._scheduler.pause()
        return "off: the schedule is paused; a sweep that is running ends within a minute"

    def _resume(self) -> str:
        if self._scheduler is None:
            return "there is none: this stack does not use Google"
        self._scheduler.resume()
        return "on: the schedule runs, and makes up for what was missed"

    def _look_at_sweep(self) -> str:
        if self._scheduler is None:
            return "there is none: this stack does not use Google"
        return "off" if self._scheduler.paused() else "on"


def _tried(part: Part, action: Callable[[], str]) -> Step:
    try:
        return Step(part, good=True, said=action())
    except (TwilioError, SchedulerError, ForeignError) as error:
        return Step(part, good=False, said=str(error))
