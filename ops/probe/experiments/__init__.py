"""The experiments by product: in each file what is seen, what it proves, and the calls."""

from typing import Final

from ops.probe.experiments import interactions, limits, settings, tasks, timers, webhooks
from ops.probe.experiments.experiment import Experiment, Lab, Steps

EXPERIMENTS: Final[tuple[Experiment, ...]] = (
    *settings.EXPERIMENTS,
    *limits.EXPERIMENTS,
    *tasks.EXPERIMENTS,
    *interactions.EXPERIMENTS,
    *webhooks.EXPERIMENTS,
    *timers.EXPERIMENTS,
)
"""All of them, in the order in which they begin; those that measure time begin last, and are disturbed least."""

__all__ = ["EXPERIMENTS", "Experiment", "Lab", "Steps"]
