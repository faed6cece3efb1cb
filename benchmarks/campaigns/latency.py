"""As many events at once as an instance accepts, while Twilio is fast, slow and very slow: all are answered in time.

Plan: a process as it is deployed, threads and connections as they are stated in `function/contract/capacity.py`; chats
that are due, and their webhooks all at the same moment: to be warned, to be ended with the task known, and to be ended
with the task to be found, by a process that has just started and by one that has opened its connections. Every answer
of Twilio takes so long and no less. Limits are off, because they would make most of the events the sweep's work.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Runs, Watch, none_of
from function.contract import EVENTS_AT_ONCE
from function.entry.webhook_endpoint import DEADLINE
from function.policy import parse_policy
from simulator.client import HttpTransport
from simulator.process import simulator_process
from tests.world.driving import Chat, Twilio
from tests.world.running import RunningFunction, free_port, running_function, settings_for

LATENCIES = (0.1, 0.4, 0.8)
"""Seconds that each of Twilio's answers takes."""

ROUNDS = 3
NO_WARNING = {"warnBefore": "PT0S"}


@dataclass
class Storm:
    """What became of events that came at the same moment: statuses, the longest answer in seconds, outcomes."""

    statuses: Counter[int] = field(default_factory=Counter)
    longest: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Storm) -> None:
        """Those of another one."""
        self.statuses += other.statuses
        self.longest = max(self.longest, other.longest)
        self.outcomes += other.outcomes

    def __str__(self) -> str:
        outcomes = ", ".join(f"{number} {outcome}" for outcome, number in self.outcomes.most_common())
        return f"{self.longest:.1f} s at most; {outcomes}"


@dataclass(frozen=True)
class Instance:
    """One process, Twilio, and how many events come at once."""

    twilio: Twilio
    running: RunningFunction
    count: int

    def due(self, after: str) -> list[Chat]:
        """Chats that are due, without a webhook."""
        chats = [self.twilio.answered() for _ in range(self.count)]
        self.twilio.advance(after)
        return chats

    def storm(self, chats: list[Chat], latency: float) -> Storm:
        """Their webhooks, all at once."""
        before = len(self.running.lines())
        self.twilio.fault(".", kind="slow", seconds=latency, times=None)
        with ThreadPoolExecutor(len(chats)) as pool:
            answers = list(pool.map(self._answer, chats))
        self.twilio.clear_faults()
        lines = self.running.lines()[before:]
        outcomes = Counter(str(line["outcome"]) for line in lines if "outcome" in line)
        return Storm(Counter(status for status, _ in answers), max(seconds for _, seconds in answers), outcomes)

    def _answer(self, chat: Chat) -> tuple[int, float]:
        began = time.monotonic()
        status = self.twilio.send(self.running.url, self.twilio.event(chat)).status
        return status, time.monotonic() - began


@contextmanager
def instance(twilio: Twilio, policy: Mapping[str, object], count: int) -> Iterator[Instance]:
    """A process of this policy that has just started."""
    twilio.reset()
    twilio.configure("http://127.0.0.1:9/nobody", "PT8M")
    port = free_port()
    settings = replace(settings_for(twilio, port, parse_policy(policy)), arm_on_accept=False)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_function(Path(folder), settings, port, environment={"THREADS": str(count)}) as running,
    ):
        yield Instance(twilio, running, count)


def storms(twilio: Twilio, latency: float, count: int) -> dict[str, Storm]:
    """Each kind once."""
    seen = {}
    with instance(twilio, NO_WARNING, count) as ending:
        seen["ends, task to be found, just started"] = ending.storm(ending.due("PT10M"), latency)
        seen["ends, task to be found"] = ending.storm(ending.due("PT10M"), latency)
    with instance(twilio, {}, count) as warning:
        warning.storm(warning.due("PT8M"), 0.0)
        chats = warning.due("PT8M")
        seen["warnings"] = warning.storm(chats, latency)
        warned = warning.due("PT8M")
        warning.storm(warned, 0.0)
        twilio.advance("PT2M")
        seen["ends, task known"] = warning.storm(warned, latency)
    return seen


def run(watch: Watch) -> Result:
    """Each latency, some times."""
    rounds, count = watch.share(ROUNDS), watch.share(EVENTS_AT_ONCE, 6)
    latencies = LATENCIES if watch.scale >= 1 else LATENCIES[-1:]  # the longest is the hardest
    figures: list[Figure] = []
    total = 0
    with simulator_process(0) as simulator, closing(HttpTransport(simulator.url)) as transport:
        twilio = Twilio(transport)
        for latency in watch.through(latencies, "latencies"):
            seen: dict[str, Storm] = {}
            for _ in range(rounds):
                for kind, storm in storms(twilio, latency, count).items():
                    seen.setdefault(kind, Storm()).add(storm)
            for kind, storm in seen.items():
                total += storm.statuses.total()
                name = f"Twilio takes {latency} s, {count} at once: {kind}"
                fits = storm.longest <= DEADLINE
                figures.append(Figure(name, str(storm), f"≤ {DEADLINE} s", fits, timed=True))
            answered = Counter[int]()
            for storm in seen.values():
                answered += storm.statuses
            wrong = answered.total() - answered[204]
            figures.append(none_of(f"Twilio takes {latency} s: answered otherwise than 204", wrong, answered.total()))
    of = len(LATENCIES) * 4 * ROUNDS * EVENTS_AT_ONCE
    return watch.result("latency", total, of, figures)


CAMPAIGN = Campaign(
    "latency", "as many events at once as an instance takes, and a slow Twilio", run, short=0.25, runs=Runs.ALONE
)
