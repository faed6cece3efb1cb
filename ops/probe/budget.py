"""What a probe may cost, and the hard stop when it is used up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from ops.probe.clock import Clock
from ops.probe.errors import BudgetError


@dataclass(frozen=True)
class Cost:
    """A maximum.

    Attributes:
        calls: to Twilio's API, including those that are repeated.
        messages: written into conversations; they stay in Twilio's chat and reach no carrier.
        time: from start to end.
    """

    calls: int
    messages: int = 0
    time: timedelta = timedelta()


def side_by_side(costs: Iterable[Cost]) -> Cost:
    """What costs together, where the waits are at the same time."""
    known = list(costs)
    return Cost(
        calls=sum(each.calls for each in known),
        messages=sum(each.messages for each in known),
        time=max((each.time for each in known), default=timedelta()),
    )


class Budget:
    """What is left of a cost. Several threads may spend it.

    Args:
        cost: the maximum.
        clock: measures the time, from now on.
    """

    def __init__(self, cost: Cost, clock: Clock) -> None:
        self._cost = cost
        self._clock = clock
        self._began = clock.now()
        self._lock = Lock()
        self._calls = 0
        self._messages = 0

    @property
    def spent(self) -> Cost:
        """What was used so far."""
        return Cost(self._calls, self._messages, self._clock.now() - self._began)

    def spend(self, *, message: bool) -> None:
        """Count a call before it is made.

        Raises:
            BudgetError: it would be more than the maximum.
        """
        with self._lock:
            if self._calls + 1 > self._cost.calls:
                raise BudgetError(f"the maximum of {self._cost.calls} calls was reached")
            if self._messages + message > self._cost.messages:
                raise BudgetError(f"the maximum of {self._cost.messages} messages was reached")
            if self._clock.now() - self._began > self._cost.time:
                raise BudgetError(f"the maximum of {self._cost.time.total_seconds() / 60:.0f} minutes was reached")
            self._calls += 1
            self._messages += message
