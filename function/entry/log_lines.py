"""Every kind of line in the function's log, one class each, and how a report becomes one.

A field's name in camel case is its key, and its annotation is what the docs say of it: `python -m dev.function_pages`
makes their tables from these classes. No line contains text of messages, addresses, attributes or tokens.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from ..chat import Arm, DecisionKind, End, Notify, Reason, Warn
from ..contract import format_duration
from ..handling import AcceptedReport, Alarm, Count, Ending, Orphans, Outcome, Report, Summary
from ..twilio_api import Attempt, CallRecord, IgnoreReason
from .logs import Severity

SPECIAL_KEYS = {
    "trace": "logging.googleapis.com/trace",
    "late_reply": "late_reply",
    "claimed_elsewhere": "claimed_elsewhere",
    "too_old": "too_old",
    "not_ours": "not_ours",
}
"""Field -> key, for keys that are not the field's name in camel case."""

CONVERSATION = "`CH...`"
DECISION = "`keep`, `rearm`, `warn`, `notify`, `end`, `finish`; for an acceptance also `arm`"
REASON = "why: see below"
COUNT = "requests with this reason since the line before, at most one line a minute; missing if a conversation is named"
RULE = "the policy's rule that matched, `default` for none"
OUTCOME = "how it went: see below"
FACTS = "what the decision was based on: see below"
ERROR = "what went wrong: a call's name and status, or frames without messages"
STATE = "the conversation's state"
CHANNEL_STATUS = "the interaction channel's status"
TASK = "the newest live task"
TASK_STATUS = "its status"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What every line has."""

    title: ClassVar[str]
    """What the docs call lines of this kind."""
    event: ClassVar[str]
    """The kind of line, as it is logged under `event`."""

    severity: Annotated[
        Severity,
        "`INFO`; `NOTICE`: an agent is silent; `WARNING`: a person may want to look; `ERROR`: something was not done",
    ]
    message: Annotated[str, "one sentence for people; not stable"]


@dataclass(frozen=True, kw_only=True)
class Context:
    """What is added to the line of a request, or of a conversation that a sweep read."""

    calls: Annotated[
        tuple[CallRecord, ...],
        "Twilio's calls in the order of their answers: `name`, `status` (0 without an answer), `ms`",
    ] = ()
    duration_ms: Annotated[float, "from the request's arrival to this line"]
    at: Annotated[datetime | None, "Twilio's own time, which is the `now` of the decision"] = None
    left_out: Annotated[tuple[str, ...], "rows of Twilio's lists that cannot be read, by list and SID or number"] = ()
    by: Annotated[str, "`sweep` if a sweep did it; missing for a webhook"] = ""
    trace: Annotated[str, "groups the lines of one request"] = ""


@dataclass(frozen=True, kw_only=True)
class Refused(Line):
    """A request that Twilio did not send, or that cannot be read."""

    title = "refusals"
    event = "refused"

    reason: Annotated[str, REASON]
    count: Annotated[int, COUNT] = 1


@dataclass(frozen=True, kw_only=True)
class Ignored(Line):
    """An event of Twilio's that we do not act on."""

    title = "ignored"
    event = "ignored"

    reason: Annotated[IgnoreReason, REASON]
    conversation: Annotated[str, CONVERSATION] = ""
    count: Annotated[int | None, COUNT] = None


@dataclass(frozen=True, kw_only=True)
class Failed(Line):
    """Twilio did not let us finish, or we have a bug."""

    title = "failures"
    event = "failed"

    conversation: Annotated[str, CONVERSATION] = ""
    outcome: Annotated[Outcome | None, OUTCOME] = None
    error: Annotated[str, ERROR]


@dataclass(frozen=True, kw_only=True)
class DecisionFacts:
    """What a decision was based on."""

    last_word: Annotated[str, "who wrote the newest counted message: `customer`, `agent`, `automated`"]
    answers: Annotated[int, "the index of that message"]
    silent_for: Annotated[timedelta, "the time since that message"]
    step: Annotated[int | None, "the number of the step that is due"]
    waiting_for: Annotated[timedelta | None, "how long a customer has waited for a silent agent"]
    notified: Annotated[bool | None, "whether the customer got a notice of the end"]
    unsaid: Annotated[str | None, "why the customer did not"]
    state: Annotated[str, STATE]
    live_tasks: Annotated[int, "how many tasks are live"]
    task: Annotated[str | None, TASK]
    task_status: Annotated[str | None, TASK_STATUS]
    channel_status: Annotated[str | None, CHANNEL_STATUS]
    unknown_status: Annotated[str | None, "a status of Twilio's that we do not know, as Twilio spells it"]
    last_task: Annotated[str | None, "what became of the last task: `finished`, `lost`, `unknown`"]
    hints: Annotated[
        tuple[str, ...] | None, "tasks that may be the chat's and cannot be proven; nothing writes to them"
    ]
    foreign: Annotated[tuple[str, ...] | None, "tasks that only mention the conversation"]
    assigned: Annotated[tuple[str, ...] | None, "tasks that are still with their agents after the end"]


@dataclass(frozen=True, kw_only=True)
class Decided(Line):
    """A conversation was looked at."""

    title = "decisions"
    event = "decision"

    conversation: Annotated[str, CONVERSATION]
    decision: Annotated[
        DecisionKind, "`keep`, `rearm`, `warn`, `notify`, `end`, `finish`; for an acceptance also `arm`"
    ]
    reason: Annotated[Reason, REASON]
    rule: Annotated[str, RULE]
    facts: Annotated[DecisionFacts, FACTS]
    outcome: Annotated[Outcome, OUTCOME]
    repeated: Annotated[bool | None, "`true` if the same agent's silence was logged before"]
    alarm: Annotated[
        str | None,
        "logged once: `unread`, the customer's message waits and nobody has the chat; `fate_unknown`, nothing shows "
        "what became of the task",
    ]


@dataclass(frozen=True, kw_only=True)
class AcceptanceFacts:
    """What an acceptance's decision was based on."""

    timer: Annotated[timedelta | None, "the timer that an acceptance set"]
    state: Annotated[str, STATE]
    task: Annotated[str | None, TASK]
    task_status: Annotated[str | None, TASK_STATUS]
    channel_status: Annotated[str | None, CHANNEL_STATUS]


@dataclass(frozen=True, kw_only=True)
class Accepted(Line):
    """An agent accepted a task (`timers: on-accept`)."""

    title = "acceptances"
    event = "accepted"

    conversation: Annotated[str, CONVERSATION]
    decision: Annotated[
        DecisionKind, "`keep`, `rearm`, `warn`, `notify`, `end`, `finish`; for an acceptance also `arm`"
    ]
    reason: Annotated[Reason, REASON]
    rule: Annotated[str, RULE]
    facts: Annotated[AcceptanceFacts, FACTS]
    outcome: Annotated[Outcome, OUTCOME]


@dataclass(frozen=True, kw_only=True)
class Orphaned(Line):
    """Tasks name a conversation that our service does not have: it was deleted, or it is another service's."""

    title = "orphans"
    event = "orphans"

    conversation: Annotated[str, CONVERSATION]
    ended: Annotated[tuple[str, ...], "tasks that carried our mark, and were ended"]
    left: Annotated[tuple[str, ...], "tasks that were left alone: find out whose they are"]


@dataclass(frozen=True, kw_only=True)
class Swept(Line):
    """A sweep ended."""

    title = "sweeps"
    event = "sweep"

    ending: Annotated[
        Ending, "`done`; `cut_short` (the time ran out, the next sweep goes on); `twilio_down`; `running_already`"
    ]
    partial: Annotated[
        tuple[str, ...],
        "what was seen only in part: see below; missing if the sweep saw everything",
    ] = ()
    left_out: Annotated[tuple[str, ...], "rows of the lists that cannot be read, each named once"] = ()
    running_for: Annotated[timedelta | None, "with `running_already`, how long the other sweep has been running"] = None
    listed: Annotated[int, "conversations in the lists"]
    candidates: Annotated[int, "conversations that had to be read"]
    read: Annotated[int, "conversations that were read; each also counts below"]
    warned: Annotated[int, "customers who were warned"]
    ended: Annotated[int, "chats that were ended"]
    kept: Annotated[int, "chats that were left alone"]
    deferred: Annotated[int, "chats that were left to the next sweep"]
    errors: Annotated[int, "chats that failed; the first failure of each has a line of its own"]
    aside: Annotated[int | None, "chats that failed before: tried again after growing pauses, and after all others"]
    notified: Annotated[int | None, "silences of agents that were reported"]
    rearmed: Annotated[int | None, "chats whose timer was set"]
    finished: Annotated[int | None, "closed conversations whose tasks or channel were released"]
    withheld: Annotated[int | None, "steps that were due and not done, because of `mode`"]
    late_reply: Annotated[int | None, "chats that were ended while the customer wrote"]
    claimed_elsewhere: Annotated[int | None, "chats that another attempt was handling"]
    too_old: Annotated[int | None, "chats that were overdue for more than a day"]
    not_ours: Annotated[int | None, "conversations that our service does not have"]
    oldest: Annotated[timedelta, "the longest time that a step was overdue; seconds, if webhooks arrive"]


@dataclass(frozen=True, kw_only=True)
class SweepCost:
    """What is added to the line of a sweep."""

    calls_by_name: Annotated[Mapping[str, int] | None, "how many calls of each name"] = None
    duration_ms: Annotated[float | None, "from the request's arrival to this line"] = None
    trace: Annotated[str, "groups the lines of one request"]


@dataclass(frozen=True, kw_only=True)
class SweepFailed(Line):
    """A sweep failed."""

    title = "failed sweeps"
    event = "sweep"

    error: Annotated[str, ERROR]


LINES: tuple[type[Line], ...] = (Decided, Accepted, Orphaned, Swept, SweepFailed, Ignored, Refused, Failed)


# -- from reports ----------------------------------------------------------------------------------------------------


def decided(report: Report, attempt: Attempt) -> Decided:
    """Make the line of a conversation that was handled."""
    return Decided(
        severity=_severity(report),
        message=_sentence(report),
        conversation=report.snapshot.conversation.sid,
        decision=report.decision.kind,
        reason=report.decision.reason,
        rule=report.rule,
        facts=_facts(report, attempt),
        outcome=report.outcome,
        repeated=report.repeated or None,
        alarm=report.alarm.value if report.alarm else None,
    )


def accepted(acceptance: AcceptedReport) -> Accepted:
    """Make the line of a task that an agent accepted."""
    snapshot, decision = acceptance.snapshot, acceptance.decision
    armed = isinstance(decision, Arm)
    task = snapshot.newest_live_task
    return Accepted(
        severity=Severity.INFO,
        message="An agent accepted, and the chat got its timer"
        if armed
        else "An agent accepted; the chat gets no new timer",
        conversation=snapshot.conversation.sid,
        decision=decision.kind,
        reason=decision.reason,
        rule=acceptance.rule,
        facts=AcceptanceFacts(
            timer=decision.timer if isinstance(decision, Arm) else None,
            state=snapshot.conversation.state.value,
            task=task.sid if task else None,
            task_status=task.status.value if task else None,
            channel_status=snapshot.channel.status.value if snapshot.channel else None,
        ),
        outcome=Outcome.DONE if armed else Outcome.KEPT,
    )


def orphaned(orphans: Orphans) -> Orphaned:
    """Make the line of tasks whose conversation does not exist."""
    return Orphaned(
        severity=Severity.WARNING if orphans.left else Severity.INFO,
        message="Tasks name a conversation that our service does not have",
        conversation=orphans.conversation,
        ended=orphans.ended,
        left=orphans.left,
    )


ALWAYS_SHOWN = frozenset({Count.READ, Count.WARNED, Count.ENDED, Count.KEPT, Count.DEFERRED, Count.ERRORS})
"""Counts in every sweep's line; the others are added if they are not zero."""


def swept(summary: Summary) -> Swept:
    """Make the line of a sweep."""
    counts: dict[str, Any] = {
        count.name.lower(): summary.counts[count] if count in ALWAYS_SHOWN else summary.counts[count] or None
        for count in Count
    }
    fine = summary.ending in {Ending.DONE, Ending.RUNNING_ALREADY} and not summary.partial
    return Swept(
        severity=Severity.INFO if fine else Severity.WARNING,
        message="Swept",
        ending=summary.ending,
        partial=tuple(sorted(summary.partial)),
        left_out=tuple(map(str, summary.left_out)),
        running_for=summary.running_for,
        aside=summary.aside or None,
        listed=summary.listed,
        candidates=summary.candidates,
        oldest=summary.oldest,
        **counts,
    )


_HELD_BACK = {
    Outcome.DEFERRED: "Left to the next sweep: this one has ended as many chats as it may",
    Outcome.TOO_OLD: "Left alone: this silence is older than a day",
    Outcome.LATE_REPLY: "The customer wrote while the chat was being ended",
    Outcome.UNVERIFIED: "Ended the chat of a silent customer; no time was left to look for a word that came too late",
    Outcome.CLAIMED_ELSEWHERE: "Another copy of this event is being handled",
    Outcome.WITHHELD: "Did nothing, because of the mode",
}
_ALARMS = {
    Alarm.UNREAD: "Nobody has this chat, and its customer has written: nobody is going to read it",
    Alarm.FATE_UNKNOWN: "Left the chat alone: nothing tells what became of its task",
}
_SENTENCES = {
    DecisionKind.KEEP: "Left the chat alone",
    DecisionKind.REARM: "Left the chat alone and saw to its timer",
    DecisionKind.WARN: "Warned the silent customer",
    DecisionKind.NOTIFY: "An agent is silent: the customer has been waiting for an answer",
    DecisionKind.END: "Ended the chat of a silent customer",
    DecisionKind.FINISH: "Released what a closed conversation had left over",
}


def _severity(report: Report) -> Severity:
    """Raise the severity of what a person should see: a task that an end left, a late reply, an agent's silence."""
    if report.assigned:
        return Severity.ERROR
    done = report.outcome is Outcome.DONE
    notified = done and isinstance(report.decision, Notify)
    ended_beside_hints = (
        done and isinstance(report.decision, End) and report.snapshot.waiting and not report.snapshot.live_tasks
    )
    late = report.outcome in {Outcome.LATE_REPLY, Outcome.UNVERIFIED}
    if notified or ended_beside_hints or late or report.alarm:
        return Severity.WARNING
    agent_silent = report.decision.reason is Reason.AGENT_SILENT and not report.repeated
    return Severity.NOTICE if agent_silent else Severity.INFO


def _sentence(report: Report) -> str:
    if report.assigned:
        return "Ended the chat; its agent still has the task"
    if report.alarm:
        return _ALARMS[report.alarm]
    if report.outcome in _HELD_BACK:
        return _HELD_BACK[report.outcome]
    if isinstance(report.decision, End) and report.decision.reason in {Reason.QUEUED, Reason.AGENT_SILENT}:
        return "Ended the chat of a customer who waited, as the policy says"
    return _SENTENCES[report.decision.kind]


def _facts(report: Report, attempt: Attempt) -> DecisionFacts:
    snapshot, decision = report.snapshot, report.decision
    newest, task = report.case.newest, snapshot.newest_live_task
    return DecisionFacts(
        last_word=newest.by.value,
        answers=newest.index,
        silent_for=max(attempt.now - newest.sent_at, timedelta()),
        step=decision.step.number if isinstance(decision, Warn | End) else None,
        waiting_for=_waiting_for(report, attempt),
        notified=_notified(report),
        unsaid=report.unsaid.value if report.unsaid else None,
        state=snapshot.conversation.state.value,
        live_tasks=len(snapshot.live_tasks),
        task=task.sid if task else None,
        task_status=task.status.value if task else None,
        channel_status=snapshot.channel.status.value if snapshot.channel else None,
        unknown_status=snapshot.unknown_status.value if snapshot.unknown_status else None,
        last_task=snapshot.last_task.fate.value if snapshot.last_task else None,
        hints=tuple(task.sid for task in snapshot.hints) or None,
        foreign=snapshot.foreign or None,
        assigned=report.assigned or None,
    )


def _waiting_for(report: Report, attempt: Attempt) -> timedelta | None:
    """How long the customer has waited for an agent who is silent."""
    if report.decision.reason is not Reason.AGENT_SILENT:
        return None
    return max(attempt.now - report.case.waiting_since, timedelta())


def _notified(report: Report) -> bool | None:
    """Whether the customer got a notice of the end; None if there was no end."""
    if not isinstance(report.decision, End) or report.outcome not in {Outcome.DONE, Outcome.LATE_REPLY}:
        return None
    return report.unsaid is None


# -- as JSON ---------------------------------------------------------------------------------------------------------


_keys: dict[type, Mapping[str, str]] = {}
"""Computed once for each class, because every request writes a line."""


def keys(part: type) -> Mapping[str, str]:
    """Map the fields of a line, or of a part of one, to their keys."""
    if part not in _keys:
        names = [field.name for field in dataclasses.fields(part)]
        _keys[part] = {name: SPECIAL_KEYS.get(name) or _camel(name) for name in names}
    return _keys[part]


def entries(part: Line | Context | SweepCost) -> dict[str, object]:
    """Return a line, or a part of one, by key; None and empty values are omitted, except in facts."""
    found: dict[str, object] = {}
    for name, key in keys(type(part)).items():
        value = getattr(part, name)
        if value not in (None, "", (), {}):
            found[key] = value if isinstance(value, str) else _plain(value)
        if key == "message" and isinstance(part, Line):
            found["event"] = part.event
    return found


def _plain(value: object) -> object:
    """Convert a value to a JSON type; our enums are strings already."""
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, DecisionFacts | AcceptanceFacts | CallRecord):
        return {key: _plain(getattr(value, name)) for name, key in keys(type(value)).items()}
    return value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)
