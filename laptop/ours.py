"""Which messages are ours: those with the marker that docs/architecture.md names, and without a participant.

This is written a second time and not imported from the function, so that it can check the function.
"""

from collections.abc import Mapping
from typing import Any

from simulator.facts import Said

MARKER = "inactivityTimeout"
"""The attribute of a message that says whether it is a warning or a closing notice, and of which step."""


def marker(said: Said) -> Mapping[str, Any] | None:
    """The marker of a message of ours; None for any other message, whatever is forged into it."""
    return None if said.participant else said.attributes.get(MARKER)


def kind_of_ours(said: Said) -> str:
    """`warning` or `closing` for ours; empty for anybody else's."""
    found = marker(said)
    return str(found["kind"]) if found else ""
