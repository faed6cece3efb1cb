"""Who is who in a conversation, and whose word a message is: by evidence, never by a name alone."""

import enum
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from .attributes import Marker


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
    by: Who
    present: bool = False
    left: bool = False
    marker: Marker | None = None
    arrived: bool = True
    identity: str | None = field(default=None, repr=False)
    signed: bool = False


@dataclass(frozen=True)
class WhoIsWho:
    """What a message's author is judged by.

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

    def who_is(self, participant: Participant) -> Who:
        """Agent, customer or machine."""
        return Who.AUTOMATED if participant.identity in self.bots else self.evidence.who_is(participant)

    @property
    def has_agent(self) -> bool:
        """Whether an agent takes part now."""
        return any(self.who_is(each) is Who.AGENT for each in self.participants)

    @property
    def newest_agent_joined_at(self) -> datetime | None:
        """When the newest of the agents who are here joined; None without one."""
        agents = (each for each in self.participants if self.who_is(each) is Who.AGENT)
        return max((each.joined_at for each in agents if each.joined_at), default=None)

    def judge(self, written: Written, otherwise_at: datetime) -> Message:
        """Whose word a message is; one that does not tell its time was written then."""
        author = self._present_author(written)
        who = self._whose(written, author)
        return Message(
            written.index,
            written.sent_at or otherwise_at,
            who,
            present=author is not None,
            left=author is None and written.participant_sid is not None and who is not Who.AUTOMATED,
            marker=written.marker if who is Who.OURS else None,
            arrived=written.arrived or who is not Who.AGENT,
            identity=author.identity if author else None,
            signed=written.participant_sid is None and written.author == self.our_author,
        )

    def _present_author(self, written: Written) -> Participant | None:
        """Who of those who are here wrote it: an agent who was removed and added again is the same agent.

        Twilio lets nobody write under another's identity, and no two take part under one (Conversations docs,
        participants, read 2026-11-27).
        """
        if written.participant_sid is None:
            return None
        by_sid = (each for each in self.participants if each.sid == written.participant_sid)
        names = {written.author} - {None, ""}
        by_name = (each for each in self.participants if {each.identity, each.address} & names)
        return next(by_sid, None) or next(by_name, None)

    def _whose(self, written: Written, author: Participant | None) -> Who:
        ours = (written.marker is not None or written.unreadable) and written.author == self.our_author
        who = self.who_is(author) if author else None
        if written.garbled or (written.participant_sid is None and not ours and self._named_as_customer(written)):
            return Who.CUSTOMER
        if written.participant_sid is None or (ours and who is Who.AGENT):
            # Twilio gives a message of ours a participant where an agent's identity is our author's name.
            return Who.OURS if ours else Who.AUTOMATED
        if who is not None:
            return who
        if written.author in self.bots:
            return Who.AUTOMATED
        return Who.AGENT if written.author in self.evidence.worker_identities else Who.CUSTOMER

    def _named_as_customer(self, written: Written) -> bool:
        """Whether it carries a customer's name, as words do that a server hands in for them."""
        named = (
            each for each in self.participants if written.author and written.author in {each.identity, each.address}
        )
        return any(self.who_is(each) is Who.CUSTOMER for each in named)


def in_doubt(who: WhoIsWho, written: Collection[Written], made_at: datetime) -> bool:
    """Whether roles leave open who is an agent, so that the workers of tasks must be asked.

    One agent may have a role of their own, beside a supervisor with a known one. One customer is no doubt, if they were
    there before the task was made. Who wrote and is gone may have been the agent.

    Args:
        who: who takes part now, with the service's roles for agents.
        written: messages.
        made_at: when the oldest of the tasks was made that somebody holds.
    """
    people, roles = who.participants, who.evidence.agent_roles
    if not any(each.role_sid in roles for each in people):
        return True
    others = [
        each for each in people if each.role_sid not in roles and not each.has_address and each.identity not in who.bots
    ]
    came_later = any(each.joined_at is not None and each.joined_at > made_at for each in others)
    here = {name for each in people for name in (each.sid, each.identity, each.address)}
    gone = any(each.participant_sid and not {each.participant_sid, each.author} & here for each in written)
    return len(others) > 1 or came_later or gone
