"""What was set at Twilio before us: read first, refused early when it is somebody else's, kept for the end.

It is a resource of its own, made before anything else. So a run that is killed after writing our webhook cannot make
the next one take our own value for the previous one; and because it knows what the stack is about to write, its delete,
the last step of a destroy, takes back whatever of ours a killed run left unrecorded. Timers go back earlier, with the
first run that does not want them: they cannot be recognised for ever, as a URL can.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult
from pulumi.output import Unknown

from infra.twilio_resources.client import (
    CredentialsError,
    ForbiddenError,
    MissingError,
    NoCredentialsError,
    OtherAccountError,
    TimerSettings,
    TwilioClient,
    TwilioError,
)
from infra.twilio_resources.kind import Props
from infra.twilio_resources.looking import (
    KINDS,
    Look,
    default_is_gone,
    first_looks,
    look_again,
    refusals,
    settings_in,
    unremembered,
)
from infra.twilio_resources.memory import remembered
from infra.twilio_resources.provider import PROVIDER_KEY, TwilioProvider, differs, say
from infra.twilio_resources.singleton import Remembered

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

UNREMEMBERED = "unremembered"
"""The output that says that the last refresh found what the memory does not know: somebody else's settings that may be
replaced, a default place that is gone, or nothing, because it could not look."""

SECRET_OUTPUTS = ("previous_webhook", "previous_events", "left_services", "left_workspaces")
"""Outputs that may hold a password, in the URL of somebody's webhook."""


class PriorSettingsProvider(TwilioProvider):
    """Reads, refuses, remembers; writes only what the stack does not want any more, and only over what is ours."""

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Refuse in the preview already, when there are credentials to look with: wrong ones, and what is not ours.

        Wrong ones, those of another account, and a service or workspace that is not there, on an existing stack too and
        whatever may be taken over: a refresh says nothing of the config of now. A default that is missing is reported
        under the account.
        """
        result = super().check(olds, news)
        is_new = not olds.get("account_sid")
        if result.failures or not _is_known(news) or not self._credentials.complete:
            return result
        try:
            client = self.client(news)
            client.check_credentials()
            if failures := _missing(client, news):
                return CheckResult(news, failures)
            if not is_new:
                return result
            looks = first_looks(client, news)
            failures = [] if news["takeover"] else refusals(client, looks)
        except (CredentialsError, ForbiddenError, OtherAccountError, MissingError) as error:
            return CheckResult(news, [CheckFailure("account_sid", str(error))])
        except TwilioError as error:
            say(f"could not look at Twilio yet: {error}")
            return result
        for look in looks:
            if look.live is not None and (caution := look.kind.caution(look.live, look.wanted)):
                say(caution)
        return CheckResult(news, failures)

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Any other wish is another memory, never another resource: the memory must outlive the change.

        What the update would refuse is refused here, in the preview already: `check` does not know the memory.

        Raises:
            TwilioError: somebody else's value is where the stack wants its own now, or the credentials may not look.
        """
        wishes = any(differs(olds, news, key) for key in INPUTS)
        if wishes and not news["takeover"] and _is_known(news) and self._credentials.complete:
            self._refuse_early(olds, news)
        moved = olds.get(PROVIDER_KEY) != news.get(PROVIDER_KEY) or UNREMEMBERED in olds
        return DiffResult(changes=moved or wishes)

    def _refuse_early(self, olds: Props, news: Props) -> None:
        client = self.client(news)
        try:
            looks = [look_again(client, kind, olds, news) for kind in KINDS]
            failures = refusals(client, looks)
        except (ForbiddenError, MissingError):
            raise
        except TwilioError as error:
            say(f"could not look at Twilio yet: {error}")
            return
        _refuse(failures)

    def create(self, props: Props) -> CreateResult:
        """Remember what is there.

        Raises:
            TwilioError: it is somebody else's, or Twilio could not be asked.
        """
        client = self.client(props)
        looks = first_looks(client, props)
        _refuse([] if props["takeover"] else refusals(client, looks))
        outs = _outs(props, (look.remembering() for look in looks))
        return CreateResult(f"{props['account_sid']}/prior-settings", outs)

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Remember the new wish too; what was there before us stays what it was, unless it is another service now.

        Timers of ours that are not wanted any more are put back.

        Raises:
            TwilioError: somebody else's value is there, or Twilio could not be asked.
        """
        client = self.client(news)
        looks = [look_again(client, kind, olds, news) for kind in KINDS]
        _refuse([] if news["takeover"] else refusals(client, looks))
        return UpdateResult(_outs(news, [_without_unwanted(client, look.remembering()) for look in looks]))

    def read(self, id_: str, props: Props) -> ReadResult:
        """What was there before us does not change by looking again.

        With `takeover` this run may replace what somebody set since. That is noted, so that an update remembers it
        first: a run that is cut after its write has recorded nothing, and the next one finds only ours. A default
        service or workspace that was deleted is noted too, so that the update asks for the new one.
        """
        outs = {key: value for key, value in props.items() if key != UNREMEMBERED}
        try:
            client = self.client(props)
            looks = [default_is_gone, *([unremembered] if props["takeover"] else [])]
            if any(look(client, kind, props) for look in looks for kind in KINDS):
                outs[UNREMEMBERED] = True
        except NoCredentialsError:
            return ReadResult(id_, props)  # a preview, which replaces nothing
        except TwilioError:
            if props["takeover"]:  # the update looks again; the settings' own resource says why this look failed
                outs[UNREMEMBERED] = True
        return ReadResult(id_, outs)

    def delete(self, _id: str, props: Props) -> None:
        """Take back whatever of ours is still there; after a run that was not killed, that is nothing."""
        client = self.client_of_destroy(props)
        for kind in KINDS:
            for place in remembered(kind, props).places:
                live = settings_in(client, kind, place)
                if live is None:
                    continue
                after = kind.taken_back(live, place.own, place.previous or kind.nothing)
                if after != live:
                    kind.write(client, place.sid, live, after)
                    say(f"{place.sid}/{kind.name}: put back, although no finished run had recorded it as ours")


def _missing(client: TwilioClient, props: Props) -> list[CheckFailure]:
    """Every place that the config names and the account does not have; the function works there in any case.

    Credentials need no right to read what the stack does not want.
    """
    found = []
    for kind in KINDS:
        sid = props[kind.wanted_place_key] if kind.wanted_place_key else ""
        try:
            if sid:
                kind.fetch(client, sid)
        except MissingError as error:
            found.append(CheckFailure(kind.wanted_place_key, str(error)))
        except ForbiddenError:
            if kind.wanted(props) is not None:
                raise
    return found


def _is_known(news: Props) -> bool:
    """Whether a preview knows every wish already."""
    return not any(isinstance(news.get(key), Unknown) for key in INPUTS)


def _refuse(failures: Sequence[CheckFailure]) -> None:
    if failures:
        raise TwilioError("; and ".join(failure.reason for failure in failures))


def _without_unwanted(client: TwilioClient, look: Look) -> Look:
    """Put back at once what nothing in this run will overwrite."""
    kind, here = look.kind, look.here
    if look.live is None:
        return look
    after = kind.without_unwanted(look.live, look.wanted, here.own, here.previous or kind.nothing)
    if after != look.live:
        kind.write(client, here.sid, look.live, after)
        say(f"{here.sid}/{kind.name}: put back, because this stack does not want them any more")
    return replace(look, live=after)


def _outs(props: Props, looks: Iterable[Look]) -> Props:
    """The properties after a look."""
    outs = {key: props[key] for key in INPUTS}
    for look in looks:
        outs |= look.properties()
    return outs


class PriorSettings(Resource, module="twilio", name="PriorSettings"):
    """Remembers what was set at Twilio before this stack.

    Attributes:
        service_sid: the Conversations service that the stack works on.
        workspace_sid: the TaskRouter workspace that the stack works on.
    """

    service_sid: pulumi.Output[str]
    workspace_sid: pulumi.Output[str]
    previous_webhook: pulumi.Output[Props]
    previous_timers: pulumi.Output[Props]
    previous_events: pulumi.Output[Props]
    own_urls: pulumi.Output[list[Any]]
    own_timers: pulumi.Output[list[Any]]
    own_event_urls: pulumi.Output[list[Any]]
    left_services: pulumi.Output[list[Props]]
    left_workspaces: pulumi.Output[list[Props]]

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
            timers: what the stack is about to write; None when it does not write timers.
            events_url: where it is about to send TaskRouter's events; None when it does not.
            takeover: whether somebody else's may be replaced.
            opts: of the resource.
        """
        self._account_sid, self._takeover = account_sid, takeover
        props = {
            "account_sid": account_sid,
            "wanted_service_sid": wanted_service_sid,
            "wanted_workspace_sid": wanted_workspace_sid,
            "webhook_url": webhook_url,
            "inactive": timers.inactive if timers else "",
            "closed": timers.closed if timers else "",
            "events_url": events_url or "",
            "takeover": takeover,
            **dict.fromkeys(key for kind in KINDS for key in kind.remembered_keys),
        }
        own = pulumi.ResourceOptions(additional_secret_outputs=list(SECRET_OUTPUTS), delete_before_replace=True)
        super().__init__(PriorSettingsProvider(), name, props, pulumi.ResourceOptions.merge(opts, own))

    @property
    def webhook(self) -> Remembered:
        """What `ServiceWebhook` needs."""
        return self._remembered(self.own_urls, self.previous_webhook)

    @property
    def timers(self) -> Remembered:
        """What `DefaultTimers` needs."""
        return self._remembered(self.own_timers, self.previous_timers)

    @property
    def events(self) -> Remembered:
        """What `TaskEvents` needs."""
        return self._remembered(self.own_event_urls, self.previous_events)

    def _remembered(self, own: pulumi.Output[list[Any]], previous: pulumi.Output[Props]) -> Remembered:
        return Remembered(self, self._account_sid, own, previous, self._takeover)
