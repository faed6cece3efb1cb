"""One Twilio account: its credentials, its products, and what they share (clock, SIDs, dialect, outbox)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from simulator.chat.models import Chat
from simulator.clock import START, Clock
from simulator.conversations.models import Conversations
from simulator.dialect import Dialect
from simulator.flex.models import Flex
from simulator.outbox import Outbox
from simulator.sids import Sids, derived_sid
from simulator.taskrouter.models import TaskRouter

DEFAULT_NAME = "simulator"


class Account:
    """The state of everything after a reset. The default objects' SIDs and the credentials never change."""

    def __init__(self, *, now: datetime = START, dialect: Dialect | None = None, epoch: int = 0) -> None:
        self.sid = derived_sid("AC", DEFAULT_NAME)
        self.auth_token = hashlib.md5(b"auth token/simulator", usedforsecurity=False).hexdigest()
        self.api_key_sid = derived_sid("SK", DEFAULT_NAME)
        self.api_key_secret = hashlib.md5(b"api key/simulator", usedforsecurity=False).hexdigest()
        self.dialect = dialect or Dialect()
        self.clock = Clock(now)
        self.sids = Sids(f"epoch-{epoch}")
        self.outbox = Outbox(self.sids, self.dialect.webhook_idempotency)
        self.conversations = Conversations(self)
        self.chat = Chat(self)
        self.taskrouter = TaskRouter(self)
        self.flex = Flex(self)

    def accepts(self, user: str, password: str) -> bool:
        """Whether these Basic credentials are the account's token or its API key."""
        for sid, secret in ((self.sid, self.auth_token), (self.api_key_sid, self.api_key_secret)):
            if user == sid:
                return hmac.compare_digest(password.encode(), secret.encode())
        return False
