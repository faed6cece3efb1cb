"""Which messages are ours, as an auditor tells them: by the marker that docs/architecture.md names, and no participant.

It is written here once more and not taken from the function, so that the function's word about itself counts nothing.
"""

from collections.abc import Mapping
from typing import Any

from simulator.facts import Said

MARKER = "inactivityTimeout"
"""The attribute by which a message says that it is a warning or a closing notice, of which step."""


def marker(said: Said) -> Mapping[str, Any] | None:
    """What a message of ours says of itself; None for anybody else's, whatever is forged into it."""
    return None if said.participant else said.attributes.get(MARKER)


def kind_of_ours(said: Said) -> str:
    """`warning` or `closing` for ours; empty for anybody else's."""
    found = marker(said)
    return str(found["kind"]) if found else ""
