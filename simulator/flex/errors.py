"""Flex's refusals; the catalogue names few, so a bad parameter is the general 20001."""

from __future__ import annotations

from simulator.errors import TwilioError, invalid_parameter


def invalid_channel_status(status: str) -> TwilioError:
    """Clients may set closed and inactive."""
    return invalid_parameter(f"Invalid Status value given: {status!r}; it is closed or inactive")


def invalid_routing(value: str) -> TwilioError:
    """Routing is JSON, and closed is its only status."""
    return invalid_parameter(f'Invalid Routing value given: {value}; it is {{"status":"closed"}}')


def routing_required() -> TwilioError:
    """An inactive channel needs to know what becomes of its tasks."""
    return invalid_parameter("Routing status is required when Status is inactive")


FAILED_CODE = 45360
"""A channel that could not close its conversation."""
