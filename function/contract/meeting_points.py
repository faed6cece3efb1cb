"""Where Twilio and Google meet the function: routes, events and entry points."""

import enum


class Route(enum.StrEnum):
    """Last segment of a URL that Twilio calls; the function tells by it what was sent."""

    CONVERSATIONS = "conversations"
    TASKS = "tasks"


class EventType(enum.StrEnum):
    """The events that Twilio is asked for, as it names them.

    Sources, as of August 2026: twilio.com/docs/conversations-classic/conversations-webhooks and
    twilio.com/docs/taskrouter/api/event/reference.
    """

    CONVERSATION_STATE_UPDATED = "onConversationStateUpdated"
    RESERVATION_ACCEPTED = "reservation.accepted"


class EntryPoint(enum.StrEnum):
    """Functions of `main.py` that Google calls: the public one and the private one."""

    WEBHOOK = "webhook"
    SWEEP = "sweep"
