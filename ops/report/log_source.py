"""Reads the function's log: JSON lines, or what `gcloud logging read --format json` prints.

`function/entry/log_lines.py` says what the keys mean.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from function.chat import DecisionKind, Reason
from function.contract import DurationError, parse_duration
from function.handling import Alarm, Outcome
from ops.messages import OneLineError
from ops.report.chats import LONG_WAIT, Ended, Lost, Observed, Reply, ToLookAt, Waited, Warned

REMARK = "A wait shows in the log only when a timer fires or a sweep looks, so there may be more."


class LogError(OneLineError):
    """The log cannot be read; one line with the way out."""


@dataclass(frozen=True)
class Line:
    """A line of the log, as far as a report needs it.

    Attributes:
        at: Twilio's time of the decision, else Google's of the line.
        event: the kind of line.
        conversation: CH...; empty if it is about none.
        decision, reason, rule, outcome, alarm: as in the log; empty without one.
        last_word: who wrote the newest counted message; empty if unknown.
        answers: index of that message; None if unknown.
        waited: how long a customer has waited for an answer, or in the queue; None if nobody waits.
        task: the newest live task; empty without one.
        assigned: tasks that their agents kept after an end.
        left: tasks of a conversation that does not exist, which nobody ended.
    """

    at: datetime
    event: str
    conversation: str = ""
    decision: str = ""
    reason: str = ""
    rule: str = ""
    outcome: str = ""
    alarm: str = ""
    last_word: str = ""
    answers: int | None = None
    waited: timedelta | None = None
    task: str = ""
    assigned: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def read_log(text: str, name: str) -> tuple[Line, ...]:
    """Read a log, oldest line first; lines that are not the function's are left out.

    Args:
        text: the file's content.
        name: of the file, for errors.

    Raises:
        LogError: it is cut off, or has no line of the function.
    """
    documents = _array(text, name) if text.lstrip().startswith("[") else _json_lines(text, name)
    lines = [line for document in documents if (line := _line(document))]
    if not lines:
        raise LogError(
            f"{name} has no line of the function: fetch it with gcloud logging read "
            "'jsonPayload.event!=\"\"' --freshness=14d --format json > FILE"
        )
    return tuple(sorted(lines, key=lambda line: line.at))


def _array(text: str, name: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise LogError(f"{name} is cut off or damaged ({error}): fetch it again") from None
    return found if isinstance(found, list) else []


def _json_lines(text: str, name: str) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except ValueError:
                raise LogError(f"{name}: line {number} is cut off or damaged: fetch it again") from None


def _line(document: object) -> Line | None:
    """A line of the function; None for any other."""
    if not isinstance(document, Mapping):
        return None
    payload = document.get("jsonPayload", document)
    if not isinstance(payload, Mapping) or not isinstance(payload.get("event"), str):
        return None
    at = _time(payload.get("at")) or _time(document.get("timestamp"))
    if at is None:
        return None
    found = payload.get("facts")
    facts: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    queued = payload.get("reason") == Reason.QUEUED
    answers = facts.get("answers")
    return Line(
        at=at,
        event=payload["event"],
        conversation=_text(payload, "conversation"),
        decision=_text(payload, "decision"),
        reason=_text(payload, "reason"),
        rule=_text(payload, "rule"),
        outcome=_text(payload, "outcome"),
        alarm=_text(payload, "alarm"),
        last_word=_text(facts, "lastWord"),
        # Cloud Logging keeps every number as a double.
        answers=int(answers) if isinstance(answers, int | float) else None,
        waited=_duration(facts.get("silentFor" if queued else "waitingFor")),
        task=_text(facts, "task"),
        assigned=_texts(facts, "assigned"),
        left=_texts(payload, "left"),
    )


def observed_in(lines: Sequence[Line], until: datetime | None = None) -> Observed:
    """Return what a log shows; its last line is the end of the newer period unless another is given."""
    by_chat: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.conversation:
            by_chat[line.conversation].append(line)
    chats = by_chat.values()
    return Observed(
        until=until or lines[-1].at,
        warned=tuple(each for chat in chats for each in _warned(chat)),
        ended=tuple(each for chat in chats for each in _ended(chat)),
        waited=tuple(each for chat in chats for each in _waited(chat)),
        to_look_at=tuple(each for chat in chats for each in _to_look_at(chat)),
        remarks=(REMARK,),
    )


def tasks_of(lines: Iterable[Line]) -> dict[str, str]:
    """Return the newest task that the log names of each conversation."""
    return {line.conversation: line.task for line in lines if line.task}


def _warned(chat: Sequence[Line]) -> Iterator[Warned]:
    """Yield each silence with a warning once: steps of one silence answer the same message."""
    seen: set[int | None] = set()
    for place, line in enumerate(chat):
        if line.decision == DecisionKind.WARN and line.outcome == Outcome.DONE and line.answers not in seen:
            seen.add(line.answers)
            yield Warned(line.conversation, line.at, line.rule, _reply(line, chat[place + 1 :]))


def _reply(warned: Line, later: Sequence[Line]) -> Reply:
    """What followed a warning: the first later line with a newer counted message shows who wrote that."""
    for line in later:
        newer = line.answers is not None and warned.answers is not None and line.answers > warned.answers
        if newer:
            return Reply.CUSTOMER if line.last_word == "customer" else Reply.AGENT
    return Reply.NOTHING


def _ended(chat: Sequence[Line]) -> Iterator[Ended]:
    ends = [line for line in chat if line.decision == DecisionKind.END]
    for line in [end for end in ends if end.outcome in {Outcome.DONE, Outcome.UNVERIFIED}][-1:]:
        yield Ended(line.conversation, line.at, line.rule, reason=line.reason)


def _waited(chat: Sequence[Line]) -> Iterator[Waited]:
    waits = [line for line in chat if line.reason in {Reason.AGENT_SILENT, Reason.QUEUED} and line.waited]
    longest = max(waits, key=lambda line: line.waited or timedelta(), default=None)
    if longest and longest.waited and longest.waited > LONG_WAIT:
        yield Waited(longest.conversation, longest.at, longest.waited)


def _to_look_at(chat: Sequence[Line]) -> Iterator[ToLookAt]:
    last = chat[-1]
    if last.event == "failed":
        yield ToLookAt(Lost.CHAT, last.conversation, last.at, "it failed, and nothing followed")
    named: set[tuple[Lost, str]] = set()
    for line in reversed(chat):
        for found in _in_line(line):
            if (found.kind, found.sid) not in named:
                named.add((found.kind, found.sid))
                yield found


def _in_line(line: Line) -> Iterator[ToLookAt]:
    sid, at = line.conversation, line.at
    if line.outcome == Outcome.LATE_REPLY:
        yield ToLookAt(Lost.LATE_REPLY, sid, at, "the customer wrote while the chat was being ended")
    if line.outcome == Outcome.TOO_OLD:
        yield ToLookAt(Lost.CHAT, sid, at, "overdue for more than a day")
    if line.alarm == Alarm.FATE_UNKNOWN:
        yield ToLookAt(Lost.CHAT, sid, at, "nothing shows what became of its task")
    for task in line.assigned:
        yield ToLookAt(Lost.TASK, task, at, "its agent still has it after the end")
    for task in line.left:
        yield ToLookAt(Lost.TASK, task, at, f"it names {sid}, which does not exist in our service")


def _text(part: Mapping[str, Any], key: str) -> str:
    value = part.get(key)
    return value if isinstance(value, str) else ""


def _texts(part: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = part.get(key)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _duration(value: object) -> timedelta | None:
    try:
        return parse_duration(value)
    except DurationError:
        return None


def _time(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
