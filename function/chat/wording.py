"""What the customer reads: the step's text in their language, variables filled in."""

from datetime import datetime, timedelta

from ..policy import MINUTES, SILENCE, Step


def words(step: Step, language: str, *, now: datetime, silent_since: datetime, then: datetime | None = None) -> str:
    """The text of a step.

    Args:
        step: what is said.
        language: the customer's language tag; empty when unknown.
        now: Twilio's own time.
        silent_since: when the silence began.
        then: when the next step is due: a late warning must not promise more than it gives.
    """
    variables = {MINUTES: _minutes(then - now) if then else 0, SILENCE: _minutes(now - silent_since)}
    return step.text.in_language(language).format(**variables)


def _minutes(duration: timedelta) -> int:
    """Whole minutes, rounded, one at least."""
    return max(1, (duration + timedelta(seconds=30)) // timedelta(minutes=1))
