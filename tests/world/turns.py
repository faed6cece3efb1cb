"""Attempts that run at the same time take turns at every call; a seed draws whose turn is next."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable


class Turns:
    """Lets attempts run at the same time, one step at a time; a seed draws whose step is next."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._sticky = 0.0
        self._back = threading.Semaphore(0)
        self._mine = threading.local()

    def begin(self) -> None:
        """Begin a schedule; in some an attempt runs long before it is another's turn."""
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
        """Return a lock whose waiters let others run."""
        return TurnLock(self)


class TurnLock:
    """Stands for `threading.Lock` when attempts take turns."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._held = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquire the lock within a bounded number of other attempts' steps, however long those take."""
        for _ in range(10_000):
            if not self._held:
                self._held = True
                return True
            self._turns.pause()
        return False

    def release(self) -> None:
        """Release the lock."""
        self._held = False

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()
