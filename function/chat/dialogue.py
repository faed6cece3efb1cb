"""Who said what, and what follows for whose turn it is: questions to a snapshot. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta

from ..policy import StepKind
from .attributes import Marker
from .authorship import Author, Message
from .facts import NO_MESSAGE, Snapshot, TaskStatus
from .subject import channel_kind

WINDOW = timedelta(hours=24)
WINDOWED = frozenset({"whatsapp", "messenger"})
"""Here only templates reach a customer who has not written for so long (Twilio error 63016)."""

COUNTED_DIFFERENTLY = 100_000_000
"""No message answers one so far before it. An index that is not told is a time in seconds; a chat lasts for fewer."""


def newest_counted(snapshot: Snapshot) -> Message:
    """The newest word that counts; the conversation's creation stands for the customer's first."""
    counted = newest_counted_among(snapshot.messages, automated_counts=snapshot.nobodys)
    return counted or Message(NO_MESSAGE, snapshot.conversation.created_at, Author.CUSTOMER)


def newest_counted_among(messages: Collection[Message], *, automated_counts: bool) -> Message | None:
    """The newest counted message among some, newest first; an agent's word that reached nobody does not count."""
    for message in messages:
        by_somebody = message.by in {Author.CUSTOMER, Author.AGENT} and message.arrived
        if by_somebody or (message.by is Author.AUTOMATED and automated_counts):
            return message
    return None


def customers_turn(snapshot: Snapshot) -> bool:
    """Somebody answered the customer: the agent who has the chat now, or a bot while nobody has it."""
    newest, task = newest_counted(snapshot), snapshot.newest_live_task
    if newest.by is Author.AUTOMATED:
        return snapshot.nobodys
    if newest.by is not Author.AGENT:
        return False
    if task is None:
        return snapshot.lost is not None  # whoever had the chat did not end it, so their answer stands
    joined_at = snapshot.authorship.newest_agent_joined_at
    by_whoever_came_last = newest.sent_at > task.created_at and not (joined_at and newest.sent_at < joined_at)
    return by_whoever_came_last or stays(snapshot, newest)


def stays(snapshot: Snapshot, message: Message) -> bool:
    """Whether an agent who wrote before the newest task was made is still here with a task that is still theirs.

    They have invited a colleague; the first agent of a transfer has gone. Twilio's times are whole seconds, so a word
    may be as old as its task. Where nobody knows whose task is whose, any that was there before will do.
    """
    held = [
        task
        for task in snapshot.live_tasks
        if task.status is TaskStatus.ASSIGNED and task.created_at <= message.sent_at
    ]
    return message.present and any(not task.workers or message.identity in task.workers for task in held)


def silent_since(snapshot: Snapshot) -> datetime:
    """When the silence after the newest counted word began: "my colleague takes over" is followed by one who waits."""
    newest = newest_counted(snapshot)
    joined_at = snapshot.authorship.newest_agent_joined_at
    return max(newest.sent_at, joined_at) if newest.by is Author.AGENT and joined_at else newest.sent_at


def agent_wrote(messages: Collection[Message]) -> bool:
    """Whether an agent, or somebody who has left since, wrote one of these: customers do not leave."""
    return any(message.by is Author.AGENT or message.left for message in messages)


def customer_wrote(messages: Collection[Message]) -> bool:
    """Whether a customer wrote one of these; whoever has left and cannot be told apart may be one."""
    return any(message.by is Author.CUSTOMER for message in messages)


def agent_wrote_after(snapshot: Snapshot, index: int) -> bool:
    """Whether an agent's word reached the customer after this message."""
    return any(
        message.by is Author.AGENT and message.arrived and message.index > index for message in snapshot.messages
    )


def waiting_since(snapshot: Snapshot) -> datetime:
    """When the customer's first unanswered word was written; of those who have the chat now, none spoke before."""
    since = newest_counted(snapshot).sent_at
    for message in snapshot.messages:
        answered = message.by is Author.AGENT and message.arrived
        if answered or (message.by is Author.AUTOMATED and snapshot.nobodys):
            break
        if message.by is Author.CUSTOMER:
            since = message.sent_at
    task = snapshot.newest_live_task
    return max(since, task.created_at) if task else since


def reachable(snapshot: Snapshot, now: datetime) -> bool:
    """Whether a text reaches the customer: on some channels only for 24 hours after their last message."""
    if channel_kind(snapshot) not in WINDOWED:
        return True
    return any(
        message.by is Author.CUSTOMER and not message.left and now - message.sent_at < WINDOW
        for message in snapshot.messages
    )


def unread(snapshot: Snapshot) -> Message | None:
    """The customer's newest word, where it counts and nobody has the chat, or is asked into it."""
    newest = newest_counted(snapshot)
    nobody = not snapshot.live_tasks and not snapshot.hints
    a_customers = newest.by is Author.CUSTOMER and not newest.left and newest.index != NO_MESSAGE
    return newest if nobody and a_customers else None


def sent(snapshot: Snapshot, kind: StepKind) -> Message | None:
    """Our newest message of this kind that answers the newest counted message."""
    newest = newest_counted(snapshot)
    for message in snapshot.messages:
        marker = message.marker
        if message.by is Author.OURS and marker and marker.kind is kind and _answers(message, marker, newest):
            return message
    return None


def _answers(ours: Message, marker: Marker, newest: Message) -> bool:
    """Whether a message of ours answers the newest counted one, and not one before it.

    Where Twilio tells indexes at one time and not at another, the marker counts differently. Then a message of ours
    answers the agent's or bot's word that it follows; a customer's word may have slipped in before it.
    """
    if 0 < ours.index - marker.answered_index < COUNTED_DIFFERENTLY:
        return marker.answered_index == newest.index
    return newest.by is not Author.CUSTOMER and ours.index > newest.index
