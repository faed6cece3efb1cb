"""Frozen facts about one conversation, and who is who in it, with the evidence.

Decides which message counts and whose it is. Reading the facts is left to `twilio_api`, what follows from them to
`decisions.py`.
"""

import enum
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from ..policy import StepKind, Subject
from .attributes import AgentSilent, Claim, Known, Marker, do_not_time_out_until, parked, read_object

WINDOW = timedelta(hours=24)
WINDOWED = frozenset({"whatsapp", "messenger"})
"""Here only templates reach a customer who has not written for so long (Twilio error 63016)."""

NOTHING_COUNTED = -1
"""Stands for the index of the newest counted message while there is none: indexes begin at 0."""


class ConversationState(enum.StrEnum):
    """Twilio's states of a conversation."""

    INITIALIZING = "initializing"
    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"


class TaskStatus(enum.StrEnum):
    """TaskRouter's assignment status; GONE is ours: terminal tasks are deleted after five minutes."""

    PENDING = "pending"
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    WRAPPING = "wrapping"
    COMPLETED = "completed"
    CANCELED = "canceled"
    GONE = "gone"

    @property
    def live(self) -> bool:
        """Somebody works on it or will; not wrapping."""
        return self in {TaskStatus.PENDING, TaskStatus.RESERVED, TaskStatus.ASSIGNED}


class ChannelStatus(enum.StrEnum):
    """An interaction channel's status; UNKNOWN is ours: it could not be fetched."""

    SETUP = "setup"
    ACTIVE = "active"
    FAILED = "failed"
    CLOSED = "closed"
    INACTIVE = "inactive"
    PAUSE = "pause"
    TRANSFER = "transfer"
    UNKNOWN = "unknown"


class Who(enum.StrEnum):
    """Whose word a message is.

    A participant that cannot be classified counts as the customer: that can keep a chat open for too long, but never
    cuts off one who waits.
    """

    CUSTOMER = "customer"
    AGENT = "agent"
    AUTOMATED = "automated"
    OURS = "ours"


@dataclass(frozen=True)
class Participant:
    """Somebody who takes part now.

    Attributes:
        sid: the participant's SID, as messages name it.
        identity: chat identity; agents have one, and so do web customers.
        has_address: reached over a messaging binding (SMS, WhatsApp, ...).
        role_sid: role in the conversation.
        binding: type of the messaging binding, such as `whatsapp`; empty without one.
    """

    sid: str
    identity: str | None
    has_address: bool
    role_sid: str | None
    binding: str = ""


@dataclass(frozen=True)
class Evidence:
    """What tells agents from customers, besides the messaging binding; never a name alone.

    Attributes:
        agent_roles: SIDs of the service's roles for agents; customers cannot choose theirs.
        worker_identities: chat identities of the workers who hold this conversation's tasks.
    """

    agent_roles: frozenset[str] = frozenset()
    worker_identities: frozenset[str] = frozenset()

    def who_is(self, participant: Participant) -> Who:
        """Agent or customer."""
        if participant.has_address:
            return Who.CUSTOMER
        if participant.role_sid in self.agent_roles or participant.identity in self.worker_identities:
            return Who.AGENT
        return Who.CUSTOMER


@dataclass(frozen=True)
class Written:
    """A message as the API shows it, not yet judged; its text is never read.

    Attributes:
        index: place in the conversation; grows, may have gaps.
        sent_at: when it was created; an edit does not change it.
        author: identity or address of who wrote it, `system` by default.
        participant_sid: Twilio sets it for every message of a chat client or carrier; None for most over REST.
        marker: what a message of ours says about itself; clients can forge it.
    """

    index: int
    sent_at: datetime
    author: str | None = field(repr=False)
    participant_sid: str | None
    marker: Marker | None


@dataclass(frozen=True)
class WhoIsWho:
    """What a message's author is judged by.

    Attributes:
        participants: who takes part now.
        evidence: what tells agents from customers.
        our_author: author of our own messages.
    """

    participants: tuple[Participant, ...] = ()
    evidence: Evidence = Evidence()
    our_author: str = ""

    def judge(self, written: Written) -> "Message":
        """Whose word a message is."""
        who, present, left = self._whose(written)
        marker = written.marker if who is Who.OURS else None
        return Message(written.index, written.sent_at, who, present, left, marker)

    def _whose(self, written: Written) -> tuple[Who, bool, bool]:
        if written.participant_sid is None:
            ours = written.marker is not None and written.author == self.our_author
            return (Who.OURS if ours else Who.AUTOMATED), False, False
        for participant in self.participants:
            if participant.sid == written.participant_sid:
                return self.evidence.who_is(participant), True, False
        return (Who.AGENT if written.author in self.evidence.worker_identities else Who.CUSTOMER), False, True


@dataclass(frozen=True)
class Message:
    """One message, as far as it matters here: its text is never kept.

    Attributes:
        index: place in the conversation; grows, may have gaps.
        sent_at: when it was created; an edit does not change it.
        by: whose word it is.
        present: its participant still takes part; False for messages without one.
        left: it had a participant who has gone since.
        marker: what our own messages say about themselves.
    """

    index: int
    sent_at: datetime
    by: Who
    present: bool = False
    left: bool = False
    marker: Marker | None = None


@dataclass(frozen=True)
class Conversation:
    """The conversation itself.

    Attributes:
        sid: CH...
        state: as it is now, whatever the event said.
        created_at: stands for the customer's first word while nothing is counted.
        inactive_at: when the inactive timer will fire; None when it is not running.
        attributes: JSON text as stored, other people's keys included.
    """

    sid: str
    state: ConversationState
    created_at: datetime
    inactive_at: datetime | None
    attributes: str

    @property
    def known(self) -> Known | None:
        """The SIDs that we stored on it."""
        return Known.read(self.attributes)

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

    @property
    def live(self) -> bool:
        """Somebody works on it or will: pending, reserved or assigned; not wrapping."""
        return self.status.live

    @property
    def waits(self) -> bool:
        """Nobody has accepted it yet."""
        return self.status in {TaskStatus.PENDING, TaskStatus.RESERVED}

    @property
    def claim(self) -> Claim | None:
        """Who is at work on it."""
        return Claim.read(self.attributes)

    @property
    def agent_silent(self) -> AgentSilent | None:
        """The silence of its agent that was told of last."""
        return AgentSilent.read(self.attributes)


@dataclass(frozen=True)
class Channel:
    """The interaction channel of the conversation.

    Attributes:
        interaction: KD...
        sid: UO...
        status: UNKNOWN when it could not be fetched.
        kind: web, chat, sms, whatsapp, email, ...; empty when unknown.
        proven: a task that names this conversation names the channel too; else only a note said so.
    """

    interaction: str
    sid: str
    status: ChannelStatus
    kind: str = ""
    proven: bool = True


@dataclass(frozen=True)
class Snapshot:
    """Everything a decision looks at, as the API showed it.

    Attributes:
        conversation: as read.
        messages: newest first, down to the newest counted one at least.
        tasks: all known, ended ones included.
        channel: the interaction channel, None without an interaction.
        who_is_who: what the messages were judged by, for judging those that come later.
        searched: the tasks were searched for; else those are read that were known, and another may have come.
    """

    conversation: Conversation
    messages: tuple[Message, ...]
    tasks: tuple[Task, ...] = ()
    channel: Channel | None = None
    who_is_who: WhoIsWho = WhoIsWho()
    searched: bool = True

    @property
    def live_tasks(self) -> tuple[Task, ...]:
        """Tasks that somebody works on or will, oldest first."""
        return tuple(sorted((task for task in self.tasks if task.live), key=lambda task: (task.created_at, task.sid)))

    @property
    def newest_live_task(self) -> Task | None:
        """After a transfer: the second agent's."""
        return self.live_tasks[-1] if self.live_tasks else None

    @property
    def claimable_task(self) -> Task | None:
        """The task whose ETag elects one among concurrent attempts: all of them must pick the same."""
        return self.live_tasks[0] if self.live_tasks else None

    @cached_property
    def subject(self) -> Subject:
        """What a policy's rules look at."""
        task = self.newest_live_task or max(self.tasks, key=lambda task: (task.created_at, task.sid), default=None)
        return Subject(
            channel=self.channel_kind,
            queue=task.queue if task else (),
            workflow=task.workflow if task else (),
            task=read_object(task.attributes) or {} if task else {},
            conversation=read_object(self.conversation.attributes) or {},
        )

    @property
    def channel_kind(self) -> str:
        """How the customer writes: by the interaction channel, the customer's binding, or what the task says."""
        if self.channel and self.channel.kind:
            return self.channel.kind.lower()
        bindings = (each.binding.lower() for each in self.who_is_who.participants if each.binding)
        task = self.newest_live_task
        named = (read_object(task.attributes) or {}).get("channelType") if task else None
        return next(bindings, "") or (named.lower() if isinstance(named, str) else "") or (task.kind if task else "")

    @property
    def do_not_time_out_until(self) -> datetime | None:
        """Until when somebody asked us to leave this chat alone: the later of task and conversation."""
        subject = self.subject
        times = (do_not_time_out_until(subject.task), do_not_time_out_until(subject.conversation))
        return max((time for time in times if time), default=None)

    def reachable(self, now: datetime) -> bool:
        """Whether a text reaches the customer: on some channels only for 24 hours after their last message."""
        if self.channel_kind not in WINDOWED:
            return True
        return any(
            message.by is Who.CUSTOMER and not message.left and now - message.sent_at < WINDOW
            for message in self.messages
        )

    @property
    def newest_counted(self) -> Message:
        """The newest word that counts; the conversation's creation stands for the customer's first."""
        counted = newest_counted(self.messages, automated_counts=not self.live_tasks)
        return counted or Message(NOTHING_COUNTED, self.conversation.created_at, Who.CUSTOMER)

    @property
    def newest_index(self) -> int:
        """Index of the newest message of any kind."""
        return self.messages[0].index if self.messages else NOTHING_COUNTED

    @property
    def agent_wrote(self) -> bool:
        """An agent wrote earlier, or somebody who has left since: customers do not leave."""
        return agent_wrote_in(self.messages)

    @property
    def waiting_since(self) -> datetime:
        """When the customer's first unanswered word was written; of those who have the chat now, none spoke before."""
        since = self.newest_counted.sent_at
        for message in self.messages:
            if message.by is Who.AGENT or (message.by is Who.AUTOMATED and not self.live_tasks):
                break
            if message.by is Who.CUSTOMER:
                since = message.sent_at
        task = self.newest_live_task
        return max(since, task.created_at) if task else since

    def agent_spoke_after(self, index: int) -> bool:
        """Whether an agent wrote after this message."""
        return any(message.by is Who.AGENT and message.index > index for message in self.messages)

    def sent(self, kind: StepKind) -> Message | None:
        """Our newest message of this kind that answers the newest counted message."""
        answers = self.newest_counted.index
        for message in self.messages:
            marker = message.marker
            if message.by is Who.OURS and marker and marker.kind is kind and marker.answers == answers:
                return message
        return None


def newest_counted(messages: Collection[Message], *, automated_counts: bool) -> Message | None:
    """The newest counted message among some, newest first."""
    for message in messages:
        if message.by in {Who.CUSTOMER, Who.AGENT} or (message.by is Who.AUTOMATED and automated_counts):
            return message
    return None


def agent_wrote_in(messages: Collection[Message]) -> bool:
    """Whether an agent, or somebody who has left since, wrote one of these."""
    return any(message.by is Who.AGENT or message.left for message in messages)
