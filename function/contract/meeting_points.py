"""What Twilio and Google call: routes, events and entry points."""

import enum


class Route(enum.StrEnum):
    """Last segment of a URL that Twilio calls; it shows which kind of event was sent."""

    CONVERSATIONS = "conversations"
    TASKS = "tasks"


class EventType(enum.StrEnum):
    """The events that the function subscribes to, by Twilio's names.

    Sources: https://www.twilio.com/docs/conversations-classic/conversations-webhooks and
    https://www.twilio.com/docs/taskrouter/api/event/reference, November 2026.
    """

    CONVERSATION_STATE_UPDATED = "onConversationStateUpdated"
    RESERVATION_ACCEPTED = "reservation.accepted"


class EntryPoint(enum.StrEnum):
    """Functions of `main.py` that Google calls: the public one and the private one."""

    WEBHOOK = "webhook"
    SWEEP = "sweep"
