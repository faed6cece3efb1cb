"""HTTP to Twilio: pooled connections, a timeout for each call, one deadline for all, a record of what was called.

Decides which failure may be repeated at once, and turns every other one into a typed error. What is called is
`twilio_api.py`'s business; what a failure means for the chat, `carry_out.py`'s.
"""

import json
import os
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

import requests
import requests.utils
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from .budget import Budget, Limited, limit_of

T = TypeVar("T")

CONNECT_TIMEOUT = 1.0
READ_TIMEOUT = 1.5
"""Seconds. Twilio answers in a few hundred milliseconds; whoever has not by then gets another try within the 5 s."""

PATIENCE = 1.5
"""Seconds that a call waits for room under Twilio's limits: a third of a webhook's time."""

PAUSE = 0.2
"""Seconds before another try where Twilio does not say how long (Retry-After)."""

CLOSED_CODE = 50377
"""Twilio's error for any write to a closed conversation."""


class TwilioError(Exception):
    """A call that did not do what it was for.

    TwilioError
      UnavailableError   worth another try, perhaps applied: 429, 5xx, no connection, no answer in time, garbled answer
        DeferredError    not even called: Twilio's limits leave no room for it in time
      NotFoundError      404
      ChangedError       412: somebody else changed it since it was read
      AlreadyClosedError the conversation is closed for good
      RefusedError       any other 4xx: will never work like this
    """

    def __init__(self, call: str, what: str, code: int | None = None) -> None:
        super().__init__(f"{call}: {what}" + (f" (code {code})" if code else ""))


class UnavailableError(TwilioError):
    """Worth another try; a write may have been applied all the same."""


class DeferredError(UnavailableError):
    """Not called, to keep under Twilio's limits; the sweep comes when there is room."""

    def __init__(self, call: str, limited: Limited) -> None:
        super().__init__(call, f"no room under the limit of {limited.value}")


class NotFoundError(TwilioError):
    """There is no such thing (any more)."""


class ChangedError(TwilioError):
    """If-Match did not match."""


class AlreadyClosedError(TwilioError):
    """The conversation is closed, and closed is final."""


class RefusedError(TwilioError):
    """Twilio will not do this."""


@dataclass(frozen=True)
class CallRecord:
    """One HTTP call for the log: the operation's name, status (0 without an answer), milliseconds."""

    name: str
    status: int
    ms: int


@dataclass
class Visit:
    """One event being handled: its deadline, what was called for it, and Twilio's time.

    Attributes:
        deadline: on the monotonic clock, in seconds.
        patience: seconds that one call may wait for room under Twilio's limits.
        reserved: limits under which room was made beforehand, for one call each.
        tasks_listed: every live task of the workspace was listed for it a moment ago: another one need not be searched.
        calls: what was called, in the order of the answers.
        started: on the same clock.
    """

    deadline: float
    patience: float = PATIENCE
    reserved: set[Limited] = field(default_factory=set)
    tasks_listed: bool = False
    calls: list[CallRecord] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    _now: datetime | None = None

    @classmethod
    def lasting(cls, seconds: float) -> "Visit":
        """A visit that has this long from now."""
        return cls(time.monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """Seconds that are left."""
        return self.deadline - time.monotonic()

    @property
    def now(self) -> datetime:
        """Twilio's own time: the newest Date among its answers so far.

        Raises:
            UnavailableError: nothing was answered yet.
        """
        if self._now is None:
            raise UnavailableError("now", "no answer carried a Date")
        return self._now

    @property
    def told_time(self) -> bool:
        """Whether `now` is known."""
        return self._now is not None

    def note(self, name: str, status: int, started: float, date: str | None = None) -> None:
        """Remember a call."""
        self.calls.append(CallRecord(name, status, round((time.monotonic() - started) * 1000)))
        try:
            at = parsedate_to_datetime(date or "").astimezone(UTC)
        except ValueError:
            return
        self._now = at if self._now is None else max(self._now, at)


@dataclass(frozen=True)
class Answer:
    """What the SDK needs of an HTTP response; names of headers in lower case."""

    status_code: int
    text: str
    headers: Mapping[str, str]


class Transport:
    """What the SDK uses as its HTTP client; safe for many threads, one for the whole process."""

    is_async = False

    def __init__(self, connections: int, address: str, budget: Budget | None = None) -> None:
        self._budget = budget or Budget(limits=False)
        # Proxies and authorities of the environment are looked up once. A session would look for them, and for cookies
        # and redirects, at each call, which took as long as everything else that we do for it.
        self._proxies = requests.utils.get_environ_proxies(address)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self._adapter = HTTPAdapter(pool_connections=8, pool_maxsize=connections)
        self._current = threading.local()

    @contextmanager
    def on_behalf(self, visit: Visit, name: str, patience: float | None = None) -> Iterator[None]:
        """Calls that this thread makes inside belong to this visit and have this name in the log.

        Args:
            visit: whose calls they are.
            name: of the operation.
            patience: seconds to wait for room under Twilio's limits, unless the visit's own.
        """
        current = self._current
        current.visit, current.name = visit, name
        current.patience = visit.patience if patience is None else patience
        try:
            yield
        finally:
            del current.visit, current.name, current.patience

    def reserve(self, visit: Visit, name: str, limited: Limited) -> None:
        """Make room for a later call of this visit, before anything is begun that needs it.

        Raises:
            DeferredError: there is none in time.
        """
        self._make_room(visit, name, limited, visit.patience)
        visit.reserved.add(limited)

    def _make_room(self, visit: Visit, name: str, limited: Limited, patience: float) -> None:
        if limited in visit.reserved:
            visit.reserved.discard(limited)
            return
        wait = self._budget.take(limited, min(patience, visit.remaining))
        if wait is None:
            raise DeferredError(name, limited)
        time.sleep(wait)

    def request(  # noqa: PLR0917 -- the SDK's signature
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 -- the SDK's signature; our deadline decides
        allow_redirects: bool = False,  # noqa: ARG002, FBT001, FBT002 -- the SDK's signature, which wants none
    ) -> Answer:
        """Make one call, and another if that can do no harm.

        Raises:
            TwilioError: anything but a 2xx or 3xx answer.
        """
        visit: Visit = self._current.visit
        name: str = self._current.name
        limited = limit_of(method, url, by_attributes="EvaluateTaskAttributes" in (params or {}))
        request = _prepared(method, url, params or {}, data or {}, {**(headers or {}), **_authorization(auth)})
        error: TwilioError | None = None
        for last in (False, True):
            if limited:
                self._make_room(visit, name, limited, self._current.patience)
            if visit.remaining <= 0:
                raise error or UnavailableError(name, "no time left")
            started = time.monotonic()
            try:
                response = self._adapter.send(
                    request,
                    timeout=(min(CONNECT_TIMEOUT, visit.remaining), min(READ_TIMEOUT, visit.remaining)),
                    verify=self._verify,
                    proxies=self._proxies,
                )
                response.content  # noqa: B018 -- reads it, and may fail as the sending may
            except requests.RequestException as failure:
                visit.note(name, 0, started)
                error = UnavailableError(name, type(failure).__name__)
                if last or not (method == "GET" or _never_sent(failure)):
                    raise error from None
                continue
            visit.note(name, response.status_code, started, response.headers.get("Date"))
            if response.status_code < 400:
                headers_by_name = {key.lower(): value for key, value in response.headers.items()}
                return Answer(response.status_code, _text(name, response), headers_by_name)
            error = _error(name, response)
            if response.status_code == 429:
                self._budget.hold(limited, _pause(response))
            # A 429 was never processed (Twilio docs, error 20429), so it can be repeated whatever it was.
            if last or not (response.status_code == 429 or (response.status_code >= 500 and method == "GET")):
                raise error
            pause = _pause(response)
            if pause >= visit.remaining:
                raise error
            time.sleep(pause)
        raise AssertionError("the loop returns or raises")


def garbled_is_unavailable(name: str, read: Callable[[], T]) -> T:
    """Run what reads an answer; an answer that makes no sense is worth another try."""
    try:
        return read()
    except TwilioError:
        raise
    except Exception as error:  # noqa: BLE001 -- the SDK raises what it likes over a cut-off body
        raise UnavailableError(name, f"garbled answer ({type(error).__name__})") from None


def _prepared(
    method: str,
    url: str,
    params: Mapping[str, object],
    data: Mapping[str, object],
    headers: Mapping[str, str],
) -> requests.PreparedRequest:
    """What is sent; the SDK leaves out values that are None from forms only."""
    request = requests.PreparedRequest()
    request.method = method
    query = urlencode({name: value for name, value in params.items() if value is not None}, doseq=True)
    request.url = f"{url}{'&' if '?' in url else '?'}{query}" if query else url
    request.headers = CaseInsensitiveDict({"Accept-Encoding": "gzip, deflate", **headers})
    if data:
        request.body = urlencode(data, doseq=True)
        request.headers["Content-Length"] = str(len(request.body))
    elif method != "GET":
        request.headers["Content-Length"] = "0"
    return request


def _authorization(auth: tuple[str, str] | None) -> Mapping[str, str]:
    return {"Authorization": f"Basic {b64encode(':'.join(auth).encode()).decode()}"} if auth else {}


def _never_sent(failure: requests.RequestException) -> bool:
    """No connection came about, so not even a write can have been applied."""
    reason: Any = failure.args[0] if failure.args else None
    return isinstance(failure, requests.ConnectTimeout) or isinstance(
        getattr(reason, "reason", reason), NewConnectionError | ConnectTimeoutError
    )


def _error(name: str, response: requests.Response) -> TwilioError:
    status = response.status_code
    code = _code(response)
    what = f"HTTP {status}"
    if status == 429 or status >= 500:
        return UnavailableError(name, what, code)
    if code == CLOSED_CODE:
        return AlreadyClosedError(name, what, code)
    if status == 404:
        return NotFoundError(name, what, code)
    if status == 412:
        return ChangedError(name, what, code)
    return RefusedError(name, what, code)


def _code(response: requests.Response) -> int | None:
    try:
        code = json.loads(response.content)["code"]
    except (ValueError, KeyError, TypeError):
        return None
    return code if type(code) is int else None


def _text(name: str, response: requests.Response) -> str:
    try:
        return response.content.decode("utf-8")
    except UnicodeDecodeError:
        raise UnavailableError(name, "garbled answer (no UTF-8)") from None


def _pause(response: requests.Response) -> float:
    """How long to wait before another try; Retry-After as a date is not worth the wait."""
    try:
        return max(0.0, float(response.headers.get("Retry-After") or PAUSE))
    except ValueError:
        return PAUSE
