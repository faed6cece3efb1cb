"""Who is agent or customer, and who wrote a message: by evidence, never by a name alone. No I/O."""

import enum
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from .attributes import Marker


class Author(enum.StrEnum):
    """Who wrote a message.

    A participant that cannot be classified counts as the customer. This may keep a chat open for too long, but never
    cuts off a customer who waits.
    """

    CUSTOMER = "customer"
    AGENT = "agent"
    AUTOMATED = "automated"
    OURS = "ours"


@dataclass(frozen=True)
class Participant:
    """A participant who is in the conversation now.

    Attributes:
        sid: the participant's SID, as in messages.
        identity: chat identity; agents and web customers have one.
        has_address: whether there is a messaging binding (SMS, WhatsApp, ...).
        role_sid: role in the conversation.
        binding: type of the messaging binding, such as `whatsapp`; empty without one.
        joined_at: when they were added; None if Twilio does not say.
        address: address of the messaging binding, such as a phone number; empty without one. Never logged.
    """

    sid: str
    identity: str | None
    has_address: bool
    role_sid: str | None
    binding: str = ""
    joined_at: datetime | None = None
    address: str = field(default="", repr=False)


@dataclass(frozen=True)
class Evidence:
    """What shows that a participant is an agent, apart from the messaging binding; never a name alone.

    Attributes:
        agent_roles: SIDs of the service's roles for agents; customers cannot choose their role.
        worker_identities: chat identities of the workers who hold this conversation's tasks.
        colleagues: of workers whose task has ended and was newer than every live one: they helped and left.
        predecessors: of workers whose task has ended and was older: they handed the chat over.
        roles_known: whether the roles could be read.
    """

    agent_roles: frozenset[str] = frozenset()
    worker_identities: frozenset[str] = frozenset()
    colleagues: frozenset[str] = frozenset()
    predecessors: frozenset[str] = frozenset()
    roles_known: bool = True

    @classmethod
    def of_roles(cls, agent_roles: frozenset[str] | None) -> Self:
        """Return the evidence of the service's roles alone; None if they cannot be read."""
        return cls(agent_roles or frozenset(), roles_known=agent_roles is not None)

    def who_is(self, participant: Participant) -> Author:
        """Return whether a participant is agent or customer."""
        if participant.has_address:
            return Author.CUSTOMER
        if participant.role_sid in self.agent_roles or participant.identity in self.worker_identities:
            return Author.AGENT
        return Author.CUSTOMER

    def has_held(self, identity: str | None) -> bool:
        """Whether somebody holds a task of this conversation, or did."""
        return identity in self.worker_identities | self.colleagues | self.predecessors


@dataclass(frozen=True)
class RawMessage:
    """A message as the API shows it, not yet classified. Its text is never read.

    Attributes:
        index: place in the conversation; increases, may have gaps.
        sent_at: when it was created; an edit does not change it. None if Twilio does not say.
        author: identity or address of its author, `system` by default.
        participant_sid: set for every message from a chat client or carrier; None for most messages over REST.
        marker: the marker of a message of ours; clients can forge it.
        arrived: False if its delivery failed.
        unreadable: its attributes cannot be read, so it may be one of ours.
        garbled: nothing of it can be read, so it may be the customer's.
    """

    index: int
    sent_at: datetime | None
    author: str | None = field(repr=False)
    participant_sid: str | None
    marker: Marker | None
    arrived: bool = True
    unreadable: bool = False
    garbled: bool = False


@dataclass(frozen=True)
class Message:
    """A classified message. Its text is never kept.

    Attributes:
        index: place in the conversation; increases, may have gaps.
        sent_at: when it was created; an edit does not change it.
        by: who wrote it.
        present: its participant is still in the conversation; False for messages without one.
        left: it had a participant who has left.
        marker: the marker of a message of ours.
        arrived: False for an agent's or bot's message that was not delivered: the customer still waits for an answer.
        identity: chat identity of its author, if they are present or an agent.
        signed: it has our author and no participant, as our own messages do.
        handed_over: its author is an agent who has left, and somebody else took the chat over.
    """

    index: int
    sent_at: datetime
    by: Author
    present: bool = False
    left: bool = False
    marker: Marker | None = None
    arrived: bool = True
    identity: str | None = field(default=None, repr=False)
    signed: bool = False
    handed_over: bool = False


@dataclass(frozen=True)
class Authorship:
    """What is needed to classify messages.

    Attributes:
        participants: those who are in the conversation now.
        evidence: what shows that a participant is an agent.
        our_author: author of our own messages.
        bots: chat identities of bots that take part like people, from the policy.
    """

    participants: tuple[Participant, ...] = ()
    evidence: Evidence = Evidence()
    our_author: str = ""
    bots: frozenset[str] = frozenset()

    def who_is(self, participant: Participant) -> Author:
        """Return whether a participant is agent, customer or bot."""
        return Author.AUTOMATED if participant.identity in self.bots else self.evidence.who_is(participant)

    @property
    def has_agent(self) -> bool:
        """Whether an agent is in the conversation now."""
        return any(self.who_is(each) is Author.AGENT for each in self.participants)

    @property
    def others(self) -> tuple[Participant, ...]:
        """Those whom neither a role nor an address nor the policy's list of bots names."""
        roles = self.evidence.agent_roles
        unnamed = (each for each in self.participants if each.role_sid not in roles and not each.has_address)
        return tuple(each for each in unnamed if each.identity not in self.bots)

    @property
    def customers(self) -> int:
        """How many of the others may be customers: where a customer has an address, none."""
        return 0 if any(each.has_address for each in self.participants) else 1

    @property
    def newest_agent_joined_at(self) -> datetime | None:
        """When the last of the present agents joined; None without one."""
        agents = (each for each in self.participants if self.who_is(each) is Author.AGENT)
        return max((each.joined_at for each in agents if each.joined_at), default=None)

    def classify(self, raw: RawMessage, otherwise_at: datetime) -> Message:
        """Classify a message; one without a time gets `otherwise_at`."""
        author = self._present_author(raw)
        by = self._whose(raw, author)
        gone = author is None and raw.participant_sid is not None
        by_agent = by is Author.AGENT
        return Message(
            raw.index,
            raw.sent_at or otherwise_at,
            by,
            present=author is not None,
            left=gone and by is not Author.AUTOMATED,
            marker=raw.marker if by is Author.OURS else None,
            arrived=raw.arrived or not (by_agent or by is Author.AUTOMATED),
            identity=author.identity if author else raw.author if by_agent else None,
            signed=raw.participant_sid is None and raw.author == self.our_author,
            handed_over=gone and by_agent and raw.author in self.evidence.predecessors,
        )

    def _present_author(self, raw: RawMessage) -> Participant | None:
        """Return the present participant who wrote it; an agent who was removed and added again is the same agent.

        Nobody can write under another participant's identity, and identities are unique in a conversation
        (https://www.twilio.com/docs/conversations/api/conversation-participant-resource, November 2026).
        """
        if raw.participant_sid is None:
            return None
        by_sid = (each for each in self.participants if each.sid == raw.participant_sid)
        names = {raw.author} - {None, ""}
        by_name = (each for each in self.participants if {each.identity, each.address} & names)
        return next(by_sid, None) or next(by_name, None)

    def _whose(self, raw: RawMessage, author: Participant | None) -> Author:
        ours = (raw.marker is not None or raw.unreadable) and raw.author == self.our_author
        by = self.who_is(author) if author else None
        nobodys = raw.participant_sid is None and not raw.author
        posted_for_customer = raw.participant_sid is None and not ours and self._named_as_customer(raw)
        if raw.garbled or nobodys or posted_for_customer:
            return Author.CUSTOMER
        if raw.participant_sid is None or (ours and by is Author.AGENT):
            # Twilio gives our message a participant if an agent's identity equals our author.
            return Author.OURS if ours else Author.AUTOMATED
        if by is not None:
            return by
        if raw.author in self.bots:
            return Author.AUTOMATED
        return Author.AGENT if self.evidence.has_held(raw.author) else Author.CUSTOMER

    def _named_as_customer(self, raw: RawMessage) -> bool:
        """Whether its author is a customer, as in messages that a server posts for them."""
        named = (each for each in self.participants if raw.author and raw.author in {each.identity, each.address})
        return any(self.who_is(each) is Author.CUSTOMER for each in named)


def in_doubt(authorship: Authorship, raw: Collection[RawMessage], made_at: datetime) -> bool:
    """Whether roles do not show who is an agent, so that the tasks' workers must be read.

    An agent may have a role of their own beside a supervisor with a known one. A single customer is no doubt, if they
    joined before the task was created; where a customer has an address, anybody without one may be an agent. A
    participant who wrote and has left may have been the agent.

    Args:
        authorship: the participants, and the service's roles for agents.
        raw: the messages.
        made_at: when the oldest task with a worker was created.
    """
    people, roles = authorship.participants, authorship.evidence.agent_roles
    if not any(each.role_sid in roles for each in people):
        return True
    others = authorship.others
    came_later = any(each.joined_at is not None and each.joined_at > made_at for each in others)
    here = {name for each in people for name in (each.sid, each.identity, each.address)}
    gone = any(each.participant_sid and not {each.participant_sid, each.author} & here for each in raw)
    return len(others) > authorship.customers or came_later or gone
