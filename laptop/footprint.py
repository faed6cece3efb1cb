"""The peak memory of this process and all its children together."""

import threading
from types import TracebackType
from typing import Self

import psutil

EVERY_S = 0.5


class Footprint:
    """Context manager that measures twice a second, in a thread.

    Resident memory is summed over all processes. Shared pages count more than once, so the figure is an upper bound.

    Attributes:
        peak: bytes, the highest sum so far.
        peak_processes: how many processes there were at that moment.
    """

    def __init__(self) -> None:
        self.peak = 0
        self.peak_processes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="footprint", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while True:
            sizes = [size for process in (me, *me.children(recursive=True)) if (size := _resident(process))]
            if sum(sizes) > self.peak:
                self.peak, self.peak_processes = sum(sizes), len(sizes)
            if self._done.wait(EVERY_S):
                return


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it ended while we looked
        return 0
