"""Sends calls to Twilio, with a timeout for each call, one deadline for all calls of an attempt, and a record of them.

Decides which failed call is retried at once, and raises a typed error for every other one. `handling` decides what an
error means for a chat.
"""

import json
import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode, urlsplit

import requests
import requests.utils
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util import Timeout

from .account import Account
from .attempt import Attempt
from .connections import Connections
from .errors import (
    AlreadyClosedError,
    ChangedError,
    DeferredError,
    InternalError,
    NotFoundError,
    OutOfTimeError,
    RefusedError,
    ServerError,
    TwilioDownError,
    TwilioError,
    UnavailableError,
    UnreadableError,
)
from .rate_limiter import RateLimit, RateLimiter, limit_of

T = TypeVar("T")

CONNECT_TIMEOUT = 1.0
READ_TIMEOUT = 1.5
"""Maximum seconds for a whole response. Twilio usually needs a few hundred milliseconds; after this time there is room
for a retry within the 5 s of a webhook."""

MAX_BYTES = 16 * 2**20
"""Maximum size of a response. The largest is a page of 1,000 tasks, each with up to 4,096 characters of attributes."""

HOSTS = 4
"""Hosts with a pool of connections: Conversations, TaskRouter, Flex, and a proxy."""

_TWILIO = re.compile(r"https://[a-z0-9.-]+\.twilio\.com")

_PART = 64 * 1024

PAUSE = 0.2
"""Seconds before a retry if the response has no `Retry-After`."""

LONGEST_PAUSE = 60.0
"""Maximum seconds that a `Retry-After` stops the calls under a rate limit, whatever it says."""

CLOSED_CODE = 50377
"""Twilio's error for any write to a closed conversation (https://www.twilio.com/docs/api/errors/50377, November
2026)."""


@dataclass(frozen=True)
class Answer:
    """What the SDK needs of an HTTP response. Names of headers are in lower case."""

    status_code: int
    text: str
    headers: Mapping[str, str]


class Transport:
    """Sends the calls of all attempts. One for the whole process, safe for many threads."""

    def __init__(
        self,
        address: str,
        *,
        rate_limiter: RateLimiter,
        account: Account | None = None,
        connections: int = 1,
        adapter: BaseAdapter | None = None,
    ) -> None:
        """Configure the transport; no connection is opened yet.

        Args:
            address: the API's address, which selects a proxy of the environment.
            rate_limiter: keeps calls under Twilio's rate limits.
            account: the account that must respond; any account by default.
            connections: connections kept open to each host.
            adapter: sends HTTP requests; pooled connections by default.
        """
        self._rate_limiter = rate_limiter
        self._account = account
        self._origin = _origin(address)
        # The environment's proxies and certificates are looked up once. A session would look for them, and for cookies
        # and redirects, at each call, which took as long as all our other work for a call.
        self._proxies = requests.utils.get_environ_proxies(address)
        authorities = os.environ.get("REQUESTS_CA_BUNDLE")
        self._adapter = adapter or Connections(hosts=HOSTS, each=connections, authorities=authorities)

    def operation(self, attempt: Attempt, name: str, patience: float | None = None) -> "Operation":
        """Return the SDK's HTTP client for one operation.

        Args:
            attempt: the attempt that makes the calls.
            name: the operation's name in the log.
            patience: maximum seconds to wait for room under a rate limit; the attempt's by default.
        """
        return Operation(self, attempt, name, attempt.patience if patience is None else patience)

    def confirm_address(self, call: str, url: str) -> None:
        """Check that credentials are sent only to the API's own address and to Twilio.

        Raises:
            UnreadableError: the page of a list names a next page elsewhere.
        """
        origin = _origin(url)
        if origin != self._origin and not _TWILIO.fullmatch(origin):
            raise UnreadableError(call, "the next page is not at Twilio")

    def confirm(self, call: str, answer: str = "") -> None:
        """Check the account, before a call and with its response.

        Raises:
            OtherAccountError: the credentials open another account.
        """
        if self._account:
            self._account.confirm(call, answer)

    def reserve(self, attempt: Attempt, name: str, limit: RateLimit) -> None:
        """Reserve room for a later call of this attempt, before anything begins that needs the call.

        Raises:
            DeferredError: the rate limit leaves no room in time.
        """
        self._make_room(attempt, name, limit, attempt.patience)
        attempt.reserved.add(limit)

    def roomier(self, attempt: Attempt, one: RateLimit, other: RateLimit) -> RateLimit:
        """Return the one of two rate limits that has room sooner."""
        waits = [self._rate_limiter.wait(each, steady=attempt.steady) for each in (one, other)]
        return other if waits[1] < waits[0] else one

    def _make_room(self, attempt: Attempt, name: str, limit: RateLimit, patience: float) -> None:
        if limit in attempt.reserved:
            attempt.reserved.discard(limit)
            return
        wait = self._rate_limiter.take(limit, min(patience, attempt.remaining), steady=attempt.steady)
        if wait is None:
            raise DeferredError(name, limit)
        attempt.clock.sleep(wait)

    def send(self, operation: "Operation", request: requests.PreparedRequest, limit: RateLimit | None) -> Answer:
        """Make one call, and retry it once if that is safe.

        Raises:
            TwilioError: anything but a 2xx or 3xx response.
        """
        attempt, name = operation.attempt, operation.name
        error: TwilioError | None = None
        for last in (False, True):
            if limit:
                self._make_room(attempt, name, limit, operation.patience)
            if attempt.remaining <= attempt.pace:
                kind = OutOfTimeError if attempt.pace else UnavailableError
                raise error or kind(name, "no time left")
            started = attempt.clock.monotonic()
            try:
                left = attempt.remaining
                answer_within = min(attempt.answer_within or READ_TIMEOUT, left)
                bounds: Any = Timeout(total=left, connect=min(CONNECT_TIMEOUT, left), read=answer_within)
                response = self._adapter.send(
                    request,
                    stream=True,
                    timeout=bounds,
                    proxies=self._proxies,
                )
                body = _read(name, response)
            except (requests.RequestException, HTTPError) as failure:
                attempt.note(name, 0, started)
                error = _no_response_error(name, failure, cut_short=left < READ_TIMEOUT and left < 2 * attempt.pace)
                if last or not (request.method == "GET" or _never_sent(failure)):
                    raise error from None
                continue
            attempt.note(name, response.status_code, started, response.headers.get("Date"))
            if response.status_code < 400:
                headers_by_name = {key.lower(): value for key, value in response.headers.items()}
                return Answer(response.status_code, _text(name, body), headers_by_name)
            error = _error(name, response.status_code, body)
            if response.status_code == 429:
                self._rate_limiter.hold(limit, _pause(response))
            # A call that got 429 was not processed (https://www.twilio.com/docs/api/errors/20429, November 2026), so
            # even a write can be retried.
            if last or not (response.status_code == 429 or (response.status_code >= 500 and request.method == "GET")):
                raise error
            pause = _pause(response)
            if pause >= attempt.remaining:
                raise error
            attempt.clock.sleep(pause)
        raise AssertionError("the loop returns or raises")


@dataclass(frozen=True)
class Operation:
    """One operation of an attempt, as the SDK's HTTP client.

    Attributes:
        transport: sends the calls.
        attempt: the attempt that makes the calls.
        name: the operation's name in the log.
        patience: maximum seconds to wait for room under a rate limit.
        answered: bodies of the responses so far.
    """

    transport: Transport
    attempt: Attempt
    name: str
    patience: float
    answered: list[str] = field(default_factory=list)
    is_async: ClassVar[bool] = False

    def request(  # noqa: PLR0917 -- the SDK's signature
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 -- the SDK's signature; the attempt's deadline applies
        allow_redirects: bool = False,  # noqa: ARG002, FBT001, FBT002 -- the SDK's signature; it never asks for any
    ) -> Answer:
        """Send a request, with the SDK's parameters.

        Raises:
            UnreadableError: the address is a next page's that is not at Twilio.
            TwilioError: anything but a 2xx or 3xx response of our account.
        """
        by_attributes = "EvaluateTaskAttributes" in (params or {}) or "EvaluateTaskAttributes=" in url  # a later page
        limit = limit_of(method, url, by_attributes=by_attributes)
        request = _prepared(method, url, params or {}, data or {}, {**(headers or {}), **_authorization(auth)})
        self.transport.confirm_address(self.name, url)
        self.transport.confirm(self.name)
        answer = self.transport.send(self, request, limit)
        self.answered.append(answer.text)
        self.transport.confirm(self.name, answer.text)
        return answer


def run_operation(operation: Operation, read: Callable[[], T]) -> T:
    """Run the code that makes an operation's calls and reads their responses.

    Raises:
        UnreadableError: a response was no JSON object; a retry may get a complete one.
        InternalError: any other error, although all responses were complete.
        TwilioError: raised by the calls.
    """
    try:
        return read()
    except TwilioError:
        raise
    except Exception as error:
        if all(_is_object(text) for text in operation.answered):
            raise InternalError(operation.name, error) from error
        raise UnreadableError(operation.name, f"garbled answer ({type(error).__name__})") from None


def _origin(url: str) -> str:
    """Return scheme and host of a URL, with all that is written beside the host; empty if it cannot be read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _prepared(
    method: str,
    url: str,
    params: Mapping[str, object],
    data: Mapping[str, object],
    headers: Mapping[str, str],
) -> requests.PreparedRequest:
    """Build the request. Parameters that are None are omitted here; the SDK omits them only from forms."""
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


def _read(name: str, response: requests.Response) -> bytes:
    """Read the whole body of a response.

    Raises:
        UnreadableError: the body is larger than any of Twilio's.
        requests.RequestException: the connection broke, or the body did not arrive in time.
    """
    body = bytearray()
    for part in response.iter_content(_PART):
        body += part
        if len(body) > MAX_BYTES:
            response.close()
            raise UnreadableError(name, f"answer of more than {MAX_BYTES >> 20} MiB")
    return bytes(body)


def _no_response_error(name: str, failure: Exception, *, cut_short: bool) -> UnavailableError:
    """Return the error for a missing response; it proves that Twilio is down only if there was time for one."""
    timed_out = isinstance(failure, requests.Timeout) or "ReadTimeoutError" in repr(failure)
    return (OutOfTimeError if cut_short and timed_out else TwilioDownError)(name, type(failure).__name__)


def _never_sent(failure: Exception) -> bool:
    """Whether no connection was made, so that not even a write can have been applied."""
    reason: Any = failure.args[0] if failure.args else None
    return isinstance(failure, requests.ConnectTimeout) or isinstance(
        getattr(reason, "reason", reason), NewConnectionError | ConnectTimeoutError
    )


def _error(name: str, status: int, body: bytes) -> TwilioError:
    code = _code(body)
    what = f"HTTP {status}"
    if status == 429:
        return TwilioDownError(name, what, code)
    if status >= 500:
        return ServerError(name, what, code)
    if code == CLOSED_CODE:
        return AlreadyClosedError(name, what, code)
    if status == 404:
        return NotFoundError(name, what, code)
    if status == 412:
        return ChangedError(name, what, code)
    return RefusedError(name, what, code)


def _code(body: bytes) -> int | None:
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return code if type(code) is int else None


def _text(name: str, body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableError(name, "garbled answer (no UTF-8)") from None


def _pause(response: requests.Response) -> float:
    """Return the seconds to wait before a retry; `Retry-After` as a date is ignored."""
    try:
        return min(max(0.0, float(response.headers.get("Retry-After") or PAUSE)), LONGEST_PAUSE)
    except ValueError:
        return PAUSE
