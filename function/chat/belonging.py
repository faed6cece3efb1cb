"""Which tasks and which interaction channel belong to a chat: by evidence, never because they mention it. No I/O.

Callbacks, surveys and follow-ups have copies of a chat's attributes, so a task that names a conversation proves
nothing. An invite of an interaction channel proves it, because only Flex makes invites: an invite names its task and,
in that task's attributes, the conversation (twilio-oai, spec/json/twilio_flex_v1.json, 14 April 2026). A task without
an interaction is proven by its worker: TaskRouter adds the worker to the conversation on acceptance, so never before
the task was created. If the same worker has several such tasks, as with a callback, one is proven: the one whose
acceptance added the worker, and otherwise the oldest, because a copy is made after its original. None is while nobody
can see who accepted another one, nor after the end of a conversation that has another task noted.

Whoever replaces a task's attributes instead of merging them takes the conversation out of them. An invite proves such a
task all the same, and so does our note if no invite shows whose it is. A task that names no conversation is foreign
without either.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .attributes import ChatSids, read_object
from .authorship import Participant
from .facts import Channel, Conversation, ConversationState, Task, TaskStatus

ADDED_WITHIN = timedelta(seconds=10)
"""How long after an acceptance TaskRouter may add the worker to the conversation. Twilio does not document it."""


@dataclass(frozen=True)
class Proof:
    """What was proven before to belong to a chat, and need not be proven again.

    Attributes:
        tasks: WT...
        channel: UO...; None for a chat without an interaction.
    """

    tasks: frozenset[str] = frozenset()
    channel: str | None = None


@dataclass(frozen=True)
class Belongings:
    """What belongs to a chat, and what does not.

    Attributes:
        tasks: the chat's tasks.
        hints: tasks that may be the chat's and cannot be proven; nothing is ever written to them.
        foreign: SIDs of tasks that only mention the conversation.
        channel: the interaction channel; not proven if its invites cannot be read.
        by_worker: SIDs of those of the chat's tasks that only their worker proves, among all tasks that were read.
    """

    tasks: tuple[Task, ...] = ()
    hints: tuple[Task, ...] = ()
    foreign: tuple[str, ...] = ()
    channel: Channel | None = None
    by_worker: frozenset[str] = frozenset()

    @property
    def proof(self) -> Proof:
        """What is proven here, for the next time."""
        channel = self.channel.sid if self.channel and self.channel.proven else None
        return Proof(frozenset(task.sid for task in self.tasks), channel)


def belongings(
    conversation: Conversation,
    tasks: Collection[Task],
    channels: Collection[Channel],
    participants: Collection[Participant],
    proof: Proof,
) -> Belongings:
    """Separate a chat's tasks and channel from those that only mention it.

    Args:
        conversation: the chat's conversation.
        tasks: the tasks that name it, and those that name no conversation and that an invite, a note or a proof names.
        channels: the channels that a task or a note names, with their invites.
        participants: those who are in the conversation now.
        proof: what was proven before.
    """
    judged = tuple(_judged(conversation, channel, proof) for channel in channels)
    ours = {channel.sid: channel for channel in judged if channel is not None}
    asked = any(channel.proven and channel.invites is not None for channel in ours.values())
    read = {channel.sid for channel in channels}
    proven: list[Task] = []
    hints: list[Task] = []
    foreign: list[str] = []
    for task in tasks:
        whole = read_object(task.attributes)
        asked_for = _asked_for_somebody(ours.values(), task)
        if task.sid in proof.tasks or _invited_by_any(conversation, ours.values(), task):
            proven.append(task)
        elif (verdict := _invited(conversation, ours.get(task.channel or ""), task)) is not None:
            (proven.append(task) if verdict else foreign.append(task.sid))
        elif (
            whole is not None
            and not asked_for
            and ((asked and task.channel is None) or (task.channel in read and task.channel not in ours))
        ):
            foreign.append(task.sid)
        elif _noted(conversation, task):
            proven.append(task)
        elif whole is None or asked_for or whole.get("conversationSid") == conversation.sid:
            hints.append(task)
        else:
            foreign.append(task.sid)
    with_worker = [task for task in hints if _has_its_worker(task, participants)]
    rivals = (*with_worker, *proven)
    seen = all(map(_acceptance_seen, (*hints, *proven)))
    ended = conversation.state is ConversationState.CLOSED and conversation.noted is not None
    with_worker = [
        task for task in with_worker if seen and not ended and _is_first_of_its_workers(task, rivals, participants)
    ]
    proven += with_worker
    hints = [task for task in hints if task not in with_worker]
    return Belongings(
        tuple(proven),
        tuple(hints),
        tuple(foreign),
        _the_channel(conversation.noted, ours, (*proven, *hints)),
        frozenset(task.sid for task in with_worker),
    )


def unproven(belongs: Belongings) -> tuple[Task, ...]:
    """Return the tasks whose workers are needed: hints that could be proven by theirs, and what they compete with."""
    hints = tuple(task for task in belongs.hints if task.status in _WITH_WORKER)
    if all(task.workers for task in hints):
        return ()
    return tuple(task for task in (*hints, *belongs.tasks) if task.status in _WITH_WORKER and not task.workers)


_WITH_WORKER = {TaskStatus.ASSIGNED, TaskStatus.WRAPPING}


def _judged(conversation: Conversation, channel: Channel, proof: Proof) -> Channel | None:
    """Return a channel, proven or not; None if its invites show that it belongs to another conversation."""
    if channel.sid == proof.channel:
        return replace(channel, proven=True)
    named = {invite.conversation for invite in channel.invites or ()} - {None}
    if not named:  # invites cannot be read, or name no conversation
        noted = conversation.noted
        return replace(channel, invites=None, proven=noted is not None and noted.channel == channel.sid)
    return replace(channel, proven=True) if conversation.sid in named else None


def _invited(conversation: Conversation, channel: Channel | None, task: Task) -> bool | None:
    """Whether an invite of the task's channel made it for this conversation; None if invites do not show it."""
    if channel is None or channel.invites is None:
        return None
    named = {invite.conversation for invite in channel.invites if invite.task == task.sid}
    return None if named == {None} else conversation.sid in named


def _invited_by_any(conversation: Conversation, channels: Collection[Channel], task: Task) -> bool:
    """Whether an invite of one of the chat's channels made a task, whatever its attributes say now."""
    return any(_invited(conversation, channel, task) for channel in channels if channel.proven)


def _asked_for_somebody(channels: Collection[Channel], task: Task) -> bool:
    """Whether an invite of one of the chat's channels made a task, and does not show for which conversation."""
    return any(
        invite.task == task.sid and invite.conversation is None
        for channel in channels
        if channel.proven
        for invite in channel.invites or ()
    )


def _noted(conversation: Conversation, task: Task) -> bool:
    return conversation.noted is not None and task.sid in conversation.noted.tasks


def _has_its_worker(task: Task, participants: Collection[Participant]) -> bool:
    """Whether a worker who accepted it is present and joined after it was created."""
    return task.status in _WITH_WORKER and any(
        each.identity in task.workers and each.joined_at is not None and each.joined_at >= task.created_at
        for each in participants
    )


def _acceptance_seen(task: Task) -> bool:
    """Whether it is known who accepted it, or nobody has."""
    return task.status not in _WITH_WORKER or bool(task.workers) or task.acceptance_seen


def _added_within(task: Task, participants: Collection[Participant]) -> timedelta | None:
    """Return how far apart its acceptance and the joining of its worker are; None if one did not cause the other."""
    if task.accepted_at is None:
        return None
    joined = (each.joined_at for each in participants if each.identity in task.workers and each.joined_at)
    apart = min((abs(at - task.accepted_at) for at in joined), default=ADDED_WITHIN * 2)
    return apart if apart <= ADDED_WITHIN else None


def _is_first_of_its_workers(task: Task, others: Collection[Task], participants: Collection[Participant]) -> bool:
    """Whether it is the likeliest of the tasks of its workers.

    If it is unknown when one of two was accepted, only their creation is compared.
    """

    def likeliness(each: Task, other: Task) -> tuple[timedelta, datetime, str]:
        comparable = each.accepted_at is not None and other.accepted_at is not None
        apart = _added_within(each, participants) if comparable else None
        return (ADDED_WITHIN * 2 if apart is None else apart, each.created_at, each.sid)

    rivals = (each for each in others if each.workers & task.workers)
    return all(likeliness(task, each) <= likeliness(each, task) for each in rivals)


def _the_channel(noted: ChatSids | None, channels: dict[str, Channel], tasks: Collection[Task]) -> Channel | None:
    """Return the newest task's channel, live tasks first; otherwise the noted one. Proven channels have precedence."""
    named = sorted(tasks, key=lambda task: (task.live, task.created_at), reverse=True)
    order = [task.channel for task in named] + ([noted.channel] if noted else []) + list(channels)
    found = [channels[sid] for sid in order if sid in channels]
    return next((channel for channel in found if channel.proven), found[0] if found else None)
