"""What all tests share: their order, which of them run on the same worker, and an environment without credentials."""

import pytest

CREDENTIALS = ("ACCOUNT_SID", "AUTH_TOKEN", "AUTH_TOKEN_SECONDARY", "API_KEY_SID", "API_KEY_SECRET")
"""Twilio's variables, without their prefix."""

LONG = (
    "test_engine.py",
    "test_broken_functions.py",
    "test_restore_stories.py",
    "test_earlier_stacks.py",
    "test_interruption.py",
    "test_demo.py",
    "test_stack.py",
    "test_stack_script.py",
    "test_redeployment.py",
    "test_campaigns.py",
)
"""Files whose tests take long, longest first: workers that begin with them end at the same time."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the long tests first, each on any worker; one worker has all tests of the shared deployment."""
    items.sort(key=_rank)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _rank(item: pytest.Item) -> int:
    if item.path.name in LONG:
        return LONG.index(item.path.name)
    return len(LONG) if _shares_the_deployment(item) else len(LONG) + 1


def _group(item: pytest.Item) -> str:
    if _shares_the_deployment(item):
        return "deployed"
    return item.name if item.path.name in LONG else str(item.path)


def _shares_the_deployment(item: pytest.Item) -> bool:
    return "deployed" in getattr(item, "fixturenames", ())


@pytest.fixture
def without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove Twilio's credentials from the environment, so that no test uses a developer's own."""
    for variable in CREDENTIALS:
        monkeypatch.delenv(f"TWILIO_{variable}", raising=False)
