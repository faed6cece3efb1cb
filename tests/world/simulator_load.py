"""A simulator to be measured, in a process of its own, and a client that uses little CPU.

Shared by the figures (`simulator_figures.py`) and their short versions among the tests, which compare CPU time, because
it is the same on a busy machine.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
from urllib3 import make_headers

from simulator.client import HttpTransport, SimulatorClient
from simulator.process import SimulatedTwilio, simulator_process

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Measured(SimulatorClient):
    """A running simulator that is measured from outside."""

    def __init__(self, simulator: SimulatedTwilio, transport: HttpTransport) -> None:
        super().__init__(transport)
        self._process = psutil.Process(simulator.pid)
        self.port = int(simulator.url.rpartition(":")[2])
        self.authorization = make_headers(basic_auth=f"{simulator.account_sid}:{simulator.auth_token}")["authorization"]

    @property
    def cpu(self) -> float:
        """Return the seconds of CPU that it has used: in nanoseconds on Linux, else in ticks of 10 ms."""
        exact = Path(f"/proc/{self._process.pid}/schedstat")
        if exact.exists():
            return int(exact.read_text().split()[0]) / 1e9
        used = self._process.cpu_times()
        return float(used.user + used.system)

    @property
    def memory(self) -> int:
        """Return the bytes of memory that it uses."""
        return int(self._process.memory_info().rss)


@contextmanager
def measured_simulator(core: int | None = None) -> Iterator[Measured]:
    """Run `python -m simulator` while the block lasts, on one core alone if asked."""
    with simulator_process(0) as simulator, closing(HttpTransport(simulator.url)) as transport:
        if core is not None:
            psutil.Process(simulator.pid).cpu_affinity([core])
        yield Measured(simulator, transport)


@dataclass(frozen=True)
class Cost:
    """The cost of something: seconds by the wall clock, seconds of the simulator's CPU, bytes of additional memory."""

    wall: float
    cpu: float
    memory: int = 0


@contextmanager
def cost(simulator: Measured) -> Iterator[list[Cost]]:
    """Measure what happens in the block; the list then holds the one result."""
    answer: list[Cost] = []
    memory, cpu, began = simulator.memory, simulator.cpu, time.perf_counter()
    yield answer
    answer.append(Cost(time.perf_counter() - began, simulator.cpu - cpu, simulator.memory - memory))


def chats(simulator: Measured, count: int, messages: int) -> Cost:
    """Start chats with an agent and let both write this many messages in turns, all through the control plane."""
    simulator.reset()
    with cost(simulator) as answer:
        for _ in range(count):
            chat = simulator.create_chat(channel="whatsapp", stage="assigned")
            for number in range(messages):
                speaker = ("customer", "agent")[number % 2]
                simulator.say(chat.conversation, speaker, f"Message number {number} of a usual length.")
    return answer[0]


def day(simulator: Measured, timers: int) -> Cost:
    """Set this many inactive timers over REST, and advance a day; every one fires.

    Raises:
    RuntimeError: not every one did.
    """
    simulator.reset()
    for number in range(timers):
        minutes = 1 + number * 7919 % 1439  # all over the day, in no order
        simulator.rest("POST", "conversations/v1/Conversations", **{"Timers.Inactive": f"PT{minutes}M"})
    with cost(simulator) as answer:
        simulator.advance("P1D")
    fired = simulator.counts().by_state.get("inactive", 0)
    if fired != timers:
        raise RuntimeError(f"{fired} of {timers} timers fired")
    return answer[0]


def message_latency(simulator: Measured, count: int) -> list[float]:
    """Return the seconds that each of these messages took through the control plane, one after the other."""
    simulator.reset()
    chat = simulator.create_chat(stage="assigned")
    took = []
    for number in range(count):
        began = time.perf_counter()
        simulator.say(chat.conversation, "customer", f"Message {number}")
        took.append(time.perf_counter() - began)
    return took


@dataclass(frozen=True)
class Rate:
    """Requests a second by the wall clock, and by the simulator's CPU."""

    wall: float
    cpu: float


def requests_to_send(simulator: Measured) -> dict[str, list[bytes]]:
    """Return requests of the kinds that a timeout makes, for one chat of 20 messages, and all of them in turn."""
    simulator.reset()
    account, chat = simulator.account, simulator.create_chat(stage="assigned")
    for number in range(20):
        simulator.say(chat.conversation, "customer", str(number))
    conversation = f"/conversations/v1/Services/{account.service_sid}/Conversations/{chat.conversation}"
    tasks = f"/taskrouter/v1/Workspaces/{account.workspace_sid}/Tasks"
    search = urlencode({"EvaluateTaskAttributes": f"conversationSid == '{chat.conversation}'"})
    kinds = {
        "fetch a conversation": ("GET", conversation, ""),
        "list 20 messages": ("GET", f"{conversation}/Messages?PageSize=20", ""),
        "find a task by its attributes": ("GET", f"{tasks}?{search}", ""),
        "update a conversation": ("POST", conversation, "Attributes=%7B%22stage%22%3A1%7D"),
        "fetch an interaction channel": (
            "GET",
            f"/flex-api/v1/Interactions/{chat.interaction}/Channels/{chat.channel}",
            "",
        ),
    }
    built = {name: [_request(simulator, *kind)] for name, kind in kinds.items()}
    return {**built, "all of these in turns": [request for requests in built.values() for request in requests]}


def rate(simulator: Measured, requests: Sequence[bytes], *, seconds: float, connections: int = 8) -> Rate:
    """Send these again and again over this many open connections."""
    with cost(simulator) as answer:
        done = asyncio.run(_send(simulator.port, requests, seconds, connections))
    return Rate(done / answer[0].wall, done / answer[0].cpu)


def _request(simulator: Measured, method: str, path: str, body: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: {simulator.authorization}"]
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()


async def _send(port: int, requests: Sequence[bytes], seconds: float, connections: int) -> int:
    until = time.perf_counter() + seconds

    async def one_connection(first: int) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        done = 0
        while time.perf_counter() < until:
            writer.write(requests[(first + done) % len(requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            if not head.startswith(b"HTTP/1.1 20") or length is None:
                raise RuntimeError(f"unexpected answer: {head.decode('latin-1')}")
            await reader.readexactly(int(length[1]))
            done += 1
        writer.close()
        return done

    return sum(await asyncio.gather(*(one_connection(number) for number in range(connections))))


def percentile(values: list[float], share: float) -> float:
    """Return the value under which this share of all is, e.g. 0.99."""
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def cores() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
