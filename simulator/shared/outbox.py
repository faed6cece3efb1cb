"""The calls to webhooks that wait to be made: models put them in, `webhooks.py` makes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from simulator.shared.connection_overrides import ConnectionOverrides
from simulator.shared.dialect.platform import WebhookIdempotency
from simulator.shared.sids import Sids

Params = tuple[tuple[str, str], ...]
IDEMPOTENCY_HEADER: Final = "I-Twilio-Idempotency-Token"


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """One call to make.

    `event` is the webhook's event type; the call of a schedule has none and is not signed. Other calls are signed with
    the token of `account_sid`. Without `overrides` a call has the five seconds of Conversations' webhooks, and is
    repeated up to `retries` times after a timeout, 429, 503 or 504.
    """

    url: str
    method: str
    params: Params
    event: str | None = None
    conversation_sid: str | None = None
    schedule: str | None = None
    headers: Params = ()
    retries: int = 0
    overrides: ConnectionOverrides | None = None
    account_sid: str | None = None


class Outbox:
    """Calls in the order in which they were put in."""

    def __init__(self, sids: Sids, account_sid: str, idempotency: WebhookIdempotency) -> None:
        self._sids = sids
        self._account_sid = account_sid
        self._named = idempotency is WebhookIdempotency.SENT
        self._calls: list[OutgoingCall] = []

    def put(self, call: OutgoingCall) -> None:
        """Add a call. All copies and retries of a webhook have one idempotency token, where the dialect has them."""
        if self._named and call.event is not None:
            token = (IDEMPOTENCY_HEADER, self._sids.new("").upper())
            call = replace(call, headers=(*call.headers, token))
        self._calls.append(replace(call, account_sid=self._account_sid))

    @property
    def waiting(self) -> bool:
        """Whether there is anything to take."""
        return bool(self._calls)

    def take(self) -> list[OutgoingCall]:
        """Remove and return all calls."""
        if not self._calls:
            return []
        calls, self._calls = self._calls, []
        return calls
