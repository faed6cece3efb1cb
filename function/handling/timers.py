"""Computes the timer that fires at a given time, and whether a running one does."""

import math
from datetime import datetime, timedelta

from ..chat import SHORTEST_TIMER, TOLERANCE, Conversation, ConversationState


def timer_until(target: datetime, counted_from: datetime) -> timedelta:
    """Return the timer from one time to another: whole seconds, rounded up, minimum one minute."""
    seconds = math.ceil((target - counted_from) / timedelta(seconds=1))
    return max(timedelta(seconds=seconds), SHORTEST_TIMER)


def on_target(conversation: Conversation, target: datetime) -> bool:
    """Whether the conversation's timer fires at that time, within the tolerance."""
    if conversation.state is not ConversationState.ACTIVE or conversation.inactive_at is None:
        return False
    return abs(conversation.inactive_at - target) <= TOLERANCE
