"""What one process remembers by conversation, within bounds: a hint, never what a decision rests on."""

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

from .locks import NewLock

V = TypeVar("V")


class Memory(Generic[V]):
    """The newest so many entries, the oldest forgotten first. Safe for many threads."""

    def __init__(self, maximum: int, lock: NewLock = threading.Lock) -> None:
        self._maximum = maximum
        self._lock = lock()
        self._entries: OrderedDict[str, V] = OrderedDict()

    def get(self, conversation_sid: str) -> V | None:
        """What is remembered about a conversation."""
        with self._lock:
            return self._entries.get(conversation_sid)

    def put(self, conversation_sid: str, value: V) -> V | None:
        """Remember, and forget what was remembered before; returns that."""
        with self._lock:
            before = self._entries.pop(conversation_sid, None)
            self._entries[conversation_sid] = value
            if len(self._entries) > self._maximum:
                self._entries.popitem(last=False)
            return before

    def forget(self, conversation_sid: str) -> None:
        """Find out anew the next time."""
        with self._lock:
            self._entries.pop(conversation_sid, None)

    def __len__(self) -> int:
        """How many conversations are remembered."""
        return len(self._entries)
