"""Twilio's answers, as the SDK shows them, become facts; one that makes no sense raises, which is worth another try."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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
    Task,
    TaskStatus,
    Written,
    read_object,
    sid_or_none,
)


@dataclass(frozen=True)
class Page:
    """A page of messages, newest first, and the way to the older ones."""

    written: tuple[Written, ...]
    older_url: str | None


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


def conversation_of(instance: Any) -> Conversation:
    """A conversation."""
    inactive_at = (instance.timers or {}).get("date_inactive")
    return Conversation(
        sid=instance.sid,
        state=ConversationState(instance.state),
        created_at=_aware(instance.date_created),
        inactive_at=datetime.fromisoformat(inactive_at) if inactive_at else None,
        attributes=instance.attributes or "{}",
    )


def listed_of(instance: Any) -> Listed:
    """A row of a list of conversations."""
    inactive_at = (instance.timers or {}).get("date_inactive")
    shown = (instance.date_updated, instance.state, inactive_at, instance.attributes)
    return Listed(
        sid=instance.sid,
        updated_at=_aware(instance.date_updated),
        inactive_at=datetime.fromisoformat(inactive_at) if inactive_at else None,
        fingerprint=hash(shown),
        noted=ChatSids.read(instance.attributes),
    )


def participant_of(instance: Any) -> Participant:
    """A participant."""
    binding = instance.messaging_binding or {}
    kind = str(binding.get("type") or "").lower()
    joined_at = _aware(instance.date_created) if instance.date_created else None
    return Participant(
        instance.sid, instance.identity, bool(binding.get("address")), instance.role_sid, kind, joined_at
    )


def page_of(page: Any) -> Page:
    """A page of messages."""
    return Page(tuple(_written(message) for message in page), page.next_page_url)


def _written(instance: Any) -> Written:
    return Written(
        index=int(instance.index),
        sent_at=_aware(instance.date_created),
        author=instance.author,
        participant_sid=instance.participant_sid,
        marker=Marker.read(instance.attributes),
    )


def task_of(answer: Any, conversation_sid: str) -> Task | None:
    """A fetched task; None when it belongs to another conversation."""
    task = updated_task_of(answer)
    names = (read_object(task.attributes) or {}).get("conversationSid")
    return task if names == conversation_sid else None


def updated_task_of(answer: Any) -> Task:
    """A task, with the ETag of its answer."""
    instance = answer.data
    interaction, channel = interaction_of(instance.attributes)
    return Task(
        sid=instance.sid,
        status=TaskStatus(instance.assignment_status),
        created_at=_aware(instance.date_created),
        etag=answer.headers["etag"],
        attributes=instance.attributes or "{}",
        interaction=interaction,
        channel=channel,
        queue=_named(instance.task_queue_sid, instance.task_queue_friendly_name),
        workflow=_named(instance.workflow_sid, instance.workflow_friendly_name),
        kind=str(instance.task_channel_unique_name or ""),
    )


def _named(*names: str | None) -> tuple[str, ...]:
    """The SID and the name by which a policy may call something."""
    return tuple(name for name in names if name)


def interaction_of(attributes: str | None) -> tuple[str | None, str | None]:
    """Interaction and channel as Flex writes them into its tasks' attributes; only together are they of use."""
    whole = read_object(attributes) or {}
    interaction = sid_or_none(whole.get("flexInteractionSid"), "KD")
    channel = sid_or_none(whole.get("flexInteractionChannelSid"), "UO")
    return (interaction, channel) if interaction and channel else (None, None)


def channel_of(instance: Any) -> Channel:
    """An interaction channel."""
    return Channel(instance.interaction_sid, instance.sid, ChannelStatus(instance.status), str(instance.type or ""))


def invite_of(instance: Any) -> Invite | None:
    """An invite; None where it does not tell its task."""
    routing = instance.routing if isinstance(instance.routing, Mapping) else {}
    properties = routing.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    task = sid_or_none(properties.get("sid"), "WT")
    if task is None:
        return None
    attributes = properties.get("attributes")
    named = attributes if isinstance(attributes, Mapping) else read_object(str(attributes or "")) or {}
    return Invite(task, sid_or_none(named.get("conversationSid"), "CH"), _instant(properties.get("date_created")))


def _instant(seconds: object) -> datetime | None:
    """A time in seconds since 1970, as Flex has them; None for anything else."""
    if not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _aware(time: Any) -> datetime:
    if not isinstance(time, datetime):
        raise ValueError("no time")  # noqa: TRY004 -- a garbled answer, not a programming error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
