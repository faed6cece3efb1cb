"""Flex's refusals; the catalogue names few, so a bad parameter is the general 20001."""

from __future__ import annotations

from simulator.conversations.conversation import Conversation, State
from simulator.shared.errors import TwilioError, invalid_parameter, method_not_allowed


def invalid_channel_status(status: str) -> TwilioError:
    """Clients may set closed and inactive."""
    return invalid_parameter(f"Invalid Status value given: {status!r}; it is closed or inactive")


def invalid_participant_status(status: str) -> TwilioError:
    """Clients may set closed and wrapup."""
    return invalid_parameter(f"Invalid Status value given: {status!r}; it is closed or wrapup")


def invalid_transfer_status(status: object) -> TwilioError:
    """Clients may end a transfer, one way or the other."""
    return invalid_parameter(f"Invalid status value given: {status!r}; it is completed or failed")


def transfer_ended(sid: str, status: str) -> TwilioError:
    """A transfer ends once."""
    return invalid_parameter(f"Transfer {sid} has ended. Status: {status}")


def invalid_routing(value: str) -> TwilioError:
    """Routing is JSON, and closed is its only status."""
    return invalid_parameter(f'Invalid Routing value given: {value}; it is {{"status":"closed"}}')


def routing_required() -> TwilioError:
    """An inactive channel needs to know what becomes of its tasks."""
    return invalid_parameter("Routing status is required when Status is inactive")


def channel_closed(sid: str) -> TwilioError:
    """A closed channel does not come back."""
    return invalid_parameter(f"Channel {sid} is closed")


def channel_exists(conversation_sid: str, interaction_sid: str) -> TwilioError:
    """A conversation has one channel at a time."""
    return TwilioError(409, 20409, f"Conversation {conversation_sid} is interaction {interaction_sid}'s already")


def require_open_conversation(conversation: Conversation) -> None:
    """Refuse a channel over a conversation that is closed for good.

    Raises:
        TwilioError: 45354.
    """
    if conversation.state is State.CLOSED:
        raise TwilioError(400, 45354, f"Cannot create channel for closed conversation {conversation.sid}")


def not_readable() -> TwilioError:
    """In one reading of Flex's limits page, interactions are written and never read."""
    return method_not_allowed("GET", "POST")


FAILED_CODE = 45360
"""A channel that could not close its conversation."""
