"""A status that nobody knows, as Twilio may have one tomorrow: shown in the place of the true one, which goes on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown, and in which true status's place; when that changes, the new one is shown."""

    status: str
    instead_of: str


def shown(true: str, odd: Shown | None) -> str:
    """The status that Twilio shows."""
    return odd.status if odd is not None and odd.instead_of == true else true
