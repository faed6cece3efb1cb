"""Reads of Twilio's API that only operators need: a customer's conversations, closed ones, events with their queues.

What the function reads too is read with the function's code.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from function.settings import REGION
from function.twilio_api import NotFoundError, OtherAccountError, RefusedError, TwilioDownError, TwilioError
from ops.deployment import NO_CREDENTIALS, Deployment, DeploymentError
from ops.messages import NETWORK_ERRORS

SECONDS = 10.0
RETRIES = 3
EVENT_DAYS = timedelta(days=30) - timedelta(minutes=1)
"""How long TaskRouter keeps events (https://www.twilio.com/docs/taskrouter/api/event, November 2026), with a minute
for clocks that differ."""


@dataclass(frozen=True)
class FoundConversation:
    """A conversation as a list shows it.

    Attributes:
        sid: CH...
        state: active, inactive or closed, as Twilio spells it.
        created_at: when it was created.
        updated_at: when it last changed; of a closed one, when it was closed.
        attributes: JSON text as stored.
    """

    sid: str
    state: str
    created_at: datetime
    updated_at: datetime
    attributes: str = "{}"

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self.state == "closed"

    def lasted_at(self, at: datetime) -> bool:
        """Whether the chat was open at a time."""
        return self.created_at <= at and (not self.closed or at <= self.updated_at)


@dataclass(frozen=True)
class TaskHappening:
    """One of TaskRouter's events about a task.

    Attributes:
        kind: such as `task.completed`.
        at: when it happened.
        queue: name of the task's queue; empty if the event does not say.
        worker: name of the worker; empty if the event has none.
        identity: the worker's chat identity; empty if the event has none.
        outcome: `conversations.outcome` in the task's attributes; empty without one.
        why: the reason that was given for the end.
    """

    kind: str
    at: datetime
    queue: str = ""
    worker: str = ""
    identity: str = ""
    outcome: str = ""
    why: str = ""


@dataclass(frozen=True)
class AgentEndings:
    """Which ways to end a chat Flex offers to agents; empty if nothing is configured."""

    enabled: tuple[str, ...] = ()


CONFIGURATION = "fetch_configuration"
"""The name of the read that every account answers."""


class TwilioReads:
    """Twilio's API of one account, read-only.

    Args:
        deployment: whose account, service, workspace and credentials count.

    Raises:
        DeploymentError: there are no credentials.
    """

    def __init__(self, deployment: Deployment) -> None:
        credentials = deployment.credentials
        if not credentials.complete:
            raise DeploymentError(NO_CREDENTIALS)
        self._account = deployment.account_sid
        self._service = deployment.service_sid
        self._workspace = deployment.workspace_sid
        self._base = (deployment.twilio_base_url or "").rstrip("/")
        self._edge = deployment.twilio_edge
        with_key = credentials.api_key_sid and credentials.api_key_secret
        self._session = requests.Session()
        self._session.auth = (
            (credentials.api_key_sid or "", credentials.api_key_secret or "")
            if with_key
            else (self._account, credentials.auth_token or "")
        )
        retry = Retry(total=RETRIES, backoff_factor=0.3, status_forcelist=(429, 503), raise_on_status=False)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def conversations_of(self, customer: str) -> tuple[FoundConversation, ...]:
        """Return the conversations of a customer, by address (`whatsapp:+4915...`, `+4915...`) or chat identity.

        Raises:
            TwilioError: they cannot be read.
        """
        path = f"Services/{self._service}/ParticipantConversations"
        found: dict[str, FoundConversation] = {}
        for name in ("Address", "Identity"):
            for row in self._rows("list_participant_conversations", "conversations", path, {name: customer}):
                one = _found(row, "conversation_")
                found[one.sid] = one
        return tuple(sorted(found.values(), key=lambda each: each.created_at))

    def conversations_between(self, start: datetime, end: datetime) -> Iterator[FoundConversation]:
        """Yield the conversations of our service that were created between two times.

        Raises:
            TwilioError: the list cannot be read.
        """
        # Twilio filters by day in UTC; the rest is filtered here.
        days = {"StartDate": f"{start.astimezone(UTC):%Y-%m-%d}", "EndDate": f"{end.astimezone(UTC):%Y-%m-%d}"}
        path = f"Services/{self._service}/Conversations"
        for row in self._rows("list_conversations", "conversations", path, {**days, "PageSize": "100"}):
            one = _found(row)
            if start <= one.created_at < end:
                yield one

    def task_happenings(self, task_sid: str, now: datetime) -> tuple[TaskHappening, ...]:
        """Return what TaskRouter remembers of a task, oldest first; empty if it refuses, or after 30 days."""
        query = {"TaskSid": task_sid, "StartDate": _iso(now - EVENT_DAYS), "PageSize": "200"}
        path = f"Workspaces/{self._workspace}/Events"
        try:
            rows = list(self._rows("list_events", "taskrouter", path, query))
        except (NotFoundError, RefusedError):
            return ()
        happened = (_happening(row) for row in reversed(rows))  # newest first; the order counts within a second
        return tuple(sorted((each for each in happened if each), key=lambda each: each.at))

    def agent_endings(self) -> AgentEndings:
        """Return how agents may end chats (twilio-oai, spec/json/twilio_flex_v1.json, 14 April 2026)."""
        document, _ = self._get("fetch_flex_configuration", self._url("flex-api", "Configuration"), {})
        methods = document.get("agent_conv_end_methods")
        enabled = methods.get("enabled") if isinstance(methods, Mapping) else None
        return AgentEndings(tuple(str(each) for each in enabled) if isinstance(enabled, list) else ())

    def time(self) -> tuple[datetime, timedelta]:
        """Return Twilio's time, and how long its answer took."""
        _, answer = self._get(CONFIGURATION, self._url("conversations", "Configuration"), {})
        return _http_date(answer.headers.get("Date", "")), answer.elapsed

    def check_account(self) -> None:
        """Make a read that every account answers, after a 404: another account's key gets one for all that is ours.

        Raises:
            OtherAccountError: the credentials open another account; both are named.
        """
        try:
            self.time()
        except OtherAccountError:
            raise
        except TwilioError:
            return  # what was asked first is what the operator wants to know

    def check(self, name: str, product: str, path: str, query: Mapping[str, str] = {}) -> None:
        """Make one read, to see that these credentials may.

        Raises:
            TwilioError: they may not, or Twilio does not answer.
        """
        here = path.format(service=self._service, workspace=self._workspace)
        self._get(name, self._url(product, here), query)

    def _url(self, product: str, path: str) -> str:
        if self._base:
            return f"{self._base}/{product}/v1/{path}"
        host = f"{product}.{self._edge}.{REGION}.twilio.com" if self._edge else f"{product}.twilio.com"
        return f"https://{host}/v1/{path}"

    def _rows(self, name: str, product: str, path: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of all pages; a page that was read before ends the list."""
        url, parameters, seen = self._url(product, path), query, set[str]()
        while url not in seen:
            seen.add(url)
            document, _ = self._get(name, url, parameters)
            meta = document.get("meta")
            key = meta.get("key") if isinstance(meta, Mapping) else None
            rows = document.get(key) if isinstance(key, str) else None
            if not isinstance(meta, Mapping) or not isinstance(rows, list):
                raise TwilioError(name, "an answer without rows; is twilioBaseUrl Twilio's?")
            for row in rows:
                if isinstance(row, Mapping):
                    self._ours(name, row.get("account_sid"))
                    yield row
            url, parameters = str(meta.get("next_page_url") or ""), {}
            if not url:
                return

    def _get(self, name: str, url: str, query: Mapping[str, str]) -> tuple[Mapping[str, Any], requests.Response]:
        try:
            answer = self._session.get(url, params=dict(query) or None, timeout=SECONDS)
        except NETWORK_ERRORS as error:
            raise TwilioDownError(name, type(error).__name__) from None
        if answer.status_code == 404 and name != CONFIGURATION:
            self.check_account()
        if answer.status_code != 200:
            raise _refusal(name, answer)
        try:
            document = answer.json()
        except ValueError:
            document = None
        if not isinstance(document, Mapping):
            raise TwilioError(name, "an answer that is no JSON object; is twilioBaseUrl Twilio's?")
        self._ours(name, document.get("account_sid"))
        return document, answer

    def _ours(self, name: str, account: object) -> None:
        """Refuse what is another account's; an answer that names none proves nothing."""
        if account not in {None, self._account}:
            raise OtherAccountError(
                name, f"the credentials open account {account}, and this stack is for {self._account}"
            )


def _refusal(name: str, answer: requests.Response) -> TwilioError:
    status, code = answer.status_code, None
    try:
        document = answer.json()
        code = document.get("code") if isinstance(document, Mapping) else None
    except ValueError:
        pass
    kind = NotFoundError if status == 404 else TwilioDownError if status == 429 or status >= 500 else RefusedError
    return kind(name, f"HTTP {status}", code if isinstance(code, int) else None)


def _found(row: Mapping[str, Any], prefix: str = "") -> FoundConversation:
    created = _time(row.get(f"{prefix}date_created"))
    updated = _time(row.get(f"{prefix}date_updated"))
    at = created or updated or datetime.now(UTC)
    return FoundConversation(
        sid=str(row.get(f"{prefix}sid")),
        state=str(row.get(f"{prefix}state")),
        created_at=at,
        updated_at=updated or at,
        attributes=str(row.get(f"{prefix}attributes") or "{}"),
    )


def _happening(row: Mapping[str, Any]) -> TaskHappening | None:
    at = _time(row.get("event_date"))
    data = row.get("event_data")
    if at is None or not isinstance(data, Mapping):
        return None
    attributes, worker = _object(data.get("task_attributes")), _object(data.get("worker_attributes"))
    conversations = attributes.get("conversations")
    outcome = conversations.get("outcome") if isinstance(conversations, Mapping) else None
    return TaskHappening(
        kind=str(row.get("event_type")),
        at=at,
        queue=str(data.get("task_queue_name") or ""),
        worker=str(data.get("worker_name") or ""),
        identity=str(worker.get("contact_uri") or "").removeprefix("client:"),
        outcome=str(outcome or ""),
        why=str(data.get("task_completed_reason") or data.get("task_canceled_reason") or ""),
    )


def _object(text: object) -> Mapping[str, Any]:
    try:
        document = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}


def _time(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _http_date(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        raise TwilioError("time", "an answer without a Date") from None


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
