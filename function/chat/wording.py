"""Fills in the text of a step in the customer's language. No I/O."""

from datetime import datetime, timedelta

from ..policy import MINUTES, SILENCE, Step


def text_of(step: Step, language: str, *, now: datetime, silent_since: datetime, then: datetime | None = None) -> str:
    """Return the text of a step.

    Args:
        step: the step with its text.
        language: the customer's language tag; empty if unknown.
        now: Twilio's own time.
        silent_since: when the silence began.
        then: when the next step is due, so that a late warning names the time that is really left.
    """
    variables = {MINUTES: _minutes(then - now) if then else 0, SILENCE: _minutes(now - silent_since)}
    return step.text.in_language(language).format(**variables)


def _minutes(duration: timedelta) -> int:
    """Return whole minutes, rounded, minimum one."""
    return max(1, (duration + timedelta(seconds=30)) // timedelta(minutes=1))
