"""Flex over HTTP: reads requests, calls models, writes answers."""

from __future__ import annotations

from typing import Final

from simulator.flex import representations as show
from simulator.flex.interaction_requests import parse_channel, parse_participant
from simulator.flex.models import Flex
from simulator.flex.routing import parse_routing
from simulator.flex.transfers import parse_transfer
from simulator.shared.errors import missing_parameter
from simulator.shared.rest import Answer, Call, Routes, after, page

ROUTES: Final[Routes[Flex]] = Routes()

_INTERACTION = "/v1/Interactions/{sid}"
_CHANNEL = f"{_INTERACTION}/Channels/{{channel_sid}}"


@ROUTES.on("GET", "/v1/Configuration")
def fetch_configuration(call: Call[Flex]) -> Answer:
    """Fetch."""
    return Answer(200, show.configuration_json(call.product, call.base))


@ROUTES.on("POST", "/v1/Configuration")
def update_configuration(call: Call[Flex]) -> Answer:
    """Update the fields in the JSON body."""
    flex = call.product
    flex.configuration.update(call.document())
    return Answer(200, show.configuration_json(flex, call.base))


# -- interactions ------------------------------------------------------------------------------------------------------


@ROUTES.on("POST", "/v1/Interactions")
def create_interaction(call: Call[Flex]) -> Answer:
    """Create an interaction over a new or an existing conversation, and a task if it is routed."""
    interaction = call.product.start(
        parse_channel(call.value("Channel")),
        parse_routing(call.value("Routing")),
        webhook_ttid=call.value("WebhookTtid"),
        context_sid=call.value("InteractionContextSid"),
    )
    return Answer(200, show.interaction_json(interaction, call.base))


@ROUTES.on("GET", _INTERACTION)
def fetch_interaction(call: Call[Flex], sid: str) -> Answer:
    """Fetch."""
    flex = call.product
    flex.require_readable()
    return Answer(200, show.interaction_json(flex.interaction(sid), call.base))


@ROUTES.on("POST", _INTERACTION)
def update_interaction(call: Call[Flex], sid: str) -> Answer:
    """Change its interaction webhook."""
    interaction = call.product.interaction(sid)
    interaction.webhook_ttid = call.value("WebhookTtid") or interaction.webhook_ttid
    return Answer(200, show.interaction_json(interaction, call.base))


# -- channels ----------------------------------------------------------------------------------------------------------


@ROUTES.on("GET", f"{_INTERACTION}/Channels")
def list_channels(call: Call[Flex], sid: str) -> Answer:
    """List: an interaction has one."""
    flex, begin = call.product, after(call)
    flex.require_readable()
    found = (row for row in enumerate([flex.interaction(sid).channel]) if row[0] > begin)
    return page(call, "channels", found, lambda row: show.channel_json(row[1], call.base), lambda row: row[0])


@ROUTES.on("GET", _CHANNEL)
def fetch_channel(call: Call[Flex], sid: str, channel_sid: str) -> Answer:
    """Fetch."""
    call.product.require_readable()
    return Answer(200, show.channel_json(call.product.channel(sid, channel_sid), call.base))


@ROUTES.on("POST", _CHANNEL)
def update_channel(call: Call[Flex], sid: str, channel_sid: str) -> Answer:
    """Close or park; a fault may make it fail with HTTP 200."""
    channel = call.product.channel(sid, channel_sid)
    change = channel.fail if call.fails else channel.update
    change(call.value("Status"), call.value("Routing"))
    return Answer(200, show.channel_json(channel, call.base))


# -- participants ------------------------------------------------------------------------------------------------------


@ROUTES.on("GET", f"{_CHANNEL}/Participants")
def list_participants(call: Call[Flex], sid: str, channel_sid: str) -> Answer:
    """List."""
    call.product.require_readable()
    channel, begin = call.product.channel(sid, channel_sid), after(call)
    found = (row for row in enumerate(channel.participants) if row[0] > begin)
    return page(
        call, "participants", found, lambda row: show.participant_json(channel, row[1], call.base), lambda row: row[0]
    )


@ROUTES.on("POST", f"{_CHANNEL}/Participants")
def create_participant(call: Call[Flex], sid: str, channel_sid: str) -> Answer:
    """Add a participant without an invite."""
    channel = call.product.channel(sid, channel_sid)
    call.value("RoutingProperties")
    participant = channel.let_in(parse_participant(call.value("Type"), call.value("MediaProperties"), channel.type))
    return Answer(200, show.participant_json(channel, participant, call.base))


@ROUTES.on("POST", f"{_CHANNEL}/Participants/{{participant_sid}}")
def update_participant(call: Call[Flex], sid: str, channel_sid: str, participant_sid: str) -> Answer:
    """Remove a participant."""
    channel = call.product.channel(sid, channel_sid)
    participant = channel.update_participant(participant_sid, call.value("Status"))
    return Answer(200, show.participant_json(channel, participant, call.base))


# -- invites and transfers ---------------------------------------------------------------------------------------------


@ROUTES.on("GET", f"{_CHANNEL}/Invites")
def list_invites(call: Call[Flex], sid: str, channel_sid: str) -> Answer:
    """List, oldest first."""
    call.product.require_readable()
    channel, begin = call.product.channel(sid, channel_sid), after(call)
    found = (row for row in enumerate(channel.invites) if row[0] > begin)
    return page(call, "invites", found, lambda row: show.invite_json(channel, row[1], call.base), lambda row: row[0])


@ROUTES.on("POST", f"{_CHANNEL}/Invites")
def create_invite(call: Call[Flex], sid: str, channel_sid: str) -> Answer:
    """Invite an agent by a second task."""
    channel = call.product.channel(sid, channel_sid)
    routing = parse_routing(call.value("Routing"))
    if routing is None:
        raise missing_parameter("Routing")
    return Answer(200, show.invite_json(channel, channel.invite(routing), call.base))


@ROUTES.on("POST", f"{_CHANNEL}/Transfers")
def create_transfer(call: Call[Flex], sid: str, channel_sid: str) -> Answer:
    """Transfer the chat; the body is JSON."""
    channel = call.product.channel(sid, channel_sid)
    transfer = channel.transfer(parse_transfer(call.document()))
    return Answer(201, show.transfer_json(channel, transfer, call.base))


@ROUTES.on("GET", f"{_CHANNEL}/Transfers/{{transfer_sid}}")
def fetch_transfer(call: Call[Flex], sid: str, channel_sid: str, transfer_sid: str) -> Answer:
    """Fetch."""
    call.product.require_readable()
    channel = call.product.channel(sid, channel_sid)
    return Answer(200, show.transfer_json(channel, channel.find_transfer(transfer_sid), call.base))


@ROUTES.on("POST", f"{_CHANNEL}/Transfers/{{transfer_sid}}")
def update_transfer(call: Call[Flex], sid: str, channel_sid: str, transfer_sid: str) -> Answer:
    """End a transfer; the body is JSON."""
    channel = call.product.channel(sid, channel_sid)
    transfer = channel.update_transfer(transfer_sid, call.document().get("status"))
    return Answer(200, show.transfer_json(channel, transfer, call.base))
