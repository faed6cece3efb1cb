"""Makes facts of Twilio's responses, as the SDK shows them, even if fields are missing or have odd dates or types."""

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
    Wrapped,
    notes_of,
    read_object,
    sid_or_none,
    without_future_notes,
)
from ..contract import LONGEST
from .attempt import Attempt
from .rows import read_rows


@dataclass(frozen=True)
class Page:
    """A page of messages, newest first.

    Attributes:
        messages: the messages of this page.
        older_url: address of the next page, with older messages; None on the last page.
        passed: addresses of the pages that were read before, so that a page that repeats ends the list.
    """

    messages: tuple[RawMessage, ...]
    older_url: str | None
    passed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Listed:
    """A conversation as a list shows it: enough to decide whether it must be read.

    Attributes:
        sid: CH...
        updated_at: when the conversation last changed, its state included, as Twilio counts updates.
        inactive_at: when its inactive timer fires, or should have fired; None if none is running.
        fingerprint: changes if anything changes that the list shows.
        noted: the SIDs in our note on it.
    """

    sid: str
    updated_at: datetime
    inactive_at: datetime | None
    fingerprint: int
    noted: ChatSids | None


@dataclass(frozen=True)
class ListedPage:
    """A page of conversations, and the address of the next page; None on the last one."""

    listed: tuple[Listed, ...]
    next_url: str | None


@dataclass(frozen=True)
class ListedTask:
    """A task as a list shows it.

    Attributes:
        sids: its own SID, and those of its interaction and channel.
        conversation: CH... that it names; None without one.
        wrapped_up: whether its agent is wrapping it up, and not because we made them.
    """

    sids: ChatSids
    conversation: str | None
    wrapped_up: bool


@dataclass(frozen=True)
class TasksPage:
    """A page of live tasks in their order, and the address of the next page; None on the last one."""

    tasks: tuple[ListedTask, ...]
    next_url: str | None


@dataclass(frozen=True)
class Acceptance:
    """That a worker accepted a task.

    Attributes:
        worker: WK...
        at: when; None as soon as the worker is wrapping up or has completed it, because only the last change is shown.
        ended: whether the worker has completed it.
    """

    worker: str
    at: datetime | None
    ended: bool


def listed_task_of(task: Any) -> ListedTask:
    """Make a row of a list of tasks.

    Raises:
        TypeError: its attributes are no text.
        ValueError: it has no SID.
    """
    sids = _task_sids(task)
    named = (read_object(task.attributes) or {}).get("conversationSid")
    wrapping = task.assignment_status == TaskStatus.WRAPPING
    agents_own = wrapping and not Wrapped.read(task.attributes, sids.tasks[0])
    return ListedTask(sids, sid_or_none(named, "CH"), wrapped_up=agents_own)


def found_task_of(task: Any) -> tuple[bool, ChatSids]:
    """Return whether a task that a search found has ended, and its SIDs; what else its attributes are is no matter.

    Raises:
        ValueError: it has no SID.
    """
    return task.assignment_status in {TaskStatus.COMPLETED, TaskStatus.CANCELED}, _task_sids(task)


def _task_sids(task: Any) -> ChatSids:
    sid = sid_or_none(task.sid, "WT")
    if sid is None:
        raise ValueError("a task without a SID")
    return ChatSids((sid,), *interaction_of(task.attributes))


def conversation_of(instance: Any, now: datetime, sid: str) -> Conversation:
    """Make a conversation. One without a date of creation is taken to be as old as its last change."""
    updated_at = _past_time(instance.date_updated, now)
    return Conversation(
        sid=sid,
        state=ConversationState(instance.state),
        created_at=_past_time(instance.date_created, now) or updated_at or now,
        inactive_at=_inactive_at(instance, now),
        attributes=without_future_notes(text_of(instance.attributes), now + CLOCK_TOLERANCE),
        updated_at=updated_at,
    )


def listed_of(instance: Any, now: datetime) -> Listed:
    """Make a row of a list of conversations. One without a date of change counts as changed now.

    Raises:
        ValueError: the row has no SID.
    """
    if not isinstance(instance.sid, str):
        raise ValueError("a row without a SID")  # noqa: TRY004 -- bad data, not a programming error
    inactive_at = _inactive_at(instance, now)
    shown = (str(instance.date_updated), instance.state, inactive_at, str(instance.attributes))
    return Listed(
        sid=str(instance.sid),
        updated_at=_past_time(instance.date_updated, now) or now,
        inactive_at=inactive_at,
        fingerprint=hash(shown),
        noted=ChatSids.read(notes_of(text_of(instance.attributes), instance.sid)),
    )


def _inactive_at(instance: Any, now: datetime) -> datetime | None:
    """When the inactive timer fires; None for a time that no timer can have."""
    timers = instance.timers if isinstance(instance.timers, Mapping) else {}
    time = _time(timers.get("date_inactive"))
    return time if time and EARLIEST <= time <= now + 2 * LONGEST else None


def participant_of(instance: Any, now: datetime) -> Participant:
    """Make a participant."""
    binding = instance.messaging_binding if isinstance(instance.messaging_binding, Mapping) else {}
    return Participant(
        str(instance.sid),
        instance.identity if isinstance(instance.identity, str) else None,
        bool(binding.get("address")),
        instance.role_sid if isinstance(instance.role_sid, str) else None,
        str(binding.get("type") or "").lower(),
        _past_time(instance.date_created, now),
        str(binding.get("address") or ""),
    )


NO_INDEX = -2
"""Placeholder for a missing index, until the neighbouring messages show it."""

UNREADABLE_MESSAGE = RawMessage(NO_INDEX, None, None, None, None, garbled=True)
"""Replaces a message whose row cannot be read: it may be the customer's."""


def page_of(page: Any, attempt: Attempt, passed: frozenset[str] = frozenset()) -> Page:
    """Make a page of messages. It is the last page if the next one was read before."""
    older = page.next_page_url
    if older in passed:
        attempt.record_unreadable("list_messages", "pages that repeat")
        older = None
    rows = read_rows(page, lambda row: _raw_message(row, attempt.now), attempt, "list_messages", UNREADABLE_MESSAGE)
    return Page(_fill_gaps(rows), older, passed)


def _raw_message(instance: Any, now: datetime) -> RawMessage:
    return RawMessage(
        index=instance.index if type(instance.index) is int else NO_INDEX,
        sent_at=_past_time(instance.date_created, now) or _past_time(instance.date_updated, now),
        author=instance.author if isinstance(instance.author, str) else None,
        participant_sid=instance.participant_sid if isinstance(instance.participant_sid, str) else None,
        marker=Marker.read(text_of(instance.attributes)),
        arrived=_arrived(instance.delivery),
        unreadable=read_object(text_of(instance.attributes)) is None,
    )


_FAILED, _RECEIVED = ("failed", "undelivered"), ("sent", "delivered", "read")


def _arrived(delivery: object) -> bool:
    """Whether anybody received a message, as far as Twilio reports.

    Each part of the report is `none`, `some` or `all` (twilio-oai, spec/json/twilio_conversations_v1.json, 14 April
    2026).
    """
    summary = delivery if isinstance(delivery, Mapping) else {}
    failed = {str(summary.get(name)) for name in _FAILED}
    received = {str(summary.get(name)) for name in _RECEIVED}
    return "all" not in failed and ("some" not in failed or not received.isdisjoint({"some", "all"}))


def _fill_gaps(newest_first: tuple[RawMessage, ...]) -> tuple[RawMessage, ...]:
    """Fill in missing indexes and times from the neighbouring messages, so that no message is lost.

    The newest message without a time keeps none; the conversation's own times are used for it later. If no message has
    an index, its time replaces it, because that is the same in every read.
    """
    nobody_tells = all(each.index == NO_INDEX for each in newest_first)
    placed: list[RawMessage] = []
    for at, each in enumerate(newest_first):
        newer = placed[-1] if placed else None
        older = next((other for other in newest_first[at + 1 :] if other.index != NO_INDEX), None)
        sent_at = each.sent_at or (newer.sent_at if newer else None)
        index = each.index
        if nobody_tells:
            index = int(sent_at.timestamp()) if sent_at else len(newest_first) - 1 - at
        elif index == NO_INDEX:
            index = newer.index - 1 if newer else older.index + at + 1 if older else 0
        placed.append(replace(each, index=index, sent_at=sent_at))
    return tuple(placed)


def task_of(answer: Any, conversation_sid: str, now: datetime, sid: str) -> Task | None:
    """Make a task; None if it names another conversation. One that names none may have lost its attributes."""
    task = updated_task_of(answer, now, sid)
    named = sid_or_none((read_object(task.attributes) or {}).get("conversationSid"), "CH")
    return task if named in {None, conversation_sid} else None


EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)
"""Earlier than anything at Twilio. A task without a date of creation gets it, and so is older than every message."""


def updated_task_of(answer: Any, now: datetime, sid: str) -> Task:
    """Make a task, with the ETag of the response."""
    instance = answer.data
    interaction, channel = interaction_of(instance.attributes)
    return Task(
        sid=sid,
        status=TaskStatus(instance.assignment_status),
        created_at=_past_time(instance.date_created, now) or EARLIEST,
        etag=answer.headers.get("etag", ""),
        attributes=without_future_notes(text_of(instance.attributes), now + CLOCK_TOLERANCE),
        interaction=interaction,
        channel=channel,
        queue=_named(instance.task_queue_sid, instance.task_queue_friendly_name),
        workflow=_named(instance.workflow_sid, instance.workflow_friendly_name),
        kind=str(instance.task_channel_unique_name or ""),
    )


def _named(*names: object) -> tuple[str, ...]:
    """Return the SID and the name under which a policy may refer to a queue or workflow."""
    return tuple(name for name in names if isinstance(name, str) and name)


def interaction_of(attributes: object) -> tuple[str | None, str | None]:
    """Return interaction and channel from a task's attributes, as Flex writes them; both, or None and None."""
    whole = read_object(text_of(attributes)) or {}
    interaction = sid_or_none(whole.get("flexInteractionSid"), "KD")
    channel = sid_or_none(whole.get("flexInteractionChannelSid"), "UO")
    return (interaction, channel) if interaction and channel else (None, None)


def channel_of(instance: Any, interaction: str, sid: str) -> Channel:
    """Make an interaction channel."""
    return Channel(interaction, sid, ChannelStatus(instance.status), str(instance.type or ""))


def invite_of(instance: Any, now: datetime) -> Invite | None:
    """Make an invite; None if it does not name its task."""
    routing = instance.routing if isinstance(instance.routing, Mapping) else {}
    properties = routing.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    task = sid_or_none(properties.get("sid"), "WT")
    if task is None:
        return None
    attributes = properties.get("attributes")
    named = attributes if isinstance(attributes, Mapping) else read_object(str(attributes or "")) or {}
    return Invite(
        task, sid_or_none(named.get("conversationSid"), "CH"), _past_time(_instant(properties.get("date_created")), now)
    )


def acceptance_of(reservation: Any, now: datetime) -> Acceptance | None:
    """Make an acceptance of a reservation; None if its worker has not accepted the task.

    Raises:
        ValueError: the reservation has no worker or no status.
    """
    worker, status = sid_or_none(reservation.worker_sid, "WK"), reservation.reservation_status
    if worker is None or not isinstance(status, str):
        raise ValueError("a reservation without a worker or a status")
    if status not in {"accepted", "wrapping", "completed"}:
        return None
    at = _past_time(reservation.date_updated, now) if status == "accepted" else None
    return Acceptance(worker, at, ended=status == "completed")


def event_of(instance: Any, now: datetime) -> TaskEvent:
    """Make a task event.

    Raises:
        ValueError: it has no type or no date.
    """
    at = _past_time(instance.event_date, now)
    if at is None or not isinstance(instance.event_type, str):
        raise ValueError("an event without a type or a date")
    data = instance.event_data if isinstance(instance.event_data, Mapping) else {}
    return TaskEvent(instance.event_type, at, sid_or_none(data.get("worker_sid"), "WK"))


def _instant(seconds: object) -> datetime | None:
    """Convert seconds since 1970, as Flex writes times; None for anything else."""
    if not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _time(value: object) -> datetime | None:
    """Convert a time to aware UTC; None for anything else. The SDK leaves a date that it cannot parse as text."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:  # outside the calendar in UTC
        return None


CLOCK_TOLERANCE = timedelta(minutes=5)
"""How much later than Twilio's own time a past date may be, because its clocks may differ."""


def _past_time(value: object, now: datetime) -> datetime | None:
    """Convert the time of a past event; None for a time before `EARLIEST` or in the future."""
    time = _time(value)
    return time if time and EARLIEST <= time <= now + CLOCK_TOLERANCE else None


def text_of(attributes: object) -> str:
    """Attributes as they are stored; where an answer does not show a text, nothing is ever written in its place."""
    return (attributes or "{}") if isinstance(attributes, str) else "null"
