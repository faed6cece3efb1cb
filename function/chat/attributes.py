"""What we write into Twilio's attributes, and how it is read back: the conversation is the database. No I/O.

The key `inactivityTimeout` is on our messages (the step, and the message that it answers), on tasks (the claim, the
agent's silence that was reported, when we put the task into wrapping) and on conversations (the task's SIDs, what
became of the last one). All other keys belong to others and stay as they are; two keys that others write for us are
read here too.
"""

import enum
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from ..policy import StepKind, language_of
from .json_text import Members, member, members, text_of_members

KEY = "inactivityTimeout"

HOLD = "doNotTimeOutUntil"
"""Key that others write on a task or a conversation to have the chat left alone until an ISO 8601 time."""

ChannelName = tuple[str, str]
"""An interaction channel: KD..., UO..."""

LONGEST_NUMBER = 400
"""Maximum digits of an integer; a float has up to 309 before its point."""

CLAIM = frozenset({"by", "step", "answeredIndex", "leaseUntil", "of", "times"})
"""Keys of a claim."""

OUTCOME = "inactivity_timeout"
"""The conversation's outcome in Flex Insights (task attribute `conversations.outcome`)."""


@dataclass(frozen=True)
class Marker:
    """On a message of ours: its step, and the index of the newest counted message when it was posted."""

    kind: StepKind
    step: int
    answered_index: int

    @classmethod
    def read(cls, attributes: str | None) -> Self | None:
        """Read the marker from a message's attributes; None for anything else, because clients write attributes too."""
        entry = _entry(attributes)
        kind, step, answered_index = entry.get("kind"), _number(entry.get("step")), _number(entry.get("answeredIndex"))
        if kind not in tuple(StepKind) or step is None or answered_index is None:
            return None
        return cls(StepKind(kind), step, answered_index)

    def attributes(self) -> str:
        """Return the whole attributes of a message of ours."""
        return text_of_members(
            {KEY: member(KEY, {"kind": self.kind.value, "step": self.step, "answeredIndex": self.answered_index})}
        )


@dataclass(frozen=True)
class Claim:
    """On a task: one attempt's claim to a step; other attempts leave the chat alone until the lease ends.

    Attributes:
        by: unique name of the attempt.
        step: number of the claimed step.
        answered_index: index of the newest counted message, which the step answers.
        lease_until: after this time the attempt counts as dead.
        of: the task's SID; None if the claim has none.
        times: number of attempts that have claimed this step, this one included.
    """

    by: str
    step: int
    answered_index: int
    lease_until: datetime
    of: str | None = None
    times: int = 1

    @classmethod
    def read(cls, attributes: str | None) -> Self | None:
        """Read the claim from a task's attributes; None if there is none."""
        entry = _entry(attributes)
        by, step, answered_index = entry.get("by"), _number(entry.get("step")), _number(entry.get("answeredIndex"))
        lease_until = _time(entry.get("leaseUntil"))
        if not isinstance(by, str) or step is None or answered_index is None or lease_until is None:
            return None
        times = _number(entry.get("times")) or 1
        return cls(by, step, answered_index, lease_until, sid_or_none(entry.get("of"), "WT"), times)

    def written_into(self, attributes: str) -> str | None:
        """Return the task's attributes with this claim added; None if they are no JSON object."""
        entry = {
            "by": self.by,
            "step": self.step,
            "answeredIndex": self.answered_index,
            "leaseUntil": _iso(self.lease_until),
            "of": self.of,
        }
        return _merged(attributes, entry | ({"times": self.times} if self.times > 1 else {}))


def notes_of(attributes: str, conversation_sid: str) -> str:
    """Return the attributes if their notes are about this conversation, otherwise `{}`: notes may have been copied."""
    return attributes if _entry(attributes).get("of") == conversation_sid else "{}"


def with_own_notes(attributes: str, conversation_sid: str) -> str | None:
    """Return attributes whose notes name this conversation, without another one's notes; None if no JSON object."""
    whole = members(attributes or "{}")
    if whole is None:
        return None
    if _entry(attributes).get("of") != conversation_sid:
        whole[KEY] = member(KEY, {"of": conversation_sid})
    return _writable(whole)


def without_future_notes(attributes: str, latest: datetime) -> str:
    """Return attributes without the notes and marks of ours that say they were made later than this time.

    They were not made by us, and would keep a chat until then.
    """
    entry = _entry(attributes)
    past = {name: value for name, value in entry.items() if all(time <= latest for time in _times_of(name, value))}
    whole = members(attributes) if len(past) < len(entry) else None
    return attributes if whole is None else text_of_members(whole | {KEY: member(KEY, past)})


def _times_of(name: str, value: object) -> Iterable[datetime]:
    """Return the times at which something in a note or mark happened."""
    parts: Mapping[str, Any] = value if isinstance(value, dict) else {}
    times = (_time(parts.get(part)) for part in ("askedAt", "madeAt", "since"))
    return filter(None, (*times, _time(value) if name == "wrappedAt" else None))


def has_our_mark(attributes: str | None, task_sid: str) -> bool:
    """Whether we have claimed or wrapped this task; in copied attributes our mark names another one."""
    return _entry(attributes).get("of") == task_sid


@dataclass(frozen=True)
class Wrapped:
    """On a task: that we put it into wrapping, because somebody else closed its conversation.

    Attributes:
        of: the task's SID, because other tasks may be made with copies of its attributes.
        since: when we did.
    """

    of: str
    since: datetime

    @classmethod
    def read(cls, attributes: str | None, task_sid: str) -> Self | None:
        """Read the mark from this task's attributes; None if there is none."""
        entry = _entry(attributes)
        since = _time(entry.get("wrappedAt"))
        return cls(task_sid, since) if since and entry.get("of") == task_sid else None

    def written_into(self, attributes: str) -> str | None:
        """Return the task's attributes with this mark added; None if they are no JSON object."""
        return _merged(attributes, {"of": self.of, "wrappedAt": _iso(self.since)})


@dataclass(frozen=True)
class AgentSilent:
    """On a task: the silence of its agent that was reported, so that it is reported once.

    Attributes:
        answered_index: index of the newest counted message at that time.
        since: when the customer began to wait.
    """

    answered_index: int
    since: datetime

    @classmethod
    def read(cls, attributes: str | None) -> Self | None:
        """Read the mark from a task's attributes; None if there is none."""
        entry = _entry(attributes).get("agentSilent")
        if not isinstance(entry, dict):
            return None
        answered_index, since = _number(entry.get("answeredIndex")), _time(entry.get("since"))
        return None if answered_index is None or since is None else cls(answered_index, since)

    def written_into(self, attributes: str) -> str | None:
        """Return the task's attributes with this mark instead of a claim; None if they are no JSON object."""
        mark = {"agentSilent": {"answeredIndex": self.answered_index, "since": _iso(self.since)}}
        rest = without_claim(attributes)
        return None if rest is None else _merged(rest, mark)


@dataclass(frozen=True)
class ChatSids:
    """SIDs of one chat, noted on its conversation because searching tasks by attribute is limited to 3 a second.

    Only a hint, because others can write attributes: a task that names another conversation is never read by it.

    Attributes:
        tasks: WT...
        interaction: KD...; None if there is none, or none is known.
        channel: UO...; None if there is none, or none is known.
    """

    tasks: tuple[str, ...]
    interaction: str | None = None
    channel: str | None = None

    @property
    def channel_name(self) -> ChannelName | None:
        """The SIDs of interaction and channel; None without both."""
        return (self.interaction, self.channel) if self.interaction and self.channel else None

    @classmethod
    def read(cls, attributes: str | None) -> Self | None:
        """Read the note from a conversation's attributes, each SID with its proper prefix; None without a task."""
        entry = _entry(attributes)
        task = sid_or_none(entry.get("task"), "WT")
        if task is None:
            return None
        return cls((task,), sid_or_none(entry.get("interaction"), "KD"), sid_or_none(entry.get("channel"), "UO"))

    def written_into(self, attributes: str) -> str | None:
        """Return a conversation's attributes with these SIDs added; None if they are no JSON object."""
        entry = {"task": self.tasks[0], "interaction": self.interaction, "channel": self.channel}
        return _merged(attributes, {name: sid for name, sid in entry.items() if sid is not None})

    def __add__(self, other: Self) -> Self:
        """Combine the tasks of both, with the interaction of the first that has one."""
        named = self if self.interaction else other
        return replace(named, tasks=tuple(dict.fromkeys((*self.tasks, *other.tasks))))

    def with_tasks(self, tasks: tuple[str, ...]) -> Self:
        """Return a copy with more tasks."""
        return replace(self, tasks=tuple(dict.fromkeys((*self.tasks, *tasks))))


class TaskFate(enum.StrEnum):
    """What became of a task; the values are in notes and in the log."""

    FINISHED = "finished"
    LOST = "lost"
    UNKNOWN = "unknown"
    OPEN = "open"
    """It had not ended when it was noted, and could not be proven to be the chat's; never the fate of a last task."""


@dataclass(frozen=True)
class LastTask:
    """On a conversation: what became of the last task of a chat without a live one, so that events are read once.

    Attributes:
        task: WT...; None if no task is known.
        fate: finished by somebody, lost, unknown, or open when it was noted.
        accepted: an agent had accepted this task, or another task of the chat.
        made_at: when it was created; None if unknown.
        asked_at: when events were first read and did not show its fate; None if it is known or reading is refused.
        workers: WK... of those who accepted this task or another of the chat, in that order; only of a lost task.
    """

    task: str | None
    fate: TaskFate
    accepted: bool = False
    made_at: datetime | None = None
    asked_at: datetime | None = None
    workers: tuple[str, ...] = ()

    @classmethod
    def read(cls, attributes: str | None) -> Self | None:
        """Read the note from a conversation's attributes; None if there is none."""
        entry = _entry(attributes).get("lastTask")
        if not isinstance(entry, dict) or entry.get("fate") not in tuple(TaskFate):
            return None
        fate, accepted = TaskFate(entry["fate"]), entry.get("accepted") is True
        times = _time(entry.get("madeAt")), _time(entry.get("askedAt"))
        if times[1] is None and entry.get("askedAt") is not None:
            return None  # without its time it would say that the events need not be read
        noted = entry.get("workers")
        sids = (sid_or_none(each, "WK") for each in noted) if isinstance(noted, list) else ()
        return cls(sid_or_none(entry.get("task"), "WT"), fate, accepted, *times, tuple(filter(None, sids)))

    def written_into(self, attributes: str) -> str | None:
        """Return a conversation's attributes with this note added; None if they are no JSON object."""
        note = {"task": self.task, "fate": self.fate.value, "accepted": self.accepted}
        times = {"madeAt": self.made_at, "askedAt": self.asked_at}
        known_times = {name: _iso(at) for name, at in times.items() if at}
        workers = {"workers": list(self.workers)} if self.workers else {}
        return _merged(attributes, {"lastTask": note | known_times | workers})


@dataclass(frozen=True)
class NotedRule:
    """On a conversation: which rule its task selected, because that cannot be seen once the task is gone.

    Attributes:
        match: digest of what the rule matches; empty for the default.
        language: the customer's language tag; empty if unknown.
        held_until: the task's `doNotTimeOutUntil`.
    """

    match: str
    language: str = ""
    held_until: datetime | None = None

    @classmethod
    def read(cls, attributes: str | None) -> Self | None:
        """Read the note from a conversation's attributes; None if there is none."""
        entry = _entry(attributes).get("ruled")
        if not isinstance(entry, dict) or not isinstance(entry.get("match"), str):
            return None
        return cls(entry["match"], language_of(entry.get("language")), _time(entry.get("heldUntil")))

    def written_into(self, attributes: str) -> str | None:
        """Return a conversation's attributes with this note added; None if they are no JSON object."""
        language = {"language": self.language} if self.language else {}
        held_until = {"heldUntil": _iso(self.held_until)} if self.held_until else {}
        return _merged(attributes, {"ruled": {"match": self.match} | language | held_until})


@dataclass(frozen=True)
class Unread:
    """On a conversation: the customer's message that was reported as unread, so that it is reported once.

    Attributes:
        index: index of that message.
    """

    index: int

    @classmethod
    def read(cls, attributes: str | None) -> Self | None:
        """Read the mark from a conversation's attributes; None if there is none."""
        index = _number(_entry(attributes).get("unread"))
        return None if index is None else cls(index)

    def written_into(self, attributes: str) -> str | None:
        """Return a conversation's attributes with this mark added; None if they are no JSON object."""
        return _merged(attributes, {"unread": self.index})


@dataclass(frozen=True)
class Warned:
    """On a conversation: our newest warning if no task has a claim, so that rewriting its attributes does not hide it.

    Attributes:
        step: number of its step.
        answered_index: index of the newest counted message, which it answers.
        index: its own index.
    """

    step: int
    answered_index: int
    index: int

    @classmethod
    def read(cls, attributes: str | None) -> Self | None:
        """Read the note from a conversation's attributes; None if there is none."""
        entry = _entry(attributes).get("warned")
        numbers = entry if isinstance(entry, dict) else {}
        step, answered_index, index = (_number(numbers.get(name)) for name in ("step", "answeredIndex", "index"))
        return None if step is None or answered_index is None or index is None else cls(step, answered_index, index)

    def written_into(self, attributes: str) -> str | None:
        """Return a conversation's attributes with this note added; None if they are no JSON object."""
        note = {"step": self.step, "answeredIndex": self.answered_index, "index": self.index}
        return _merged(attributes, {"warned": note})


def with_outcome(attributes: str) -> str | None:
    """Return a task's attributes with the outcome, unless somebody has set one; None if it cannot be added."""
    whole = members(attributes or "{}")
    if whole is None:
        return None
    conversations = members(whole["conversations"][1]) if "conversations" in whole else {}
    if conversations is None:
        return None
    inside = {"outcome": member("outcome", OUTCOME)} | conversations
    return _writable(whole | {"conversations": (json.dumps("conversations"), text_of_members(inside))})


def without_claim(attributes: str) -> str | None:
    """Return a task's attributes without our claim and outcome, otherwise unchanged; None if they are no object."""
    whole = members(attributes or "{}")
    if whole is None:
        return None
    entry = {key: value for key, value in _entry(attributes).items() if key not in CLAIM}
    whole.pop(KEY, None)
    if entry:
        whole[KEY] = member(KEY, entry)
    conversations = members(whole["conversations"][1]) if "conversations" in whole else None
    if conversations and conversations.get("outcome") == member("outcome", OUTCOME):
        del conversations["outcome"]
        name, _ = whole.pop("conversations")
        if conversations:
            whole["conversations"] = name, text_of_members(conversations)
    return _writable(whole)


FOREVER = datetime.max.replace(tzinfo=UTC)


def do_not_time_out_until(attributes: Mapping[str, Any]) -> datetime | None:
    """Return the time in `doNotTimeOutUntil`; without a zone it is UTC. None if it is missing or cannot be read."""
    value = attributes.get(HOLD)
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:  # outside the calendar in UTC
        return FOREVER if time.year == FOREVER.year else None


def parked(attributes: str | None) -> bool:
    """Whether flex-project-template's `park-interaction` wrote these attributes of a conversation."""
    whole = read_object(attributes) or {}
    return bool(sid_or_none(whole.get("interactionSid"), "KD") and sid_or_none(whole.get("channelSid"), "UO"))


def read_object(attributes: str | None) -> dict[str, Any] | None:
    """Parse attributes as a JSON object; None if they are none. A member that is nested too deeply is None in it."""
    try:
        whole = _parsed(attributes or "{}")
    except RecursionError:
        found = members(attributes or "{}")
        return None if found is None else {json.loads(name): _parsed_or_none(value) for name, value in found.values()}
    except ValueError:
        return None
    return whole if isinstance(whole, dict) else None


def _parsed(text: str) -> Any:
    return json.loads(text, parse_int=_int)


def _parsed_or_none(text: str) -> Any:
    try:
        return _parsed(text)
    except RecursionError:
        return None


def _int(digits: str) -> int | float:
    """Parse an integer. Python refuses very long ones; as floats they are infinite, and equal nothing of ours."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else float(digits)


def sid_or_none(value: object, prefix: str) -> str | None:
    """Return a SID with this prefix, otherwise None: attributes may have one kind of SID under another's name."""
    return value if isinstance(value, str) and re.fullmatch(f"{prefix}[0-9a-fA-F]{{32}}", value) else None


def _entry(attributes: str | None) -> Mapping[str, Any]:
    entry = (read_object(attributes) or {}).get(KEY)
    return entry if isinstance(entry, dict) else {}


def _merged(attributes: str, entry: Mapping[str, object]) -> str | None:
    whole = members(attributes or "{}")
    return None if whole is None else _writable(whole | {KEY: member(KEY, {**_entry(attributes), **entry})})


def _writable(whole: Members) -> str | None:
    """Return the text of these members; None if it has an unescaped lone surrogate, which no request can contain."""
    text = text_of_members(whole)
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return text


def _number(value: object) -> int | None:
    return value if type(value) is int else None  # a bool is an int, too


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(value))
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):  # outside the calendar in UTC
        return None
