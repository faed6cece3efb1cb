"""What Twilio does not document about all products: rate limits, and headers of webhooks."""

from __future__ import annotations

from simulator.shared.dialect.question import CONVERSATIONS_LIMITS, WEBHOOK_OVERRIDES, Question, error


class LimitCode(
    Question,
    known="The error catalogue has the product's codes beside the general one. Which is used is not documented.",
    matters="whoever tells a limit from another refusal by its code",
    sources=(error(20429), error(45780), CONVERSATIONS_LIMITS),
):
    """Which code does a refusal by a rate limit have in its body?"""

    GENERAL = "general"
    """20429, Too Many Requests."""
    PRODUCT = "product"
    """The product's own: 45780 of Interactions, 50074 of Conversations."""


class RetryAfter(
    Question,
    known="Not documented.",
    matters="whoever waits before the next attempt",
    sources=(error(20429),),
):
    """Does a refusal by a rate limit say how long to wait?"""

    MISSING = "missing"
    """No; clients choose their own pause."""
    SENT = "sent"
    """Yes: Retry-After, in seconds."""


class WebhookIdempotency(
    Question,
    known="Documented for webhooks in general, not for those of Conversations and TaskRouter.",
    matters="whoever tells a copy of a webhook from a new one",
    sources=(WEBHOOK_OVERRIDES,),
):
    """Do webhooks carry I-Twilio-Idempotency-Token?"""

    MISSING = "missing"
    """No."""
    SENT = "sent"
    """Yes; copies and retries of one webhook carry the same."""
