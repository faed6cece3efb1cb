"""How long a timer must be to fire at a time, and whether one does."""

import math
from datetime import datetime, timedelta

from ..chat import SHORTEST_TIMER, TOLERANCE, Conversation, ConversationState


def timer_until(target: datetime, counted_from: datetime) -> timedelta:
    """Whole seconds, rounded up, at least a minute."""
    seconds = math.ceil((target - counted_from) / timedelta(seconds=1))
    return max(timedelta(seconds=seconds), SHORTEST_TIMER)


def on_target(conversation: Conversation, target: datetime) -> bool:
    """Whether its timer fires at that time, as near as timers do."""
    if conversation.state is not ConversationState.ACTIVE or conversation.inactive_at is None:
        return False
    return abs(conversation.inactive_at - target) <= TOLERANCE
