"""Conversations' refusals.

The codes are from the error catalogue, each at https://www.twilio.com/docs/api/errors/CODE (November 2026). The HTTP
statuses are those that clients report, else 400.
"""

from __future__ import annotations

from typing import Final

from simulator.shared.errors import TwilioError

PAIR_IN_USE: Final = 50416


def unique_name_taken(name: str) -> TwilioError:
    """Another conversation of the service has this unique name."""
    return TwilioError(409, 50353, f"Conversation with provided unique name already exists: {name}")


def empty_state() -> TwilioError:
    """State was sent, and empty."""
    return TwilioError(400, 50374, "Conversation state cannot be empty")


def inactive_timer_too_short() -> TwilioError:
    """The inactive timer's minimum is one minute."""
    return TwilioError(400, 50375, "Inactive state timer cannot be less than 1 minute")


def closed_timer_too_short() -> TwilioError:
    """The closed timer's minimum is ten minutes."""
    return TwilioError(400, 50376, "Closed state timer cannot be less than 10 minutes")


def final_closed_state() -> TwilioError:
    """A closed conversation cannot be changed."""
    return TwilioError(400, 50377, "Can't update conversation as it's in final closed state")


def invalid_state(state: str) -> TwilioError:
    """Not a state that a client may set."""
    return TwilioError(400, 50378, f"Conversation state is invalid: {state}")


def inactive_timer_malformed(value: str) -> TwilioError:
    """Not an ISO 8601 duration."""
    return TwilioError(400, 50379, f"Inactive timer is not in ISO8601 format: {value!r}. For example PT0S, PT10M, P1D")


def closed_timer_malformed(value: str) -> TwilioError:
    """Not an ISO 8601 duration."""
    return TwilioError(400, 50380, f"Closed timer is not in ISO8601 format: {value!r}. For example PT0S, PT10M, P1D")


def timers_without_state() -> TwilioError:
    """Timers at creation need State."""
    return TwilioError(400, 50382, "Conversation timers cannot be set without a state")


def created_closed() -> TwilioError:
    """A conversation cannot be created closed."""
    return TwilioError(400, 50384, "Conversation cannot be created in closed state")


def friendly_name_too_long(limit: int) -> TwilioError:
    """Longer than a friendly name may be."""
    return TwilioError(400, 50003, f"FriendlyName is longer than {limit} characters")


def unique_name_too_long(limit: int) -> TwilioError:
    """Longer than a unique name may be."""
    return TwilioError(400, 50004, f"UniqueName is longer than {limit} characters")


def attributes_too_long(limit: int) -> TwilioError:
    """Larger than attributes may be."""
    return TwilioError(400, 50303, f"Attributes exceed {limit} bytes")


def body_too_long(limit: str) -> TwilioError:
    """Longer than a message's body may be."""
    return TwilioError(400, 50504, f"Message body exceeds {limit}")


def rejected_by_webhook(event: str) -> TwilioError:
    """A pre-webhook answered 4xx or 5xx: the change is not made."""
    return TwilioError(403, 50057, f"Webhook cancelled processing of command: {event}")


def invalid_address(address: str) -> TwilioError:
    """Not an address of its channel."""
    return TwilioError(400, 50407, f"Invalid messaging binding address: {address}")


def invalid_proxy_address(address: str) -> TwilioError:
    """Not an address of its channel."""
    return TwilioError(400, 50408, f"Invalid messaging binding proxy address: {address}")


def address_is_proxy_address(address: str) -> TwilioError:
    """Address and proxy address are the same."""
    return TwilioError(400, 50409, f"Participant address equals proxy address: {address}")


def address_missing() -> TwilioError:
    """A participant outside chat without an address."""
    return TwilioError(400, 50411, "Messaging binding address is empty")


def proxy_address_missing() -> TwilioError:
    """A participant outside chat without a proxy address."""
    return TwilioError(400, 50412, "Messaging binding proxy address is empty")


def address_types_differ(address: str, proxy: str) -> TwilioError:
    """Address and proxy address are of different channels."""
    return TwilioError(400, 50414, f"Participant address {address} does not match the type of proxy address {proxy}")


def pair_in_use(conversation_sid: str) -> TwilioError:
    """An address pair belongs to one conversation until that one is closed."""
    return TwilioError(
        409,
        PAIR_IN_USE,
        f"A binding for this participant and proxy address already exists in Conversation {conversation_sid}",
    )


def pairs_in_use() -> TwilioError:
    """As `pair_in_use`, for a conversation that is created with its participants."""
    return TwilioError(409, 50425, "Participant and proxy address pairs for one or more participants already in use")


def too_many_participants(limit: int) -> TwilioError:
    """The conversation is full."""
    return TwilioError(400, 50417, f"Participants limit of {limit} exceeded")


def too_many_bound_participants(limit: int) -> TwilioError:
    """The conversation has the maximum of participants outside chat."""
    return TwilioError(400, 50418, f"Non-chat participants limit of {limit} exceeded")


def participant_exists(who: str) -> TwilioError:
    """This identity or address already takes part."""
    return TwilioError(409, 50433, f"Participant already exists: {who}")


def proxy_address_not_changed() -> TwilioError:
    """A participant's proxy address can be given once."""
    return TwilioError(400, 50441, "Failed to add a proxy address to a participant that has one")


def user_exists(identity: str) -> TwilioError:
    """This identity already has a user."""
    return TwilioError(409, 50201, f"User already exists: {identity}")


def too_many_scoped_webhooks(limit: int) -> TwilioError:
    """One more than a conversation may have."""
    return TwilioError(400, 50361, f"Too many conversation webhooks; the limit is {limit}")


def too_many_triggers(limit: int) -> TwilioError:
    """More keywords than a webhook may have."""
    return TwilioError(400, 50362, f"Too many conversation webhook triggers; the limit is {limit}")


def invalid_target(target: str) -> TwilioError:
    """Neither webhook nor trigger nor studio."""
    return TwilioError(400, 50364, f"Invalid conversation webhook target: {target}")


def invalid_filter(name: str) -> TwilioError:
    """Not an event of scoped webhooks, which have no pre-events."""
    return TwilioError(400, 50365, f"Invalid conversation webhook filter: {name}")


def invalid_trigger(keyword: str) -> TwilioError:
    """An empty keyword, or a very long one."""
    return TwilioError(400, 50366, f"Invalid conversation webhook trigger: {keyword[:40]!r}")


def invalid_flow_sid(sid: str) -> TwilioError:
    """Not the SID of a Studio flow."""
    return TwilioError(400, 50367, f"Invalid conversation webhook flow SID: {sid}")


def target_missing() -> TwilioError:
    """No Target."""
    return TwilioError(400, 50368, "Conversation webhook target not provided")


def scoped_url_missing() -> TwilioError:
    """No Configuration.Url."""
    return TwilioError(400, 50369, "Conversation webhook URL not provided")


def filters_missing() -> TwilioError:
    """No Configuration.Filters."""
    return TwilioError(400, 50370, "Conversation webhook filter not provided")


def triggers_missing() -> TwilioError:
    """No Configuration.Triggers."""
    return TwilioError(400, 50371, "Conversation webhook trigger not provided")


def scoped_url_too_long(limit: int) -> TwilioError:
    """Longer than a scoped webhook's URL may be."""
    return TwilioError(400, 50372, f"Conversation webhook URL is longer than {limit} characters")


def invalid_retry_count(text: str) -> TwilioError:
    """Not a number of retries from 0 to 3."""
    return TwilioError(400, 50065, f"Invalid webhook retry count: {text}")


def invalid_pre_url(url: str) -> TwilioError:
    """An invalid URL of a pre-webhook."""
    return TwilioError(400, 50077, f"Invalid pre webhook url: {url}")


def invalid_post_url(url: str) -> TwilioError:
    """An invalid URL of a post-webhook."""
    return TwilioError(400, 50078, f"Invalid post webhook url: {url}")


def address_configured(address: str) -> TwilioError:
    """An address has one configuration only."""
    return TwilioError(409, 20409, f"Address configuration already exists: {address}")


def role_in_use(name: str) -> TwilioError:
    """A role that is a default of the service."""
    return TwilioError(409, 20409, f"Role is a default of its service: {name}")
