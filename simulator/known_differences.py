"""Where the simulator is known to differ from the platform, in one place.

`docs/simulator-coverage.md` is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Difference:
    """One known difference: the product (None for all), what the platform has, what is here instead."""

    product: str | None
    platform: str
    here: str


KNOWN: Final = (
    Difference(None, "Subaccounts, restricted keys", "separate accounts, each with one API key"),
    Difference(None, "A clock that runs", "virtual time; only the control plane moves it"),
    Difference(None, "A debugger that warns of unknown parameters (20001)", "the control plane's log lists them"),
    Difference(None, "A limit of concurrent requests, and headers that show it", "none; the documented rates only"),
    Difference(None, "Rates counted by Twilio's own windows", "the last second of real time, off unless switched on"),
    Difference(None, "Pages with opaque tokens", "tokens are numbers; the previous page is always the first"),
    Difference(
        None, "Regions with keys and data of their own", "US1 only, by any edge; others refuse every key (20003)"
    ),
    Difference("conversations", "Carriers and their receipts", "nothing is sent; the control plane sets receipts"),
    Difference("conversations", "Media and content templates", "SIDs are stored and shown, without content"),
    Difference("conversations", "The state `initializing`", "never shown: a conversation is `active` at once"),
    Difference("conversations", "Scoped webhooks that start Studio flows", "stored and shown; no flow is started"),
    Difference("conversations", "Push notifications and their bindings", "counted as missing below"),
    Difference("chat", "Channels, members and messages", "only services, as another view of those of Conversations"),
    Difference("taskrouter", "Statistics", "counted as missing below"),
    Difference("taskrouter", "Events older than 30 days, with redacted attributes of tasks", "deleted after 30 days"),
    Difference("taskrouter", "Events name their actor", "always the workspace"),
    Difference("taskrouter", "Calls and conferences of reservations", "their parameters are ignored"),
    Difference("flex-api", "Interactions of phone calls", "every channel has a conversation"),
    Difference("flex-api", "Interaction webhooks", "none; `WebhookTtid` is stored and shown"),
    Difference(
        "flex-api", "Channels are deleted after 180 days, conversations that agents left after 90", "both are kept"
    ),
    Difference("flex-api", "Insights, plugins and the older Flex flows", "counted as missing below"),
)
"""Missing operations are not listed here: the page counts them."""
