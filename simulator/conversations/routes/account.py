"""The configuration of the account: defaults, webhook, addresses."""

from __future__ import annotations

from typing import Final

from simulator.conversations.addresses import Wanted
from simulator.conversations.contents import sid_or_none
from simulator.conversations.models import Conversations
from simulator.conversations.representations import account as show
from simulator.conversations.routes.services import update_webhook
from simulator.conversations.routes.shared import ROUTES, listed, several
from simulator.shared.rest import Answer, Call


@ROUTES.on("GET", "/v1/Configuration")
def fetch_configuration(call: Call[Conversations]) -> Answer:
    """Fetch."""
    return Answer(200, show.configuration_json(call.product, f"{call.base}/v1"))


@ROUTES.on("POST", "/v1/Configuration")
def update_configuration(call: Call[Conversations]) -> Answer:
    """Update what is given."""
    product = call.product
    product.update_configuration(
        default_chat_service_sid=call.value("DefaultChatServiceSid"),
        default_messaging_service_sid=sid_or_none(
            "DefaultMessagingServiceSid", call.value("DefaultMessagingServiceSid"), "MG"
        ),
        default_inactive_timer=call.value("DefaultInactiveTimer"),
        default_closed_timer=call.value("DefaultClosedTimer"),
    )
    return Answer(200, show.configuration_json(product, f"{call.base}/v1"))


_WEBHOOK: Final = ("/v1/Configuration/Webhooks", "/v1/Conversations/Webhooks")
"""The account's webhook. The second address is undocumented; SDKs of others use it."""


@ROUTES.on("GET", *_WEBHOOK)
def fetch_account_webhook(call: Call[Conversations]) -> Answer:
    """Fetch."""
    return Answer(200, show.account_webhook_json(call.product, f"{call.base}/v1"))


@ROUTES.on("POST", *_WEBHOOK)
def update_account_webhook(call: Call[Conversations]) -> Answer:
    """Update what is given."""
    product = call.product
    target = call.value("Target")
    update_webhook(call, product.webhook)
    product.webhook.retarget(target)
    return Answer(200, show.account_webhook_json(product, f"{call.base}/v1"))


@ROUTES.on("POST", "/v1/Configuration/Addresses")
def create_address(call: Call[Conversations]) -> Answer:
    """Create."""
    product = call.product
    address = product.addresses.create(
        call.value("Type"), call.value("Address"), call.value("AddressCountry"), _wanted(call)
    )
    return Answer(201, show.address_json(product, address, f"{call.base}/v1"))


@ROUTES.on("GET", "/v1/Configuration/Addresses")
def list_addresses(call: Call[Conversations]) -> Answer:
    """List, all or of one type."""
    product, kind = call.product, call.asked("Type")
    found = (row for row in product.addresses if kind is None or row.type == kind.lower())
    return listed(
        call,
        "address_configurations",
        found,
        lambda row: row.sequence,
        lambda row: show.address_json(product, row, f"{call.base}/v1"),
        maximum=50,
    )


@ROUTES.on("GET", "/v1/Configuration/Addresses/{sid}")
def fetch_address(call: Call[Conversations], sid: str) -> Answer:
    """Fetch by SID or address."""
    product = call.product
    return Answer(200, show.address_json(product, product.addresses.find(sid), f"{call.base}/v1"))


@ROUTES.on("POST", "/v1/Configuration/Addresses/{sid}")
def update_address(call: Call[Conversations], sid: str) -> Answer:
    """Update what is given."""
    product = call.product
    return Answer(200, show.address_json(product, product.addresses.update(sid, _wanted(call)), f"{call.base}/v1"))


@ROUTES.on("DELETE", "/v1/Configuration/Addresses/{sid}")
def delete_address(call: Call[Conversations], sid: str) -> Answer:
    """Delete."""
    call.product.addresses.delete(sid)
    return Answer(204)


def _wanted(call: Call[Conversations]) -> Wanted:
    return Wanted(
        friendly_name=call.value("FriendlyName"),
        enabled=call.value("AutoCreation.Enabled"),
        type=call.value("AutoCreation.Type"),
        conversation_service_sid=call.value("AutoCreation.ConversationServiceSid"),
        webhook_url=call.value("AutoCreation.WebhookUrl"),
        webhook_method=call.value("AutoCreation.WebhookMethod"),
        webhook_filters=several(call, "AutoCreation.WebhookFilters"),
        studio_flow_sid=sid_or_none("AutoCreation.StudioFlowSid", call.value("AutoCreation.StudioFlowSid"), "FW"),
        studio_retry_count=call.value("AutoCreation.StudioRetryCount"),
    )
