"""What a check finds, as a value."""

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from function.twilio_api import TwilioError as CallError
from infra.twilio_resources.client import TwilioError
from ops.google import GoogleError
from ops.messages import explained


class Level(enum.StrEnum):
    """How bad a finding is."""

    FINE = "fine"
    NOTE = "note"
    """Worth knowing; nothing has to be done."""
    PROBLEM = "problem"
    UNKNOWN = "unknown"
    """It could not be checked, which counts as a problem."""


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: its name.
        level: how bad it is.
        what: the fact.
        mend: the command or the action that mends it; empty if there is nothing to mend.
    """

    check: str
    level: Level
    what: str
    mend: str = ""

    @property
    def needs_somebody(self) -> bool:
        """Whether somebody has to do something."""
        return self.level in {Level.PROBLEM, Level.UNKNOWN}


def fine(check: str, what: str) -> Finding:
    """Nothing to do."""
    return Finding(check, Level.FINE, what)


def note(check: str, what: str) -> Finding:
    """Worth knowing."""
    return Finding(check, Level.NOTE, what)


def problem(check: str, what: str, mend: str) -> Finding:
    """Somebody has to do something."""
    return Finding(check, Level.PROBLEM, what, mend)


def unknown(check: str, what: str, mend: str) -> Finding:
    """It could not be checked."""
    return Finding(check, Level.UNKNOWN, what, mend)


Check = Callable[[], Iterable[Finding]]


def found_by(name: str, check: Check) -> Iterator[Finding]:
    """Yield what a check finds; if it fails, that is a finding too, and the other checks go on."""
    try:
        yield from check()
    except (CallError, TwilioError, GoogleError) as error:
        yield unknown(
            name, f"could not be checked: {explained(error)}", "mend that, then run bin/inactivity doctor again"
        )
