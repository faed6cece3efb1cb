"""Copies of one event that reach the same process take turns, so that the second sees what the first did.

That saves calls; what makes it safe is the claim, which works across processes.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..twilio_api import Attempt, UnavailableError
from .locks import Lock, NewLock


class Turns:
    """Whose turn it is, by conversation. Safe for many threads."""

    def __init__(self, lock: NewLock = threading.Lock) -> None:
        self._new_lock = lock
        self._lock = lock()
        self._turns: dict[str, tuple[Lock, int]] = {}

    def __len__(self) -> int:
        """At how many conversations somebody is, or waits."""
        return len(self._turns)

    @contextmanager
    def turn(self, conversation_sid: str, attempt: Attempt, *, spare: float = 0.0) -> Iterator[None]:
        """Wait for our turn at a conversation.

        Args:
            conversation_sid: which one.
            attempt: how long that may take.
            spare: seconds of the attempt that must be left when it comes.

        Raises:
            UnavailableError: it did not come in time.
        """
        with self._lock:
            mine, waiting = self._turns.get(conversation_sid, (self._new_lock(), 0))
            self._turns[conversation_sid] = (mine, waiting + 1)
        try:
            if not mine.acquire(timeout=max(0.0, attempt.remaining - spare)):
                raise UnavailableError("turn", "another event of this conversation is being handled")
            try:
                yield
            finally:
                mine.release()
        finally:
            with self._lock:
                mine, waiting = self._turns[conversation_sid]
                if waiting == 1:
                    del self._turns[conversation_sid]
                else:
                    self._turns[conversation_sid] = (mine, waiting - 1)
