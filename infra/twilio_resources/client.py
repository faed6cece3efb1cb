"""Twilio's API as the resources need it: credentials, timeouts, typed settings, and errors in one line.

The only file of `infra/` that imports the twilio SDK.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus

from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from twilio.base import values
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.util.retry import Retry

from function.contract import DurationError, format_duration, parse_duration
from function.settings import REGION, SDK_ENVIRONMENT
from infra.twilio_resources.urls import with_shown_urls

TIMEOUT_SECONDS = 10
RETRIES = 3
ENVIRONMENT_OF = {
    "twilioAccountSid": "TWILIO_ACCOUNT_SID",
    "twilioAuthToken": "TWILIO_AUTH_TOKEN",
    "twilioAuthTokenSecondary": "TWILIO_AUTH_TOKEN_SECONDARY",
    "twilioApiKeySid": "TWILIO_API_KEY_SID",
    "twilioApiKeySecret": "TWILIO_API_KEY_SECRET",
}
"""Config key -> the environment's variable that wins over it."""


_CHECK_TOKEN = "twilioAuthToken, or TWILIO_AUTH_TOKEN in the environment, which wins"  # noqa: S105 -- where one is
_CHECK_KEY = (
    "twilioApiKeySid and its secret, or TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET in the environment, which win"
)
_CHECK_SERVICE = "correct conversationsServiceSid, or remove it for the account's default service"
_CHECK_WORKSPACE = "correct workspaceSid, or remove it for the workspace of the Flex configuration"


class TwilioError(Exception):
    """Something that Twilio did not do; one line, without secrets.

    Attributes:
        status: of Twilio's answer; 0 without one.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class CredentialsError(TwilioError):
    """Twilio does not accept the credentials, or they do not open this."""


class ForbiddenError(TwilioError):
    """Twilio knows the credentials, and does not let them do this."""


class OtherAccountError(TwilioError):
    """The credentials open another account than the one that was named."""


class NoCredentialsError(TwilioError):
    """There are none to call Twilio with."""


class MissingError(TwilioError):
    """What was asked for is not in our account: its service or workspace was deleted."""


@dataclass(frozen=True)
class Credentials:
    """What opens Twilio's API, as far as it is known. An API key makes the calls if there is one, else the token."""

    auth_token: str | None = field(default=None, repr=False)
    auth_token_secondary: str | None = field(default=None, repr=False)
    api_key_sid: str | None = None
    api_key_secret: str | None = field(default=None, repr=False)

    @property
    def complete(self) -> bool:
        """Whether a call can be made."""
        return bool(self.auth_token or (self.api_key_sid and self.api_key_secret))

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that no text may contain."""
        return tuple(filter(None, (self.auth_token, self.auth_token_secondary, self.api_key_secret)))


def find_credentials(environment: Mapping[str, str], configured: Callable[[str], str | None]) -> Credentials:
    """Look for credentials: the environment first, so that a rotation can be finished whatever the state remembers."""

    def find(key: str) -> str | None:
        return environment.get(ENVIRONMENT_OF[key]) or configured(key) or None

    return Credentials(
        auth_token=find("twilioAuthToken"),
        auth_token_secondary=find("twilioAuthTokenSecondary"),
        api_key_sid=find("twilioApiKeySid"),
        api_key_secret=find("twilioApiKeySecret"),
    )


@dataclass(frozen=True)
class WebhookSettings:
    """A Conversations webhook as it is at Twilio; an unset text is empty, whatever Twilio calls it."""

    pre_url: str = ""
    post_url: str = ""
    method: str = ""
    filters: tuple[str, ...] = ()


@dataclass(frozen=True)
class TimerSettings:
    """The account's default state timers, as Twilio spells them; empty for none."""

    inactive: str = ""
    closed: str = ""


@dataclass(frozen=True)
class EventSettings:
    """A workspace's event callback as it is; no URL is an empty text, and no filter means every event."""

    url: str = ""
    events: tuple[str, ...] = ()


class TwilioClient:
    """One account's settings. Built per operation: four threads share a provider, and a session is cheap.

    Every answer names its account; one of another account than ours is an error, so nothing is ever written there.

    Args:
        account_sid: whose settings.
        credentials: what opens them.
        base_url: another address of Twilio's API; the real one unless given.
        edge: where calls enter Twilio's network; Twilio's choice unless given, and nothing at another address.

    Raises:
        NoCredentialsError: there are none.
    """

    def __init__(
        self, account_sid: str, credentials: Credentials, base_url: str | None = None, edge: str | None = None
    ) -> None:
        if not credentials.complete:
            raise NoCredentialsError(
                f"no credentials for Twilio account {account_sid}: export TWILIO_AUTH_TOKEN, "
                "or run pulumi config set --secret twilioAuthToken"
            )
        self._account_sid = account_sid
        self._credentials = credentials
        self._base_url = base_url
        self._edge = None if base_url else edge
        self._calls_with_a_key = bool(credentials.api_key_sid and credentials.api_key_secret)
        self._client = (
            self._client_of(credentials.api_key_sid, credentials.api_key_secret)
            if self._calls_with_a_key
            else self._client_of(account_sid, credentials.auth_token)
        )

    def _client_of(self, user: str | None, password: str | None) -> Client:
        client = Client(
            user,
            password,
            self._account_sid,
            region=REGION if self._edge else None,
            edge=self._edge,
            environment=SDK_ENVIRONMENT,
            http_client=_http_client(),
        )
        if self._base_url:
            client.conversations.base_url = f"{self._base_url}/conversations"
            client.flex_api.base_url = f"{self._base_url}/flex-api"
            client.taskrouter.base_url = f"{self._base_url}/taskrouter"
        return client

    def check_credentials(self) -> None:
        """Try what makes the calls, and the token that signs the webhooks where that is something else.

        Raises:
            CredentialsError: Twilio refuses one of them.
            OtherAccountError: they open another account.
        """
        self.default_timers()
        token = self._credentials.auth_token
        if token and self._calls_with_a_key:
            with self._explaining("try the auth token, which signs the webhooks", by_token=True):
                found = self._client_of(self._account_sid, token).conversations.v1.configuration().fetch()
            self._ours(found.account_sid)

    def _ours(self, account_sid: str | None) -> None:
        """Refuse an answer of another account than ours; one that names none proves nothing."""
        if account_sid and account_sid != self._account_sid:
            raise OtherAccountError(
                f"the credentials open Twilio account {account_sid}, and this stack is for {self._account_sid}: "
                f"give it an API key of {self._account_sid} itself (one of its parent account opens the parent), "
                "or correct twilioAccountSid"
            )

    def default_service_sid(self) -> str:
        """The account's default Conversations service, which is the one that Flex uses.

        Raises:
            MissingError: there is none.
        """
        with self._explaining("read the Conversations configuration"):
            found = self._client.conversations.v1.configuration().fetch()
        self._ours(found.account_sid)
        sid = found.default_chat_service_sid
        if not sid:
            raise MissingError(
                f"Twilio account {self._account_sid} has no default Conversations service; set conversationsServiceSid"
            )
        return str(sid)

    def workspace_sid(self) -> str:
        """The TaskRouter workspace that Flex uses.

        Raises:
            MissingError: there is none.
        """
        with self._explaining_in_a_place("read the Flex configuration", "set workspaceSid"):
            found = self._client.flex_api.v1.configuration().fetch()
        self._ours(found.account_sid)
        sid = found.taskrouter_workspace_sid
        if not sid:
            raise MissingError(f"the Flex configuration of {self._account_sid} names no workspace; set workspaceSid")
        return str(sid)

    def account_webhook(self) -> WebhookSettings:
        """The account's webhook, which any service's webhook silences for that service."""
        with self._explaining("read the account's Conversations webhook"):
            found = self._client.conversations.v1.configuration.webhooks().fetch()
        self._ours(found.account_sid)
        return _webhook(found.pre_webhook_url, found.post_webhook_url, found.method, found.filters)

    def service_webhook(self, service_sid: str) -> WebhookSettings:
        """The service's webhook.

        Raises:
            MissingError: there is no such service.
        """
        with self._explaining_in_a_place(f"read the webhook of service {service_sid}", _CHECK_SERVICE):
            found = self._client.conversations.v1.services(service_sid).configuration.webhooks().fetch()
        self._ours(found.account_sid)
        return _webhook(found.pre_webhook_url, found.post_webhook_url, found.method, found.filters)

    def write_service_webhook(self, service_sid: str, before: WebhookSettings, after: WebhookSettings) -> None:
        """Send what differs; an empty URL or filter clears. A method cannot be cleared, nor need it be."""
        with self._explaining_in_a_place(f"change the webhook of service {service_sid}", _CHECK_SERVICE):
            self._client.conversations.v1.services(service_sid).configuration.webhooks().update(
                pre_webhook_url=_changed(before.pre_url, after.pre_url),
                post_webhook_url=_changed(before.post_url, after.post_url),
                method=_changed(before.method, after.method or before.method),
                filters=values.unset if set(before.filters) == set(after.filters) else list(after.filters) or [""],
            )

    def task_events(self, workspace_sid: str) -> EventSettings:
        """The workspace's event callback.

        Raises:
            MissingError: there is no such workspace.
        """
        with self._explaining_in_a_place(f"read the event callback of workspace {workspace_sid}", _CHECK_WORKSPACE):
            found = self._client.taskrouter.v1.workspaces(workspace_sid).fetch()
        self._ours(found.account_sid)
        events = (name.strip() for name in (found.events_filter or "").split(","))
        return EventSettings(found.event_callback_url or "", tuple(filter(None, events)))

    def write_task_events(self, workspace_sid: str, before: EventSettings, after: EventSettings) -> None:
        """Send what differs; an empty URL or filter clears."""
        same_events = set(before.events) == set(after.events)
        with self._explaining_in_a_place(f"change the event callback of workspace {workspace_sid}", _CHECK_WORKSPACE):
            self._client.taskrouter.v1.workspaces(workspace_sid).update(
                event_callback_url=_changed(before.url, after.url),
                events_filter=values.unset if same_events else ",".join(after.events),
            )

    def default_timers(self) -> TimerSettings:
        """The account's default timers."""
        with self._explaining("read the default timers"):
            found = self._client.conversations.v1.configuration().fetch()
        self._ours(found.account_sid)
        return TimerSettings(found.default_inactive_timer or "", found.default_closed_timer or "")

    def write_default_timers(self, before: TimerSettings, after: TimerSettings) -> None:
        """Send what differs; PT0S clears, an empty text may be refused (Twilio support, default inactive timer)."""
        with self._explaining("change the default timers"):
            self._client.conversations.v1.configuration().update(
                default_inactive_timer=_changed_timer(before.inactive, after.inactive),
                default_closed_timer=_changed_timer(before.closed, after.closed),
            )

    @contextmanager
    def _explaining(self, doing: str, *, by_token: bool = False) -> Iterator[None]:
        """Turn whatever goes wrong into one line that says what we were doing, what Twilio said, and the way out."""
        try:
            yield
        except TwilioRestException as error:
            raise self._refused(doing, error, by_token=by_token or not self._calls_with_a_key) from None
        except (TwilioException, RequestException, ValueError) as error:
            raise TwilioError(self._one_line(f"could not {doing}: {_reason(error)}")) from None

    @contextmanager
    def _explaining_in_a_place(self, doing: str, way_out: str) -> Iterator[None]:
        """As above; a 404 counts only once our account has answered: another one's key gets it for all that is ours.

        Args:
            doing: what we were doing.
            way_out: what to do when the place is not there.

        Raises:
            MissingError: our account has no such service or workspace.
        """
        try:
            with self._explaining(doing):
                yield
        except TwilioError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            self.default_timers()
            raise MissingError(f"{error}; account {self._account_sid} does not have it: {way_out}") from None

    def _refused(self, doing: str, error: TwilioRestException, *, by_token: bool) -> TwilioError:
        if error.status == 401:
            used = "" if by_token else f", API key {self._shown_key}"
            return CredentialsError(
                f"could not {doing}: Twilio refuses the credentials for account {self._account_sid} (401{used}); "
                f"check {_CHECK_TOKEN if by_token else _CHECK_KEY}"
            )
        said = self._one_line(f"could not {doing}: Twilio answered {error.status}, error {error.code}: {error.msg}")
        if error.status == HTTPStatus.FORBIDDEN:
            way_out = "look at the account's status in Twilio's Console"
            if not by_token:
                way_out = f"give API key {self._shown_key} what SECURITY.md lists, or use a standard key"
            return ForbiddenError(f"{said}; {way_out}", error.status)
        return TwilioError(said, error.status)

    @property
    def _shown_key(self) -> str:
        """The API key's SID; what is none may be its secret, in the wrong place."""
        sid = self._credentials.api_key_sid or ""
        return sid if re.fullmatch(r"SK[0-9a-fA-F]{32}", sid) else "[no SID]"

    def _one_line(self, text: str) -> str:
        """Without credentials, ours and those in somebody's URLs, which Twilio may quote."""
        for secret in self._credentials.secrets:
            text = text.replace(secret, "[secret]")
        return " ".join(with_shown_urls(text).split())[:400]


def same_timer(one: str, other: str) -> bool:
    """Whether two spellings mean one timer: unset, empty and PT0S do, and PT90S and PT1M30S do."""
    return one == other or _timer(one) == _timer(other)


def _timer(text: str) -> timedelta | str:
    try:
        return parse_duration(text or "PT0S")
    except DurationError:
        return text  # somebody's P1W, which Twilio took: comparable to itself only


def spell_timer(duration: timedelta | None) -> str:
    """A timer for a resource's inputs; empty for none."""
    return format_duration(duration) if duration else ""


def _changed(before: str, after: str) -> str | object:
    return values.unset if before == after else after


def _changed_timer(before: str, after: str) -> str | object:
    none_stays_none = same_timer(before, "") and same_timer(after, "")
    return values.unset if before == after or none_stays_none else after or "PT0S"


def _webhook(pre_url: str | None, post_url: str | None, method: object, filters: list[str] | None) -> WebhookSettings:
    return WebhookSettings(pre_url or "", post_url or "", str(method or ""), tuple(filters or ()))


def _reason(error: Exception) -> str:
    """What happened, for a person: the innermost error names the cause, the outer ones only our plumbing.

    Where a value cannot be read, the error quotes it, and the address of a proxy may have a password in it.
    """
    if isinstance(error, ValueError):
        way_out = "check HTTPS_PROXY and NO_PROXY (the address of an HTTP proxy, not socks), and twilioBaseUrl"
        return f"{type(error).__name__}; {way_out}"
    cause: BaseException = error
    while nested := [each for each in (cause.__cause__, cause.__context__, *cause.args) if isinstance(each, Exception)]:
        cause = nested[0]
    reason = getattr(cause, "reason", None)
    return f"{type(error).__name__}: {reason or cause}"


def _http_client() -> TwilioHttpClient:
    """A session with a timeout, which the SDK lacks, and retries for every method: all that we write is absolute."""
    http_client = TwilioHttpClient(timeout=TIMEOUT_SECONDS)
    retry = Retry(
        total=RETRIES,
        backoff_factor=0.3,
        status_forcelist=(429, 503),
        allowed_methods=None,
        raise_on_status=False,
    )
    for scheme in ("https://", "http://"):
        http_client.session.mount(scheme, HTTPAdapter(max_retries=retry))
    return http_client
