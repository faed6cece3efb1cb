"""Which call is made again, how long that may take, and what every other failure is called."""

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
)
from function.twilio_api.rate_limiter import RateLimit, RateLimiter
from function.twilio_api.transport import Transport, run_operation

DATE = "Mon, 05 Jan 2026 00:08:00 GMT"


class Scripted:
    """A server that answers what it was told to, in order, and then 200."""

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
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/x"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A server that does what a test says."""
    scripted = Scripted()
    yield scripted
    scripted.close()


def unlimited(address: str) -> Transport:
    """A transport to an API without limits."""
    return Transport(address, rate_limiter=RateLimiter(limits=False))


def limited(address: str) -> Transport:
    """A transport that keeps under Twilio's limits."""
    return Transport(address, rate_limiter=RateLimiter())


def call(server: Scripted, method: str, attempt: Attempt | None = None) -> int:
    """Make a call; its status."""
    operation = unlimited(server.url).operation(attempt or Attempt.lasting(4), "call")
    return operation.request(method, server.url, data={"a": "b"} if method == "POST" else None).status_code


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_too_many_requests_are_repeated_whatever_they_do(server: Scripted, method: str) -> None:
    """A 429 was never processed."""
    server.answers = [(429, {"Retry-After": "0"}, b"{}")]

    assert call(server, method) == 200
    assert server.seen == [method, method]


def test_too_many_requests_twice_are_too_many(server: Scripted) -> None:
    """One more try, not a storm."""
    server.answers = [(429, {}, b"{}")] * 3

    with pytest.raises(UnavailableError, match="call: HTTP 429"):
        call(server, "GET")
    assert len(server.seen) == 2


def test_nobody_waits_longer_than_there_is_time(server: Scripted) -> None:
    """A Retry-After beyond the deadline is not waited for."""
    server.answers = [(429, {"Retry-After": "30"}, b"{}")]
    started = time.monotonic()

    with pytest.raises(UnavailableError):
        call(server, "GET")
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(("method", "calls"), [("GET", 2), ("POST", 1)])
@pytest.mark.parametrize("status", [500, 503, 0])
def test_what_may_have_been_applied_is_repeated_only_if_it_changes_nothing(
    server: Scripted, method: str, calls: int, status: int
) -> None:
    """Reads are; a write is left to whoever reads first (status 0: the connection breaks)."""
    server.answers = [(status, {}, b"{}")] * 2

    with pytest.raises(UnavailableError):
        call(server, method)
    assert len(server.seen) == calls


def test_no_connection_means_no_call_was_made() -> None:
    """Refused twice, then given up."""
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
    """By status and Twilio's code; none is made again."""
    server.answers = [(status, {}, body)]

    with pytest.raises(error):
        call(server, "POST")
    assert len(server.seen) == 1


def test_a_read_that_hangs_is_given_up_in_time(server: Scripted) -> None:
    """The attempt's deadline bounds each call."""
    server.answers = [(0, {}, b"")] * 4
    started = time.monotonic()

    with pytest.raises(UnavailableError):
        call(server, "GET", Attempt.lasting(0.2))
    assert time.monotonic() - started < 0.5


def test_after_the_deadline_nothing_is_called(server: Scripted) -> None:
    """Whoever waited too long for a thread does not even begin."""
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
    """Nothing is decided by this machine's clock."""
    with pytest.raises(UnavailableError):
        _ = Attempt.lasting(4).now


def test_an_error_tells_the_call_and_twilios_code_and_nothing_else(server: Scripted) -> None:
    """Twilio's own message can quote what was sent."""
    server.answers = [(400, {}, b'{"code": 50379, "message": "a secret"}')]

    with pytest.raises(RefusedError, match=r"^call: HTTP 400 \(code 50379\)$"):
        call(server, "POST")


# -- what is sent, and what comes back ---------------------------------------------------------------------------------


def test_what_is_sent_is_what_the_sdk_asked_for(server: Scripted) -> None:
    """Lists are repeated and what is None left out of a query; a form says how long it is, a read says nothing."""
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
    """Whatever spelling Twilio chooses: an ETag must be found."""
    server.answers = [(201, {"ETag": '"1"'}, b'{"a": 1}')]
    attempt = Attempt.lasting(4)
    answer = unlimited(server.url).operation(attempt, "call").request("GET", server.url)

    assert (answer.status_code, answer.text, answer.headers["etag"]) == (201, '{"a": 1}', '"1"')
    assert [(record.name, record.status) for record in attempt.calls] == [("call", 201)]
    assert 0 <= attempt.calls[0].ms < 1_000


def fail(error: Exception) -> None:
    """Raise it."""
    raise error


def test_an_answer_that_makes_no_sense_is_worth_another_try(server: Scripted) -> None:
    """No text, or a text that the SDK cannot read; what Twilio said itself stays what it was."""
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
def test_what_goes_wrong_although_every_answer_is_whole_is_our_fault(server: Scripted, answered: list[str]) -> None:
    """A request that cannot be built, an answer that cannot be read: no outage of Twilio's, and its cause is kept."""
    operation = limited(server.url).operation(Attempt.lasting(4), "call")
    operation.answered.extend(answered)

    with pytest.raises(InternalError, match=r"^call: a bug of ours \(KeyError\)$") as caught:
        run_operation(operation, lambda: fail(KeyError("sid")))

    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("after", ["Mon, 05 Jan 2026 00:08:00 GMT", "-1", "", "0.1"])
def test_a_pause_that_is_no_number_of_seconds_is_a_short_one(server: Scripted, after: str) -> None:
    """Not worth to be understood: the next try is soon."""
    server.answers = [(429, {"Retry-After": after}, b"{}")]
    began = time.monotonic()

    assert call(server, "GET") == 200
    assert time.monotonic() - began < 1


# -- Twilio's limits ---------------------------------------------------------------------------------------------------


def search(transport: Transport, server: Scripted, attempt: Attempt, *, patience: float | None = None) -> None:
    """A call that Twilio limits tightly."""
    operation = transport.operation(attempt, "find_tasks", patience)
    operation.request("GET", server.url, params={"EvaluateTaskAttributes": "a"})


def test_without_room_in_time_nothing_is_called(server: Scripted) -> None:
    """One at once and two a second: who has no patience, or no time, is told so; others wait their turn."""
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


def test_room_that_was_made_beforehand_is_there_once(server: Scripted) -> None:
    """And nobody else's."""
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


def test_without_a_budget_nobody_waits(server: Scripted) -> None:
    """Another address of the API may have no limits."""
    transport = unlimited(server.url)
    for _ in range(3):
        search(transport, server, Attempt.lasting(4), patience=0)

    assert len(server.seen) == 3


def test_a_refusal_of_twilios_keeps_others_waiting_too(server: Scripted) -> None:
    """For as long as Twilio says, and only for what it limits."""
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
    """No answer came within 0.2 s so far, and less is left: a write that might be applied is not sent."""
    attempt = Attempt.lasting(0.3)
    attempt.note("earlier", 200, attempt.clock.monotonic() - 0.4)

    with pytest.raises(OutOfTimeError, match="no time left"):
        call(server, "POST", attempt)
    assert server.seen == []


def test_as_much_is_kept_back_as_one_slow_answer_takes(server: Scripted) -> None:
    """So that asking to be called again has its time; and no less than was asked for."""
    attempt = Attempt.lasting(4, reserve=0.5)
    quick = attempt.remaining
    attempt.note("slow", 200, attempt.clock.monotonic() - 0.8)
    slow = attempt.remaining
    attempt.note("quick", 200, attempt.clock.monotonic())

    assert tuple(round(each, 1) for each in (quick, slow, attempt.remaining)) == (3.5, 3.0, 3.5)


def test_an_answer_that_was_given_little_more_time_than_others_took_is_only_late(server: Scripted) -> None:
    """One that was given much more is missing: Twilio is in trouble, and not only slow."""
    server.answers = [(0, {}, b"")] * 4
    kinds = []
    for pace in (0.15, 0.01):
        attempt = Attempt.lasting(0.25)
        attempt.note("earlier", 200, attempt.clock.monotonic() - pace)
        with pytest.raises(UnavailableError) as caught:
            call(server, "POST", attempt)
        kinds.append(caught.type)

    assert kinds == [OutOfTimeError, TwilioDownError]
