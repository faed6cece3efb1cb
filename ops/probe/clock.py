"""The time of a probe, which tests let pass faster."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> datetime:
        """The time, aware and UTC; it never goes back."""

    def sleep(self, duration: timedelta) -> None:
        """Wait."""


class SystemClock:
    """This machine's clock; a change of its time changes no duration."""

    def __init__(self) -> None:
        self._began = datetime.now(UTC)
        self._zero = time.monotonic()

    def now(self) -> datetime:
        """The time."""
        return self._began + timedelta(seconds=time.monotonic() - self._zero)

    def sleep(self, duration: timedelta) -> None:
        """Wait."""
        time.sleep(max(duration.total_seconds(), 0))
