"""What all tests share: their order."""

import pytest

LONG = ("test_interruption.py", "test_demo.py", "test_engine.py", "test_stack.py", "test_scripts.py", "test_replay.py")
"""Files that take minutes, longest first: two workers that begin with them end at the same time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long files begin; the order within a file stays."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))
