"""A bounded memory of one process, by SID: always a hint, never what a decision depends on."""

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

from .locks import NewLock

V = TypeVar("V")


class Memory(Generic[V]):
    """The newest entries up to a maximum. Safe for many threads."""

    def __init__(self, maximum: int, lock: NewLock = threading.Lock) -> None:
        self._maximum = maximum
        self._lock = lock()
        self._entries: OrderedDict[str, V] = OrderedDict()

    def get(self, conversation_sid: str) -> V | None:
        """Return what is remembered; None for nothing."""
        with self._lock:
            return self._entries.get(conversation_sid)

    def put(self, conversation_sid: str, value: V) -> V | None:
        """Remember a value; return the one that it replaces."""
        with self._lock:
            before = self._entries.pop(conversation_sid, None)
            self._entries[conversation_sid] = value
            if len(self._entries) > self._maximum:
                self._entries.popitem(last=False)
            return before

    def forget(self, conversation_sid: str) -> None:
        """Forget what is remembered."""
        with self._lock:
            self._entries.pop(conversation_sid, None)

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._entries)
