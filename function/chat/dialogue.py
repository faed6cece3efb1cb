"""Who wrote last and whose turn it is, as functions of a snapshot. No I/O."""

from collections.abc import Collection
from datetime import datetime, timedelta

from ..policy import StepKind
from .attributes import Marker
from .authorship import Author, Message
from .facts import NO_MESSAGE, Snapshot, TaskStatus
from .subject import channel_kind

WINDOW = timedelta(hours=24)
"""Time after a customer's last message in which texts reach them on the channels of `WINDOWED`; later only templates do
(https://www.twilio.com/docs/api/errors/63016, November 2026)."""

WINDOWED = frozenset({"whatsapp", "messenger"})
"""Channels with this window."""

COUNTED_DIFFERENTLY = 100_000_000
"""Distance of two indexes that were not counted in the same way: a missing index is replaced by a time in seconds, and
no chat lasts this many seconds or has this many messages."""


def newest_counted(snapshot: Snapshot) -> Message:
    """Return the newest counted message; without one, the conversation's creation counts as the customer's.

    If the customer has never written, they wait for nobody: a message to them counts even if it was not delivered.
    """
    messages, without_agent = snapshot.messages, snapshot.without_agent
    counted = newest_counted_among(messages, automated_counts=without_agent)
    if counted is None and never_wrote(snapshot):
        to_them = {Author.AGENT, Author.AUTOMATED} if without_agent else {Author.AGENT}
        counted = next((message for message in messages if message.by in to_them), None)
    return counted or Message(NO_MESSAGE, snapshot.conversation.created_at, Author.CUSTOMER)


def newest_counted_among(messages: Collection[Message], *, automated_counts: bool) -> Message | None:
    """Return the newest counted message, newest first; what was not delivered to the customer does not count."""
    counted = {Author.CUSTOMER, Author.AGENT, *([Author.AUTOMATED] if automated_counts else [])}
    return next((message for message in messages if message.by in counted and message.arrived), None)


def customers_turn(snapshot: Snapshot) -> bool:
    """Whether the customer was answered: by the agent who has the chat now, or by a bot while nobody has it."""
    newest, task = newest_counted(snapshot), snapshot.newest_live_task
    if newest.by is Author.AUTOMATED:
        return snapshot.without_agent
    if newest.by is not Author.AGENT:
        return False
    if newest.handed_over:
        return never_wrote(snapshot)  # who never wrote waits for nobody
    if task is None:
        return snapshot.lost is not None  # the agent did not end the chat, so their answer counts
    joined_at = snapshot.authorship.newest_agent_joined_at
    by_whoever_came_last = newest.sent_at > task.created_at and not (joined_at and newest.sent_at < joined_at)
    return by_whoever_came_last or stays(snapshot, newest) or _helped(snapshot, newest)


def _helped(snapshot: Snapshot, message: Message) -> bool:
    """Whether a colleague wrote it who helped and left; an agent who joined later was only removed and added again."""
    return message.left and message.identity in snapshot.authorship.evidence.colleagues


def stays(snapshot: Snapshot, message: Message) -> bool:
    """Whether an agent who wrote before the newest task was created is still present, with an assigned task.

    Such an agent has invited a colleague; after a transfer the first agent is gone. Whoever dropped out and still holds
    the only assigned task has not handed the chat over either. Twilio's times are whole seconds, so a message may be as
    old as its task. If the tasks' workers are unknown, any earlier task counts as theirs.
    """
    assigned = [task for task in snapshot.live_tasks if task.status is TaskStatus.ASSIGNED]
    held = [task for task in assigned if task.created_at <= message.sent_at]
    here = message.present or (message.left and len(assigned) == 1)
    return here and any(not task.workers or message.identity in task.workers for task in held)


def silent_since(snapshot: Snapshot) -> datetime:
    """Return when the silence began: with the newest counted message, or when an agent joined after an agent's one."""
    newest = newest_counted(snapshot)
    joined_at = snapshot.authorship.newest_agent_joined_at
    return max(newest.sent_at, joined_at) if newest.by is Author.AGENT and joined_at else newest.sent_at


def agent_wrote(messages: Collection[Message]) -> bool:
    """Whether one of these messages is by an agent, or by somebody who has left, because customers do not leave."""
    return any(message.by is Author.AGENT or message.left for message in messages)


def never_wrote(snapshot: Snapshot) -> bool:
    """Whether the customer has never written; only all messages can show that.

    A message by somebody who has left may be the customer's.
    """
    return snapshot.begins and all(message.by is not Author.CUSTOMER for message in snapshot.messages)


def agent_wrote_after(snapshot: Snapshot, index: int) -> bool:
    """Whether an agent's message was delivered after this one."""
    return any(
        message.by is Author.AGENT and message.arrived and message.index > index for message in snapshot.messages
    )


def waiting_since(snapshot: Snapshot) -> datetime:
    """Return when the customer's first unanswered message was written, but not before the newest task's creation."""
    since = newest_counted(snapshot).sent_at
    for message in snapshot.messages:
        answered = message.by is Author.AGENT and message.arrived
        if answered or (message.by is Author.AUTOMATED and message.arrived and snapshot.without_agent):
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
    """Return the newest counted message if it is the customer's and nobody has the chat or is invited to it."""
    newest = newest_counted(snapshot)
    nobody = not snapshot.live_tasks and not snapshot.open_hints
    a_customers = newest.by is Author.CUSTOMER and not newest.left and newest.index != NO_MESSAGE
    return newest if nobody and a_customers else None


def sent(snapshot: Snapshot, kind: StepKind) -> Message | None:
    """Return our newest message of this kind that answers the newest counted message."""
    newest = newest_counted(snapshot)
    for message in snapshot.messages:
        marker = message.marker
        if message.by is Author.OURS and marker and marker.kind is kind and _answers(message, marker, newest):
            return message
    return None


def _answers(ours: Message, marker: Marker, newest: Message) -> bool:
    """Whether a message of ours answers the newest counted one, and not an earlier one.

    If Twilio shows indexes at one time and not at another, the marker's index cannot be compared. Then our message
    answers the agent's or bot's message that it follows; a customer's message may have arrived just before it.
    """
    if 0 < ours.index - marker.answered_index < COUNTED_DIFFERENTLY:
        return marker.answered_index == newest.index
    return newest.by is not Author.CUSTOMER and ours.index > newest.index
