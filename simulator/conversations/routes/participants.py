"""Participants."""

from __future__ import annotations

from typing import Final

from simulator.conversations.contents import instant
from simulator.conversations.models import Conversations
from simulator.conversations.participants import read_binding
from simulator.conversations.representations import conversation as show
from simulator.conversations.routes.shared import (
    CONVERSATION,
    ROUTES,
    actor,
    listed_in_order,
    root,
    service,
    whole_number,
)
from simulator.shared.rest import Answer, Call

_PARTICIPANTS: Final = tuple(f"{path}/Participants" for path in CONVERSATION)
_PARTICIPANT: Final = tuple(f"{path}/{{participant_sid}}" for path in _PARTICIPANTS)


@ROUTES.on("POST", *_PARTICIPANTS)
def create_participant(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Add by identity or by messaging binding."""
    conversation = service(call, service_sid).conversation(sid)
    _dates(call)
    participant = conversation.add_participant(
        actor(call),
        identity=call.value("Identity"),
        binding=read_binding(
            call.value("MessagingBinding.Address"),
            call.value("MessagingBinding.ProxyAddress"),
            call.value("MessagingBinding.ProjectedAddress"),
        ),
        role_sid=call.value("RoleSid"),
        attributes=call.value("Attributes") or "{}",
    )
    return Answer(201, show.participant_json(conversation, participant, root(call, service_sid)))


@ROUTES.on("GET", *_PARTICIPANTS)
def list_participants(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """List in order of arrival."""
    conversation = service(call, service_sid).conversation(sid)
    address = root(call, service_sid)
    return listed_in_order(
        call,
        "participants",
        conversation.participants.values(),
        lambda row: show.participant_json(conversation, row, address),
    )


@ROUTES.on("GET", *_PARTICIPANT)
def fetch_participant(
    call: Call[Conversations], sid: str, participant_sid: str, service_sid: str | None = None
) -> Answer:
    """Fetch by SID or identity."""
    conversation = service(call, service_sid).conversation(sid)
    participant = conversation.participant(participant_sid)
    return Answer(200, show.participant_json(conversation, participant, root(call, service_sid)))


@ROUTES.on("POST", *_PARTICIPANT)
def update_participant(
    call: Call[Conversations], sid: str, participant_sid: str, service_sid: str | None = None
) -> Answer:
    """Update."""
    conversation = service(call, service_sid).conversation(sid)
    _dates(call)
    participant = conversation.update_participant(
        participant_sid,
        actor(call),
        attributes=call.value("Attributes"),
        role_sid=call.value("RoleSid"),
        identity=call.value("Identity"),
        proxy_address=call.value("MessagingBinding.ProxyAddress"),
        projected_address=call.value("MessagingBinding.ProjectedAddress"),
        last_read_index=whole_number(call, "LastReadMessageIndex"),
        last_read_at=call.value("LastReadTimestamp"),
    )
    return Answer(200, show.participant_json(conversation, participant, root(call, service_sid)))


@ROUTES.on("DELETE", *_PARTICIPANT)
def delete_participant(
    call: Call[Conversations], sid: str, participant_sid: str, service_sid: str | None = None
) -> Answer:
    """Remove."""
    conversation = service(call, service_sid).conversation(sid)
    conversation.remove_participant(participant_sid, actor(call))
    return Answer(204)


def _dates(call: Call[Conversations]) -> None:
    """Check dates, which are documented and ignored: the clock decides when a participant joined."""
    for name in ("DateCreated", "DateUpdated"):
        instant(name, call.value(name))
