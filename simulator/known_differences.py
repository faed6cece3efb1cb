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
    Difference(None, "Subaccounts, restricted keys", "accounts that know nothing of each other, each with one API key"),
    Difference(None, "A clock that runs", "virtual time; only the control plane moves it"),
    Difference(None, "A debugger that warns of unknown parameters (20001)", "the control plane's log names them"),
    Difference(None, "A limit of concurrent requests, and headers that tell of it", "none; the documented rates only"),
    Difference(None, "Rates counted by Twilio's own windows", "the last second of real time, off unless switched on"),
    Difference(None, "Pages with opaque tokens", "tokens are numbers; the previous page is always the first"),
    Difference(
        None, "Regions with keys and data of their own", "US1 only, by any edge; others refuse every key (20003)"
    ),
    Difference("conversations", "Carriers and their receipts", "nothing is sent; they say what they are told to"),
    Difference("conversations", "Media and content templates", "SIDs are kept and shown; nothing is behind them"),
    Difference("conversations", "The state `initializing`", "never seen: conversations are there at once"),
    Difference("conversations", "Scoped webhooks that start Studio flows", "kept and shown; no flow is started"),
    Difference("conversations", "Push notifications and their bindings", "counted as missing below"),
    Difference("chat", "Channels, members and messages", "only services: what Conversations shows behind the same SID"),
    Difference("taskrouter", "Statistics", "counted as missing below"),
    Difference("taskrouter", "Events older than 30 days, their tasks' attributes redacted", "gone after 30 days"),
    Difference("taskrouter", "Events name who or what caused them", "the workspace, always"),
    Difference("taskrouter", "Calls and conferences of reservations", "their parameters are ignored"),
    Difference("flex-api", "Interactions of phone calls", "every channel has a conversation"),
    Difference("flex-api", "Interaction webhooks", "none; `WebhookTtid` is kept and shown"),
    Difference("flex-api", "Channels that are deleted after 180 days, chats that are left for 90", "both are kept"),
    Difference("flex-api", "Insights, plugins and the older Flex flows", "counted as missing below"),
)
"""Missing operations are not listed here: the page counts them."""
