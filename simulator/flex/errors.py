"""Flex's refusals.

The error catalogue (https://www.twilio.com/docs/api/errors, November 2026) has few, so an invalid parameter is the
general 20001.
"""

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
    """Clients may set completed and failed."""
    return invalid_parameter(f"Invalid status value given: {status!r}; it is completed or failed")


def transfer_ended(sid: str, status: str) -> TwilioError:
    """A transfer ends once."""
    return invalid_parameter(f"Transfer {sid} has ended. Status: {status}")


def invalid_routing(value: str) -> TwilioError:
    """Routing is JSON, and closed is its only status."""
    return invalid_parameter(f'Invalid Routing value given: {value}; it is {{"status":"closed"}}')


def routing_required() -> TwilioError:
    """An inactive channel needs a routing status for its tasks."""
    return invalid_parameter("Routing status is required when Status is inactive")


def channel_closed(sid: str) -> TwilioError:
    """A closed channel stays closed."""
    return invalid_parameter(f"Channel {sid} is closed")


def channel_exists(conversation_sid: str, interaction_sid: str) -> TwilioError:
    """A conversation has one channel at a time."""
    return TwilioError(409, 20409, f"Conversation {conversation_sid} is interaction {interaction_sid}'s already")


def require_open_conversation(conversation: Conversation) -> None:
    """Refuse a channel over a closed conversation.

    Raises:
        TwilioError: 45354.
    """
    if conversation.state is State.CLOSED:
        raise TwilioError(400, 45354, f"Cannot create channel for closed conversation {conversation.sid}")


def not_readable() -> TwilioError:
    """Interactions cannot be read, in one dialect."""
    return method_not_allowed("GET", "POST")


FAILED_CODE = 45360
"""The error code of a channel that could not close its conversation."""
