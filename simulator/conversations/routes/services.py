"""Services: themselves, their configuration, webhook and roles."""

from __future__ import annotations

from simulator.conversations.models import Conversations
from simulator.conversations.representations import service as show
from simulator.conversations.routes.shared import ROUTES, both, listed, listed_in_order, root, service, several
from simulator.conversations.webhooks import WebhookSettings
from simulator.shared.rest import Answer, Call


@ROUTES.on("GET", "/v1/Services")
def list_services(call: Call[Conversations]) -> Answer:
    """List."""
    found = call.product.services.values()
    return listed_in_order(call, "services", found, lambda row: show.service_json(row, f"{call.base}/v1"))


@ROUTES.on("POST", "/v1/Services")
def create_service(call: Call[Conversations]) -> Answer:
    """Create."""
    created = call.product.create_service(call.value("FriendlyName"))
    return Answer(201, show.service_json(created, f"{call.base}/v1"))


@ROUTES.on("GET", "/v1/Services/{service_sid}")
def fetch_service(call: Call[Conversations], service_sid: str) -> Answer:
    """Fetch."""
    return Answer(200, show.service_json(service(call, service_sid), f"{call.base}/v1"))


@ROUTES.on("DELETE", "/v1/Services/{service_sid}")
def delete_service(call: Call[Conversations], service_sid: str) -> Answer:
    """Delete."""
    call.product.delete_service(service_sid)
    return Answer(204)


@ROUTES.on("GET", "/v1/Services/{service_sid}/Configuration")
def fetch_service_configuration(call: Call[Conversations], service_sid: str) -> Answer:
    """Fetch. There is no timer here: default timers are the account's."""
    return Answer(200, show.service_configuration_json(service(call, service_sid), f"{call.base}/v1"))


@ROUTES.on("POST", "/v1/Services/{service_sid}/Configuration")
def update_service_configuration(call: Call[Conversations], service_sid: str) -> Answer:
    """Update what is given."""
    changed = service(call, service_sid)
    changed.configure(
        default_conversation_creator_role_sid=call.value("DefaultConversationCreatorRoleSid"),
        default_conversation_role_sid=call.value("DefaultConversationRoleSid"),
        default_chat_service_role_sid=call.value("DefaultChatServiceRoleSid"),
        reachability_enabled=call.value("ReachabilityEnabled"),
    )
    return Answer(200, show.service_configuration_json(changed, f"{call.base}/v1"))


@ROUTES.on("GET", "/v1/Services/{service_sid}/Configuration/Webhooks")
def fetch_service_webhook(call: Call[Conversations], service_sid: str) -> Answer:
    """Fetch; unset is all null."""
    return Answer(200, show.service_webhook_json(service(call, service_sid), f"{call.base}/v1"))


@ROUTES.on("POST", "/v1/Services/{service_sid}/Configuration/Webhooks")
def update_service_webhook(call: Call[Conversations], service_sid: str) -> Answer:
    """Update what is given."""
    changed = service(call, service_sid)
    update_webhook(call, changed.webhook)
    return Answer(200, show.service_webhook_json(changed, f"{call.base}/v1"))


def update_webhook(call: Call[Conversations], webhook: WebhookSettings) -> None:
    """Change the sent fields of an account's or a service's webhook."""
    webhook.update(
        pre_webhook_url=call.value("PreWebhookUrl"),
        post_webhook_url=call.value("PostWebhookUrl"),
        filters=call.values("Filters"),
        method=call.value("Method"),
    )


@ROUTES.on("GET", *both("/Roles"))
def list_roles(call: Call[Conversations], service_sid: str | None = None) -> Answer:
    """List."""
    found, address = service(call, service_sid), root(call, service_sid)
    return listed(
        call,
        "roles",
        found.roles,
        lambda row: row.sequence,
        lambda row: show.role_json(found, row, address),
        maximum=50,
    )


@ROUTES.on("POST", *both("/Roles"))
def create_role(call: Call[Conversations], service_sid: str | None = None) -> Answer:
    """Create."""
    of = service(call, service_sid)
    role = of.roles.create(call.value("FriendlyName"), call.value("Type"), several(call, "Permission"))
    return Answer(201, show.role_json(of, role, root(call, service_sid)))


@ROUTES.on("GET", *both("/Roles/{sid}"))
def fetch_role(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Fetch."""
    of = service(call, service_sid)
    return Answer(200, show.role_json(of, of.role(sid), root(call, service_sid)))


@ROUTES.on("POST", *both("/Roles/{sid}"))
def update_role(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Update the permissions."""
    of = service(call, service_sid)
    role = of.roles.update(sid, several(call, "Permission"))
    return Answer(200, show.role_json(of, role, root(call, service_sid)))


@ROUTES.on("DELETE", *both("/Roles/{sid}"))
def delete_role(call: Call[Conversations], sid: str, service_sid: str | None = None) -> Answer:
    """Delete."""
    service(call, service_sid).roles.delete(sid)
    return Answer(204)
