"""Chat scripts: plain text that says how a chat goes and how it must end.

This module defines the format and parses it into `ChatScript`; `chat_player` plays one.

    # Comments explain the script; the ones at the top are its description.
    channel: web
    stage: queued
    timeout: PT10M

    00:00 customer: My parcel has not arrived.
    00:30 do accept
    00:40 agent: Let me look. What is the order number?
    08:40 expect warned
    10:40 expect ended

The time is `MM:SS` or `HH:MM:SS` since the chat began. At one instant messages and actions come before timers, and
timers before expectations. `HEADERS`, `ACTIONS` and `EXPECTATIONS` list everything that is allowed.
"""

import enum
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from function.contract import DurationError, parse_duration

CHANNELS = ("web", "sms", "whatsapp", "messenger")
STAGES = ("bot", "queued", "assigned", "wrapping")
SPEAKERS = ("customer", "agent", "bot")
ACTIONS: Mapping[str, str] = {
    "reserve": "the newest task is offered to an agent",
    "reject": "the agent declines the task that they were offered",
    "accept": "the agent accepts the chat",
    "transfer": "the agent hands the chat to another one",
    "wrap": "the agent ends the talk and writes the summary",
    "complete": "the agent completes the task",
    "leave": "the agent leaves; Flex keeps the conversation",
    "pause": "the agent pauses the chat",
    "resume": "the agent takes the chat up again",
    "park": "the agent parks the chat, until the customer writes",
    "offline": "the agent goes offline, and keeps the task",
    "cancel": "nobody took the task in time; its workflow cancels it",
    "expire": "the task's own time is over",
    "delete": "somebody deletes the task",
}
"""Every action, and what happens."""

TASK_STATUSES = ("pending", "reserved", "assigned", "wrapping", "completed", "canceled", "deleted", "none")

HEADERS: Mapping[str, str] = {
    "channel": f"how the customer writes: {', '.join(CHANNELS)}; web by default",
    "stage": f"the state of the chat when it begins: {', '.join(STAGES)}; queued by default",
    "language": "the customer's language, such as de",
    "queue": "the task queue's name",
    "interaction": "yes, or no for a task without a Flex interaction; yes by default",
    "timeout": "the policy's timeout that the script assumes, such as PT10M",
    "warnBefore": "the policy's warnBefore that the script assumes, such as PT2M",
}
"""Every header line, and what it means."""

EXPECTATIONS: Mapping[str, str] = {
    "warned": "the newest message of the customer, the agent or the bot is followed by a warning of ours",
    "not warned": "no such warning",
    "ended": "the conversation is closed, and no task of it holds an agent or waits for one",
    "open": "the conversation is not closed",
    "kept REASON": "open, and the function's latest decision was to keep it for this reason, such as agent_silent",
    "warnings N": "the customer has read N warnings since the chat began",
    "notices N": "the customer has read N closing notices since the chat began",
    "said TEXT": "the newest message of ours reads like this",
    "task STATUS": f"the newest task's assignment status: {', '.join(TASK_STATUSES)}; deleted before it ended",
}
"""Every expectation, and when it holds."""

POLICY_FILE = "policy.json"

_TIMED = re.compile(r"(?P<time>\d+(?::\d+)+)\s+(?P<rest>.*\S)")
_CLOCK = re.compile(r"(?:(?P<hours>\d{1,3}):(?=\d\d:))?(?P<minutes>\d{1,3}):(?P<seconds>\d\d)")
_SPEECH = re.compile(r"(?P<who>[A-Za-z]+)\s*:\s*(?P<text>.*)")


class ScriptError(ValueError):
    """A chat script cannot be played. The message names file and line, what is wrong, and what is allowed."""


class Expect(enum.StrEnum):
    """What an expectation looks at."""

    WARNED = "warned"
    NOT_WARNED = "not warned"
    ENDED = "ended"
    OPEN = "open"
    KEPT = "kept"
    WARNINGS = "warnings"
    NOTICES = "notices"
    SAID = "said"
    TASK = "task"


@dataclass(frozen=True)
class Message:
    """Somebody says something. `bot` speaks without being a participant."""

    line: int
    at: timedelta
    speaker: str
    text: str


@dataclass(frozen=True)
class Action:
    """Somebody does something in Flex, such as `accept`."""

    line: int
    at: timedelta
    name: str


@dataclass(frozen=True)
class Expectation:
    """What must be true once the timers of this instant have fired.

    Attributes:
        line: the line of the script, for the report of a failure.
        at: time since the chat began.
        kind: what to look at.
        argument: the reason, the number or the status where the kind has one; else empty.
    """

    line: int
    at: timedelta
    kind: Expect
    argument: str = ""

    def __str__(self) -> str:
        """As the script has it: `kept agent_silent`."""
        return f"{self.kind} {self.argument}".strip()


Step = Message | Action | Expectation


@dataclass(frozen=True)
class ChatScript:
    """One chat as a person wrote it down.

    Attributes:
        path: where it was read from.
        description: the comments above the first header or step, as one paragraph.
        channel: how the customer writes.
        stage: the state of the chat when it begins.
        language: the customer's language; None when the script names none.
        queue: the task queue's name; None for the account's own.
        interaction: whether the task belongs to a Flex interaction.
        timeout: the deployed policy's timeout that the script assumes; None for any.
        warn_before: the deployed policy's warnBefore that the script assumes; None for any.
        steps: in the order in which they play.
    """

    path: Path
    description: str = ""
    channel: str = "web"
    stage: str = "queued"
    language: str | None = None
    queue: str | None = None
    interaction: bool = True
    timeout: timedelta | None = None
    warn_before: timedelta | None = None
    steps: tuple[Step, ...] = field(default=())

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem


def read_script(path: Path) -> ChatScript:
    """Read one chat script.

    Raises:
        ScriptError: the file cannot be read, or a line of it cannot be understood.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    return parse_script(text, path)


def parse_script(text: str, path: Path) -> ChatScript:
    """Turn a script's text into a `ChatScript`; `path` is for the messages.

    Raises:
        ScriptError: see `read_script`.
    """
    return _Parser(path).parse(text.splitlines())


def find_scripts(paths: Iterable[Path]) -> list[Path]:
    """The `.chat` files named or in the folders named, sorted within each folder.

    Raises:
        ScriptError: a path does not exist, or nothing was found.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.glob("*.chat"))
        elif path.is_file():
            found.append(path)
        else:
            raise ScriptError(f"{path}: no such file or folder; name a .chat file or a folder of them")
    if not found:
        raise ScriptError(f"no .chat file in {', '.join(map(str, paths))}")
    return found


class _Parser:
    """Reads line by line; keeps where it is, so that every complaint can name the place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 0
        self.headers: dict[str, str] = {}
        self.description: list[str] = []
        self.steps: list[Step] = []

    def parse(self, lines: list[str]) -> ChatScript:
        for self.line, raw in enumerate(lines, start=1):
            line = raw.strip()
            if line.startswith("#"):
                self._comment(line)
            elif line and line[0].isdigit():
                self._add(self._step(line))
            elif line:
                self._header(line)
        if not self.steps:
            raise ScriptError(f"{self.path}: has no step; write lines such as `00:00 customer: Hello`")
        return self._script()

    def _script(self) -> ChatScript:
        return ChatScript(
            path=self.path,
            description=" ".join(self.description),
            channel=self._choice("channel", CHANNELS, "web"),
            stage=self._choice("stage", STAGES, "queued"),
            language=self.headers.get("language"),
            queue=self.headers.get("queue"),
            interaction=self._choice("interaction", ("yes", "no"), "yes") == "yes",
            timeout=self._duration("timeout"),
            warn_before=self._duration("warnBefore"),
            steps=tuple(self.steps),
        )

    def _comment(self, line: str) -> None:
        if not self.headers and not self.steps:
            self.description.append(line.lstrip("#").strip())

    def _header(self, line: str) -> None:
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or name not in HEADERS:
            raise self._error(
                f"{line!r} is neither a header nor a step; headers are {', '.join(HEADERS)}; "
                "a step begins with its time, such as 00:30"
            )
        if self.steps:
            raise self._error(f"header {name!r} follows a step; write headers first")
        if name in self.headers:
            raise self._error(f"header {name!r} is there twice")
        if not value:
            raise self._error(f"header {name!r} has no value; it is {HEADERS[name]}")
        self.headers[name] = value
        self._script()  # so that a complaint about the value names this line

    def _step(self, line: str) -> Step:
        timed = _TIMED.fullmatch(line)
        if timed is None:
            raise self._error(f"{line!r} is not a step; write a time and what happens, such as `00:30 do accept`")
        at, rest = self._time(timed["time"]), timed["rest"]
        word, _, argument = rest.partition(" ")
        if word == "do":
            return self._action(at, argument.strip())
        if word == "expect":
            return self._expectation(at, " ".join(argument.split()))
        speech = _SPEECH.fullmatch(rest)
        if speech is None:
            raise self._error(f"{rest!r} is not a step; write `who: text`, `do ACTION` or `expect EXPECTATION`")
        if speech["who"] not in SPEAKERS:
            raise self._error(f"{speech['who']!r} cannot speak; speakers are {', '.join(SPEAKERS)}")
        if not speech["text"]:
            raise self._error(f"{speech['who']} says nothing; write a text after the colon")
        return Message(self.line, at, speech["who"], speech["text"])

    def _action(self, at: timedelta, name: str) -> Action:
        if name not in ACTIONS:
            raise self._error(f"{name!r} is not an action; actions are {', '.join(ACTIONS)}")
        return Action(self.line, at, name)

    def _expectation(self, at: timedelta, text: str) -> Expectation:
        if text in {Expect.WARNED, Expect.NOT_WARNED, Expect.ENDED, Expect.OPEN}:
            return Expectation(self.line, at, Expect(text))
        word, _, argument = text.partition(" ")
        fits = {
            Expect.KEPT: re.fullmatch(r"[a-z_]+", argument),
            Expect.WARNINGS: re.fullmatch(r"\d+", argument),
            Expect.NOTICES: re.fullmatch(r"\d+", argument),
            Expect.SAID: bool(argument),
            Expect.TASK: argument in TASK_STATUSES,
        }
        if word not in fits or not fits[Expect(word)]:
            raise self._error(f"{text!r} cannot be expected; allowed are {', '.join(EXPECTATIONS)}")
        return Expectation(self.line, at, Expect(word), argument)

    def _add(self, step: Step) -> None:
        if self.steps:
            before = self.steps[-1]
            if step.at < before.at:
                raise self._error(
                    f"{clock_text(step.at)} is earlier than {clock_text(before.at)} in line {before.line}; "
                    "write the steps in the order in which they play"
                )
            if step.at == before.at and isinstance(before, Expectation) and not isinstance(step, Expectation):
                raise self._error(
                    f"follows an expectation of the same instant (line {before.line}); "
                    "at one instant messages and actions come first"
                )
        self.steps.append(step)

    def _time(self, text: str) -> timedelta:
        match = _CLOCK.fullmatch(text)
        if match is None or int(match["seconds"]) > 59 or (match["hours"] and int(match["minutes"]) > 59):
            raise self._error(f"{text!r} is not a time since the chat began; write MM:SS or HH:MM:SS")
        return timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"]), seconds=int(match["seconds"]))

    def _choice(self, header: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.headers.get(header, default)
        if value not in allowed:
            raise self._error(f"{header} is {value!r}; allowed are {', '.join(allowed)}")
        return value

    def _duration(self, header: str) -> timedelta | None:
        if header not in self.headers:
            return None
        try:
            return parse_duration(self.headers[header])
        except DurationError as error:
            raise self._error(f"{header} {error}") from error

    def _error(self, complaint: str) -> ScriptError:
        return ScriptError(f"{self.path}:{self.line}: {complaint}")


def policy_beside(scripts: Iterable[Path]) -> str | None:
    """The policy that scripts assume beyond their headers: `policy.json` in the folder of the first, if there is one.

    Raises:
        ScriptError: it is not JSON.
    """
    for path in scripts:
        policy = (path if path.is_dir() else path.parent) / POLICY_FILE
        if not policy.is_file():
            return None
        try:
            return json.dumps(json.loads(policy.read_bytes()))
        except ValueError as error:
            raise ScriptError(f"{policy}: is not JSON ({error})") from error
    return None


def clock_text(at: timedelta) -> str:
    """A time since the chat began as scripts write it: `08:40`, or `1:10:00` from an hour on."""
    minutes, seconds = divmod(round(at.total_seconds()), 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}:{seconds:02}" if hours else f"{rest:02}:{seconds:02}"
