"""Reports after a run how many operations were validated."""

from __future__ import annotations

import pytest

from tests.simulator.contract.documents import operations


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line: n of n."""
    validated = {
        value
        for report in terminalreporter.stats.get("passed", [])
        for name, value in getattr(report, "user_properties", ())
        if name == "validated operation"
    }
    if validated:
        terminalreporter.write_line(f"contract: {len(validated)} of {len(operations())} operations validated")
