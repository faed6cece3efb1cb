"""Users, and the conversations that they take part in."""

from __future__ import annotations

from typing import Final

from simulator.conversations.models import Conversations
from simulator.conversations.representations import service as show
from simulator.conversations.routes.shared import ROUTES, actor, both, listed, root, service, whole_number
from simulator.conversations.webhooks import REST
from simulator.shared.rest import Answer, Call

_USERS: Final = both("/Users")
_USER: Final = both("/Users/{sid}")
_CONVERSATIONS: Final = both("/Users/{sid}/Conversations")
_CONVERSATION: Final = both("/Users/{sid}/Conversations/{conversation_sid}")


@ROUTES.on("POST", *_USERS)
def create_user(call: Call[Conversations], service_sid: str | None = None) -> Answer:
    """Create."""
    of = service(call, service_sid)
    user = of.users.create(
        actor(call),
        identity=call.value("Identity"),
        friendly_name=call.value("FriendlyName"),
        attributes=call.value("Attributes"),
        role_sid=call.value("RoleSid"),
    )
    return Answer(201, show.user_json(of, user, root(call, service_sid)))


@ROUTES.on("GET", *_USERS)
def list_users(call: Call[Conversations], service_sid: str | None = None) -> Answer:
    """List."""
    of, address = service(call, service_sid), root(call, service_sid)
    return listed(
        call, "users", of.users, lambda row: row.sequence, lambda row: show.user_json(of, row, address), maximum=50
    )


@ROUTES.on("GET", *_USER)
def fetch_user(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Fetch by SID or identity."""
    of = service(call, service_sid)
    return Answer(200, show.user_json(of, of.users.find(sid), root(call, service_sid)))


@ROUTES.on("POST", *_USER)
def update_user(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Update."""
    of = service(call, service_sid)
    user = of.users.update(
        sid,
        actor(call),
        friendly_name=call.value("FriendlyName"),
        attributes=call.value("Attributes"),
        role_sid=call.value("RoleSid"),
    )
    return Answer(200, show.user_json(of, user, root(call, service_sid)))


@ROUTES.on("DELETE", *_USER)
def delete_user(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Delete."""
    service(call, service_sid).users.delete(sid)
    return Answer(204)


@ROUTES.on("GET", *_CONVERSATIONS)
def list_user_conversations(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """List."""
    of, address = service(call, service_sid), root(call, service_sid)
    user = of.users.find(sid)
    return listed(
        call,
        "conversations",
        of.users.conversations(user),
        lambda row: row.sequence,
        lambda row: show.user_conversation_json(user, row, row.participant(user.identity), address),
        maximum=50,
    )


@ROUTES.on("GET", *_CONVERSATION)
def fetch_user_conversation(
    call: Call[Conversations], sid: str, conversation_sid: str, service_sid: str | None = None
) -> Answer:
    """Fetch."""
    of = service(call, service_sid)
    user, conversation = of.users.find(sid), of.conversation(conversation_sid)
    participant = conversation.participant(user.identity)
    return Answer(200, show.user_conversation_json(user, conversation, participant, root(call, service_sid)))


@ROUTES.on("POST", *_CONVERSATION)
def update_user_conversation(
    call: Call[Conversations], sid: str, conversation_sid: str, service_sid: str | None = None
) -> Answer:
    """Update what the user has read, and whether it wants to be notified."""
    of = service(call, service_sid)
    user, conversation = of.users.find(sid), of.conversation(conversation_sid)
    participant = conversation.update_participant(
        user.identity,
        REST,
        last_read_index=whole_number(call, "LastReadMessageIndex"),
        last_read_at=call.value("LastReadTimestamp"),
        notification_level=call.value("NotificationLevel"),
    )
    return Answer(200, show.user_conversation_json(user, conversation, participant, root(call, service_sid)))


@ROUTES.on("DELETE", *_CONVERSATION)
def delete_user_conversation(
    call: Call[Conversations], sid: str, conversation_sid: str, service_sid: str | None = None
) -> Answer:
    """Leave."""
    of = service(call, service_sid)
    of.conversation(conversation_sid).remove_participant(of.users.find(sid).identity, REST)
    return Answer(204)
