"""Frozen facts about one conversation, as Twilio's API shows them. `authorship.py` classifies messages. No I/O."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from ..policy import StepKind
from .attributes import (
    AgentSilent,
    ChatSids,
    Claim,
    LastTask,
    Marker,
    NotedRule,
    TaskFate,
    Unread,
    Warned,
    Wrapped,
    notes_of,
    parked,
    with_own_notes,
)
from .authorship import Author, Authorship, Message, RawMessage

NO_MESSAGE = -1
"""Index of a message that does not exist; Twilio's begin at 0."""

Note = ChatSids | NotedRule | LastTask | Unread | Warned
"""What we note in a conversation's attributes."""

ATTRIBUTES_LIMIT = 16 * 1024
"""Maximum bytes of a conversation's attributes
(https://www.twilio.com/docs/conversations-classic/conversations-limits, November 2026)."""


class Status(enum.StrEnum):
    """A status that may have values which Twilio does not document; an unknown value is kept as it is."""

    @classmethod
    def _missing_(cls, value: object) -> "Status":
        text = value if isinstance(value, str) else f"{value}"
        unknown = str.__new__(cls, text)
        unknown._name_, unknown._value_ = "", text
        return unknown

    @property
    def known(self) -> bool:
        """Whether the value is documented."""
        return self.name != ""


class ConversationState(Status):
    """Twilio's states of a conversation."""

    INITIALIZING = "initializing"
    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"


class TaskStatus(Status):
    """TaskRouter's assignment status."""

    PENDING = "pending"
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    WRAPPING = "wrapping"
    COMPLETED = "completed"
    CANCELED = "canceled"

    @property
    def live(self) -> bool:
        """Whether somebody works on it or will: pending, reserved or assigned, not wrapping."""
        return self in {TaskStatus.PENDING, TaskStatus.RESERVED, TaskStatus.ASSIGNED}


class ChannelStatus(Status):
    """An interaction channel's status. UNKNOWN is our own value for a channel that cannot be fetched."""

    SETUP = "setup"
    ACTIVE = "active"
    FAILED = "failed"
    CLOSED = "closed"
    INACTIVE = "inactive"
    PAUSE = "pause"
    TRANSFER = "transfer"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Conversation:
    """A conversation.

    Attributes:
        sid: CH...
        state: its state now, which may differ from the event's.
        created_at: when it was created; counts as the customer's message while there is no counted one.
        inactive_at: when the inactive timer will fire; None if it is not running.
        attributes: JSON text as stored, with others' keys.
        updated_at: when it last changed; of a closed conversation, when it was closed.
    """

    sid: str
    state: ConversationState
    created_at: datetime
    inactive_at: datetime | None
    attributes: str
    updated_at: datetime | None = None

    @cached_property
    def _notes(self) -> str:
        return notes_of(self.attributes, self.sid)

    @cached_property
    def noted(self) -> ChatSids | None:
        """The SIDs in our note."""
        return ChatSids.read(self._notes)

    @cached_property
    def last_task(self) -> LastTask | None:
        """Our note about its last task."""
        return LastTask.read(self._notes)

    @property
    def unread(self) -> Unread | None:
        """Our note about a customer's message that was reported as unread."""
        return Unread.read(self._notes)

    @cached_property
    def warned(self) -> Warned | None:
        """Our note about our newest warning."""
        return Warned.read(self._notes)

    @cached_property
    def noted_rule(self) -> NotedRule | None:
        """Our note about the rule that its task selected."""
        return NotedRule.read(self._notes)

    def with_notes(self, *notes: "Note | None") -> str | None:
        """Return its attributes with these notes; None if all are there already, or there is no room."""
        there = (self.noted, self.noted_rule, self.last_task, self.unread, self.warned)
        new = [note for note in notes if note is not None and note not in there]
        merged = with_own_notes(self.attributes, self.sid)
        for note in new:
            merged = note.written_into(merged) if merged is not None else None
        return merged if new and merged is not None and len(merged.encode()) <= ATTRIBUTES_LIMIT else None

    @property
    def parked(self) -> bool:
        """Whether flex-project-template's feature `park-interaction` parked it."""
        return parked(self.attributes)


@dataclass(frozen=True)
class Task:
    """A TaskRouter task that names this conversation.

    Attributes:
        sid: WT...
        status: its assignment status.
        created_at: when it was created, which separates messages before a transfer from those after it.
        etag: the version that was read, for `If-Match`.
        attributes: JSON text as stored, with others' keys.
        interaction: KD...; None for a task without an interaction.
        channel: UO...; None for a task without an interaction.
        queue: SID and name of its queue.
        workflow: SID and name of its workflow.
        kind: unique name of its task channel, such as `chat` or `sms`.
        workers: chat identities of the workers who accepted it; empty if they were not read.
        accepted_at: when the last of them did; None if it was not read, or is not known any more.
        acceptance_seen: whether Twilio showed that somebody accepted it; they may have no chat identity.
    """

    sid: str
    status: TaskStatus
    created_at: datetime
    etag: str
    attributes: str
    interaction: str | None = None
    channel: str | None = None
    queue: tuple[str, ...] = ()
    workflow: tuple[str, ...] = ()
    kind: str = ""
    workers: frozenset[str] = frozenset()
    accepted_at: datetime | None = None
    acceptance_seen: bool = False

    @property
    def live(self) -> bool:
        """Whether somebody works on it or will: pending, reserved or assigned, not wrapping."""
        return self.status.live

    @property
    def waits(self) -> bool:
        """Whether nobody has accepted it yet."""
        return self.status in {TaskStatus.PENDING, TaskStatus.RESERVED}

    @property
    def sids(self) -> ChatSids:
        """Its own SID, and those of its interaction and channel."""
        return ChatSids((self.sid,), self.interaction, self.channel)

    @property
    def claim(self) -> Claim | None:
        """The claim on it; a claim in copied attributes of another task does not count."""
        claim = Claim.read(self.attributes)
        return claim if claim and claim.of in {None, self.sid} else None

    @property
    def agent_silent(self) -> AgentSilent | None:
        """The silence of its agent that was reported last."""
        return AgentSilent.read(self.attributes)

    @property
    def wrapped(self) -> Wrapped | None:
        """Our mark that we put it into wrapping, if it still is."""
        return Wrapped.read(self.attributes, self.sid) if self.status is TaskStatus.WRAPPING else None


@dataclass(frozen=True)
class Invite:
    """An invite to an interaction channel, which created a task. It shows the task as it was then, and no status.

    Attributes:
        task: WT...
        conversation: CH... in the task's attributes.
        created_at: when the task was created; None if Twilio does not say.
    """

    task: str
    conversation: str | None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Channel:
    """An interaction channel.

    Attributes:
        interaction: KD...
        sid: UO...
        status: its status; UNKNOWN if it cannot be fetched.
        kind: web, chat, sms, whatsapp, email, ...; empty if unknown.
        invites: all its invites; None if they were not read, or cannot be.
        proven: one of its invites names this conversation, or did when the channel was noted.
    """

    interaction: str
    sid: str
    status: ChannelStatus
    kind: str = ""
    invites: tuple[Invite, ...] | None = None
    proven: bool = True

    @property
    def left_or_paused(self) -> bool:
        """Whether an agent left or paused the chat."""
        return self.status in {ChannelStatus.INACTIVE, ChannelStatus.PAUSE}


@dataclass(frozen=True)
class Snapshot:
    """Everything that a decision depends on, as the API showed it.

    Attributes:
        conversation: the conversation.
        messages: newest first, down to the newest counted one or further.
        tasks: the chat's tasks, ended ones included.
        channel: the interaction channel; None without an interaction.
        authorship: classifies the messages, and those that arrive later.
        searched: the tasks were searched for; otherwise only known ones were read, and there may be a new one.
        hints: tasks that may be the chat's and cannot be proven, ended ones included. Nothing is written to them; they
            count only as an agent who may be on the way, or was asked for.
        foreign: SIDs of tasks that only mention the conversation.
        last_task: what became of the last task; None if one is live, or there never was one.
        undated_at: when messages without a time were written; None for the conversation's last change.
        begins: the messages go back to the conversation's first; otherwise the customer may have written before them.
    """

    conversation: Conversation
    messages: tuple[Message, ...]
    tasks: tuple[Task, ...] = ()
    channel: Channel | None = None
    authorship: Authorship = field(default_factory=Authorship)
    searched: bool = True
    hints: tuple[Task, ...] = ()
    foreign: tuple[str, ...] = ()
    last_task: LastTask | None = None
    undated_at: datetime | None = None
    begins: bool = True

    def classify_all(self, raw: Iterable[RawMessage]) -> tuple[Message, ...]:
        """Classify messages; one without a time is taken to be as old as the conversation's last change."""
        otherwise_at = self.undated_at or self.conversation.updated_at or self.conversation.created_at
        return tuple(self._recognised(each, self.authorship.classify(each, otherwise_at)) for each in raw)

    def _recognised(self, raw: RawMessage, message: Message) -> Message:
        """Return a message as ours if its marker or our note says so, whatever its author seems to be."""
        if message.left and raw.marker and raw.author == self.authorship.our_author and self._sent(raw.marker):
            # An agent had our author as their identity, and has left since.
            return replace(message, by=Author.OURS, left=False, marker=raw.marker)
        return self._with_noted_warning(message)

    def _sent(self, marker: Marker) -> bool:
        """Whether we claimed or noted this step, so that the marker is not forged."""
        claims = {(claim.step, claim.answered_index) for task in self.tasks if (claim := task.claim)}
        warned = self.conversation.warned
        noted = {(warned.step, warned.answered_index)} if warned else set()
        return (marker.step, marker.answered_index) in claims | noted

    def _with_noted_warning(self, message: Message) -> Message:
        """Return a message as our warning if our note says so, because others may have rewritten its attributes.

        Of several warnings the newest is noted; no message between the first and that one counts.
        """
        warned = self.conversation.warned
        if warned is None or not message.signed or message.by is not Author.AUTOMATED:
            return message
        if not warned.answered_index < message.index <= warned.index:
            return message
        return replace(message, by=Author.OURS, marker=Marker(StepKind.WARNING, warned.step, warned.answered_index))

    @cached_property
    def live_tasks(self) -> tuple[Task, ...]:
        """The live tasks, oldest first."""
        return tuple(sorted((task for task in self.tasks if task.live), key=lambda task: (task.created_at, task.sid)))

    @cached_property
    def open_hints(self) -> tuple[Task, ...]:
        """The hints that have not ended, oldest first."""
        ended = {TaskStatus.COMPLETED, TaskStatus.CANCELED}
        found = (task for task in self.hints if task.status not in ended)
        return tuple(sorted(found, key=lambda task: (task.created_at, task.sid)))

    @cached_property
    def waiting(self) -> tuple[Task, ...]:
        """The tasks that nobody has accepted yet, hints included, oldest first."""
        waiting = (task for task in (*self.live_tasks, *self.open_hints) if task.waits)
        return tuple(sorted(waiting, key=lambda task: (task.created_at, task.sid)))

    @property
    def known_tasks(self) -> frozenset[str]:
        """SIDs of all tasks that were read, whosever they are."""
        return frozenset((*(task.sid for task in (*self.tasks, *self.hints)), *self.foreign))

    @property
    def closed(self) -> bool:
        """Whether the conversation is closed, by anybody."""
        return self.conversation.state is ConversationState.CLOSED

    @property
    def without_agent(self) -> bool:
        """Whether no agent has or had the chat, as far as can be known: then a bot's message counts as an answer."""
        somebodys = self.live_tasks or self.hints or self.last_task is not None or self.authorship.has_agent
        return not (somebodys or self._may_have_agent)

    @property
    def _may_have_agent(self) -> bool:
        """Whether roles cannot be read, and somebody who is there has written and may be neither customer nor bot."""
        authorship = self.authorship
        writers = {message.identity for message in self.messages if message.present}
        wrote = [each for each in authorship.others if each.identity in writers]
        return not authorship.evidence.roles_known and len(wrote) > authorship.customers

    @property
    def set_aside(self) -> bool:
        """Whether an agent left or paused the chat, or parked it and nobody has had it since."""
        return self.left_or_paused or (self.conversation.parked and not self.live_tasks and not self._may_be_lost)

    @property
    def left_or_paused(self) -> bool:
        """Whether an agent left or paused the chat, as its channel shows."""
        return self.channel is not None and self.channel.left_or_paused

    @property
    def _may_be_lost(self) -> bool:
        """Whether the last task was lost or its fate is not known yet; parking a chat completes its task."""
        asked = self.last_task is not None and self.last_task.asked_at is not None
        return asked or self.lost is not None

    @property
    def lost(self) -> LastTask | None:
        """The last task if it was lost: the agent did not end the chat."""
        last = self.last_task
        return last if last and last.fate is TaskFate.LOST and not self.live_tasks else None

    @property
    def asked_for(self) -> LastTask | None:
        """What to note about a task that may be the chat's, because it may be gone when the chat is read again."""
        if self.live_tasks or self.last_task or not self.open_hints:
            return None
        return LastTask(self.open_hints[-1].sid, TaskFate.OPEN)

    @property
    def coming(self) -> tuple[Task, ...]:
        """The tasks of agents who may be on the way: nobody has accepted them, or whoever did has not joined yet."""
        here = {each.identity for each in self.authorship.participants}
        accepted = [task for task in self.live_tasks if task.workers and not task.workers & here]
        return (*self.waiting, *(task for task in accepted if task is not self.oldest_live_task))

    @property
    def newest_live_task(self) -> Task | None:
        """The newest live task; after a transfer, the second agent's."""
        return self.live_tasks[-1] if self.live_tasks else None

    @property
    def oldest_live_task(self) -> Task | None:
        """The oldest live task, which carries the claim: it is the same for every attempt while it is live."""
        return self.live_tasks[0] if self.live_tasks else None

    @property
    def sids(self) -> ChatSids | None:
        """The proven SIDs to note; None if no task is live."""
        task, channel = self.newest_live_task, self.channel
        if task is None:
            return None
        named = (channel.interaction, channel.sid) if channel and channel.proven else (None, None)
        return ChatSids((task.sid,), *named)

    @property
    def unknown_status(self) -> Status | None:
        """An undocumented status of the conversation, its channel, a task or a hint; None if there is none."""
        statuses = (
            self.conversation.state,
            *(task.status for task in (*self.tasks, *self.hints)),
            *([self.channel.status] if self.channel else []),
        )
        return next((status for status in statuses if not status.known), None)

    @property
    def newest_task(self) -> Task | None:
        """The newest task, ended ones included."""
        return max(self.tasks, key=lambda task: (task.created_at, task.sid), default=None)

    @property
    def newest_index(self) -> int:
        """Index of the newest message of any kind."""
        return self.messages[0].index if self.messages else NO_MESSAGE
