"""One Twilio account: its credentials, and what its products share (clock, SIDs, dialect, outbox)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from simulator.shared.clock import START, Clock
from simulator.shared.dialect import Dialect
from simulator.shared.outbox import Outbox
from simulator.shared.sids import Sids, derived_sid

DEFAULT_NAME = "simulator"


class Account:
    """An account's identity and state.

    Its credentials and the SIDs of its default objects are the same after every start.

    Args:
        name: The account's name; credentials and SIDs are derived from it.
        clock: A clock to share with other accounts; a new one by default.
        now: The start of a new clock.
        dialect: The answers to what Twilio does not document.
        epoch: How many resets there have been.
    """

    def __init__(
        self,
        name: str = DEFAULT_NAME,
        *,
        clock: Clock | None = None,
        now: datetime = START,
        dialect: Dialect | None = None,
        epoch: int = 0,
    ) -> None:
        self.name = name
        self.sid = derived_sid("AC", name)
        self.auth_token = _secret(f"auth token/{name}")
        self.api_key_sid = derived_sid("SK", name)
        self.api_key_secret = _secret(f"api key/{name}")
        self.dialect = dialect or Dialect()
        self.clock = clock or Clock(now)
        self.sids = Sids(self._own(f"epoch-{epoch}"))
        self.outbox = Outbox(self.sids, self.sid, self.dialect.webhook_idempotency)

    def default_sid(self, prefix: str, name: str) -> str:
        """The SID of an object that the account always has; the same after every start."""
        return derived_sid(prefix, self._own(name))

    def _own(self, name: str) -> str:
        """A name that no other account has."""
        return name if self.name == DEFAULT_NAME else f"{self.name}/{name}"

    def accepts(self, user: str, password: str) -> bool:
        """Whether these Basic credentials are the account's token or its API key."""
        for sid, secret in ((self.sid, self.auth_token), (self.api_key_sid, self.api_key_secret)):
            if user == sid:
                return hmac.compare_digest(password.encode(), secret.encode())
        return False


def _secret(name: str) -> str:
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
