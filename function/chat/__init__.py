"""The chat: facts about one conversation, whose word is whose, and what to do about a silence. Pure.

`decide` is the decision table; a `Snapshot` is what was seen, a `Case` what is decided about.
"""

from .acceptance import decide_on_accept
from .attributes import (
    AgentSilent,
    ChannelName,
    ChatSids,
    Claim,
    Marker,
    read_object,
    sid_or_none,
    taken_back,
    with_outcome,
)
from .authorship import Evidence, Message, Participant, Who, WhoIsWho, Written
from .belonging import Belongings, Proof, belongings, unproven
from .case import SHORTEST_TIMER, TOLERANCE, Case
from .decision import (
    Arm,
    Decision,
    DecisionKind,
    End,
    Finish,
    Keep,
    Notify,
    Rearm,
    Reason,
    Unsaid,
    Warn,
    allowed,
)
from .decisions import ROWS, decide, first_answer
from .dialogue import WINDOW, agent_wrote, newest_counted_among, reachable
from .facts import Channel, ChannelStatus, Conversation, ConversationState, Invite, Snapshot, Task, TaskStatus
from .wording import words

__all__ = [
    "ROWS",
    "SHORTEST_TIMER",
    "TOLERANCE",
    "WINDOW",
    "AgentSilent",
    "Arm",
    "Belongings",
    "Case",
    "Channel",
    "ChannelName",
    "ChannelStatus",
    "ChatSids",
    "Claim",
    "Conversation",
    "ConversationState",
    "Decision",
    "DecisionKind",
    "End",
    "Evidence",
    "Finish",
    "Invite",
    "Keep",
    "Marker",
    "Message",
    "Notify",
    "Participant",
    "Proof",
    "Rearm",
    "Reason",
    "Snapshot",
    "Task",
    "TaskStatus",
    "Unsaid",
    "Warn",
    "Who",
    "WhoIsWho",
    "Written",
    "agent_wrote",
    "allowed",
    "belongings",
    "decide",
    "decide_on_accept",
    "first_answer",
    "newest_counted_among",
    "reachable",
    "read_object",
    "sid_or_none",
    "taken_back",
    "unproven",
    "with_outcome",
    "words",
]
