"""Conversations' refusals (Twilio's error catalogue, 50350 to 50385; 50377 as seen by clients: HTTP 400)."""

from __future__ import annotations

from simulator.errors import TwilioError


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
    """Closed is for good."""
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
    """A conversation cannot begin at its end."""
    return TwilioError(400, 50384, "Conversation cannot be created in closed state")


def participant_exists(who: str) -> TwilioError:
    """This identity or address takes part already."""
    return TwilioError(409, 50433, f"Participant already exists: {who}")


def invalid_pre_url(url: str) -> TwilioError:
    """A pre-webhook's URL that is none."""
    return TwilioError(400, 50077, f"Invalid pre webhook url: {url}")


def invalid_post_url(url: str) -> TwilioError:
    """A post-webhook's URL that is none."""
    return TwilioError(400, 50078, f"Invalid post webhook url: {url}")
