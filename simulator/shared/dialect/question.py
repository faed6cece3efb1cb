"""What an open question is, and the public pages that come close to an answer."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar, Final


class Question(Enum):
    """A question that Twilio's documents leave open.

    The docstring of a subclass asks it. Its members are the answers, and the text below each says what it means.

    Attributes:
        known: What is public about it.
        matters: Whom the answer concerns, as the rest of "It matters to".
        sources: Where that was read, and when.
    """

    known: ClassVar[str]
    matters: ClassVar[str]
    sources: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, *, known: str, matters: str, sources: tuple[str, ...] = ()) -> None:
        super().__init_subclass__()
        cls.known, cls.matters, cls.sources = known, matters, sources


_DOCS: Final = "https://www.twilio.com/docs"
_CONVERSATIONS: Final = f"{_DOCS}/conversations-classic"
_FLEX: Final = f"{_DOCS}/flex/developer/conversations"

STATES_AND_TIMERS: Final = f"{_CONVERSATIONS}/states-timers (November 2026)"
CONVERSATIONS_LIMITS: Final = f"{_CONVERSATIONS}/conversations-limits (November 2026)"
CONVERSATIONS_WEBHOOKS: Final = f"{_CONVERSATIONS}/conversations-webhooks (November 2026)"
INTERACTION_CHANNELS: Final = f"{_FLEX}/interactions-api/channels-subresource (November 2026)"
INTERACTION_INVITES: Final = f"{_FLEX}/interactions-api/invites-subresource (November 2026)"
FLEX_BEST_PRACTICES: Final = f"{_FLEX}/best-practices (November 2026)"
FLEX_TEMPLATE: Final = "https://github.com/twilio-professional-services/flex-project-template (November 2026)"
TASK_LIFECYCLE: Final = f"{_DOCS}/taskrouter/lifecycle-task-state (November 2026)"
TASK_RATES: Final = "https://www.twilio.com/en-us/changelog/taskrouter-endpoint-rate-limit-correction (18 October 2024)"
EVENTS: Final = f"{_DOCS}/taskrouter/api/event (November 2026)"
WEBHOOK_OVERRIDES: Final = f"{_DOCS}/usage/webhooks/webhooks-connection-overrides (November 2026)"
TERRAFORM: Final = "https://github.com/RJPearson94/terraform-provider-twilio (acceptance tests, November 2026)"


def error(code: int) -> str:
    """The error catalogue's page on a code."""
    return f"{_DOCS}/api/errors/{code} (November 2026)"


def openapi(document: str) -> str:
    """One of Twilio's OpenAPI documents, such as `conversations_v1`."""
    return f"https://github.com/twilio/twilio-oai, spec/json/twilio_{document}.json (14 April 2026)"
