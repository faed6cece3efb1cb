"""Locks as the function uses them, so that whoever tests it can decide whose turn it is."""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol


class Lock(Protocol):
    """What `threading.Lock` makes, as far as it is used."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001, FBT002 -- threading's
        """Take it; whether that worked."""
        ...

    def release(self) -> None:
        """Give it back."""
        ...

    def __enter__(self) -> bool: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...


NewLock = Callable[[], Lock]
"""Makes a lock."""
