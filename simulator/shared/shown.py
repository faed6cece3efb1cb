"""An unknown status, shown instead of the true one, as Twilio may introduce one.

The rules still follow the true one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """The status to show as long as the true one is `instead_of`."""

    status: str
    instead_of: str


def shown(true: str, odd: Shown | None) -> str:
    """The status that Twilio shows."""
    return odd.status if odd is not None and odd.instead_of == true else true
