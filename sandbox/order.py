"""Stands for the function's threads: calls that one attempt makes together are made one after the other, in any order.

The order is drawn from a seed, so it can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class Later(Future[Any]):
    """A call that is made when its result is requested, or when its group ends."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__()
        self._call: Callable[[], Any] | None = call

    def make(self) -> None:
        """Make the call, unless it was made already."""
        call, self._call = self._call, None
        if call is None:
            return
        try:
            self.set_result(call())
        except BaseException as error:  # noqa: BLE001 -- whoever wants the result gets it, a process's death too
            self.set_exception(error)

    def result(self, timeout: float | None = None) -> Any:
        """Return the call's result."""
        self.make()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return the call's error."""
        self.make()
        return super().exception(timeout)


class Pool(Executor):
    """Stands for the function's threads; some calls are made at once, others later."""

    def __init__(self, dice: random.Random | None = None) -> None:
        self._dice = dice

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Later:
        """Make a call now or later."""
        later = Later(lambda: call(*arguments, **named))
        if self._dice is None or self._dice.random() < 0.5:
            later.make()
        return later


def workers(_number: int) -> Pool:
    """Return an executor for the sweep's threads: they work one after the other, so the first does everything."""
    return Pool()
