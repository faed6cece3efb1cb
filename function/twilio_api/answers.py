"""Twilio's answers, as the SDK shows them, become facts; no missing field, odd date or odd type keeps them from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ..chat import (
    Channel,
    ChannelStatus,
    ChatSids,
    Conversation,
    ConversationState,
    Invite,
    Marker,
    Participant,
    RawMessage,
    Task,
    TaskEvent,
    TaskStatus,
    notes_of,
    read_object,
    sid_or_none,
)
from ..contract import LONGEST
from .attempt import Attempt
from .rows import read_rows


@dataclass(frozen=True)
class Page:
    """A page of messages, newest first, the way to the older ones, and the ways that led here."""

    messages: tuple[RawMessage, ...]
    older_url: str | None
    passed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Listed:
    """What a list tells about a conversation: enough to see whether it must be read.

    Attributes:
        sid: CH...
        updated_at: when anything about it changed that Twilio counts as an update, its state among it.
        inactive_at: when its inactive timer fires, or should have; None when none runs.
        fingerprint: changes whenever what the list tells changes.
        noted: the SIDs that we noted on it.
    """

    sid: str
    updated_at: datetime
    inactive_at: datetime | None
    fingerprint: int
    noted: ChatSids | None


@dataclass(frozen=True)
class ListedPage:
    """A page of conversations, and the way to the next."""

    listed: tuple[Listed, ...]
    next_url: str | None


@dataclass(frozen=True)
class TasksPage:
    """A page of live tasks, each with the conversation that it names, and the way to the next."""

    named: tuple[tuple[str, ChatSids], ...]
    next_url: str | None


def conversation_of(instance: Any, now: datetime, sid: str) -> Conversation:
    """The conversation that was asked for; one that does not say when it was made is as old as its last change."""
    updated_at = _past(instance.date_updated, now)
    return Conversation(
        sid=sid,
        state=ConversationState(instance.state),
        created_at=_past(instance.date_created, now) or updated_at or now,
        inactive_at=_inactive_at(instance, now),
        attributes=_text(instance.attributes),
        updated_at=updated_at,
    )


def listed_of(instance: Any, now: datetime) -> Listed:
    """A row of a list of conversations; one that does not say when it changed has just changed.

    Raises:
        ValueError: it does not say which conversation it is about.
    """
    if not isinstance(instance.sid, str):
        raise ValueError("a row without a SID")  # noqa: TRY004 -- a row that makes no sense, not a programming error
    inactive_at = _inactive_at(instance, now)
    shown = (str(instance.date_updated), instance.state, inactive_at, str(instance.attributes))
    return Listed(
        sid=str(instance.sid),
        updated_at=_past(instance.date_updated, now) or now,
        inactive_at=inactive_at,
        fingerprint=hash(shown),
        noted=ChatSids.read(notes_of(_text(instance.attributes), instance.sid)),
    )


def _inactive_at(instance: Any, now: datetime) -> datetime | None:
    """When a timer fires; None for a time that no timer of Twilio's can have."""
    timers = instance.timers if isinstance(instance.timers, Mapping) else {}
    time = _time(timers.get("date_inactive"))
    return time if time and LONG_AGO <= time <= now + 2 * LONGEST else None


def participant_of(instance: Any, now: datetime) -> Participant:
    """A participant."""
    binding = instance.messaging_binding if isinstance(instance.messaging_binding, Mapping) else {}
    return Participant(
        str(instance.sid),
        instance.identity if isinstance(instance.identity, str) else None,
        bool(binding.get("address")),
        instance.role_sid if isinstance(instance.role_sid, str) else None,
        str(binding.get("type") or "").lower(),
        _past(instance.date_created, now),
        str(binding.get("address") or ""),
    )


UNPLACED = -2
"""Stands for an index that a message does not tell, until its neighbours tell it."""

SOMEBODYS = RawMessage(UNPLACED, None, None, None, None, garbled=True)
"""Stands for a message whose row makes no sense: it may be the customer's."""


def page_of(page: Any, attempt: Attempt, passed: frozenset[str] = frozenset()) -> Page:
    """A page of messages; it is the last one where the next would be one that was passed already."""
    older = page.next_page_url
    if older in passed:
        attempt.leave_out("list_messages", "pages that repeat")
        older = None
    rows = read_rows(page, lambda row: _raw_message(row, attempt.now), attempt, "list_messages", SOMEBODYS)
    return Page(_in_place(rows), older, passed)


def _raw_message(instance: Any, now: datetime) -> RawMessage:
    return RawMessage(
        index=instance.index if type(instance.index) is int else UNPLACED,
        sent_at=_past(instance.date_created, now) or _past(instance.date_updated, now),
        author=instance.author if isinstance(instance.author, str) else None,
        participant_sid=instance.participant_sid if isinstance(instance.participant_sid, str) else None,
        marker=Marker.read(_text(instance.attributes)),
        arrived=_arrived(instance.delivery),
        unreadable=read_object(_text(instance.attributes)) is None,
    )


def _arrived(delivery: object) -> bool:
    """Whether nothing says that a message reached somebody it was for not (twilio-oai, conversations_v1, delivery)."""
    summary = delivery if isinstance(delivery, Mapping) else {}
    return all(summary.get(name) in {None, "none"} for name in ("failed", "undelivered"))


def _in_place(newest_first: tuple[RawMessage, ...]) -> tuple[RawMessage, ...]:
    """Whoever does not tell their place or time gets what their neighbours leave: no word may be lost, nor cut us off.

    The newest message without a time keeps none; whoever knows the conversation knows better. Where none tells its
    place, its time stands for it, which is the same in every read.
    """
    nobody_tells = all(each.index == UNPLACED for each in newest_first)
    placed: list[RawMessage] = []
    for at, each in enumerate(newest_first):
        newer = placed[-1] if placed else None
        older = next((other for other in newest_first[at + 1 :] if other.index != UNPLACED), None)
        sent_at = each.sent_at or (newer.sent_at if newer else None)
        index = each.index
        if nobody_tells:
            index = int(sent_at.timestamp()) if sent_at else len(newest_first) - 1 - at
        elif index == UNPLACED:
            index = newer.index - 1 if newer else older.index + at + 1 if older else 0
        placed.append(replace(each, index=index, sent_at=sent_at))
    return tuple(placed)


def task_of(answer: Any, conversation_sid: str, now: datetime, sid: str) -> Task | None:
    """A fetched task; None when it belongs to another conversation."""
    task = updated_task_of(answer, now, sid)
    names = (read_object(task.attributes) or {}).get("conversationSid")
    return task if names == conversation_sid else None


LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)
"""Before Twilio had tasks: stands for the time of one that does not tell it, which so comes before every word."""


def updated_task_of(answer: Any, now: datetime, sid: str) -> Task:
    """The task that was asked for, with the ETag of its answer."""
    instance = answer.data
    interaction, channel = interaction_of(_text(instance.attributes))
    return Task(
        sid=sid,
        status=TaskStatus(instance.assignment_status),
        created_at=_past(instance.date_created, now) or LONG_AGO,
        etag=answer.headers.get("etag", ""),
        attributes=_text(instance.attributes),
        interaction=interaction,
        channel=channel,
        queue=_named(instance.task_queue_sid, instance.task_queue_friendly_name),
        workflow=_named(instance.workflow_sid, instance.workflow_friendly_name),
        kind=str(instance.task_channel_unique_name or ""),
    )


def _named(*names: object) -> tuple[str, ...]:
    """The SID and the name by which a policy may call something."""
    return tuple(name for name in names if isinstance(name, str) and name)


def interaction_of(attributes: str | None) -> tuple[str | None, str | None]:
    """Interaction and channel as Flex writes them into its tasks' attributes; only together are they of use."""
    whole = read_object(attributes) or {}
    interaction = sid_or_none(whole.get("flexInteractionSid"), "KD")
    channel = sid_or_none(whole.get("flexInteractionChannelSid"), "UO")
    return (interaction, channel) if interaction and channel else (None, None)


def channel_of(instance: Any, interaction: str, sid: str) -> Channel:
    """The interaction channel that was asked for."""
    return Channel(interaction, sid, ChannelStatus(instance.status), str(instance.type or ""))


def invite_of(instance: Any, now: datetime) -> Invite | None:
    """An invite; None where it does not tell its task."""
    routing = instance.routing if isinstance(instance.routing, Mapping) else {}
    properties = routing.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    task = sid_or_none(properties.get("sid"), "WT")
    if task is None:
        return None
    attributes = properties.get("attributes")
    named = attributes if isinstance(attributes, Mapping) else read_object(str(attributes or "")) or {}
    return Invite(
        task, sid_or_none(named.get("conversationSid"), "CH"), _past(_instant(properties.get("date_created")), now)
    )


def event_of(instance: Any, now: datetime) -> TaskEvent | None:
    """One of TaskRouter's events; None where it tells neither what happened nor when."""
    at = _past(instance.event_date, now)
    data = instance.event_data if isinstance(instance.event_data, Mapping) else {}
    worker = sid_or_none(data.get("worker_sid"), "WK")
    return TaskEvent(str(instance.event_type), at, worker) if at and instance.event_type else None


def _instant(seconds: object) -> datetime | None:
    """A time in seconds since 1970, as Flex has them; None for anything else."""
    if not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _time(value: object) -> datetime | None:
    """A time, aware; None for anything else: the SDK leaves a date that it cannot read as it is."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:  # in UTC the calendar has ended, or not begun
        return None


PLAUSIBLE = timedelta(minutes=5)
"""So much later than Twilio's own time may be what it says of the past: no clock of its is off by more."""


def _past(value: object, now: datetime) -> datetime | None:
    """When something happened; None for what cannot be, before Twilio had tasks or in times to come."""
    time = _time(value)
    return time if time and LONG_AGO <= time <= now + PLAUSIBLE else None


def _text(attributes: object) -> str:
    """Attributes as they are stored; where an answer does not show a text, nothing is ever written in its place."""
    return (attributes or "{}") if isinstance(attributes, str) else "null"
