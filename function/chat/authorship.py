"""Who is who in a conversation, and whose word a message is: by evidence, never by a name alone."""

import enum
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from .attributes import Marker


class Author(enum.StrEnum):
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
        joined_at: when they were added; None where Twilio does not say.
        address: by which they are reached, such as a phone number; empty without a binding. Never told to anybody.
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
    """What tells agents from customers, besides the messaging binding; never a name alone.

    Attributes:
        agent_roles: SIDs of the service's roles for agents; customers cannot choose theirs.
        worker_identities: chat identities of the workers who hold this conversation's tasks.
    """

    agent_roles: frozenset[str] = frozenset()
    worker_identities: frozenset[str] = frozenset()

    def who_is(self, participant: Participant) -> Author:
        """Agent or customer."""
        if participant.has_address:
            return Author.CUSTOMER
        if participant.role_sid in self.agent_roles or participant.identity in self.worker_identities:
            return Author.AGENT
        return Author.CUSTOMER


@dataclass(frozen=True)
class RawMessage:
    """A message as the API shows it, not yet classified; its text is never read.

    Attributes:
        index: place in the conversation; grows, may have gaps.
        sent_at: when it was created; an edit does not change it. None where Twilio does not say.
        author: identity or address of who wrote it, `system` by default.
        participant_sid: Twilio sets it for every message of a chat client or carrier; None for most over REST.
        marker: what a message of ours says about itself; clients can forge it.
        arrived: False where its delivery failed.
        unreadable: its attributes cannot be read, so that it may be one of ours.
        garbled: nothing of it can be read, so that it may be the customer's.
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
    """One message, as far as it matters here: its text is never kept.

    Attributes:
        index: place in the conversation; grows, may have gaps.
        sent_at: when it was created; an edit does not change it.
        by: whose word it is.
        present: its participant still takes part; False for messages without one.
        left: it had a participant who has gone since.
        marker: what our own messages say about themselves.
        arrived: False for an agent's word that reached nobody: whoever waits for an answer still waits.
        identity: chat identity of who wrote it, if they are present.
        signed: it carries our author's name and nobody's participant, as our own do.
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


@dataclass(frozen=True)
class Authorship:
    """What decides who wrote a message.

    Attributes:
        participants: who takes part now.
        evidence: what tells agents from customers.
        our_author: author of our own messages.
        bots: chat identities of machines that take part like people, as the policy names them.
    """

    participants: tuple[Participant, ...] = ()
    evidence: Evidence = Evidence()
    our_author: str = ""
    bots: frozenset[str] = frozenset()

    def who_is(self, participant: Participant) -> Author:
        """Agent, customer or machine."""
        return Author.AUTOMATED if participant.identity in self.bots else self.evidence.who_is(participant)

    @property
    def has_agent(self) -> bool:
        """Whether an agent takes part now."""
        return any(self.who_is(each) is Author.AGENT for each in self.participants)

    @property
    def newest_agent_joined_at(self) -> datetime | None:
        """When the newest of the agents who are here joined; None without one."""
        agents = (each for each in self.participants if self.who_is(each) is Author.AGENT)
        return max((each.joined_at for each in agents if each.joined_at), default=None)

    def classify(self, raw: RawMessage, otherwise_at: datetime) -> Message:
        """Whose word a message is; one that does not tell its time was written then."""
        author = self._present_author(raw)
        by = self._whose(raw, author)
        return Message(
            raw.index,
            raw.sent_at or otherwise_at,
            by,
            present=author is not None,
            left=author is None and raw.participant_sid is not None and by is not Author.AUTOMATED,
            marker=raw.marker if by is Author.OURS else None,
            arrived=raw.arrived or by is not Author.AGENT,
            identity=author.identity if author else None,
            signed=raw.participant_sid is None and raw.author == self.our_author,
        )

    def _present_author(self, raw: RawMessage) -> Participant | None:
        """Who of those who are here wrote it: an agent who was removed and added again is the same agent.

        Twilio lets nobody write under another's identity, and no two take part under one (Conversations docs,
        participants, read 2026-11-27).
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
        if raw.garbled or (raw.participant_sid is None and not ours and self._named_as_customer(raw)):
            return Author.CUSTOMER
        if raw.participant_sid is None or (ours and by is Author.AGENT):
            # Twilio gives a message of ours a participant where an agent's identity is our author's name.
            return Author.OURS if ours else Author.AUTOMATED
        if by is not None:
            return by
        if raw.author in self.bots:
            return Author.AUTOMATED
        return Author.AGENT if raw.author in self.evidence.worker_identities else Author.CUSTOMER

    def _named_as_customer(self, raw: RawMessage) -> bool:
        """Whether it carries a customer's name, as words do that a server hands in for them."""
        named = (each for each in self.participants if raw.author and raw.author in {each.identity, each.address})
        return any(self.who_is(each) is Author.CUSTOMER for each in named)


def in_doubt(authorship: Authorship, raw: Collection[RawMessage], made_at: datetime) -> bool:
    """Whether roles leave open who is an agent, so that the workers of tasks must be asked.

    One agent may have a role of their own, beside a supervisor with a known one. One customer is no doubt, if they were
    there before the task was made. Who wrote and is gone may have been the agent.

    Args:
        authorship: who takes part now, with the service's roles for agents.
        raw: messages.
        made_at: when the oldest of the tasks was made that somebody holds.
    """
    people, roles = authorship.participants, authorship.evidence.agent_roles
    if not any(each.role_sid in roles for each in people):
        return True
    others = [
        each
        for each in people
        if each.role_sid not in roles and not each.has_address and each.identity not in authorship.bots
    ]
    came_later = any(each.joined_at is not None and each.joined_at > made_at for each in others)
    here = {name for each in people for name in (each.sid, each.identity, each.address)}
    gone = any(each.participant_sid and not {each.participant_sid, each.author} & here for each in raw)
    return len(others) > 1 or came_later or gone
