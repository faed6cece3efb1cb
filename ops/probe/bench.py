"""Runs experiments side by side: while one waits, others go on, in one thread."""

import heapq
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from ops.probe.clock import Clock
from ops.probe.errors import BudgetError, CredentialsError, explained
from ops.probe.experiments import Experiment, Lab, Steps
from ops.probe.questions import Finding, not_settled

NO_FLEX: Final = "the account has no Flex"

WORTH_TELLING: Final = timedelta(seconds=10)
"""A shorter wait is not shown."""

Say = Callable[[str], None]
"""Shows progress to a person, one line at a time."""


class Bench:
    """Experiments, and what they have found so far.

    Args:
        clock: the waits are measured by it.
        say: is told of each result and of long waits.
    """

    def __init__(self, clock: Clock, say: Say) -> None:
        self._clock = clock
        self._say = say
        self.findings: list[Finding] = []

    def run(self, lab: Lab, experiments: Sequence[Experiment]) -> None:
        """Run experiments to their ends. One that fails leaves its questions open, and the others go on.

        Raises:
            BudgetError: the budget is used up.
            CredentialsError: Twilio does not accept the credentials any more.
        """
        now = self._clock.now()
        waiting: list[tuple[datetime, int, Experiment, Steps]] = []
        for number, experiment in enumerate(experiments):
            if experiment.needs_flex and not lab.scratch.has_flex:
                self._note(experiment, [not_settled(question, NO_FLEX) for question in experiment.settles])
            else:
                waiting.append((now, number, experiment, experiment.steps(lab)))
        while waiting:
            due, number, experiment, steps = heapq.heappop(waiting)
            self._wait_until(due, [experiment, *(other for _, _, other, _ in waiting)])
            try:
                pause = next(steps)
            except StopIteration as end:
                self._note(experiment, end.value)
            except (BudgetError, CredentialsError):
                raise
            except Exception as error:  # noqa: BLE001 -- what one experiment did not expect leaves the others
                self._note(experiment, [not_settled(question, explained(error)) for question in experiment.settles])
            else:
                heapq.heappush(waiting, (self._clock.now() + pause, number, experiment, steps))

    def _note(self, experiment: Experiment, findings: Sequence[Finding]) -> None:
        self.findings += findings
        results = ", ".join(f"{each.question} {each.answer or 'not settled'}" for each in findings)
        self._say(f"{experiment.name}: {results}")

    def _wait_until(self, due: datetime, experiments: Sequence[Experiment]) -> None:
        pause = due - self._clock.now()
        if pause <= timedelta():
            return
        if pause >= WORTH_TELLING:
            names = ", ".join(experiment.name for experiment in experiments)
            self._say(f"waiting {pause.total_seconds():.0f} s for {names}")
        self._clock.sleep(pause)
