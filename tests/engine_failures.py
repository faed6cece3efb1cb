"""Why a command of the real engine fails, for tests that expect it to."""

from collections.abc import Callable

import pytest

from laptop.stack import ENGINE_ENDED, EngineFailedError

GONE = (ENGINE_ENDED, "_InactiveRpcError")
"""What Pulumi's library says when the engine has failed and ended before the program, which runs in this process."""


def why_it_fails(command: Callable[[], object]) -> str:
    """Run a command that must fail, and return its reason.

    An engine that ended first (seen with pulumi 3.259, on a busy machine) names only its own end, and not what went
    wrong. Then the command runs again, because it must fail again.

    Raises:
        AssertionError: it did not fail, or the engine ended first three times.
    """
    for _ in range(3):
        with pytest.raises(EngineFailedError) as failed:
            command()
        reason = str(failed.value)
        if not any(words in reason for words in GONE):
            return reason
    raise AssertionError(f"no reason in three runs: {reason}")
