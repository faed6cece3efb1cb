"""Webhooks of one conversation."""

from __future__ import annotations

from typing import Final

from simulator.conversations.models import Conversations
from simulator.conversations.representations.conversation import scoped_webhook_json
from simulator.conversations.routes.shared import (
    CONVERSATION,
    ROUTES,
    listed_in_order,
    root,
    service,
    several,
    whole_number,
)
from simulator.conversations.scoped_webhooks import LIMIT, Settings
from simulator.shared.rest import Answer, Call

_WEBHOOKS: Final = tuple(f"{path}/Webhooks" for path in CONVERSATION)
_WEBHOOK: Final = tuple(f"{path}/{{webhook_sid}}" for path in _WEBHOOKS)


def _settings(call: Call[Conversations]) -> Settings:
    triggers = call.values("Configuration.Triggers")
    return Settings(
        url=call.value("Configuration.Url"),
        method=call.value("Configuration.Method"),
        filters=several(call, "Configuration.Filters"),
        triggers=None if triggers is None else tuple(triggers),
        flow_sid=call.value("Configuration.FlowSid"),
    )


@ROUTES.on("POST", *_WEBHOOKS)
def create_webhook(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Create."""
    conversation = service(call, service_sid).conversation(sid)
    replay_after = whole_number(call, "Configuration.ReplayAfter")
    webhook = conversation.add_webhook(call.value("Target"), _settings(call), replay_after)
    return Answer(201, scoped_webhook_json(conversation, webhook, root(call, service_sid)))


@ROUTES.on("GET", *_WEBHOOKS)
def list_webhooks(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """List."""
    conversation = service(call, service_sid).conversation(sid)
    address = root(call, service_sid)
    return listed_in_order(
        call,
        "webhooks",
        conversation.scoped_webhooks,
        lambda row: scoped_webhook_json(conversation, row, address),
        default=LIMIT,
        maximum=LIMIT,
    )


@ROUTES.on("GET", *_WEBHOOK)
def fetch_webhook(call: Call[Conversations], sid: str, webhook_sid: str, service_sid: str | None = None) -> Answer:
    """Fetch."""
    conversation = service(call, service_sid).conversation(sid)
    webhook = conversation.scoped_webhooks.find(webhook_sid)
    return Answer(200, scoped_webhook_json(conversation, webhook, root(call, service_sid)))


@ROUTES.on("POST", *_WEBHOOK)
def update_webhook(call: Call[Conversations], sid: str, webhook_sid: str, service_sid: str | None = None) -> Answer:
    """Update what is given."""
    conversation = service(call, service_sid).conversation(sid)
    conversation.refuse_if_closed()
    webhook = conversation.scoped_webhooks.update(webhook_sid, call.product.account.clock.now, _settings(call))
    return Answer(200, scoped_webhook_json(conversation, webhook, root(call, service_sid)))


@ROUTES.on("DELETE", *_WEBHOOK)
def delete_webhook(call: Call[Conversations], sid: str, webhook_sid: str, service_sid: str | None = None) -> Answer:
    """Delete."""
    conversation = service(call, service_sid).conversation(sid)
    conversation.refuse_if_closed()
    conversation.scoped_webhooks.delete(webhook_sid)
    return Answer(204)
