"""Which calls are repeated, how long that may take, and the names of all other failures."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from function.twilio_api.attempt import Attempt
from function.twilio_api.errors import (
    AlreadyClosedError,
    ChangedError,
    DeferredError,
    InternalError,
    NotFoundError,
    OutOfTimeError,
    RefusedError,
    TwilioDownError,
    TwilioError,
    UnavailableError,
    UnreadableError,
)
from function.twilio_api.rate_limiter import RateLimit, RateLimiter
from function.twilio_api.transport import LONGEST_PAUSE, Transport, run_operation

DATE = "Mon, 05 Jan 2026 00:08:00 GMT"


class Scripted:
    """A server with scripted answers, then 200."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.seen: list[str] = []
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                scripted.seen.append(self.command)
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                scripted.requests.append((self.path, dict(self.headers), sent))
                status, headers, body = scripted.answers.pop(0) if scripted.answers else (200, {}, b"{}")
                if status == 0:
                    time.sleep(0.5)
                    self.close_connection = True
                    return
                self.send_response_only(status)
                for name, value in {"Date": DATE, "Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer  # noqa: N815 -- the standard library's names

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/x"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Scripted]:
    """Start a server that does what a test says."""
    scripted = Scripted()
    yield scripted
    scripted.close()


def unlimited(address: str) -> Transport:
    """A transport without rate limits."""
    return Transport(address, rate_limiter=RateLimiter(limits=False))


def limited(address: str) -> Transport:
    """A transport that keeps Twilio's rate limits."""
    return Transport(address, rate_limiter=RateLimiter())


def call(server: Scripted, method: str, attempt: Attempt | None = None) -> int:
    """Make a call, and return its status."""
    operation = unlimited(server.url).operation(attempt or Attempt.lasting(4), "call")
    return operation.request(method, server.url, data={"a": "b"} if method == "POST" else None).status_code


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_too_many_requests_are_repeated_whatever_they_do(server: Scripted, method: str) -> None:
    """A request that was answered 429 was not processed."""
    server.answers = [(429, {"Retry-After": "0"}, b"{}")]

    assert call(server, method) == 200
    assert server.seen == [method, method]


def test_too_many_requests_twice_are_too_many(server: Scripted) -> None:
    """There is one more try, not a storm."""
    server.answers = [(429, {}, b"{}")] * 3

    with pytest.raises(UnavailableError, match="call: HTTP 429"):
        call(server, "GET")
    assert len(server.seen) == 2


def test_nobody_waits_longer_than_there_is_time(server: Scripted) -> None:
    """A `Retry-After` beyond the deadline is not waited for."""
    server.answers = [(429, {"Retry-After": "30"}, b"{}")]
    started = time.monotonic()

    with pytest.raises(UnavailableError):
        call(server, "GET")
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(("method", "calls"), [("GET", 2), ("POST", 1)])
@pytest.mark.parametrize("status", [500, 503, 0])
def test_a_call_that_may_have_been_applied_is_repeated_only_if_it_is_a_read(
    server: Scripted, method: str, calls: int, status: int
) -> None:
    """For a write, the caller must read first (status 0: the connection breaks)."""
    server.answers = [(status, {}, b"{}")] * 2

    with pytest.raises(UnavailableError):
        call(server, method)
    assert len(server.seen) == calls


def test_no_connection_means_no_call_was_made() -> None:
    """It is refused twice, then given up."""
    attempt = Attempt.lasting(4)
    operation = unlimited("http://127.0.0.1:9").operation(attempt, "call")

    with pytest.raises(UnavailableError):
        operation.request("POST", "http://127.0.0.1:9/x", data={})
    assert [record.status for record in attempt.calls] == [0, 0]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, b'{"code": 20404}', NotFoundError),
        (412, b"{}", ChangedError),
        (400, b'{"code": 50377}', AlreadyClosedError),
        (409, b'{"code": 50377}', AlreadyClosedError),
        (400, b'{"code": 20001}', RefusedError),
        (401, b"<html>", RefusedError),
        (403, b"[]", RefusedError),
    ],
)
def test_refusals_have_names(server: Scripted, status: int, body: bytes, error: type[TwilioError]) -> None:
    """They depend on the status and Twilio's code; none is repeated."""
    server.answers = [(status, {}, body)]

    with pytest.raises(error):
        call(server, "POST")
    assert len(server.seen) == 1


def test_a_read_that_hangs_is_given_up_in_time(server: Scripted) -> None:
    """The attempt's deadline limits each call."""
    server.answers = [(0, {}, b"")] * 4
    started = time.monotonic()

    with pytest.raises(UnavailableError):
        call(server, "GET", Attempt.lasting(0.2))
    assert time.monotonic() - started < 0.5


def test_after_the_deadline_nothing_is_called(server: Scripted) -> None:
    """A call that waited too long for a thread is not made."""
    with pytest.raises(UnavailableError, match="no time left"):
        call(server, "GET", Attempt.lasting(0))
    assert server.seen == []


def test_twilios_time_is_the_newest_date_among_its_answers(server: Scripted) -> None:
    """Answers of one moment can overtake each other."""
    attempt = Attempt.lasting(4)
    server.answers = [(200, {}, b"{}"), (200, {"Date": "Mon, 05 Jan 2026 00:07:59 GMT"}, b"{}")]

    for _ in range(2):
        call(server, "GET", attempt)

    assert attempt.now == datetime(2026, 1, 5, 0, 8, tzinfo=UTC)


def test_without_any_answer_there_is_no_time() -> None:
    """This machine's clock decides nothing."""
    with pytest.raises(UnavailableError):
        _ = Attempt.lasting(4).now


def test_an_error_has_the_call_and_twilios_code_and_nothing_else(server: Scripted) -> None:
    """Twilio's own message can quote what was sent."""
    server.answers = [(400, {}, b'{"code": 50379, "message": "a secret"}')]

    with pytest.raises(RefusedError, match=r"^call: HTTP 400 \(code 50379\)$"):
        call(server, "POST")


# -- what is sent, and what comes back ---------------------------------------------------------------------------------


def test_a_request_is_what_the_sdk_asked_for(server: Scripted) -> None:
    """Lists are repeated and None is left out of a query; a form has its length, a read has none."""
    operation = unlimited(server.url).operation(Attempt.lasting(4), "call")
    operation.request(
        "GET",
        f"{server.url}?Page=0",
        params={"State": ["a", "b"], "Order": None, "Size": 5},
        headers={"Accept": "application/json"},
        auth=("AC1", "token"),
    )
    operation.request("GET", server.url, params={"Q": "x y"})
    operation.request("POST", server.url, data={"Body": "für", "Tag": ["1", "2"]})
    operation.request("POST", server.url)

    read, searched, written, empty = server.requests
    for _, headers, _ in server.requests:
        headers.pop("User-Agent", None)
    host = server.url.removeprefix("http://").removesuffix("/x")
    assert read[0] == "/x?Page=0&State=a&State=b&Size=5"
    assert read[1] == {
        "Host": host,
        "Accept-Encoding": "gzip, deflate",
        "Accept": "application/json",
        "Authorization": "Basic QUMxOnRva2Vu",
    }
    assert searched == ("/x?Q=x+y", {"Host": host, "Accept-Encoding": "gzip, deflate"}, b"")
    assert (written[0], written[1]["Content-Length"], written[2]) == ("/x", "25", b"Body=f%C3%BCr&Tag=1&Tag=2")
    assert (empty[0], empty[1]["Content-Length"], empty[2]) == ("/x", "0", b"")


def test_headers_are_found_in_lower_case_and_calls_are_timed(server: Scripted) -> None:
    """An ETag must be found in any spelling."""
    server.answers = [(201, {"ETag": '"1"'}, b'{"a": 1}')]
    attempt = Attempt.lasting(4)
    answer = unlimited(server.url).operation(attempt, "call").request("GET", server.url)

    assert (answer.status_code, answer.text, answer.headers["etag"]) == (201, '{"a": 1}', '"1"')
    assert [(record.name, record.status) for record in attempt.calls] == [("call", 201)]
    assert 0 <= attempt.calls[0].ms < 1_000


def fail(error: Exception) -> None:
    """Raise it."""
    raise error


def test_a_malformed_answer_can_be_retried(server: Scripted) -> None:
    """It is no text, or the SDK cannot read it; Twilio's own errors stay what they are."""
    server.answers = [(200, {}, b"\xff")]

    with pytest.raises(UnavailableError, match=r"^call: garbled answer \(no UTF-8\)$"):
        call(server, "POST")
    operation = limited(server.url).operation(Attempt.lasting(4), "call")
    with pytest.raises(RefusedError, match=r"^call: no$"):
        run_operation(operation, lambda: fail(RefusedError("call", "no")))
    operation.answered.append('{"sid": "CH')
    with pytest.raises(UnavailableError, match=r"^call: garbled answer \(KeyError\)$"):
        run_operation(operation, lambda: fail(KeyError("sid")))


@pytest.mark.parametrize("answered", [[], ["{}", '{"messages": []}']], ids=["before any call", "after whole answers"])
def test_a_failure_with_complete_answers_is_a_defect_of_ours(server: Scripted, answered: list[str]) -> None:
    """A request that cannot be built, an answer that cannot be read: no outage of Twilio's, and the cause is kept."""
    operation = limited(server.url).operation(Attempt.lasting(4), "call")
    operation.answered.extend(answered)

    with pytest.raises(InternalError, match=r"^call: a bug of ours \(KeyError\)$") as caught:
        run_operation(operation, lambda: fail(KeyError("sid")))

    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("after", ["Mon, 05 Jan 2026 00:08:00 GMT", "-1", "", "0.1"])
def test_a_malformed_retry_after_means_a_short_pause(server: Scripted, after: str) -> None:
    """The next try is soon."""
    server.answers = [(429, {"Retry-After": after}, b"{}")]
    began = time.monotonic()

    assert call(server, "GET") == 200
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("after", ["86400", "1e400", "inf"])
def test_a_long_retry_after_stops_calls_for_a_minute_at_most(server: Scripted, after: str) -> None:
    """An end that waits for a day would be worse than one that is refused again."""
    limiter = RateLimiter()
    transport = Transport(server.url, rate_limiter=limiter)
    server.answers = [(429, {"Retry-After": after}, b"{}")]
    with pytest.raises(TwilioDownError):
        search(transport, server, Attempt.lasting(4))

    assert 50 < limiter.wait(RateLimit.TASK_SEARCH) <= LONGEST_PAUSE


# -- where credentials are sent ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/next",
        "https://evil.example/next",
        "https://twilio.com.evil.example/next",
        "https://eviltwilio.com/next",
        "http://conversations.twilio.com/next",
        "https://conversations.twilio.com@evil.example/next",
        "https://evil.example\\@conversations.twilio.com/next",
        "https://evil.example/.twilio.com",
        "//evil.example/next",
        "https://[evil.example/next",
        "http://127.0.0.1:1/x",
        "next",
    ],
)
def test_credentials_are_sent_only_to_the_api_and_to_twilio(server: Scripted, url: str) -> None:
    """Twilio's answers name the address of the next page."""
    operation = unlimited(server.url).operation(Attempt.lasting(4), "list_participants")

    with pytest.raises(UnreadableError, match=r"^list_participants: the next page is not at Twilio$"):
        operation.request("GET", url, auth=("user", "secret"))
    assert operation.attempt.calls == []


@pytest.mark.parametrize("url", ["https://conversations.twilio.com/x", "https://taskrouter.dublin.ie1.twilio.com/x"])
def test_twilios_own_addresses_are_called(url: str) -> None:
    """With an edge, or without."""
    unlimited("https://conversations.twilio.com").confirm_address("call", url)


# -- Twilio's limits ---------------------------------------------------------------------------------------------------


def search(transport: Transport, server: Scripted, attempt: Attempt, *, patience: float | None = None) -> None:
    """Make a call with a tight rate limit."""
    operation = transport.operation(attempt, "find_tasks", patience)
    operation.request("GET", server.url, params={"EvaluateTaskAttributes": "a"})


def test_without_room_in_time_nothing_is_called(server: Scripted) -> None:
    """One at once and two a second: a caller without enough time is refused, others wait."""
    transport = limited(server.url)
    search(transport, server, Attempt.lasting(4), patience=0)

    with pytest.raises(DeferredError, match=r"^find_tasks: no room under the limit of searching tasks by attributes$"):
        search(transport, server, Attempt.lasting(4), patience=0)
    with pytest.raises(DeferredError):
        search(transport, server, Attempt.lasting(0.01), patience=4)
    call(server, "POST")
    assert len(server.seen) == 2

    began = time.monotonic()
    search(transport, server, Attempt.lasting(4))
    assert 0.2 < time.monotonic() - began < 1


def test_a_later_page_of_a_search_counts_as_a_search(server: Scripted) -> None:
    """Its address has the parameters."""
    transport = limited(server.url)
    search(transport, server, Attempt.lasting(4), patience=0)
    operation = transport.operation(Attempt.lasting(4), "find_tasks", 0)

    with pytest.raises(DeferredError):
        operation.request("GET", f"{server.url}?EvaluateTaskAttributes=a&Page=1")


def test_reserved_room_is_used_once(server: Scripted) -> None:
    """It is only for the caller that reserved it."""
    transport, attempt = limited(server.url), Attempt.lasting(4)
    attempt.patience = 0
    transport.reserve(attempt, "find_tasks", RateLimit.TASK_SEARCH)
    with pytest.raises(DeferredError):
        search(transport, server, Attempt.lasting(4), patience=0)

    search(transport, server, attempt)
    with pytest.raises(DeferredError):
        search(transport, server, attempt)
    with pytest.raises(DeferredError):
        transport.reserve(attempt, "find_tasks", RateLimit.TASK_SEARCH)
    assert len(server.seen) == 1


def test_without_a_rate_limiter_nobody_waits(server: Scripted) -> None:
    """Another address of the API may have no limits."""
    transport = unlimited(server.url)
    for _ in range(3):
        search(transport, server, Attempt.lasting(4), patience=0)

    assert len(server.seen) == 3


def test_a_429_delays_other_calls_too(server: Scripted) -> None:
    """The delay is as long as Twilio says, for calls under the same limit."""
    transport = limited(server.url)
    server.answers = [(429, {"Retry-After": "3"}, b"{}")]
    with pytest.raises(UnavailableError):
        search(transport, server, Attempt.lasting(1))

    with pytest.raises(DeferredError):
        search(transport, server, Attempt.lasting(4), patience=1)
    close = transport.operation(Attempt.lasting(4), "close_channel", 0)
    close.request("POST", f"{server.url}/Interactions/KD1/Channels/UO1", data={"Status": "closed"})
    assert server.seen == ["GET", "POST"]


# -- a slow Twilio -----------------------------------------------------------------------------------------------------


def test_a_call_that_cannot_be_answered_in_time_is_not_begun(server: Scripted) -> None:
    """No answer arrived within 0.2 s so far, and less is left: a write that might be applied is not sent."""
    attempt = Attempt.lasting(0.3)
    attempt.note("earlier", 200, attempt.clock.monotonic() - 0.4)

    with pytest.raises(OutOfTimeError, match="no time left"):
        call(server, "POST", attempt)
    assert server.seen == []


def test_the_reserved_time_is_that_of_one_slow_answer(server: Scripted) -> None:
    """It is for setting the timer, and never less than asked for."""
    attempt = Attempt.lasting(4, reserve=0.5)
    quick = attempt.remaining
    attempt.note("slow", 200, attempt.clock.monotonic() - 0.8)
    slow = attempt.remaining
    attempt.note("quick", 200, attempt.clock.monotonic())

    assert tuple(round(each, 1) for each in (quick, slow, attempt.remaining)) == (3.5, 3.0, 3.5)


def test_an_answer_with_little_more_time_than_others_took_is_only_late(server: Scripted) -> None:
    """One that had much more time is missing: Twilio is in trouble, and not only slow."""
    server.answers = [(0, {}, b"")] * 4
    kinds = []
    for pace in (0.15, 0.01):
        attempt = Attempt.lasting(0.25)
        attempt.note("earlier", 200, attempt.clock.monotonic() - pace)
        with pytest.raises(UnavailableError) as caught:
            call(server, "POST", attempt)
        kinds.append(caught.type)

    assert kinds == [OutOfTimeError, TwilioDownError]
