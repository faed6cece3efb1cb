"""What an experiment is: steps that wait side by side, and what it may cost."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ops.probe.api import TwilioApi
from ops.probe.budget import Cost
from ops.probe.listener import Listener
from ops.probe.questions import Finding, Question
from ops.probe.scratch import Scratch

Steps = Generator[timedelta, None, Sequence[Finding]]
"""The calls of an experiment. It yields how long it waits, and others go on meanwhile; it returns what it found."""


@dataclass(frozen=True)
class Lab:
    """What an experiment works with; the listener is None where webhooks cannot be received."""

    api: TwilioApi
    scratch: Scratch
    listener: Listener | None = None

    @property
    def webhooks(self) -> Listener:
        """The listener of an experiment that needs one.

        Raises:
            ValueError: there is none.
        """
        if self.listener is None:
            raise ValueError("this experiment needs a listener")
        return self.listener


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes:
        name: for progress.
        settles: the questions that it answers.
        cost: its maximum.
        steps: makes the calls and judges what was seen.
        needs_flex: it cannot be made on an account without Flex.
        needs_webhooks: it cannot be made without a listener.
    """

    name: str
    settles: tuple[Question, ...]
    cost: Cost
    steps: Callable[[Lab], Steps]
    needs_flex: bool = False
    needs_webhooks: bool = False
