"""A probe from start to end: its cost, its experiments side by side, and the removal of all that it created."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ops.probe.api import TwilioApi
from ops.probe.bench import Bench, Say
from ops.probe.budget import Budget, Cost, side_by_side
from ops.probe.clock import Clock
from ops.probe.errors import explained
from ops.probe.experiments import EXPERIMENTS, Experiment, Lab
from ops.probe.listener import Listener
from ops.probe.questions import Finding, not_settled
from ops.probe.scratch import create, remove

CHECK: Final = Cost(calls=150, time=timedelta(minutes=3))
"""To look at the account before anything is asked: two calls for each of its services."""

PREPARATION: Final = Cost(calls=20, time=timedelta(minutes=1))
REMOVAL: Final = Cost(calls=160, time=timedelta(minutes=3))
REPEATED: Final = Cost(calls=40, time=timedelta(minutes=2))
"""For calls that are made again after a limit or a failure."""

NO_LISTENER: Final = "webhooks cannot be received: say --listen URL"
INTERRUPTED: Final = "the probe was interrupted"


@dataclass(frozen=True)
class Plan:
    """What a probe is going to do.

    Attributes:
        experiments: those that can be made.
        left_out: those that cannot, for want of a listener.
    """

    experiments: tuple[Experiment, ...]
    left_out: tuple[Experiment, ...]

    @property
    def cost(self) -> Cost:
        """The maximum of all its experiments; the removal has a budget of its own on top."""
        running = side_by_side(experiment.cost for experiment in self.experiments)
        parts = (PREPARATION, running, REPEATED)
        return replace(side_by_side(parts), time=sum((part.time for part in parts), timedelta()))

    @property
    def questions(self) -> int:
        """How many questions it may settle."""
        return sum(len(experiment.settles) for experiment in self.experiments)


@dataclass(frozen=True)
class Report:
    """What a probe found.

    Attributes:
        at: when it began.
        findings: one for each question, in the order of the experiments.
        spent: what it used, without the removal.
        left: what could not be removed; one line each.
        stopped: why it ended early; empty if it did not.
    """

    at: datetime
    findings: tuple[Finding, ...]
    spent: Cost
    left: tuple[str, ...]
    stopped: str


def plan(*, listening: bool) -> Plan:
    """What can be done with or without a listener."""
    possible = tuple(each for each in EXPERIMENTS if listening or not each.needs_webhooks)
    return Plan(possible, tuple(each for each in EXPERIMENTS if each not in possible))


def probe(api: TwilioApi, clock: Clock, listener: Listener | None, say: Say) -> Report:
    """Make all experiments, and remove everything that they created, whatever happens.

    Raises:
        KeyboardInterrupt: again, while things are removed.
    """
    planned = plan(listening=listener is not None)
    began = clock.now()
    budget = Budget(planned.cost, clock)
    bench = Bench(clock, say)
    stopped = ""
    try:
        with api.within(budget):
            say("creating what the experiments need")
            bench.run(Lab(api, create(api), listener), planned.experiments)
    except KeyboardInterrupt:
        stopped = INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- whatever happens, what was found is reported
        stopped = explained(error)
    finally:
        spent = budget.spent
        left = clean(api, clock, say)
    not_made = [
        not_settled(question, stopped or (NO_LISTENER if experiment in planned.left_out else "it was not tried"))
        for experiment in EXPERIMENTS
        for question in experiment.settles
        if question not in {finding.question for finding in bench.findings}
    ]
    return Report(began, (*bench.findings, *not_made), spent, tuple(left), stopped)


def clean(api: TwilioApi, clock: Clock, say: Say) -> list[str]:
    """Remove what this probe or an earlier one created, and return what could not be removed."""
    say("removing everything that a probe created")
    with api.within(Budget(REMOVAL, clock)):
        return remove(api)
