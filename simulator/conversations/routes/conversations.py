"""Conversations, alone and with their first participants, and the conversations that somebody takes part in."""

from __future__ import annotations

from datetime import timedelta

from simulator.conversations.contents import instant, sid_or_none
from simulator.conversations.models import Conversations
from simulator.conversations.representations import conversation as show
from simulator.conversations.representations.service import participant_conversation_json
from simulator.conversations.routes.shared import (
    CONVERSATION,
    CONVERSATIONS,
    ROUTES,
    actor,
    both,
    listed,
    listed_in_order,
    root,
    service,
)
from simulator.conversations.service import Fields
from simulator.shared.errors import invalid_parameter
from simulator.shared.rest import Answer, Call

_A_DAY_BUT_AN_INSTANT = timedelta(days=1) - timedelta(microseconds=1)


def _fields(call: Call[Conversations]) -> Fields:
    return Fields(
        friendly_name=call.value("FriendlyName"),
        unique_name=call.value("UniqueName"),
        messaging_service_sid=sid_or_none("MessagingServiceSid", call.value("MessagingServiceSid"), "MG"),
        attributes=call.value("Attributes"),
        state=call.value("State"),
        inactive=call.value("Timers.Inactive"),
        closed=call.value("Timers.Closed"),
        email_address=call.value("Bindings.Email.Address"),
        email_name=call.value("Bindings.Email.Name"),
        created=instant("DateCreated", call.value("DateCreated")),
        updated=instant("DateUpdated", call.value("DateUpdated")),
    )


@ROUTES.on("POST", *CONVERSATIONS)
def create_conversation(call: Call[Conversations], service_sid: str | None = None) -> Answer:
    """Create."""
    conversation = service(call, service_sid).create_conversation(actor(call), _fields(call))
    return Answer(201, show.conversation_json(conversation, root(call, service_sid)))


@ROUTES.on("POST", *both("/ConversationWithParticipants"))
def create_with_participants(call: Call[Conversations], service_sid: str | None = None) -> Answer:
    """Create with the first participants."""
    people = call.values("Participant") or []
    conversation = service(call, service_sid).create_with_participants(actor(call), _fields(call), people)
    return Answer(201, show.conversation_json(conversation, root(call, service_sid)))


@ROUTES.on("GET", *CONVERSATIONS)
def list_conversations(call: Call[Conversations], service_sid: str | None = None) -> Answer:
    """List in order of creation; by date of creation, the newest first."""
    start, end = call.asked("StartDate"), call.asked("EndDate")
    until = instant("EndDate", end)
    if until is not None and end is not None and "T" not in end:
        until += _A_DAY_BUT_AN_INSTANT
    found = service(call, service_sid).list_conversations(
        state=call.asked("State"), start=instant("StartDate", start), end=until
    )
    address = root(call, service_sid)
    if start or end:
        return listed_in_order(call, "conversations", found, lambda row: show.conversation_json(row, address))
    return listed(
        call, "conversations", found, lambda row: row.sequence, lambda row: show.conversation_json(row, address)
    )


@ROUTES.on("GET", *CONVERSATION)
def fetch_conversation(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Fetch by SID or unique name."""
    conversation = service(call, service_sid).conversation(sid)
    return Answer(200, show.conversation_json(conversation, root(call, service_sid)))


@ROUTES.on("POST", *CONVERSATION)
def update_conversation(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Update."""
    conversation = service(call, service_sid).update_conversation(sid, actor(call), _fields(call))
    return Answer(200, show.conversation_json(conversation, root(call, service_sid)))


@ROUTES.on("DELETE", *CONVERSATION)
def delete_conversation(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Delete."""
    service(call, service_sid).delete_conversation(sid, actor(call))
    return Answer(204)


@ROUTES.on("GET", *both("/ParticipantConversations"))
def list_participant_conversations(call: Call[Conversations], service_sid: str | None = None) -> Answer:
    """List the conversations of an identity or an address."""
    name = call.asked("Identity") or call.asked("Address")
    if not name:
        raise invalid_parameter("Identity or Address is needed")
    found = (
        (conversation, participant)
        for conversation in service(call, service_sid).list_conversations(state=None)
        if (participant := conversation.participant_named(name)) is not None
    )
    address = root(call, service_sid)
    return listed(
        call,
        "conversations",
        found,
        lambda row: row[0].sequence,
        lambda row: participant_conversation_json(*row, address),
        maximum=50,
    )
