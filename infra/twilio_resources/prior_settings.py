"""What stood at Twilio before us: read first, refused early when it is somebody else's, kept for the end.

It is a resource of its own, made before anything else. So a run that is killed after writing our webhook cannot make
the next one take our own value for the previous one; and because it knows what the stack is about to write, its delete,
the last step of a destroy, takes back whatever of ours a killed run left unrecorded. Timers go back earlier, with the
first run that does not want them: they cannot be recognised for ever, as a URL can.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult
from pulumi.output import Unknown

from infra.twilio_resources import default_timers, service_webhook, task_events
from infra.twilio_resources.client import (
    CredentialsError,
    EventSettings,
    MissingError,
    OtherAccountError,
    TimerSettings,
    TwilioClient,
    TwilioError,
    WebhookSettings,
    same_timer,
)
from infra.twilio_resources.provider import PROVIDER_KEY, Props, TwilioProvider, differs, say

Settings = TypeVar("Settings")

INPUTS = (
    "account_sid",
    "wanted_service_sid",
    "wanted_workspace_sid",
    "webhook_url",
    "inactive",
    "closed",
    "events_url",
    "takeover",
)
"""Empty texts: the account's default service, the workspace of the Flex configuration, a timer or an event callback
that is not ours."""


@dataclass(frozen=True)
class Found:
    """What was read at Twilio.

    Attributes:
        service_sid: the service that the stack works on.
        webhook: of that service.
        account_webhook: of the account.
        timers: the account's defaults.
        workspace_sid: the workspace that the stack works on; empty when nobody had to know.
        events: the workspace's event callback; None when nobody had to know.
    """

    service_sid: str
    webhook: WebhookSettings
    account_webhook: WebhookSettings
    timers: TimerSettings
    workspace_sid: str = ""
    events: EventSettings | None = None


@dataclass(frozen=True)
class Left(Generic[Settings]):
    """A service or a workspace that the stack has left, and where something of it may still stand.

    Attributes:
        sid: the service's or the workspace's.
        own_urls: URLs that this stack may have left there.
        previous: its webhook or its event callback before us.
    """

    sid: str
    own_urls: tuple[str, ...]
    previous: Settings


@dataclass(frozen=True)
class Memory:
    """What the stack remembers.

    Attributes:
        service_sid: the service that the stack works on.
        workspace_sid: the workspace that the stack works on; empty while nobody had to know.
        previous_webhook: the service's webhook before us.
        previous_timers: the account's default timers before us.
        own_urls: webhook URLs that this stack may have left there; the last is the one that it wants now.
        own_timers: default timers that this stack may have left there; the last is the pair that it wants now.
        previous_events: the workspace's event callback before us; None when it was never ours to write.
        own_event_urls: URLs of event callbacks that this stack may have left there; the last is the one that it wants.
        left_services: services that it worked on before.
        left_workspaces: workspaces that it worked on before.
    """

    service_sid: str
    workspace_sid: str
    previous_webhook: WebhookSettings
    previous_timers: TimerSettings
    own_urls: tuple[str, ...] = ()
    own_timers: tuple[TimerSettings, ...] = ()
    previous_events: EventSettings | None = None
    own_event_urls: tuple[str, ...] = ()
    left_services: tuple[Left[WebhookSettings], ...] = ()
    left_workspaces: tuple[Left[EventSettings], ...] = ()


class PriorSettingsProvider(TwilioProvider):
    """Reads, refuses, remembers; writes only what the stack does not want any more, and only over what is ours."""

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Refuse in the preview already, when there are credentials to look with: wrong ones, and what is not ours.

        Wrong ones, and those of another account, on a stack that stands too and whatever may be taken over: a refresh
        says nothing of the credentials of now.
        """
        result = super().check(olds, news)
        is_new = not olds.get("account_sid")
        known = not any(isinstance(news.get(key), Unknown) for key in INPUTS)
        if result.failures or not known or not self._credentials.complete:
            return result
        try:
            client = self.client(news)
            client.check_credentials()
            if not is_new or news["takeover"]:
                return result
            found = _look(client, news)
        except (CredentialsError, OtherAccountError) as error:
            return CheckResult(news, [CheckFailure("account_sid", str(error))])
        except MissingError as error:
            workspace_sid = news["wanted_workspace_sid"]
            missing = "workspace" if workspace_sid and workspace_sid in str(error) else "service"
            return CheckResult(news, [CheckFailure(f"wanted_{missing}_sid", str(error))])
        except TwilioError as error:
            say(f"could not look at Twilio yet: {error}")
            return result
        if found.timers.closed and not same_timer(found.timers.closed, "") and not news["closed"]:
            say(
                f"the account's default closed timer is {found.timers.closed}, and not this stack's: Twilio will close "
                "chats by it whoever is waited for, a customer who waits for an answer included"
            )
        return CheckResult(news, _failures(found, news, _NOTHING))

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Any other wish is another memory, never another resource: the memory must outlive the change."""
        moved = olds.get(PROVIDER_KEY) != news.get(PROVIDER_KEY)
        return DiffResult(changes=moved or any(differs(olds, news, key) for key in INPUTS))

    def create(self, props: Props) -> CreateResult:
        """Remember what stands there.

        Raises:
            TwilioError: it is somebody else's, or Twilio could not be asked.
        """
        client = self.client(props)
        found = _look(client, props)
        _refuse(_failures(found, props, _NOTHING), props)
        webhook = _without_our_event(found.webhook, props)
        memory = Memory(found.service_sid, found.workspace_sid, webhook, found.timers)
        memory = replace(memory, previous_events=_events_before_us(found.events, {}, props, memory))
        outs = _outs(client, props, found, memory)
        return CreateResult(f"{props['account_sid']}/prior-settings", outs)

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Remember the new wish too; what stood before us stays what it was, unless it is another service now.

        Timers of ours that are not wanted any more are put back.

        Raises:
            TwilioError: somebody else's value stands there, or Twilio could not be asked.
        """
        client = self.client(news)
        memory = _remembered(olds)
        service_sid, workspace_sid = _places(client, memory, olds, news)
        memory = _in_workspace(client, _in_service(client, memory, service_sid), workspace_sid)
        found = _look(
            client, news, service_sid=service_sid, workspace_sid=workspace_sid, own_event_urls=memory.own_event_urls
        )
        if not memory.own_urls:  # a service that we come to, or come back to after ours is gone
            memory = replace(memory, previous_webhook=_without_our_event(found.webhook, news))
        _refuse(_failures(found, news, memory), news)
        own_urls = [*memory.own_urls, news["webhook_url"]]
        memory = replace(
            memory,
            previous_webhook=service_webhook.before_us(found.webhook, own_urls, memory.previous_webhook),
            previous_timers=_timers_before_us(found.timers, olds, news, memory),
            previous_events=_events_before_us(found.events, olds, news, memory),
        )
        found = replace(found, timers=self._put_unwanted_timers_back(client, news, memory, found.timers))
        return UpdateResult(_outs(client, news, found, memory))

    def read(self, id_: str, props: Props) -> ReadResult:
        """What stood before us does not change by looking again."""
        return ReadResult(id_, props)

    def delete(self, _id: str, props: Props) -> None:
        """Take back whatever of ours still stands; after a run that was not killed, that is nothing."""
        client, memory = self.client(props), _remembered(props)
        for service in (_this_service(memory), *memory.left_services):
            self._put_webhook_back(client, service)
        self._put_timers_back(client, props, memory)
        for workspace in (*_this_workspace(memory), *memory.left_workspaces):
            self._put_events_back(client, workspace)

    def _put_webhook_back(self, client: TwilioClient, service: Left[WebhookSettings]) -> None:
        if webhook := _our_webhook(client, service):
            ours = service_webhook.with_ours(service.previous, webhook.post_url)
            after = service_webhook.without_ours(webhook, ours, service.previous)
            client.write_service_webhook(service.sid, webhook, after)
            say(f"{service.sid}/webhook: put back, although no finished run had recorded it as ours")

    def _put_timers_back(self, client: TwilioClient, props: Props, memory: Memory) -> None:
        timers = after_timers = client.default_timers()
        for own in memory.own_timers:
            after_timers = default_timers.without_ours(after_timers, own, memory.previous_timers)
        if after_timers != timers:
            client.write_default_timers(timers, after_timers)
            say(f"{props['account_sid']}/default-timers: put back, although no finished run had recorded them as ours")

    def _put_unwanted_timers_back(
        self, client: TwilioClient, news: Props, memory: Memory, timers: TimerSettings
    ) -> TimerSettings:
        """Put back at once what nothing in this run will overwrite; what stands then.

        A killed run may have left it there, and then no other resource knows. Nor could it stay remembered: a timer
        names no owner, so once ours is gone, the same one is another stack's, which a later destroy must not take.
        """
        after = default_timers.without_unwanted(timers, _wanted_timers(news), memory.own_timers, memory.previous_timers)
        if after != timers:
            client.write_default_timers(timers, after)
            say(f"{news['account_sid']}/default-timers: put back, because this stack does not want them any more")
        return after

    def _put_events_back(self, client: TwilioClient, workspace: Left[EventSettings]) -> None:
        if events := _our_events(client, workspace):
            client.write_task_events(workspace.sid, events, workspace.previous)
            say(f"{workspace.sid}/task-events: put back, although no finished run had recorded it as ours")


_NOTHING = Memory("", "", WebhookSettings(), TimerSettings())


def _look(
    client: TwilioClient,
    props: Props,
    *,
    service_sid: str = "",
    workspace_sid: str = "",
    own_event_urls: Sequence[str] = (),
) -> Found:
    """Look at Twilio; at the workspace only if its event callback is our business or was."""
    service_sid = props["wanted_service_sid"] or service_sid or client.default_service_sid()
    webhook, of_account = client.service_webhook(service_sid), client.account_webhook()
    timers = client.default_timers()
    if not props["events_url"] and not own_event_urls:
        return Found(service_sid, webhook, of_account, timers, props["wanted_workspace_sid"] or workspace_sid)
    workspace_sid = props["wanted_workspace_sid"] or workspace_sid or client.workspace_sid()
    return Found(service_sid, webhook, of_account, timers, workspace_sid, client.task_events(workspace_sid))


def _this_service(memory: Memory) -> Left[WebhookSettings]:
    return Left(memory.service_sid, memory.own_urls, memory.previous_webhook)


def _this_workspace(memory: Memory) -> list[Left[EventSettings]]:
    """None where a callback was never ours to write: such a workspace is not looked at."""
    own_urls, previous = memory.own_event_urls, memory.previous_events or EventSettings()
    return [Left(memory.workspace_sid, own_urls, previous)] if own_urls else []


def _our_webhook(client: TwilioClient, service: Left[WebhookSettings]) -> WebhookSettings | None:
    """The service's webhook; None when it is not ours, or gone with its service."""
    try:
        webhook = client.service_webhook(service.sid)
    except MissingError:
        return None
    return webhook if webhook.post_url in service.own_urls else None


def _our_events(client: TwilioClient, workspace: Left[EventSettings]) -> EventSettings | None:
    """The workspace's event callback; None when it is not ours, or gone with its workspace."""
    try:
        events = client.task_events(workspace.sid)
    except MissingError:
        return None
    return events if task_events.is_one_of(events.url, workspace.own_urls) else None


def _places(client: TwilioClient, memory: Memory, olds: Props, news: Props) -> tuple[str, str]:
    """The service and the workspace that are wanted now; the account's default is not asked for again."""
    same_service = olds["wanted_service_sid"] == news["wanted_service_sid"]
    same_workspace = olds["wanted_workspace_sid"] == news["wanted_workspace_sid"]
    stays = same_workspace and (news["events_url"] or memory.own_event_urls)
    return (
        news["wanted_service_sid"] or (memory.service_sid if same_service else client.default_service_sid()),
        news["wanted_workspace_sid"] or (memory.workspace_sid if stays else client.workspace_sid()),
    )


def _in_service(client: TwilioClient, memory: Memory, service_sid: str) -> Memory:
    """The memory of this service; those that the stack left stay in it while ours stands there."""
    moves = service_sid != memory.service_sid
    left = [*([_this_service(memory)] if moves else []), *memory.left_services]
    left = [each for each in left if _our_webhook(client, each)]
    if moves:
        here = next((each for each in left if each.sid == service_sid), Left(service_sid, (), WebhookSettings()))
        left = [each for each in left if each is not here]
        memory = replace(memory, service_sid=service_sid, own_urls=here.own_urls, previous_webhook=here.previous)
    return replace(memory, left_services=tuple(left))


def _in_workspace(client: TwilioClient, memory: Memory, workspace_sid: str) -> Memory:
    """The memory of this workspace; those that the stack left stay in it while ours stands there."""
    moves = workspace_sid != memory.workspace_sid
    left = [*(_this_workspace(memory) if moves else []), *memory.left_workspaces]
    left = [each for each in left if _our_events(client, each)]
    if moves:
        here = next((each for each in left if each.sid == workspace_sid), None)
        left = [each for each in left if each is not here]
        own_urls, previous = (here.own_urls, here.previous) if here else ((), None)
        memory = replace(memory, workspace_sid=workspace_sid, own_event_urls=own_urls, previous_events=previous)
    return replace(memory, left_workspaces=tuple(left))


def _wanted_timers(props: Props) -> TimerSettings | None:
    return TimerSettings(props["inactive"], props["closed"]) if props["inactive"] else None


def _failures(found: Found, props: Props, memory: Memory) -> list[CheckFailure]:
    """Every value of somebody else, unless the stack may take over."""
    webhook = service_webhook.foreign(
        found.service_sid, found.webhook, found.account_webhook, [*memory.own_urls, props["webhook_url"]]
    )
    wanted = _wanted_timers(props)
    timers = default_timers.foreign(found.timers, wanted, memory.own_timers) if wanted else None
    events = None
    if props["events_url"] and found.events:
        own_urls = [*memory.own_event_urls, props["events_url"]]
        events = task_events.foreign(found.workspace_sid, found.events, own_urls)
    return [
        CheckFailure(property_, reason)
        for property_, reason in (("webhook_url", webhook), ("inactive", timers), ("events_url", events))
        if reason
    ]


def _refuse(failures: Sequence[CheckFailure], props: Props) -> None:
    if failures and not props["takeover"]:
        raise TwilioError("; and ".join(failure.reason for failure in failures))


def _timers_before_us(live: TimerSettings, olds: Props, news: Props, memory: Memory) -> TimerSettings:
    """A timer that was not ours until now stood there before us, whatever stands; unless a killed run wrote it."""
    previous, own = memory.previous_timers, memory.own_timers
    if not olds["inactive"] and not any(same_timer(live.inactive, each.inactive) for each in own):
        previous = replace(previous, inactive=live.inactive)
    if not olds["closed"] and not any(each.closed and same_timer(live.closed, each.closed) for each in own):
        previous = replace(previous, closed=live.closed)
    wanted = _wanted_timers(news)
    return default_timers.before_us(live, wanted, own, previous) if wanted else previous


def _events_before_us(live: EventSettings | None, olds: Props, news: Props, memory: Memory) -> EventSettings | None:
    """A callback that was not ours until now stood there before us, an empty one too; unless a killed run wrote it."""
    if live is None or not news["events_url"]:
        return memory.previous_events
    own_urls = [*memory.own_event_urls, news["events_url"]]
    if olds.get("events_url") and memory.previous_events:
        return task_events.before_us(live, own_urls, memory.previous_events)
    return (memory.previous_events or EventSettings()) if task_events.is_one_of(live.url, own_urls) else live


def _without_our_event(webhook: WebhookSettings, props: Props) -> WebhookSettings:
    """A webhook that is ours already, of a stack whose state was lost: before it there was none that we know of."""
    if webhook.post_url != props["webhook_url"]:
        return webhook
    filters = tuple(name for name in webhook.filters if name != service_webhook.EVENT)
    return replace(webhook, post_url="", filters=filters)


def _outs(client: TwilioClient, props: Props, found: Found, memory: Memory) -> Props:
    """The properties after a look: of our earlier wishes, only what still stands can matter later."""
    urls = [url for url in memory.own_urls if url == found.webhook.post_url and url != props["webhook_url"]]
    wanted = _wanted_timers(props)
    standing = [default_timers.standing(found.timers, each) for each in memory.own_timers]
    # Without a wish for timers, those of ours went back just now.
    timers = [*(each for each in dict.fromkeys(standing) if each and each != wanted), wanted] if wanted else []
    live_event_url, events_url = found.events.url if found.events else "", props["events_url"]
    event_urls = [url for url in memory.own_event_urls if task_events.is_one_of(live_event_url, [url])]
    return {
        **{key: props[key] for key in INPUTS},
        "service_sid": found.service_sid,
        "workspace_sid": found.workspace_sid or props["wanted_workspace_sid"] or client.workspace_sid(),
        "previous_webhook": service_webhook.to_state(memory.previous_webhook),
        "previous_timers": default_timers.to_state(memory.previous_timers),
        "own_urls": [*urls, props["webhook_url"]],
        "own_timers": [default_timers.to_state(each) for each in timers],
        "previous_events": task_events.to_state(memory.previous_events) if memory.previous_events else None,
        "own_event_urls": [*(url for url in event_urls if url != events_url), *([events_url] if events_url else [])],
        "left_services": [
            {"sid": each.sid, "own_urls": list(each.own_urls), "previous": service_webhook.to_state(each.previous)}
            for each in memory.left_services
        ],
        "left_workspaces": [
            {"sid": each.sid, "own_urls": list(each.own_urls), "previous": task_events.to_state(each.previous)}
            for each in memory.left_workspaces
        ],
    }


def _remembered(props: Props) -> Memory:
    """The memory as properties hold it; older states know nothing of events, nor of places that were left."""
    return Memory(
        props["service_sid"],
        props["workspace_sid"],
        service_webhook.from_state(props["previous_webhook"]),
        default_timers.from_state(props["previous_timers"]),
        tuple(props["own_urls"]),
        tuple(default_timers.from_state(each) for each in props["own_timers"]),
        task_events.from_state(props["previous_events"]) if props.get("previous_events") else None,
        tuple(props.get("own_event_urls") or ()),
        tuple(
            Left(each["sid"], tuple(each["own_urls"]), service_webhook.from_state(each["previous"]))
            for each in props.get("left_services") or ()
        ),
        tuple(
            Left(each["sid"], tuple(each["own_urls"]), task_events.from_state(each["previous"]))
            for each in props.get("left_workspaces") or ()
        ),
    )


class PriorSettings(Resource, module="twilio", name="PriorSettings"):
    """Remembers what stood at Twilio before this stack.

    Attributes:
        service_sid: the Conversations service that the stack works on.
        workspace_sid: the TaskRouter workspace that Flex uses.
        previous_webhook: the service's webhook before us.
        previous_timers: the account's default timers before us.
        own_urls: webhook URLs that this stack may have left there.
        own_timers: default timers that this stack may have left there.
        previous_events: the workspace's event callback before us; None when it is not the stack's business.
        own_event_urls: URLs of event callbacks that this stack may have left there.
        left_services: services that it worked on before, and where its webhook may still stand.
        left_workspaces: workspaces that it worked on before, and where its event callback may still stand.
    """

    service_sid: pulumi.Output[str]
    workspace_sid: pulumi.Output[str]
    previous_webhook: pulumi.Output[dict[str, Any]]
    previous_timers: pulumi.Output[dict[str, Any]]
    own_urls: pulumi.Output[list[str]]
    own_timers: pulumi.Output[list[dict[str, Any]]]
    previous_events: pulumi.Output[dict[str, Any]]
    own_event_urls: pulumi.Output[list[str]]
    left_services: pulumi.Output[list[dict[str, Any]]]
    left_workspaces: pulumi.Output[list[dict[str, Any]]]

    def __init__(
        self,
        name: str,
        *,
        account_sid: pulumi.Input[str],
        wanted_service_sid: str,
        wanted_workspace_sid: str,
        webhook_url: str,
        timers: TimerSettings | None,
        events_url: str | None,
        takeover: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the memory.

        Args:
            name: of the resource.
            account_sid: whose settings.
            wanted_service_sid: empty for the account's default service.
            wanted_workspace_sid: empty for the workspace of the Flex configuration.
            webhook_url: what the stack is about to write.
            timers: what the stack is about to write; None when timers are not its business.
            events_url: where it is about to send TaskRouter's events; None when those are not its business.
            takeover: whether somebody else's may be replaced.
            opts: of the resource.
        """
        props = {
            "account_sid": account_sid,
            "wanted_service_sid": wanted_service_sid,
            "wanted_workspace_sid": wanted_workspace_sid,
            "webhook_url": webhook_url,
            "inactive": timers.inactive if timers else "",
            "closed": timers.closed if timers else "",
            "events_url": events_url or "",
            "takeover": takeover,
            "service_sid": None,
            "workspace_sid": None,
            "previous_webhook": None,
            "previous_timers": None,
            "own_urls": None,
            "own_timers": None,
            "previous_events": None,
            "own_event_urls": None,
            "left_services": None,
            "left_workspaces": None,
        }
        # A webhook's URL may carry somebody's password.
        theirs = ["previous_webhook", "previous_events", "left_services", "left_workspaces"]
        secret = pulumi.ResourceOptions(additional_secret_outputs=theirs)
        super().__init__(PriorSettingsProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))
