"""What is wrong with an input."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One invalid input, and why. The reason never has a value that may be a secret."""

    path: str
    reason: str
