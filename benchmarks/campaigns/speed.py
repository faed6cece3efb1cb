"""How fast an end is, compared with a client that makes the same calls without deciding; and what a start costs.

Plan: ends over a line with a round trip R and a Twilio that takes S for every request. Ours runs under
functions-framework and speaks TLS over warm connections; the naive client makes four calls, one after the other, each
on a connection of its own. "Closed" is the moment at which Twilio has done what closes the conversation.
"""

from __future__ import annotations

import http.client
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil
import requests
from twilio.request_validator import RequestValidator

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Runs, Watch, all_of, none_of
from benchmarks.delay_line import DelayLine
from function.policy import parse_policy
from simulator.facts import LoggedRequest
from simulator.running import RunningSimulator
from tests.world.driving import Chat, Twilio
from tests.world.running import FUNCTION, RunningFunction, built, free_port, running_function, settings_for
from tests.world.verdicts import ended_well

ROUND_TRIP = timedelta(milliseconds=20)
SERVICE = timedelta(milliseconds=50)
FULL = 100
"""Ends of each kind."""

TWO_MINUTES = 0.8
"""Seconds in which the bucket of searches fills again, as it does between a warning and its end."""

WARMING = 3
"""Ends that open the connections, and are not counted."""

EVENTS = 6_000
STARTS = 20
CONCURRENT = 80
_CLOSES = re.compile(r"/Channels/\w+$|/Conversations/\w+$")
NO_WARNING = {"warnBefore": "PT0S"}
"""A policy whose first decision ends."""

MAX_MEMORY = 128

HELLO = """
import functions_framework


@functions_framework.http
def hello(request):
    return "", 204
"""


@dataclass
class Ends:
    """What some ends took: seconds until closed, sequential round trips, new connections."""

    seconds: list[float] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)
    good: int = 0

    @property
    def median(self) -> float:
        """Milliseconds."""
        return statistics.median(self.seconds) * 1000


@dataclass(frozen=True)
class Track:
    """Twilio at the far end of the line, and what is measured there."""

    twilio: Twilio
    line: DelayLine
    environment: dict[str, str]

    def end(self, chat: Chat, by: Callable[[Chat], object], ends: Ends) -> None:
        """Measure one end."""
        self.twilio.clear_log()
        connections = self.line.connections
        began = time.time()
        by(chat)
        ends.connections.append(self.line.connections - connections)
        calls = self._until_closed()
        ends.seconds.append(_done(calls[-1]) - began)
        ends.rounds.append(_depth(calls))
        ends.good += ended_well(chat.truth)

    def _until_closed(self) -> list[LoggedRequest]:
        """The requests of an end, up to the one that closes: what follows only makes sure."""
        calls = sorted(self.twilio.requests(), key=lambda call: call.received)
        closing = max(n for n, call in enumerate(calls) if call.method == "POST" and _CLOSES.search(call.path))
        return calls[: closing + 1]


def _done(call: LoggedRequest) -> float:
    """When Twilio had done it, in seconds since the epoch."""
    return call.received + call.duration_ms / 1000


def _depth(calls: list[LoggedRequest]) -> int:
    """How many of these requests had to wait for another: the longest chain of which each began after the last."""
    ended = float("-inf")
    depth = 0
    for call in sorted(calls, key=_done):
        if call.received >= ended:
            depth += 1
            ended = _done(call)
    return depth


@contextmanager
def track() -> Iterator[Track]:
    """A simulator over TLS at the end of a line, slow from now on."""
    with RunningSimulator(tls=True) as simulator, DelayLine(simulator.tls_port or 0, ROUND_TRIP) as line:
        proxy = f"http://127.0.0.1:{line.port}"
        environment = {**simulator.client_environment(), "HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}
        twilio = Twilio(simulator)
        twilio.fault(".", kind="slow", seconds=SERVICE.total_seconds(), times=None)
        yield Track(twilio, line, environment)


# -- an end ------------------------------------------------------------------------------------------------------------


def ends(watch: Watch, count: int) -> Iterator[Figure]:
    """Ours with the task known and with the task to be found, and the naive client's, in turns on one line."""
    with (
        track() as far,
        tempfile.TemporaryDirectory() as folder,
        function(far, Path(folder) / "known", {}) as known,
        function(far, Path(folder) / "found", NO_WARNING) as found,
    ):
        ours, searching, naive = Ends(), Ends(), Ends()
        for n in watch.through(range(WARMING + count), "ends of each kind"):
            warm = n >= WARMING
            far.end(warned(far, known), partial(fire, far, known), ours if warm else Ends())
            far.end(_silent(far), partial(fire, far, found), searching if warm else Ends())
            far.end(_silent(far), partial(_end_naively, far), naive if warm else Ends())
    conditions = f"R = {ROUND_TRIP.microseconds // 1000} ms, S = {SERVICE.microseconds // 1000} ms"
    yield Figure(f"naive client, {conditions}: timer fired to closed", _milliseconds(naive))
    for name, mine, rounds in (("task known", ours, 4), ("task to be found", searching, 5)):
        share = mine.median / naive.median
        yield Figure(f"ours, {name}: timer fired to closed", _milliseconds(mine))
        bound = 0.65 if mine is ours else None
        yield Figure(
            f"the same as a share of the naive client's, {name}",
            f"{share:.2f}",
            f"≤ {bound}" if bound else "",
            bound is None or share <= bound,
            timed=True,
        )
        yield replace(
            all_of(f"in {rounds} sequential round trips, {name}", mine.rounds.count(rounds), count), timed=True
        )
        yield none_of(f"ends that opened a connection when warm, {name}", count - mine.connections.count(0), count)
        yield all_of(f"ended well, {name}", mine.good, count)


@contextmanager
def function(far: Track, folder: Path, policy: dict[str, Any], files: Path = FUNCTION) -> Iterator[RunningFunction]:
    """Ours, which takes the far end for Twilio."""
    port = free_port()
    settings = replace(settings_for(far.twilio, port, parse_policy(policy)), twilio_base_url=None, rate_limits=True)
    with running_function(folder, settings, port, environment=far.environment, files=files) as running:
        yield running


def _silent(far: Track) -> Chat:
    chat = far.twilio.chat()
    chat.says("customer")
    chat.says("agent")
    far.twilio.advance("PT10M")
    return chat


def warned(far: Track, running: RunningFunction) -> Chat:
    """A chat whose silent customer was warned: the next timer ends it, and its task is known."""
    chat = far.twilio.chat()
    chat.says("customer")
    chat.says("agent")
    far.twilio.advance("PT8M")
    fire(far, running, chat)
    far.twilio.advance("PT2M")
    time.sleep(TWO_MINUTES)
    return chat


def fire(far: Track, running: RunningFunction, chat: Chat) -> None:
    """The timer's webhook, as Twilio sends it."""
    far.twilio.send(running.url, far.twilio.event(chat))


def _end_naively(far: Track, chat: Chat) -> None:
    """Look, say it, complete the task, close: one after the other, and nothing is kept open."""
    twilio = far.twilio
    service = (
        f"https://conversations.twilio.com/v1/Services/{twilio.account.service_sid}/Conversations/{chat.conversation}"
    )
    workspace = f"https://taskrouter.twilio.com/v1/Workspaces/{twilio.account.workspace_sid}"
    for method, url, data in (
        ("GET", service, {}),
        ("POST", f"{service}/Messages", {"Author": "system", "Body": "This chat has ended."}),
        ("POST", f"{workspace}/Tasks/{chat.task}", {"AssignmentStatus": "completed", "Reason": "silent"}),
        ("POST", service, {"State": "closed"}),
    ):
        requests.request(
            method,
            url,
            data=data,
            auth=(twilio.account.account_sid, twilio.account.auth_token),
            proxies={"https": far.environment["HTTPS_PROXY"]},
            verify=far.environment["REQUESTS_CA_BUNDLE"],
            timeout=10,
        ).raise_for_status()


def _milliseconds(ends: Ends) -> str:
    ordered = sorted(ends.seconds)
    return f"{ends.median:.0f} ms in the middle, {ordered[-1] * 1000:.0f} ms at most, of {len(ordered)}"


# -- against hello world -----------------------------------------------------------------------------------------------


def ignored_events(watch: Watch, count: int) -> Iterator[Figure]:
    """Events that mean nothing to us, signed, against a function that only answers; in turns, over kept connections."""
    with _beside_hello() as (twilio, ours, hello):
        event = {**twilio.event(twilio.chat()), "EventType": "onMessageAdded"}
        body = urlencode(event).encode()
        signature = RequestValidator(twilio.account.auth_token).compute_signature(f"{ours.url}/conversations", event)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        rates: dict[str, list[float]] = {ours.url: [], hello.url: []}
        batch = 100
        for n in watch.through(range(2 * max(2, count // batch)), "batches of ignored events"):
            running = (ours, hello)[n % 2]
            rates[running.url].append(_rate(running.url, body, headers, batch))
    mine, theirs = (statistics.median(rates[url][1:]) for url in (ours.url, hello.url))
    yield Figure(
        "ignored events a second, signature included, against hello world",
        f"{mine:,.0f} against {theirs:,.0f}: {mine / theirs:.2f}",
        "≥ 0.8",
        mine / theirs >= 0.8,
        timed=True,
    )


def _rate(url: str, body: bytes, headers: dict[str, str], count: int) -> float:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    began = time.perf_counter()
    for _ in range(count):
        connection.request("POST", "/conversations", body, headers)
        response = connection.getresponse()
        response.read()
        if response.status != HTTPStatus.NO_CONTENT:
            raise RuntimeError(f"{url} answered {response.status}")
    seconds = time.perf_counter() - began
    connection.close()
    return count / seconds


@contextmanager
def _beside_hello() -> Iterator[tuple[Twilio, RunningFunction, RunningFunction]]:
    """Ours and hello world, both under functions-framework, and a Twilio near by."""
    with RunningSimulator() as simulator, tempfile.TemporaryDirectory() as folder:
        twilio = Twilio(simulator)
        with _ours(twilio, Path(folder)) as ours, _hello(twilio, Path(folder)) as hello:
            yield twilio, ours, hello


@contextmanager
def _ours(twilio: Twilio, folder: Path, threads: int = 16, source: Path | None = None) -> Iterator[RunningFunction]:
    port = free_port()
    settings = settings_for(twilio, port, parse_policy(NO_WARNING))
    environment = {"THREADS": str(threads)}
    with running_function(folder / f"ours-{port}", settings, port, environment=environment, source=source) as running:
        yield running


@contextmanager
def _hello(twilio: Twilio, folder: Path, source: Path | None = None) -> Iterator[RunningFunction]:
    port = free_port()
    settings = settings_for(twilio, port, parse_policy({}))
    source = source or _hello_world(folder)
    with running_function(folder / f"hello-{port}", settings, port, "hello", source=source) as running:
        yield running


def _hello_world(folder: Path) -> Path:
    source = folder / "hello"
    source.mkdir()
    (source / "main.py").write_text(HELLO)
    return source


def starts(watch: Watch, count: int) -> Iterator[Figure]:
    """From starting the process to a chat that is ended, against one to hello world's first answer; in turns.

    Both are built before, as Google does it: what a build compiles, no start compiles.
    """
    seconds: dict[str, list[float]] = {"ours": [], "hello": []}
    with RunningSimulator() as simulator, tempfile.TemporaryDirectory() as temporary:
        twilio, folder = Twilio(simulator), Path(temporary)
        kinds = (
            ("ours", partial(_ours, source=built(FUNCTION, folder / "ours"))),
            ("hello", partial(_hello, source=built(_hello_world(folder), folder / "built"))),
        )
        for _ in watch.through(range(count + 1), "starts of each"):
            chat = twilio.chat()
            chat.says("customer")
            chat.says("agent")
            twilio.advance("PT10M")
            for name, running_one in kinds:
                began = time.perf_counter()
                with running_one(twilio, folder) as running:
                    twilio.send(running.url, twilio.event(chat))
                    seconds[name].append(time.perf_counter() - began)
            if not ended_well(chat.truth):
                watch.breaks(f"a first end after a start did not end well: {chat.conversation}")
    mine, theirs = (statistics.median(seconds[name][1:]) for name in ("ours", "hello"))
    yield Figure(
        "from start to the first correct end, against hello world's first answer",
        f"{mine * 1000:,.0f} ms against {theirs * 1000:,.0f} ms: {mine / theirs:.2f}",
        "≤ 2.2",
        mine / theirs <= 2.2,
        timed=True,
    )


# -- memory ------------------------------------------------------------------------------------------------------------


def memory(watch: Watch) -> Iterator[Figure]:
    """As many requests at once as one instance gets, each ending a chat, at a Twilio that takes its time."""
    del watch
    with RunningSimulator() as simulator, tempfile.TemporaryDirectory() as folder:
        twilio = Twilio(simulator)
        chats = [twilio.chat() for _ in range(CONCURRENT)]
        for chat in chats:
            chat.says("customer")
            chat.says("agent")
        twilio.advance("PT10M")
        twilio.fault(".", kind="slow", seconds=SERVICE.total_seconds(), times=None)
        with _ours(twilio, Path(folder), CONCURRENT) as running, ThreadPoolExecutor(CONCURRENT) as pool:
            jobs = [pool.submit(twilio.send, running.url, twilio.event(chat)) for chat in chats]
            most = 0
            while not all(job.done() for job in jobs):
                most = max(most, _memory(running.pid))
                time.sleep(0.02)
    yield Figure(
        f"memory with {CONCURRENT} requests at once",
        f"{most / 2**20:.0f} MiB at most (both processes, shared pages once)",
        f"≤ {MAX_MEMORY} MiB",
        most <= MAX_MEMORY * 2**20,
    )


def _memory(pid: int) -> int:
    process = psutil.Process(pid)
    return sum(each.memory_full_info().pss for each in (process, *process.children(recursive=True)))


def run(watch: Watch) -> Result:
    """All of it, one after the other: nothing else should be at work on the machine."""
    count = watch.share(FULL, 2)
    figures = [
        *ends(watch, count),
        *ignored_events(watch, watch.share(EVENTS, 400)),
        *starts(watch, watch.share(STARTS, 1)),
        *memory(watch),
    ]
    return watch.result("speed", 3 * count, 3 * FULL, figures)


CAMPAIGN = Campaign(
    "speed", "an end against a naive client; start, idle events and memory", run, short=0.01, runs=Runs.ALONE
)
