"""What the tests of the Pulumi program share: a Twilio account of the simulator's."""

from collections.abc import Iterator

import pytest

from simulator.running import RunningSimulator
from tests.infra.account import TwilioAccount
from tests.infra.deployment import Deployment


@pytest.fixture(scope="session")
def simulator() -> Iterator[RunningSimulator]:
    """One simulator for all tests of a session."""
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def account(simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch) -> TwilioAccount:
    """The account as new; the tests' own environment knows no credentials."""
    for variable in ("ACCOUNT_SID", "AUTH_TOKEN", "AUTH_TOKEN_SECONDARY", "API_KEY_SID", "API_KEY_SECRET"):
        monkeypatch.delenv(f"TWILIO_{variable}", raising=False)
    account = TwilioAccount(simulator)
    account.reset()
    return account


@pytest.fixture
def deployment(account: TwilioAccount) -> Deployment:
    """A stack that was never deployed."""
    return Deployment(account)
