"""Which tasks and which interaction channel are this chat's: by evidence, never because they mention it. Pure.

Callbacks, surveys and follow-ups carry copies of a chat's attributes, so a task that names a conversation proves
nothing. What proves it is an invite of an interaction channel, which only Flex makes: it names its task and, in that
task's attributes, the conversation (twilio-oai, flex_v1, read 2026-11-27). A task without an interaction is proven by
its worker, whom TaskRouter adds to the conversation on acceptance, and so not before the task was made.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from .attributes import ChatSids
from .authorship import Participant
from .facts import Channel, Conversation, Task, TaskStatus


@dataclass(frozen=True)
class Proof:
    """What was proven to be a chat's before, and need not be proven again.

    Attributes:
        tasks: WT...
        channel: UO..., None for a chat without an interaction.
    """

    tasks: frozenset[str] = frozenset()
    channel: str | None = None


@dataclass(frozen=True)
class Belongings:
    """What belongs to a chat, and what does not.

    Attributes:
        tasks: the chat's.
        hints: those that may be the chat's, and cannot be proven; nothing is ever written to them.
        foreign: SIDs of those that only mention it.
        channel: the interaction channel; not proven where nobody lets us read its invites.
    """

    tasks: tuple[Task, ...] = ()
    hints: tuple[Task, ...] = ()
    foreign: tuple[str, ...] = ()
    channel: Channel | None = None

    @property
    def proof(self) -> Proof:
        """What need not be proven again."""
        channel = self.channel.sid if self.channel and self.channel.proven else None
        return Proof(frozenset(task.sid for task in self.tasks), channel)


def belongings(
    conversation: Conversation,
    tasks: Collection[Task],
    channels: Collection[Channel],
    participants: Collection[Participant],
    proof: Proof,
) -> Belongings:
    """Tell a chat's tasks and channel from those that only mention it.

    Args:
        conversation: the chat's.
        tasks: those that name it.
        channels: those that a task or a note names, with their invites.
        participants: who takes part now.
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
        if task.sid in proof.tasks:
            proven.append(task)
        elif (verdict := _invited(conversation, ours.get(task.channel or ""), task)) is not None:
            (proven.append(task) if verdict else foreign.append(task.sid))
        elif (asked and task.channel is None) or (task.channel in read and task.channel not in ours):
            foreign.append(task.sid)
        elif _noted(conversation, task) or _has_its_worker(task, participants):
            proven.append(task)
        else:
            hints.append(task)
    return Belongings(
        tuple(proven), tuple(hints), tuple(foreign), _the_channel(conversation.noted, ours, (*proven, *hints))
    )


def unproven(belongs: Belongings) -> tuple[Task, ...]:
    """The tasks that knowing their worker could prove."""
    return tuple(task for task in belongs.hints if task.status in _WITH_WORKER and not task.workers)


_WITH_WORKER = {TaskStatus.ASSIGNED, TaskStatus.WRAPPING}


def _judged(conversation: Conversation, channel: Channel, proof: Proof) -> Channel | None:
    """A channel, proven or not; None where its invites show that it is another conversation's."""
    if channel.sid == proof.channel:
        return replace(channel, proven=True)
    named = {invite.conversation for invite in channel.invites or ()} - {None}
    if not named:  # they cannot be read, or tell nothing
        noted = conversation.noted
        return replace(channel, invites=None, proven=noted is not None and noted.channel == channel.sid)
    return replace(channel, proven=True) if conversation.sid in named else None


def _invited(conversation: Conversation, channel: Channel | None, task: Task) -> bool | None:
    """Whether an invite of the task's channel made it for this conversation; None where nobody can say."""
    if channel is None or channel.invites is None:
        return None
    named = {invite.conversation for invite in channel.invites if invite.task == task.sid}
    return None if named == {None} else conversation.sid in named


def _noted(conversation: Conversation, task: Task) -> bool:
    return conversation.noted is not None and task.sid in conversation.noted.tasks


def _has_its_worker(task: Task, participants: Collection[Participant]) -> bool:
    """Whether somebody who accepted it takes part since then."""
    return task.status in _WITH_WORKER and any(
        each.identity in task.workers and each.joined_at is not None and each.joined_at >= task.created_at
        for each in participants
    )


def _the_channel(noted: ChatSids | None, channels: dict[str, Channel], tasks: Collection[Task]) -> Channel | None:
    """The channel of the newest task, live ones first; else the noted one; proven ones before all others."""
    named = sorted(tasks, key=lambda task: (task.live, task.created_at), reverse=True)
    order = [task.channel for task in named] + ([noted.channel] if noted else []) + list(channels)
    found = [channels[sid] for sid in order if sid in channels]
    return next((channel for channel in found if channel.proven), found[0] if found else None)
