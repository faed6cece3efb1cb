"""In which order things happen that happen at the same time: drawn from a seed, so that it can be repeated.

Calls that one attempt makes together are made one after the other, in any order. Attempts that run at the same time
take turns at every call.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")


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
        """The call's result."""
        self.make()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What went wrong with it."""
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
    """Stands for the sweep's threads: its workers work one after the other, so that the first does it all."""
    return Pool()


class Turns:
    """Lets attempts run at the same time, one step at a time; whose step is next is drawn from a seed."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._sticky = 0.0
        self._back = threading.Semaphore(0)
        self._mine = threading.local()

    def begin(self) -> None:
        """Begin a schedule: some let an attempt go far before it is another's turn."""
        self._sticky = self._dice.choice((0.0, 0.5, 0.9))

    def run(self, attempts: Iterable[Callable[[], object]]) -> None:
        """Run all of them to their ends.

        Raises:
            BaseException: what one of them raised.
        """
        failures: list[BaseException] = []
        alive: dict[threading.Semaphore, threading.Thread] = {}
        ended: set[threading.Semaphore] = set()

        def live(attempt: Callable[[], object], go: threading.Semaphore) -> None:
            self._mine.go = go
            go.acquire()
            try:
                attempt()
            except BaseException as failure:  # noqa: BLE001 -- raised again below, in the caller's thread
                failures.append(failure)
            finally:
                ended.add(go)
                self._back.release()

        for attempt in attempts:
            go = threading.Semaphore(0)
            alive[go] = threading.Thread(target=live, args=(attempt, go), daemon=True)
            alive[go].start()
        current: threading.Semaphore | None = None
        while alive:
            if current not in alive or self._dice.random() >= self._sticky:
                current = self._dice.choice(list(alive))
            current.release()
            self._back.acquire()
            if current in ended:
                alive.pop(current).join()
        if failures:
            raise failures[0]

    def pause(self) -> None:
        """End a step and let the next thread run. Outside of `run` this does nothing."""
        go: threading.Semaphore | None = getattr(self._mine, "go", None)
        if go is not None:
            self._back.release()
            go.acquire()

    def lock(self) -> TurnLock:
        """A lock that leaves its waiters' turns to others."""
        return TurnLock(self)


class TurnLock:
    """Stands for `threading.Lock` where attempts take turns."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._held = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it; within a bounded number of others' steps, however long those take."""
        for _ in range(10_000):
            if not self._held:
                self._held = True
                return True
            self._turns.pause()
        return False

    def release(self) -> None:
        """Give it back."""
        self._held = False

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()
