"""One lock for each conversation, so that copies of an event in one process are handled one after the other.

The second copy then sees what the first one did. This only saves calls; safety is the claim's task, which works across
processes.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..twilio_api import Attempt, UnavailableError
from .locks import Lock, NewLock


class ConversationLocks:
    """One lock for each conversation that is being handled now. Safe for many threads."""

    def __init__(self, lock: NewLock = threading.Lock) -> None:
        self._new_lock = lock
        self._lock = lock()
        self._locks: dict[str, tuple[Lock, int]] = {}

    def __len__(self) -> int:
        """Return how many conversations are being handled or waited for."""
        return len(self._locks)

    @contextmanager
    def hold(self, conversation_sid: str, attempt: Attempt, *, spare: float = 0.0) -> Iterator[None]:
        """Hold a conversation's lock.

        Args:
            conversation_sid: CH...
            attempt: limits how long to wait.
            spare: seconds of the attempt that must be left once the lock is held.

        Raises:
            UnavailableError: another thread held the lock for too long.
        """
        with self._lock:
            mine, users = self._locks.get(conversation_sid, (self._new_lock(), 0))
            self._locks[conversation_sid] = (mine, users + 1)
        try:
            if not mine.acquire(timeout=max(0.0, attempt.remaining - spare)):
                raise UnavailableError("lock", "another event of this conversation is being handled")
            try:
                yield
            finally:
                mine.release()
        finally:
            with self._lock:
                mine, users = self._locks[conversation_sid]
                if users == 1:
                    del self._locks[conversation_sid]
                else:
                    self._locks[conversation_sid] = (mine, users - 1)
