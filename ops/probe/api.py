"""Twilio's API as experiments need it: any operation, its refusals as answers, and a budget for each call.

The only file of the probe that imports the twilio SDK, whose client knows hosts, edges and authentication. Its typed
resources hide what experiments look at: statuses of refusals, headers, and fields that should not be there.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from function.settings import REGION, SDK_ENVIRONMENT
from infra.twilio_resources.client import TIMEOUT_SECONDS, Credentials
from ops.messages import NETWORK_ERRORS, one_line
from ops.probe.budget import Budget
from ops.probe.clock import Clock
from ops.probe.errors import CredentialsError, NoAnswerError, UnexpectedError

AT_ONCE = 8
"""Calls at a time in a burst: fewer than any limit of concurrent requests, and fast enough for the limits by rate."""

_ATTEMPTS = 4
_PAUSE = timedelta(seconds=1)
_JSON = {"Content-Type": "application/json"}
_ECHO = {"X-Twilio-Webhook-Enabled": "true"}

Form = Mapping[str, object]


@dataclass(frozen=True)
class Answer:
    """Twilio's answer to one call, whatever its status; the names of its headers are in lower case."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether Twilio did what it was asked."""
        return self.status < 300

    @property
    def code(self) -> int | None:
        """The code of a refusal in Twilio's error catalogue."""
        found = self.body.get("code")
        return found if isinstance(found, int) else None

    @property
    def at(self) -> datetime:
        """Twilio's time, in whole seconds.

        Raises:
            UnexpectedError: the answer does not name it.
        """
        try:
            return parsedate_to_datetime(self.headers.get("date", "")).astimezone(UTC)
        except ValueError:
            raise UnexpectedError("Twilio's answer has no Date, so no timer can be measured") from None

    @property
    def refusal(self) -> str:
        """A refusal, for people."""
        code = "" if self.code is None else f", error {self.code}"
        message = one_line(str(self.body.get("message") or ""))[:200]
        return f"{self.status}{code}{f': {message}' if message else ''}"

    def text(self, name: str) -> str:
        """A field as text; empty if it is missing or null."""
        return str(self.body.get(name) or "")


@dataclass(frozen=True)
class Burst:
    """The answers to calls that were made as fast as possible, and how long they took."""

    answers: Sequence[Answer]
    seconds: float

    @property
    def per_second(self) -> float:
        """How many calls were answered in a second."""
        return len(self.answers) / max(self.seconds, 0.001)

    @property
    def refused(self) -> list[Answer]:
        """The refusals by a rate limit."""
        return [answer for answer in self.answers if answer.status == 429]


class TwilioApi:
    """One account's API.

    Args:
        account_sid: whose.
        credentials: what opens it.
        clock: pauses before a call is repeated.
        base_url: another address, whose paths begin with the product's name; the real one unless given.
        edge: where calls enter Twilio's network; Twilio's choice unless given, and nothing at another address.

    Raises:
        CredentialsError: there are none.
    """

    def __init__(
        self,
        account_sid: str,
        credentials: Credentials,
        clock: Clock,
        *,
        base_url: str | None = None,
        edge: str | None = None,
    ) -> None:
        if not credentials.complete:
            raise CredentialsError(
                "no credentials for Twilio: export TWILIO_AUTH_TOKEN, or TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET"
            )
        by_key = credentials.api_key_sid and credentials.api_key_secret
        self.account_sid = account_sid
        self._clock = clock
        self._base_url = base_url
        self._budget: Budget | None = None
        self._client = Client(
            credentials.api_key_sid if by_key else account_sid,
            credentials.api_key_secret if by_key else credentials.auth_token,
            account_sid,
            region=REGION if edge and not base_url else None,
            edge=None if base_url else edge,
            environment=SDK_ENVIRONMENT,
            http_client=TwilioHttpClient(timeout=TIMEOUT_SECONDS),
        )

    @contextmanager
    def within(self, budget: Budget) -> Iterator[None]:
        """Spend this budget in the block. Outside of one, calls are not counted."""
        before, self._budget = self._budget, budget
        try:
            yield
        finally:
            self._budget = before

    def ask(self, method: str, path: str, form: Form | None = None, *, echo: bool = False) -> Answer:
        """Make a call, e.g. `ask("GET", "conversations/v1/Services")`; a limit and a failure are tried again.

        Args:
            method: GET, POST or DELETE.
            path: the product's name and the path in its API.
            form: the query of a GET, the form of a POST.
            echo: ask for webhooks of the change, which a change over REST fires only then.

        Raises:
            NoAnswerError: Twilio does not answer, or only with failures of its own.
            CredentialsError: Twilio refuses the credentials.
            BudgetError: no call is left.
        """
        return self._patiently(method, self._url(path), form, _ECHO if echo else {})

    def ask_json(self, method: str, path: str, document: Form) -> Answer:
        """Make a call whose body is JSON."""
        return self._patiently(method, self._url(path), document, _JSON)

    def require(self, doing: str, method: str, path: str, form: Form | None = None, *, echo: bool = False) -> Answer:
        """Make a call that must succeed.

        Raises:
            UnexpectedError: Twilio refuses it.
        """
        answer = self.ask(method, path, form, echo=echo)
        if not answer.ok:
            raise UnexpectedError(f"could not {doing}: Twilio answered {answer.refusal}")
        return answer

    def rows(self, path: str, key: str, form: Form | None = None) -> Iterator[Mapping[str, Any]]:
        """The rows of a list, over all its pages.

        Raises:
            UnexpectedError: Twilio refuses to list them.
        """
        page = self.require(f"list {key}", "GET", path, {"PageSize": 100, **(form or {})})
        while True:
            yield from page.body.get(key) or ()
            following = (page.body.get("meta") or {}).get("next_page_url")
            if not following:
                return
            page = self._patiently("GET", str(following), None, {})
            if not page.ok:
                raise UnexpectedError(f"could not list {key}: Twilio answered {page.refusal}")

    def burst(self, method: str, path: str, form: Form, times: int) -> Burst:
        """Make a call many times as fast as possible; nothing is tried again."""
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            calls = [pool.submit(self._call_once, method, self._url(path), form, {}) for _ in range(times)]
            answers = [call.result() for call in calls]
        return Burst(answers, time.monotonic() - began)

    def _patiently(self, method: str, url: str, form: Form | None, headers: Mapping[str, str]) -> Answer:
        """Twilio never processes what a limit refuses; after a failure, only a call that writes nothing is repeated."""
        for attempt in range(1, _ATTEMPTS + 1):
            last = attempt == _ATTEMPTS
            repeated = method != "POST" and not last
            try:
                answer = self._call_once(method, url, form, headers)
            except NoAnswerError:
                if not repeated:
                    raise
            else:
                if answer.status >= 500 and not repeated:
                    raise NoAnswerError(
                        f"Twilio answered {answer.refusal} to {method} {urlsplit(url).path}; try again later"
                    )
                if answer.status < 500 and (answer.status != 429 or last):
                    return answer
            self._clock.sleep(_PAUSE * attempt)
        raise AssertionError("the last attempt returns or raises")

    def _call_once(self, method: str, url: str, form: Form | None, headers: Mapping[str, str]) -> Answer:
        if self._budget is not None:
            self._budget.spend(message=method == "POST" and url.endswith("/Messages"))
        query, data = (form, None) if method == "GET" else (None, form)
        try:
            response = self._client.request(method, url, params=query, data=data, headers=dict(headers))
        except (*NETWORK_ERRORS, TwilioException) as error:
            raise NoAnswerError(
                f"Twilio does not answer ({type(error).__name__}): check the network, and try again"
            ) from None
        names = {name.lower(): value for name, value in (response.headers or {}).items()}
        answer = Answer(response.status_code, _document(response.text), names)
        if answer.status == 401:
            raise CredentialsError(
                f"Twilio refuses the credentials for account {self.account_sid} (401): check TWILIO_ACCOUNT_SID and "
                "TWILIO_AUTH_TOKEN, or TWILIO_API_KEY_SID and its secret"
            )
        return answer

    def _url(self, path: str) -> str:
        if self._base_url:
            return f"{self._base_url.rstrip('/')}/{path}"
        product, _, rest = path.partition("/")
        return f"https://{product}.twilio.com/{rest}"


def _document(text: str | None) -> Mapping[str, Any]:
    try:
        document = json.loads(text or "{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def attributes(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes of a conversation or a task, which Twilio shows as text; empty if they are no object."""
    shown = row.get("attributes")
    return shown if isinstance(shown, dict) else _document(str(shown or "{}"))
