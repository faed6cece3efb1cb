"""Flex over HTTP: paths and parameters to models and back."""

from __future__ import annotations

from typing import Final

from simulator.faults import CHANNEL_FAILED
from simulator.flex.representations import channel_json, configuration_json, interaction_json, participant_json
from simulator.rest import Answer, Call, Routes, after, page

ROUTES: Final = Routes()

_INTERACTION = "/v1/Interactions/{sid}"
_CHANNEL = f"{_INTERACTION}/Channels/{{channel_sid}}"


@ROUTES.on("GET", "/v1/Configuration")
def fetch_configuration(call: Call) -> Answer:
    """Fetch."""
    return Answer(200, configuration_json(call.account.flex, call.base))


@ROUTES.on("GET", _INTERACTION)
def fetch_interaction(call: Call, sid: str) -> Answer:
    """Fetch."""
    return Answer(200, interaction_json(call.account.flex.interaction(sid), call.base))


@ROUTES.on("GET", f"{_INTERACTION}/Channels")
def list_channels(call: Call, sid: str) -> Answer:
    """List: an interaction has one."""
    begin = after(call)
    found = (row for row in enumerate([call.account.flex.interaction(sid).channel]) if row[0] > begin)
    return page(call, "channels", found, lambda row: channel_json(row[1], call.base), lambda row: row[0])


@ROUTES.on("GET", _CHANNEL)
def fetch_channel(call: Call, sid: str, channel_sid: str) -> Answer:
    """Fetch."""
    return Answer(200, channel_json(call.account.flex.channel(sid, channel_sid), call.base))


@ROUTES.on("POST", _CHANNEL)
def update_channel(call: Call, sid: str, channel_sid: str) -> Answer:
    """Close or park; a fault may make it fail with HTTP 200."""
    channel = call.account.flex.channel(sid, channel_sid)
    change = channel.fail if call.fault == CHANNEL_FAILED else channel.update
    change(call.value("Status"), call.value("Routing"))
    return Answer(200, channel_json(channel, call.base))


@ROUTES.on("GET", f"{_CHANNEL}/Participants")
def list_participants(call: Call, sid: str, channel_sid: str) -> Answer:
    """List."""
    channel = call.account.flex.channel(sid, channel_sid)
    begin = after(call)
    found = (row for row in call.account.flex.channel_participants(channel) if row[0] > begin)
    return page(
        call, "participants", found, lambda row: participant_json(channel, row[1], call.base), lambda row: row[0]
    )
