"""How long a sweep may take: `infra/` configures Google with it, and the function stops in time.

Both follow from `sweepEvery`: a sweep ends before the next one begins, and before Google's timeout.
"""

from datetime import timedelta

LONGEST_ATTEMPT = timedelta(minutes=30)
"""The maximum that Cloud Scheduler waits for an HTTP target (`AttemptDeadline`,
https://cloud.google.com/dotnet/docs/reference/Google.Cloud.Scheduler.V1/latest/Google.Cloud.Scheduler.V1.Job, November
2026)."""

SPARE = timedelta(seconds=10)
"""Twice the maximum for one conversation, so that the last one is finished in time."""


def sweep_timeout(every: timedelta) -> timedelta:
    """How long Google waits for a sweep: the function's timeout and the attempt deadline of its schedule."""
    return min(every, LONGEST_ATTEMPT)


def sweep_lasts(every: timedelta) -> timedelta:
    """How long a sweep starts new work: its timeout less the time for the last conversation."""
    return sweep_timeout(every) - SPARE
