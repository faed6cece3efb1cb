"""`pulumi up` goes wrong at any call: the next one reaches the end state, or names the command that mends it.

Plan: each creation in Google and each call to Twilio of a production-shaped stack's first `up`, once in each way. The
engine, the provider's process of the Twilio resources, the zip and the functions are real; Google is the laptop's, and
keeps what a killed run made and did not record. Judged from Google's resources, Twilio's settings and the state.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import re
import shlex
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType

import psutil

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of
from laptop.gcp_provider.cloud import Cloud
from laptop.gcp_provider.switches import ALL_WORKS, Switches, Trouble, Way
from laptop.gcp_provider.tokens import ALERT_POLICY, BUCKET, DASHBOARD, SECRET_VERSION
from laptop.ports import listen
from laptop.stack import EngineFailedError, LocalStack
from laptop.twilio_settings import SettingsReader, TwilioSettings
from simulator.client import SimulatorClient
from simulator.faults import Kind, When
from simulator.running import RunningSimulator
from simulator.shared.account import Account

PRODUCTION = MappingProxyType(
    {
        "minInstances": "1",
        "policy": json.dumps({"rules": [{"name": "night", "match": {"queue": "Night"}, "timeout": "PT20M"}]}),
        "notificationChannels": '["projects/local-laptop/notificationChannels/1"]',
    }
)
"""Beyond the defaults: a warm instance, a policy with a rule, and somebody whom alerts wake."""

GOOGLE, TWILIO = 45, 17
"""How many creations and calls the first `up` makes; a cell beyond the last is played, and nothing goes wrong."""

TWICE = frozenset({ALERT_POLICY, DASHBOARD, BUCKET, SECRET_VERSION})
"""What Google makes a second time under the same name, or under another automatic one: nothing tells the next `up`."""

_SECONDS = 60.0

KILLED = "killed"
"""The failure of an `up` that was killed."""

_PROCESSES = multiprocessing.get_context("forkserver")
"""Each `up` has a process, as it has with Pulumi's own language host. In one process, the program of a failed `up` may
go on after its engine has ended, and disturb the next one (seen with pulumi 3.259: a call to the earlier engine)."""

_PROCESSES.set_forkserver_preload(["benchmarks.campaigns.deployments", "infra.program"])


class TwilioWay(Enum):
    """How one call to Twilio can go wrong."""

    KILLED_BEFORE = "killed before it was done"
    KILLED = "killed after it was done"
    REFUSED = "refused"
    FAILED = "failed"
    LOST = "done, and its answer is lost"


_FAULTS: dict[TwilioWay, tuple[Kind, When, int]] = {
    TwilioWay.KILLED_BEFORE: ("timeout", "before", 0),
    TwilioWay.KILLED: ("timeout", "after", 0),
    TwilioWay.REFUSED: ("status", "before", 403),
    TwilioWay.FAILED: ("status", "before", 500),
    TwilioWay.LOST: ("reset", "after", 0),
}


@dataclass(frozen=True)
class Mishap:
    """What goes wrong: call number `at`, from 1, of one side."""

    way: Way | TwilioWay
    at: int

    def __str__(self) -> str:
        side = "creation in Google" if isinstance(self.way, Way) else "call to Twilio"
        return f"{side} {self.at}: {self.way.value}"


def plan() -> list[Mishap]:
    """Every call, in every way."""
    google = [Mishap(way, at) for way in Way for at in range(1, GOOGLE + 1)]
    return [*google, *(Mishap(way, at) for way in TwilioWay for at in range(1, TWILIO + 1))]


@dataclass(frozen=True)
class Seen:
    """What became of it.

    Attributes:
        happened: whether there was such a call.
        named: the commands that mend it, where the next `up` stopped with them.
        twice: what is there a second time, and in no state.
        problems: what else differs from an `up` that nothing happened to.
    """

    happened: bool
    named: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class EndState:
    """What there is after an `up`: Google's resources, the resources in the state, Twilio's settings."""

    google: Counter[str]
    stack: Counter[str]
    unfinished: int
    twilio: TwilioSettings

    def left_over(self, wanted: EndState) -> tuple[str, ...]:
        """What Google has beyond what it should have, as its type and id."""
        return tuple((self.google - wanted.google).elements())

    def problems(self, wanted: EndState) -> tuple[str, ...]:
        """Each other difference, in words, and what is left over and could have been refused."""
        refusable = (each for each in self.left_over(wanted) if each.partition(" ")[0] not in TWICE)
        return (
            *(f"left over in Google: {each}" for each in refusable),
            *(f"missing in Google: {each}" for each in wanted.google - self.google),
            *(f"not in the state: {each}" for each in wanted.stack - self.stack),
            *(f"only in the state: {each}" for each in self.stack - wanted.stack),
            *([f"{self.unfinished} resources in the state are not finished"] if self.unfinished else []),
            *self.twilio.differences(wanted.twilio),
        )


@dataclass
class Deployment:
    """One production-shaped stack.

    Attributes:
        home: everything of it that is not Twilio's.
        url: of the simulator.
        port: of the functions.
        lines: what the engine said in the last `up`.
        failure: why the last `up` did not come to its end; empty if it did.
    """

    home: Path
    url: str
    port: int
    lines: list[str] = field(default_factory=list)
    failure: str = ""

    def stack(self, google: Switches = ALL_WORKS) -> LocalStack:
        """The stack; what a killed run made in Google stays there."""
        account = Account()
        return LocalStack(
            home=self.home,
            simulator_url=self.url,
            account_sid=account.sid,
            auth_token=account.auth_token,
            config=PRODUCTION,
            front_port=self.port,
            cleans_up=False,
            google=google,
            on_output=self.lines.append,
        )

    def up(self, google: Switches = ALL_WORKS, kill: Callable[[], bool] = lambda: False) -> bool:
        """Whether an `up` came to its end, in a process of its own; it is killed as soon as `kill` says so.

        Raises:
            RuntimeError: the process ended otherwise than by an answer or by being killed.
        """
        self.lines, self.failure = [], KILLED
        ours, theirs = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(target=_up, args=(theirs, self, google))
        process.start()
        theirs.close()
        with suppress(EOFError):
            while not ours.poll(0.05):
                if kill():
                    _kill(process.pid)
            self.lines, self.failure = ours.recv()
        process.join()
        if self.failure == KILLED and process.exitcode != -signal.SIGKILL:
            raise RuntimeError(f"the process of an up ended with {process.exitcode}; its traceback is above")
        return not self.failure

    def refused(self) -> list[str]:
        """What the last `up` failed to create, one line each."""
        return [line.strip() for line in self.lines if "**creating failed**" in line]

    def named(self) -> list[str]:
        """The commands that the last `up` named, each with something in Google that it would bring into the state."""
        commands = dict.fromkeys(found[1] for line in self.lines if (found := _COMMAND.search(line)))
        there = {(each.token, each.id) for each in Cloud(self.home / "cloud").all()}
        return [each for each in commands if _imported(each) in there]

    def end_state(self, twilio: SimulatorClient) -> EndState:
        """What there is now."""
        google = Counter(f"{each.token} {_NUMBERS.sub('#', each.id)}" for each in Cloud(self.home / "cloud").all())
        (file,) = (self.home / "backend" / ".pulumi" / "stacks").rglob("local.json")
        state = json.loads(file.read_text(encoding="utf-8"))["checkpoint"]["latest"]
        unfinished = len(state.get("pending_operations") or ()) + sum("initErrors" in r for r in state["resources"])
        stack = Counter(str(resource["urn"]) for resource in state["resources"])
        return EndState(google, stack, unfinished, SettingsReader(twilio).read())


def _up(to: Connection, deployment: Deployment, google: Switches) -> None:
    """The whole of a process: one `up`, whose lines and failure it sends."""
    failure = ""
    with deployment.stack(google) as stack:
        try:
            stack.up(preview=False)
        except EngineFailedError as error:
            failure = str(error)
    to.send((deployment.lines, failure))


def _imported(command: str) -> tuple[str, str]:
    """Type and id of a `pulumi import TYPE NAME ID ...`."""
    _, _, kind, _, id_, *_ = shlex.split(command)
    return kind, id_


_COMMAND = re.compile(r"run (pulumi import .+?)\s*$")
_NUMBERS = re.compile(r"(?<=-)[0-9a-f]{7}\b|(?<=/)\d+\b")
"""What differs from one run to another: automatic names, and what Google counts."""


def play(mishap: Mishap, deployment: Deployment, twilio: SimulatorClient, wanted: EndState) -> Seen:
    """Let one `up` go wrong, and see what the next one makes of it."""
    twilio.reset()
    if not _goes_wrong(mishap, deployment, twilio):
        return Seen(happened=False)
    if not deployment.up():
        named, refused = deployment.named(), deployment.refused()
        if refused and len(named) == len(refused):
            return Seen(happened=True, named=tuple(named))
        return Seen(happened=True, problems=(f"the next up failed: {deployment.failure}", *refused))
    found = deployment.end_state(twilio)
    twice = tuple(each for each in found.left_over(wanted) if each.partition(" ")[0] in TWICE)
    return Seen(happened=True, twice=twice, problems=found.problems(wanted))


def _goes_wrong(mishap: Mishap, deployment: Deployment, twilio: SimulatorClient) -> bool:
    """Whether the call was made, and the `up` did not come to its end."""
    if isinstance(mishap.way, Way):
        return not deployment.up(Switches(trouble=Trouble(mishap.at, mishap.way)))
    kind, when, status = _FAULTS[mishap.way]
    twilio.fault(".*", kind, nth=mishap.at, when=when, status=status or None, seconds=_SECONDS)
    killed = mishap.way in {TwilioWay.KILLED, TwilioWay.KILLED_BEFORE}
    went_wrong = not deployment.up(kill=lambda: killed and twilio.hits() != [0])
    twilio.clear_faults()
    return went_wrong


def _kill(pid: int | None) -> None:
    """Stop the process and what it started, then kill -9 all of them: none sees that another is gone."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.suspend()
        everything = [process, *process.children(recursive=True)]
        for do in (psutil.Process.suspend, psutil.Process.kill):
            for each in everything:
                with suppress(psutil.NoSuchProcess):
                    do(each)


@contextmanager
def player() -> Iterator[Callable[[Mishap], Seen]]:
    """Plays mishaps with a simulator and a port of its own, after an `up` to which nothing happens."""
    with listen(0, purpose="", option="") as probe:
        port: int = probe.getsockname()[1]
    with RunningSimulator() as simulator:
        twilio = SimulatorClient(simulator)
        with _home() as home:
            undisturbed = Deployment(home, simulator.url, port)
            if not undisturbed.up():
                raise RuntimeError("\n".join(undisturbed.lines))
            wanted = undisturbed.end_state(twilio)

        def play_one(mishap: Mishap) -> Seen:
            with _home() as home:
                return play(mishap, Deployment(home, simulator.url, port), twilio, wanted)

        yield play_one


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "home"


def run(watch: Watch) -> Result:
    """A sample of the plan, or all of it."""
    mishaps = plan()
    chosen = random.Random(watch.seed).sample(mishaps, watch.share(len(mishaps)))
    good, n, commands, twice = Counter[Way | TwilioWay](), Counter[Way | TwilioWay](), 0, 0
    for mishap, seen in watch.spread(chosen, "deployments", player):
        if not seen.happened:
            continue
        n[mishap.way] += 1
        good[mishap.way] += not seen.problems
        commands += bool(seen.named)
        twice += bool(seen.twice)
        if seen.problems:
            watch.breaks(f"{mishap}: {'; '.join(seen.problems)}")
    figures = [
        *(
            all_of(
                f"a creation in Google, {way.value}: the next `up` ends well or names the command", good[way], n[way]
            )
            for way in Way
            if n[way]
        ),
        *(
            all_of(f"a call to Twilio, {way.value}: the next `up` ends well or names the command", good[way], n[way])
            for way in TwilioWay
            if n[way]
        ),
        Figure("of these, stopped with the `pulumi import` of what is there already", f"{commands:,} of {n.total():,}"),
        Figure("with a second bucket, secret version, dashboard or alert in Google", f"{twice:,} of {n.total():,}"),
        Figure("the others: the call was never made, or the same `up` went on", f"{len(chosen) - n.total():,}"),
    ]
    return watch.result("deployments", len(chosen), len(mishaps), figures)


CAMPAIGN = Campaign("deployments", "an `up` that goes wrong at any call", run, short=0.002, judges=("infra",))
