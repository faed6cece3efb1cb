"""Frozen facts about one conversation, as Twilio's API shows them. Whose a message is, is `authorship.py`'s matter."""

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
    begun,
    notes_of,
    parked,
)
from .authorship import Author, Authorship, Message, RawMessage

NO_MESSAGE = -1
"""Stands for the index of a message that is not there: indexes begin at 0."""

Note = ChatSids | NotedRule | LastTask | Unread | Warned
"""What we write into a conversation's attributes."""

ATTRIBUTES_LIMIT = 16 * 1024
"""Bytes of a conversation's attributes (Conversations limits)."""


class Status(enum.StrEnum):
    """A status that Twilio may have more values of than its documents name; an unknown one is kept as it is spelled."""

    @classmethod
    def _missing_(cls, value: object) -> "Status":
        spelled = value if isinstance(value, str) else f"{value}"
        unknown = str.__new__(cls, spelled)
        unknown._name_, unknown._value_ = "", spelled
        return unknown

    @property
    def known(self) -> bool:
        """Whether we know what it means."""
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
        """Somebody works on it or will; not wrapping."""
        return self in {TaskStatus.PENDING, TaskStatus.RESERVED, TaskStatus.ASSIGNED}


class ChannelStatus(Status):
    """An interaction channel's status; UNKNOWN is ours: it could not be fetched."""

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
    """The conversation itself.

    Attributes:
        sid: CH...
        state: as it is now, whatever the event said.
        created_at: stands for the customer's first word while nothing is counted.
        inactive_at: when the inactive timer will fire; None when it is not running.
        attributes: JSON text as stored, other people's keys included.
        updated_at: when it was closed, once it is closed: nothing can be written to it then.
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
        """The SIDs that we noted on it."""
        return ChatSids.read(self._notes)

    @cached_property
    def last_task(self) -> LastTask | None:
        """What we noted about its last task."""
        return LastTask.read(self._notes)

    @property
    def unread(self) -> Unread | None:
        """The word of the customer that was told of as one that nobody is going to read."""
        return Unread.read(self._notes)

    @cached_property
    def warned(self) -> Warned | None:
        """What we noted about our newest warning."""
        return Warned.read(self._notes)

    @cached_property
    def noted_rule(self) -> NotedRule | None:
        """What we noted that its task said about the policy."""
        return NotedRule.read(self._notes)

    def with_notes(self, *notes: "Note | None") -> str | None:
        """Its attributes with these notes in them; None when they stand there already, or there is no room."""
        there = (self.noted, self.noted_rule, self.last_task, self.unread, self.warned)
        new = [note for note in notes if note is not None and note not in there]
        merged = begun(self.attributes, self.sid)
        for note in new:
            merged = note.written_into(merged) if merged is not None else None
        return merged if new and merged is not None and len(merged.encode()) <= ATTRIBUTES_LIMIT else None

    @property
    def parked(self) -> bool:
        """flex-project-template's feature `park-interaction` set it aside."""
        return parked(self.attributes)


@dataclass(frozen=True)
class Task:
    """A TaskRouter task that names this conversation.

    Attributes:
        sid: WT...
        status: its assignment status.
        created_at: for telling words before a transfer from words after it.
        etag: for If-Match: the version that was read.
        attributes: JSON text as stored, other people's keys included.
        interaction: KD..., None for a task without an interaction.
        channel: UO..., likewise.
        queue: SID and name of its queue.
        workflow: SID and name of its workflow.
        kind: unique name of its task channel, such as `chat` or `sms`.
        workers: chat identities of those who accepted it; empty where nobody asked.
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

    @property
    def live(self) -> bool:
        """Somebody works on it or will: pending, reserved or assigned; not wrapping."""
        return self.status.live

    @property
    def waits(self) -> bool:
        """Nobody has accepted it yet."""
        return self.status in {TaskStatus.PENDING, TaskStatus.RESERVED}

    @property
    def sids(self) -> ChatSids:
        """Its own SID, and what it names."""
        return ChatSids((self.sid,), self.interaction, self.channel)

    @property
    def claim(self) -> Claim | None:
        """Who is at work on it; a claim that came with a copy of another task's attributes is nobody's."""
        claim = Claim.read(self.attributes)
        return claim if claim and claim.of in {None, self.sid} else None

    @property
    def agent_silent(self) -> AgentSilent | None:
        """The silence of its agent that was told of last."""
        return AgentSilent.read(self.attributes)

    @property
    def wrapped(self) -> Wrapped | None:
        """When we put it into wrapping, if we did and it is."""
        return Wrapped.read(self.attributes, self.sid) if self.status is TaskStatus.WRAPPING else None


@dataclass(frozen=True)
class Invite:
    """Somebody was asked into a channel: a task was made; it shows how that task stood then, and no status.

    Attributes:
        task: WT...
        conversation: CH... that the task's attributes named.
        created_at: when the task was made; None where Twilio does not say.
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
        status: UNKNOWN when it could not be fetched.
        kind: web, chat, sms, whatsapp, email, ...; empty when unknown.
        invites: None where they were not read, or cannot be.
        proven: an invite of it names this conversation, or did when the channel was noted.
    """

    interaction: str
    sid: str
    status: ChannelStatus
    kind: str = ""
    invites: tuple[Invite, ...] | None = None
    proven: bool = True


@dataclass(frozen=True)
class Snapshot:
    """Everything a decision looks at, as the API showed it.

    Attributes:
        conversation: as read.
        messages: newest first, down to the newest counted one at least.
        tasks: the chat's, ended ones included.
        channel: the interaction channel, None without an interaction.
        authorship: what the messages were classified by, for those that come later.
        searched: the tasks were searched for; else those are read that were known, and another may have come.
        hints: tasks that may be the chat's and cannot be proven: nobody writes to them, and they count only as
            somebody who may be on the way.
        foreign: SIDs of tasks that only mention the conversation.
        last_task: what became of the last task where none is live; None while one is, or where there never was one.
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

    def heard(self, raw: Iterable[RawMessage]) -> tuple[Message, ...]:
        """Messages, judged; one that does not tell its time is as old as the conversation's last change."""
        otherwise_at = self.conversation.updated_at or self.conversation.created_at
        return tuple(self._recognized(self.authorship.classify(each, otherwise_at)) for each in raw)

    def _recognized(self, message: Message) -> Message:
        """A message, as a warning of ours where our note says so: others may have rewritten its attributes.

        Of several warnings the newest is noted; nobody's word counts between the first and that one.
        """
        warned = self.conversation.warned
        if warned is None or not message.signed or message.by is not Author.AUTOMATED:
            return message
        if not warned.answered_index < message.index <= warned.index:
            return message
        return replace(message, by=Author.OURS, marker=Marker(StepKind.WARNING, warned.step, warned.answered_index))

    @cached_property
    def live_tasks(self) -> tuple[Task, ...]:
        """Tasks that somebody works on or will, oldest first."""
        return tuple(sorted((task for task in self.tasks if task.live), key=lambda task: (task.created_at, task.sid)))

    @cached_property
    def waiting(self) -> tuple[Task, ...]:
        """Tasks that nobody has accepted yet, those among them that cannot be proven to be the chat's; oldest first."""
        waiting = (task for task in (*self.live_tasks, *self.hints) if task.waits)
        return tuple(sorted(waiting, key=lambda task: (task.created_at, task.sid)))

    @property
    def closed(self) -> bool:
        """Whether the conversation is closed, by whomever."""
        return self.conversation.state is ConversationState.CLOSED

    @property
    def nobodys(self) -> bool:
        """Whether nobody has it, nor ever had, for all that can be known: then a bot's word counts as an answer."""
        somebodys = self.live_tasks or self.hints or self.last_task is not None or self.authorship.has_agent
        return not somebodys

    @property
    def set_aside(self) -> bool:
        """Whether an agent left or paused it, as its channel shows, or parked it and nobody has had it since."""
        return self.left_or_paused or (self.conversation.parked and not self.live_tasks and not self._may_be_lost)

    @property
    def left_or_paused(self) -> bool:
        """Whether an agent did so, as its channel shows."""
        return self.channel is not None and self.channel.status in {ChannelStatus.INACTIVE, ChannelStatus.PAUSE}

    @property
    def _may_be_lost(self) -> bool:
        """Whether the last task was lost, or nothing tells yet: whoever parks a chat completes its task."""
        asked = self.last_task is not None and self.last_task.asked_at is not None
        return asked or self.lost is not None

    @property
    def lost(self) -> LastTask | None:
        """The last task, where it was lost: whoever had the chat did not end it."""
        last = self.last_task
        return last if last and last.fate is TaskFate.LOST and not self.live_tasks else None

    @property
    def newest_live_task(self) -> Task | None:
        """After a transfer: the second agent's."""
        return self.live_tasks[-1] if self.live_tasks else None

    @property
    def oldest_live_task(self) -> Task | None:
        """The same one for everybody who looks, as long as it is live."""
        return self.live_tasks[0] if self.live_tasks else None

    @property
    def sids(self) -> ChatSids | None:
        """What is proven to belong to it, for whoever looks next; None while no task is live."""
        task, channel = self.newest_live_task, self.channel
        if task is None:
            return None
        named = (channel.interaction, channel.sid) if channel and channel.proven else (None, None)
        return ChatSids((task.sid,), *named)

    @property
    def unknown_status(self) -> Status | None:
        """A status of the conversation, its channel or a task that nobody told us of; also one that may be its task."""
        statuses = (
            self.conversation.state,
            *(task.status for task in (*self.tasks, *self.hints)),
            *([self.channel.status] if self.channel else []),
        )
        return next((status for status in statuses if not status.known), None)

    @property
    def newest_task(self) -> Task | None:
        """Of all, the ended ones among them."""
        return max(self.tasks, key=lambda task: (task.created_at, task.sid), default=None)

    @property
    def newest_index(self) -> int:
        """Index of the newest message of any kind."""
        return self.messages[0].index if self.messages else NO_MESSAGE
