"""How long a sweep may take: what infra asks Google for, and what the function makes of it.

Everything follows from `sweepEvery`: a sweep is over when the next begins, and before Google ends it.
"""

from datetime import timedelta

LONGEST_ATTEMPT = timedelta(minutes=30)
"""Cloud Scheduler waits no longer for an HTTP target (Google Cloud docs, Scheduler jobs, attempt deadline)."""

SPARE = timedelta(seconds=10)
"""Twice the longest look at one conversation, so that the last one ends in time."""


def sweep_timeout(every: timedelta) -> timedelta:
    """How long Google waits for a sweep: the function's timeout and the attempt deadline of its schedule."""
    return min(every, LONGEST_ATTEMPT)


def sweep_lasts(every: timedelta) -> timedelta:
    """How long a sweep goes on, at most."""
    return sweep_timeout(every) - SPARE
