"""The interface of the locks that the function uses, so that tests can control the order of threads."""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol


class Lock(Protocol):
    """The methods of `threading.Lock` that are used."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001, FBT002 -- threading's
        """Acquire the lock; return whether that worked."""
        ...

    def release(self) -> None:
        """Release the lock."""
        ...

    def __enter__(self) -> bool: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...


NewLock = Callable[[], Lock]
"""Makes a lock."""
