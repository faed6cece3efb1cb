"""Plays a chat script against the simulator and checks every expectation.

It defines the order within an instant (messages and actions, then timers, then expectations) and when an expectation
holds. Facts come from the simulator; only the reason of a `kept` comes from the function's log.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from function.contract import format_duration
from laptop.chat_script import Action, ChatScript, Expect, Expectation, Message, ScriptError, Step
from laptop.function_log import LogEntry
from laptop.ours import kind_of_ours
from laptop.parking import Parking
from simulator.client import SimulatorClient, SimulatorError
from simulator.facts import ChatTruth, Delivery, Said, TaskTruth

SCHEDULE = "schedule "
"""How the kind of a schedule's call begins."""

LOG_PATIENCE = timedelta(seconds=2)
"""How long after its answer a line of the function's log may arrive."""

HOLDING = ("pending", "reserved", "assigned")
"""Statuses in which a task holds an agent or waits for one."""

ENDED = ("completed", "canceled")
"""Statuses in which a task has ended."""


@dataclass(frozen=True)
class Check:
    """A checked expectation; `found` says what the simulator showed."""

    script: ChatScript
    expectation: Expectation
    held: bool
    found: str


Happening = Message | Action | Delivery | LogEntry | Said | Check
"""Everything that a timeline can show."""

Listener = Callable[[timedelta, Happening], None]
"""Called for each happening, in order, with its time since the chat began."""


class Log(Protocol):
    """The function's log, as far as a chat is judged by it."""

    def await_entries(
        self, conversation: str, webhooks: int, patience: timedelta, *, sweeps: int = 0
    ) -> list[LogEntry]:
        """Return the new entries about one conversation.

        Wait for the lines of so many answered webhooks and sweeps, but for `patience` at most.
        """


@dataclass(frozen=True)
class Assumption:
    """The policy that is in effect, as far as scripts assume something about it."""

    timeout: timedelta
    warn_before: timedelta

    def check(self, script: ChatScript) -> None:
        """Compare the policy with what the script assumes.

        Raises:
            ScriptError: the script was written for another policy.
        """
        for name, option, assumed, actual in (
            ("timeout", "--timeout", script.timeout, self.timeout),
            ("warnBefore", "--warn-before", script.warn_before, self.warn_before),
        ):
            if assumed is not None and assumed != actual:
                raise ScriptError(
                    f"{script.path}: assumes {name} {format_duration(assumed)}, but it is {format_duration(actual)}; "
                    f"change the script's header and times, or the {name}: {option} {format_duration(assumed)} "
                    f"(make demo DEMO='{option} {format_duration(assumed)}')"
                )


class ChatPlayer:
    """Plays scripts one after the other on one simulator, whose clock only moves forward."""

    def __init__(self, simulator: SimulatorClient, log: Log, listener: Listener) -> None:
        self._simulator = simulator
        self._log = log
        self._listener = listener

    def play(self, script: ChatScript) -> list[Check]:
        """Play one script from its first to its last step, and return its checks in order.

        Raises:
            ScriptError: a step is impossible at its time, such as accepting a task that does not exist.
        """
        chat = self._simulator.create_chat(
            channel=script.channel,
            stage=script.stage,
            language=script.language,
            queue=script.queue,
            interaction=script.interaction,
        )
        playing = _Chat(
            simulator=self._simulator,
            log=self._log,
            listener=self._listener,
            script=script,
            conversation=chat.conversation,
            began=self._simulator.now(),
            parking=Parking(self._simulator),
        )
        for at, steps in groupby(script.steps, key=lambda step: step.at):
            playing.instant(at, list(steps))
        return playing.checks


@dataclass
class _Chat:
    """One chat while it plays."""

    simulator: SimulatorClient
    log: Log
    listener: Listener
    script: ChatScript
    conversation: str
    began: datetime
    parking: Parking
    elapsed: timedelta = timedelta()
    seen: int = 0
    unlogged: int = 0
    latest: LogEntry | None = None
    checks: list[Check] = field(default_factory=list)

    def instant(self, at: timedelta, steps: Sequence[Step]) -> None:
        """Messages and actions of this instant; then, if there are expectations, its timers and the expectations."""
        if at > self.elapsed:
            self._advance(at, before=True)
        for step in steps:
            if not isinstance(step, Expectation):
                self.listener(at, step)
                self._take(step)
        expectations = [step for step in steps if isinstance(step, Expectation)]
        if expectations:
            self._advance(at, before=False)
            truth = self.simulator.truth(self.conversation)
            for expectation in expectations:
                check = judge(self.script, expectation, truth, self.latest)
                self.checks.append(check)
                self.listener(at, check)

    def _take(self, step: Message | Action) -> None:
        try:
            if isinstance(step, Message):
                self.unlogged += _answered(self.simulator.say(self.conversation, step.speaker, step.text))
                self.parking.unpark()
            else:
                self.parking.do(self.conversation, step.name)
        except SimulatorError as error:
            what = f"{step.speaker} writes" if isinstance(step, Message) else f"do {step.name}"
            raise ScriptError(f"{self.script.path}:{step.line}: `{what}` is impossible here: {error.body}") from error

    def _advance(self, to: timedelta, *, before: bool) -> None:
        deliveries = self.simulator.advance(to - self.elapsed, before=before)
        self.elapsed = to
        ours = [delivery for delivery in deliveries if delivery.conversation == self.conversation]
        self.unlogged += _answered(ours)
        swept = _answered([delivery for delivery in deliveries if delivery.kind.startswith(SCHEDULE)])
        entries = self.log.await_entries(self.conversation, self.unlogged, LOG_PATIENCE, sweeps=swept)
        self.unlogged = max(0, self.unlogged - sum(entry.by != "sweep" for entry in entries))
        said = self._new_messages() if ours or entries else []
        happened: list[tuple[datetime, int, Happening]] = []
        happened += ((delivery.at, 0, delivery) for delivery in ours)
        happened += ((entry.at or self.began + to, 1, entry) for entry in entries)
        happened += ((message.at, 2, message) for message in said)
        happened.sort(key=lambda item: item[:2])
        for at, _, happening in happened:
            self.listener(at - self.began, happening)
        decisions = [entry for _, _, entry in happened if isinstance(entry, LogEntry) and entry.event == "decision"]
        self.latest = decisions[-1] if decisions else self.latest

    def _new_messages(self) -> list[Said]:
        messages = self.simulator.truth(self.conversation).messages
        new = [message for message in messages[self.seen :] if kind_of_ours(message)]
        self.seen = len(messages)
        return new


def _answered(deliveries: Sequence[Delivery]) -> int:
    """How many of these were answered, which is how many log lines to wait for: only our function writes the log."""
    return sum(delivery.status is not None for delivery in deliveries)


def _status(task: TaskTruth) -> str:
    """A task's status; `deleted` when it was deleted before it ended."""
    return "deleted" if task.purged and task.status not in ENDED else task.status


def judge(script: ChatScript, expectation: Expectation, truth: ChatTruth, latest: LogEntry | None) -> Check:
    """Check one expectation against the simulator's facts, and against the latest decision where it names a reason."""
    kinds = [kind_of_ours(message) for message in truth.messages]
    newest_counted = max((place for place, kind in enumerate(kinds) if not kind), default=-1)
    warned = "warning" in kinds[newest_counted + 1 :]
    statuses = [_status(task) for task in truth.tasks]
    task = statuses[-1] if statuses else "none"
    decided = f"{latest.decision} {latest.reason}".strip() if latest else "nothing decided"
    warning_words = "warned" if warned else "not warned"
    match expectation.kind:
        case Expect.WARNED:
            held, found = warned, warning_words
        case Expect.NOT_WARNED:
            held, found = not warned, warning_words
        case Expect.ENDED:
            holding = any(status in HOLDING for status in statuses)
            held, found = truth.closed and not holding, f"{truth.state}, task {task}"
        case Expect.OPEN:
            held, found = not truth.closed, truth.state
        case Expect.KEPT:
            held = not truth.closed and decided == f"keep {expectation.argument}"
            found = f"{truth.state}, {decided}"
        case Expect.WARNINGS:
            count = kinds.count("warning")
            held, found = count == int(expectation.argument), f"warnings {count}"
        case Expect.NOTICES:
            count = kinds.count("closing")
            held, found = count == int(expectation.argument), f"notices {count}"
        case Expect.SAID:
            said = [message.text for message in truth.messages if kind_of_ours(message)]
            held, found = said[-1:] == [expectation.argument], f"said {said[-1]!r}" if said else "said nothing"
        case Expect.TASK:
            held, found = task == expectation.argument, f"task {task}"
    return Check(script, expectation, held, found)
