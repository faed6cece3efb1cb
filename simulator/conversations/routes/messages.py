"""Messages and their delivery receipts."""

from __future__ import annotations

from typing import Final

from simulator.conversations.contents import instant, sid_or_none
from simulator.conversations.models import Conversations
from simulator.conversations.representations import conversation as show
from simulator.conversations.routes.shared import CONVERSATION, ROUTES, actor, listed_in_order, root, service
from simulator.shared.errors import invalid_parameter, not_found
from simulator.shared.rest import Answer, Call, after, page

_MESSAGES: Final = tuple(f"{path}/Messages" for path in CONVERSATION)
_MESSAGE: Final = tuple(f"{path}/{{message_sid}}" for path in _MESSAGES)
_RECEIPTS: Final = tuple(f"{path}/Receipts" for path in _MESSAGE)
_RECEIPT: Final = tuple(f"{path}/{{receipt_sid}}" for path in _RECEIPTS)
_LAST: Final = 10**18


@ROUTES.on("POST", *_MESSAGES)
def create_message(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Create; the default author is `system`."""
    conversation = service(call, service_sid).conversation(sid)
    _accepted(call, "DateUpdated", "ContentVariables", "Subject")
    message = conversation.add_message(
        actor(call),
        author=call.value("Author"),
        body=call.value("Body"),
        attributes=call.value("Attributes") or "{}",
        content_sid=sid_or_none("ContentSid", call.value("ContentSid"), "HX"),
        media_sid=sid_or_none("MediaSid", call.value("MediaSid"), "ME"),
        created=instant("DateCreated", call.value("DateCreated")),
    )
    return Answer(201, show.message_json(conversation, message, root(call, service_sid)))


@ROUTES.on("GET", *_MESSAGES)
def list_messages(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """List by index, ascending unless Order=desc."""
    conversation = service(call, service_sid).conversation(sid)
    order = call.asked("Order") or "asc"
    if order not in {"asc", "desc"}:
        raise invalid_parameter(f"Invalid Order value given: {order}")
    if order == "desc":
        before = after(call, start=_LAST)
        found = (row for row in reversed(conversation.messages.values()) if row.index < before)
    else:
        begin = after(call)
        found = (row for row in conversation.messages.values() if row.index > begin)
    address = root(call, service_sid)
    return page(
        call, "messages", found, lambda row: show.message_json(conversation, row, address), lambda row: row.index
    )


@ROUTES.on("GET", *_MESSAGE)
def fetch_message(call: Call[Conversations], sid: str, message_sid: str, service_sid: str | None = None) -> Answer:
    """Fetch."""
    conversation = service(call, service_sid).conversation(sid)
    return Answer(200, show.message_json(conversation, conversation.message(message_sid), root(call, service_sid)))


@ROUTES.on("POST", *_MESSAGE)
def update_message(call: Call[Conversations], sid: str, message_sid: str, service_sid: str | None = None) -> Answer:
    """Edit."""
    conversation = service(call, service_sid).conversation(sid)
    _accepted(call, "DateCreated", "DateUpdated", "Subject")
    message = conversation.update_message(
        message_sid,
        actor(call),
        body=call.value("Body"),
        attributes=call.value("Attributes"),
        author=call.value("Author"),
    )
    return Answer(200, show.message_json(conversation, message, root(call, service_sid)))


@ROUTES.on("DELETE", *_MESSAGE)
def delete_message(call: Call[Conversations], sid: str, message_sid: str, service_sid: str | None = None) -> Answer:
    """Delete."""
    service(call, service_sid).conversation(sid).delete_message(message_sid, actor(call))
    return Answer(204)


@ROUTES.on("GET", *_RECEIPTS)
def list_receipts(call: Call[Conversations], sid: str, message_sid: str, service_sid: str | None = None) -> Answer:
    """List: one for each participant outside chat."""
    conversation = service(call, service_sid).conversation(sid)
    message = conversation.message(message_sid)
    address = root(call, service_sid)
    return listed_in_order(
        call,
        "delivery_receipts",
        message.receipts,
        lambda row: show.receipt_json(conversation, message, row, address),
        maximum=50,
    )


@ROUTES.on("GET", *_RECEIPT)
def fetch_receipt(
    call: Call[Conversations], sid: str, message_sid: str, receipt_sid: str, service_sid: str | None = None
) -> Answer:
    """Fetch."""
    conversation = service(call, service_sid).conversation(sid)
    message = conversation.message(message_sid)
    receipt = message.receipt(receipt_sid)
    if receipt is None:
        raise not_found(call.path)
    return Answer(200, show.receipt_json(conversation, message, receipt, root(call, service_sid)))


def _accepted(call: Call[Conversations], *names: str) -> None:
    """Read documented parameters that change nothing here."""
    for name in names:
        call.value(name)
