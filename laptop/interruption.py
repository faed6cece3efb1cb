"""Ending in order: a Ctrl-C is taken note of, and acted upon between two steps.

A handler that raised would leave the engine's step half done and its lock behind.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self


class Interrupted(Exception):  # noqa: N818 - it is no error
    """Somebody asked us to end."""


class Interruption:
    """Context manager: listens for SIGINT and SIGTERM instead of dying by them."""

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
        """Stop here if somebody asked us to end.

        Raises:
            Interrupted: somebody did.
        """
        if self._asked.is_set():
            raise Interrupted

    def wait(self) -> None:
        """Wait until somebody asks us to end."""
        while not self._asked.wait(timeout=1):
            pass

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if not self._asked.is_set():
            self._asked.set()
            self._announce()
