"""Properties that count how many draws reach their assertions: one that hardly ever does shows nothing."""

import functools
import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import event

OURS = ("__wrapped__", "__signature__")


class Reached:
    """Counts how many of a property's draws have reached each of its points."""

    def __init__(self, least: Mapping[str, float]) -> None:
        self.draws = 0
        self._least = least
        self._got_to = Counter(dict.fromkeys(least, 0))

    def __repr__(self) -> str:
        return f"{dict(self._got_to)} of {self.draws}"

    def __call__(self, point: str, condition: object) -> bool:
        """Return the condition and count it; call it at most once for each draw."""
        if point not in self._least:
            raise LookupError(f"{point!r} is none of this property's points, which are {', '.join(self._least)}")
        if condition:
            self._got_to[point] += 1
            event(f"reached: {point}")
        return bool(condition)

    def check(self) -> None:
        """Fail if fewer draws reached a point than required."""
        for point, least in self._least.items():
            got_to = self._got_to[point]
            share = got_to / self.draws if self.draws else 0.0
            assert share >= least, (
                f"{got_to} of {self.draws} draws reached {point!r}, which should be {least:.0%} at least: "
                "build the cases towards it, or the property shows nothing"
            )


def reaching(**least: float) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Require that a property's draws reach these points at least this often; written above `@given`.

    Its first argument is a new `Reached` for each run. Draws that are rejected inside the property count too. A
    property that fails still fails as usual: draws that were made to shrink it do not count.
    """

    def decorated(test: Any) -> Callable[..., None]:
        inner = test.hypothesis.inner_test

        @functools.wraps(inner)
        def counted(*args: Any, reached: Reached, **drawn: Any) -> None:
            reached.draws += 1
            inner(*args, reached=reached, **drawn)

        @functools.wraps(test)
        def run(*args: Any, **others: Any) -> None:
            # What Hypothesis and its plugin noted above, such as settings, is meant for the property.
            vars(test).update({name: value for name, value in vars(run).items() if name not in OURS})
            reached = Reached(least)
            test(*args, reached=reached, **others)
            reached.check()

        test.hypothesis.inner_test = counted
        asked_for = inspect.signature(test)
        others = [each for name, each in asked_for.parameters.items() if name != "reached"]
        run.__signature__ = asked_for.replace(parameters=others)  # type: ignore[attr-defined]
        return run

    return decorated
