"""Very many chats at once, over sockets, with real processes and Twilio's documented rate limits, in real seconds.

Plan: so many open conversations, and what a sweep of them costs; and so many that go inactive within a minute, a
webhook for each, drained by webhooks and sweeps.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Runs, Watch, all_of, stopwatch
from function.handling import Ending
from function.policy import parse_policy
from function.settings import DEFAULT_MAX_ENDS_PER_SWEEP
from simulator.limits import DOCUMENTED
from simulator.running import RunningSimulator
from tests.world.driving import Twilio, post
from tests.world.running import FUNCTION, RunningFunction, free_port, running_function, settings_for
from tests.world.verdicts import ended_well
from tests.world.world import Chat

FULL = 10_000
LOST = 0.01
"""The share of open conversations that went silent and whose webhook was lost."""

SWEEPS, MAX_SWEEPS = 10, 60
SWEEP_TIMEOUT = 300
"""Seconds; a sweep ends by itself long before."""

WITHIN = 60.0
SENDERS = 64


@dataclass(frozen=True)
class Swept:
    """One sweep: its seconds, its calls, the conversations that it read, and whether it left none for the next."""

    seconds: float
    calls: int
    read: int
    whole: bool

    def __str__(self) -> str:
        return f"{self.calls:,} calls, {self.read:,} conversations read, {self.seconds:.1f} s"


@dataclass(frozen=True)
class Deployment:
    """Both functions, and an account with Twilio's limits on."""

    twilio: Twilio
    webhook: RunningFunction
    sweeper: RunningFunction

    def sweep(self) -> Swept:
        """Sweep once."""
        before = self.requests()
        with stopwatch() as seconds:
            summary = json.loads(post(f"{self.sweeper.url}/", b"{}", timeout=SWEEP_TIMEOUT).body)
            took = seconds()
        whole = summary["ending"] == Ending.DONE and not summary["deferred"]
        return Swept(took, self.requests() - before, summary["read"], whole)

    def requests(self) -> int:
        """How many Twilio has had."""
        return self.twilio.counts().requests

    @property
    def refused(self) -> int:
        """How many of them it refused for their number."""
        return self.twilio.answered_with(429)

    @property
    def memory(self) -> int:
        """Bytes of the sweep's process and its children."""
        process = psutil.Process(self.sweeper.pid)
        return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))


@contextmanager
def deployment(files: Path = FUNCTION) -> Iterator[Deployment]:
    """As `pulumi up` makes it, of the function that ships or of another folder."""
    with RunningSimulator() as simulator, tempfile.TemporaryDirectory() as folder:
        twilio, ports = Twilio(simulator), (free_port(), free_port())
        settings = replace(settings_for(twilio, ports[0], parse_policy({})), rate_limits=True)
        with (
            running_function(Path(folder) / "webhook", settings, ports[0], files=files) as webhook,
            running_function(Path(folder) / "sweep", settings, ports[1], "sweep", files=files) as sweeper,
        ):
            twilio.configure(f"{webhook.url}/conversations", "PT8M")
            twilio.limit()
            yield Deployment(twilio, webhook, sweeper)


def sweep_of_many(watch: Watch, count: int) -> Iterator[Figure]:
    """A hundredth is to be released, half waits for an agent, the rest wrote a moment ago; sweeps come as deployed."""
    with deployment() as deployed:
        twilio = deployed.twilio
        twilio.disturb(drop=1.0)
        lost = [_silent(twilio) for _ in range(max(1, int(count * LOST)))]
        for _ in watch.through(range(count // 2), "customers who wait"):
            twilio.chat().says("customer")
        twilio.advance("PT12M")
        for _ in watch.through(range(count - count // 2 - len(lost)), "chats that go on"):
            twilio.chat().says("customer")
        swept = [deployed.sweep()]
        while len(swept) < MAX_SWEEPS and not (swept[-1].whole and not swept[-1].read):
            twilio.advance("PT5M")
            swept.append(deployed.sweep())
        idle, memory = [], []
        for _ in watch.through(range(max(4, watch.share(SWEEPS))), "sweeps with nothing to do"):
            twilio.advance("PT5M")
            idle.append(deployed.sweep())
            memory.append(deployed.memory)
        released = sum(ended_well(chat.truth) for chat in lost)
        last = idle[-1]
        yield all_of(f"{count:,} open conversations: silent ones found among them", released, len(lost))
        yield Figure("the first sweep, of a process that remembers nothing", str(swept[0]))
        yield Figure(
            "sweeps until nothing was left to read",
            f"{len(swept)}, {sum(each.read for each in swept):,} conversations read, "
            f"{sum(each.seconds for each in swept):.0f} s",
            f"≤ {MAX_SWEEPS}",
            swept[-1].whole and not swept[-1].read,
        )
        yield Figure("the last sweep, with nothing to do", str(last), "nothing read", last.whole and not last.read)
        grown = (memory[-1] - memory[len(memory) // 2]) / 2**20
        yield Figure(
            f"memory of the sweep's process after {len(swept) + len(idle)} sweeps",
            f"{memory[-1] / 2**20:.0f} MiB; {grown:+.1f} MiB in the last {len(memory) - len(memory) // 2 - 1}",
            "≤ +4 MiB",
            grown <= 4,
        )


def many_at_once(watch: Watch, count: int, files: Path = FUNCTION) -> Iterator[Figure]:
    """All chats go inactive, and every webhook is sent within a minute."""
    with deployment(files) as deployed:
        twilio = deployed.twilio
        twilio.disturb(drop=1.0)
        chats = [_silent(twilio) for _ in watch.through(range(count), "chats that fall silent")]
        twilio.advance("PT10M")  # both steps are due at once, so each chat is warned and then ended a minute later
        before = deployed.refused
        began = time.monotonic()
        answers = _send(watch, deployed, chats)
        sent = time.monotonic() - began
        rounds = 0
        most = 6 + 2 * (count // DEFAULT_MAX_ENDS_PER_SWEEP + 1)
        while rounds < most and any(chat.state != "closed" for chat in chats):
            twilio.advance("PT5M")
            deployed.sweep()
            rounds += 1
        drained = time.monotonic() - began
        good = 0
        for chat in chats:
            good += ended_well(chat.truth)
        refused = deployed.refused - before
        calls = deployed.requests()
        yield all_of(f"{count:,} go inactive within a minute: drained", good, count)
        yield Figure(
            "by webhooks and sweeps",
            f"{rounds} sweeps, {rounds * 5} min at one every five minutes; {drained:.0f} s of work",
        )
        told = ", ".join(f"{number:,} x {status}" for status, number in sorted(answers.items()))
        yield Figure("answers to those webhooks", f"{told}; within {sent:.0f} s")
        yield Figure(
            "refused by Twilio's limits (429), of all calls",
            f"{refused:,} of {calls:,} ({refused / calls:.2%})",
            "≤ 1 %",
            refused <= calls / 100,
        )


def _silent(twilio: Twilio) -> Chat:
    chat = twilio.chat()
    chat.says("customer")
    chat.says("agent")
    return chat


def _send(watch: Watch, deployed: Deployment, chats: list[Chat]) -> Counter[int]:
    """One webhook for each, spread over the minute (over less, as the scale says)."""
    answers: Counter[int] = Counter()
    lock = threading.Lock()
    pause = WITHIN / FULL

    def send(chat: Chat) -> None:
        status = deployed.twilio.send(deployed.webhook.url, deployed.twilio.event(chat)).status
        with lock:
            answers[status] += 1

    with ThreadPoolExecutor(SENDERS) as pool:
        for chat in watch.through(chats, "their webhooks"):
            pool.submit(send, chat)
            time.sleep(pause)
    return answers


def run(watch: Watch) -> Result:
    """Both."""
    count = watch.share(FULL, 20)
    figures = [*sweep_of_many(watch, count), *many_at_once(watch, count)]
    figures.append(Figure("Twilio's limits a second", ", ".join(f"{k} {v.per_second}" for k, v in DOCUMENTED.items())))
    return watch.result("crowds", 2 * count, 2 * FULL, figures)


CAMPAIGN = Campaign("crowds", "very many chats at once, over sockets", run, short=0.001, runs=Runs.ASIDE)
