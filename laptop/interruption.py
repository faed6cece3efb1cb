"""Stops a run between two steps after Ctrl-C.

A signal handler that raises would leave the engine's step incomplete, and its lock behind.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self


class Interrupted(Exception):  # noqa: N818 - it is not an error
    """The user asked to stop."""


class Interruption:
    """Context manager that notes SIGINT and SIGTERM."""

    def __init__(self, announce: Callable[[], None]) -> None:
        self._announce = announce
        self._asked = threading.Event()
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal() gave us, it takes back

    def check(self) -> None:
        """Stop here if a signal arrived.

        Raises:
            Interrupted: one did.
        """
        if self._asked.is_set():
            raise Interrupted

    def wait(self) -> None:
        """Wait until a signal arrives."""
        while not self._asked.wait(timeout=1):
            pass

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if not self._asked.is_set():
            self._asked.set()
            self._announce()
