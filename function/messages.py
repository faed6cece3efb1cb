"""Which text the customer reads."""

from datetime import datetime, timedelta

from .policy import Policy


def warning_text(policy: Policy, *, now: datetime, then: datetime) -> str:
    """The warning, with the minutes that are really left: a late one must not promise more than it gives."""
    minutes = max(1, (then - now + timedelta(seconds=30)) // timedelta(minutes=1))
    return policy.warning_text.format(minutes=minutes)


def closing_text(policy: Policy) -> str:
    """The closing notice."""
    return policy.closing_text.format()
