"""How much one instance does at a time: `infra/` requests this from Google, and the function sizes its pools by it.

An event makes its first calls concurrently. With too few threads, events wait for each other instead of for Twilio, and
all of them miss Twilio's five seconds. An event needs about 30 ms of CPU on a slow core, so one core cannot handle many
at once. The values were measured with `python -m benchmarks.campaigns latency`.
"""

EVENTS_AT_ONCE = 16
"""Requests that Cloud Run sends to one instance of the webhook function at a time, and threads that answer them."""

CALLS_OF_AN_EVENT = 6
"""Maximum of concurrent calls for one event, or for one conversation of a sweep: conversation, messages, participants,
roles or invites, task, channel."""

CHATS_AT_ONCE = 32
"""Conversations that a sweep handles at a time: enough to use half of Twilio's limits if each answer takes 0.2 s."""


def calls_at_once(at_a_time: int) -> int:
    """Threads, and connections to each host, for a number of concurrent events or conversations."""
    return at_a_time * CALLS_OF_AN_EVENT
