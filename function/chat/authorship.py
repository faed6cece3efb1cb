"""Who is who in a conversation, and whose word a message is: by evidence, never by a name alone."""

import enum
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
    """

    sid: str
    identity: str | None
    has_address: bool
    role_sid: str | None
    binding: str = ""
    joined_at: datetime | None = None


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

    @property
    def newest_agent_joined_at(self) -> datetime | None:
        """When the newest of the agents who are here joined; None without one."""
        agents = (each for each in self.participants if self.evidence.who_is(each) is Who.AGENT)
        return max((each.joined_at for each in agents if each.joined_at), default=None)

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
