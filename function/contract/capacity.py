"""How much one instance does at a time, stated once: what infra asks Google for, and what the function makes of it.

They must fit each other. An event's first calls are made together; where the threads that make them are too few, events
wait for each other and not for Twilio, and all of them miss Twilio's five seconds. An event costs about 30 ms of CPU on
a slow core, so that what one core can take at once is little. Chosen by measuring: `python -m benchmarks.campaigns
latency`.
"""

EVENTS_AT_ONCE = 16
"""Requests that Cloud Run hands to one instance of the webhook function at a time, and threads that answer them."""

CALLS_OF_AN_EVENT = 6
"""Calls that one event, or one conversation of a sweep, makes at the same time, at most: conversation, messages,
participants, roles or invites, task, channel."""

CHATS_AT_ONCE = 32
"""Conversations that a sweep looks at, at a time: as many as it takes to use half of Twilio's limits where each answer
takes 0.2 s."""


def calls_at_once(at_a_time: int) -> int:
    """Threads, and connections to each host, that so many events or conversations need."""
    return at_a_time * CALLS_OF_AN_EVENT
