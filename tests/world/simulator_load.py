"""A simulator to be measured, in a process of its own, and a client that costs little beside it.

Shared by the figures (`simulator_figures.py`) and their short versions among the tests, which compare CPU time: it
tells the same on a busy machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

ROOT = Path(__file__).parents[2]
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Measured:
    """A running simulator that is looked at from outside."""

    def __init__(self, told: dict[str, str], process: psutil.Process) -> None:
        self._process = process
        self.port = int(told["URL"].rpartition(":")[2])
        self.authorization = "Basic " + b64encode(f"{told['account SID']}:{told['auth token']}".encode()).decode()
        self._connection = HTTPConnection("127.0.0.1", self.port, timeout=120)

    @property
    def cpu(self) -> float:
        """Seconds of CPU that it has used: by the nanosecond where Linux tells it, else by the tick of 10 ms."""
        exact = Path(f"/proc/{self._process.pid}/schedstat")
        if exact.exists():
            return int(exact.read_text().split()[0]) / 1e9
        used = self._process.cpu_times()
        return float(used.user + used.system)

    @property
    def memory(self) -> int:
        """Bytes that it holds."""
        return int(self._process.memory_info().rss)

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Call the control plane."""
        return self._call(method, f"/_simulator/{path}", json.dumps(body), {"Content-Type": "application/json"})

    def rest(self, method: str, path: str, form: dict[str, str] | None = None) -> Any:
        """Call Twilio's API."""
        headers = {"Authorization": self.authorization, "Content-Type": "application/x-www-form-urlencoded"}
        return self._call(method, path, urlencode(form or {}), headers)

    def _call(self, method: str, path: str, body: str, headers: dict[str, str]) -> Any:
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        raw = response.read()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: HTTP {response.status}: {raw.decode()}")
        return json.loads(raw) if raw.startswith((b"{", b"[")) else None

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@contextmanager
def measured_simulator(core: int | None = None) -> Iterator[Measured]:
    """Run `python -m simulator` while the block lasts, on one core alone if asked."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "--port", "0", "--parent-pipe"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("no pipe")
        watched = psutil.Process(process.pid)
        if core is not None:
            watched.cpu_affinity([core])
        told = dict(process.stdout.readline().strip().split(": ", 1) for _ in range(3))
        simulator = Measured(told, watched)
        yield simulator
        simulator.close()
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Cost:
    """What something took: seconds by the wall's clock, seconds of the simulator's CPU, bytes more than before."""

    wall: float
    cpu: float
    memory: int = 0


@contextmanager
def cost(simulator: Measured) -> Iterator[list[Cost]]:
    """Measure what happens inside; the list then holds the one answer."""
    answer: list[Cost] = []
    memory, cpu, began = simulator.memory, simulator.cpu, time.perf_counter()
    yield answer
    answer.append(Cost(time.perf_counter() - began, simulator.cpu - cpu, simulator.memory - memory))


def chats(simulator: Measured, count: int, messages: int) -> Cost:
    """Start chats with an agent and let each say so many messages in turns, all through the control plane."""
    simulator.control("POST", "reset", {})
    with cost(simulator) as answer:
        for _ in range(count):
            sid = simulator.control("POST", "chats", {"channel": "whatsapp", "stage": "assigned"})["conversation"]
            for number in range(messages):
                said = {
                    "from": ("customer", "agent")[number % 2],
                    "body": f"Message number {number} of a usual length.",
                }
                simulator.control("POST", f"chats/{sid}/messages", said)
    return answer[0]


def day(simulator: Measured, timers: int) -> Cost:
    """Arm so many inactive timers, over REST, and let a day pass; every one fires.

    Raises:
        RuntimeError: not every one did.
    """
    simulator.control("POST", "reset", {})
    for number in range(timers):
        minutes = 1 + number * 7919 % 1439  # all over the day, in no order
        simulator.rest("POST", "/conversations/v1/Conversations", {"Timers.Inactive": f"PT{minutes}M"})
    with cost(simulator) as answer:
        simulator.control("POST", "clock", {"advance": "P1D"})
    fired = simulator.control("GET", "state")["counts"]["byState"].get("inactive", 0)
    if fired != timers:
        raise RuntimeError(f"{fired} of {timers} timers fired")
    return answer[0]


def message_latency(simulator: Measured, count: int) -> list[float]:
    """Seconds that each of so many messages through the control plane took, one after the other."""
    simulator.control("POST", "reset", {})
    sid = simulator.control("POST", "chats", {"stage": "assigned"})["conversation"]
    took = []
    for number in range(count):
        began = time.perf_counter()
        simulator.control("POST", f"chats/{sid}/messages", {"from": "customer", "body": f"Message {number}"})
        took.append(time.perf_counter() - began)
    return took


@dataclass(frozen=True)
class Rate:
    """Requests a second by the wall's clock, and by the simulator's CPU."""

    wall: float
    cpu: float


def requests_to_send(simulator: Measured) -> dict[str, list[bytes]]:
    """Ready-made requests of the kinds that a timeout makes, for one chat of 20 messages, and all of them in turns."""
    simulator.control("POST", "reset", {})
    service = simulator.control("GET", "state")["account"]["serviceSid"]
    workspace = simulator.control("GET", "state")["account"]["workspaceSid"]
    chat = simulator.control("POST", "chats", {"stage": "assigned"})
    for number in range(20):
        simulator.control("POST", f"chats/{chat['conversation']}/messages", {"from": "customer", "body": str(number)})
    conversation = f"/conversations/v1/Services/{service}/Conversations/{chat['conversation']}"
    tasks = f"/taskrouter/v1/Workspaces/{workspace}/Tasks"
    search = urlencode({"EvaluateTaskAttributes": f"conversationSid == '{chat['conversation']}'"})
    kinds = {
        "fetch a conversation": ("GET", conversation, ""),
        "list 20 messages": ("GET", f"{conversation}/Messages?PageSize=20", ""),
        "find a task by its attributes": ("GET", f"{tasks}?{search}", ""),
        "update a conversation": ("POST", conversation, "Attributes=%7B%22stage%22%3A1%7D"),
        "fetch an interaction channel": (
            "GET",
            f"/flex-api/v1/Interactions/{chat['interaction']}/Channels/{chat['channel']}",
            "",
        ),
    }
    built = {name: [_request(simulator, *kind)] for name, kind in kinds.items()}
    return {**built, "all of these in turns": [request for requests in built.values() for request in requests]}


def rate(simulator: Measured, requests: Sequence[bytes], *, seconds: float, connections: int = 8) -> Rate:
    """Send these again and again over so many open connections."""
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
    """The value under which a share of all lies, e.g. 0.99."""
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def cores() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
