"""Attempts that run at the same time take turns at every call; a seed draws whose turn is next."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable

Gate = threading.Lock
"""Locked, it stops one thread; whoever unlocks it lets that thread through once."""


class Turns:
    """Lets attempts run at the same time, one step at a time; a seed draws whose step is next."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._sticky = 0.0
        self._back = _closed_gate()
        self._mine = threading.local()
        self._waiting: dict[Gate, TurnLock] = {}

    def begin(self) -> None:
        """Begin a schedule; in some an attempt runs long before it is another's turn."""
        self._sticky = self._dice.choice((0.0, 0.5, 0.9))

    def run(self, attempts: Iterable[Callable[[], object]]) -> None:
        """Run all of them to their ends.

        Raises:
            BaseException: what one of them raised.
        """
        failures: list[BaseException] = []
        alive: dict[Gate, threading.Thread] = {}
        ended: set[Gate] = set()

        def live(attempt: Callable[[], object], go: Gate) -> None:
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
            go = _closed_gate()
            alive[go] = threading.Thread(target=live, args=(attempt, go), daemon=True)
            alive[go].start()
        current: Gate | None = None
        while alive:
            # Whoever waits for a lock has no step to take, unless nobody else has one either.
            able = [go for go in alive if go not in self._waiting or not self._waiting[go].held] or list(alive)
            if current not in able or self._dice.random() >= self._sticky:
                current = self._dice.choice(able)
            current.release()
            self._back.acquire()
            if current in ended:
                alive.pop(current).join()
        if failures:
            raise failures[0]

    def pause(self, until: TurnLock | None = None) -> None:
        """End a step and let another attempt take one, until a lock is free. Outside of `run` this does nothing."""
        go: Gate | None = getattr(self._mine, "go", None)
        if go is None:
            return
        if until is not None:
            self._waiting[go] = until
        self._back.release()
        go.acquire()
        self._waiting.pop(go, None)

    def lock(self) -> TurnLock:
        """Return a lock whose waiters let others run."""
        return TurnLock(self)


class TurnLock:
    """Stands for `threading.Lock` when attempts take turns."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.held = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquire the lock within a bounded number of other attempts' steps, however long those take."""
        for _ in range(10_000):
            if not self.held:
                self.held = True
                return True
            if not blocking:
                break
            self._turns.pause(until=self)
        return False

    def release(self) -> None:
        """Release the lock."""
        self.held = False

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def _closed_gate() -> Gate:
    gate = threading.Lock()
    gate.acquire()
    return gate
