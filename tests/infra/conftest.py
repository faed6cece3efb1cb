"""What the tests of the Pulumi program share: a Twilio account of the simulator's, and stacks of the real engine."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from laptop.stack import LocalStack
from simulator.running import RunningSimulator
from tests.infra.account import TwilioAccount
from tests.infra.deployment import Deployment

MakeStack = Callable[..., LocalStack]


@pytest.fixture(scope="session")
def simulator() -> Iterator[RunningSimulator]:
    """One simulator for all tests of a session."""
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def account(simulator: RunningSimulator, without_credentials: None) -> TwilioAccount:
    """A reset account; the environment of the tests has no credentials."""
    account = TwilioAccount(simulator)
    account.reset()
    return account


@pytest.fixture
def deployment(account: TwilioAccount) -> Deployment:
    """A stack that was never deployed."""
    return Deployment(account)


@pytest.fixture
def lines() -> list[str]:
    """The engine's output."""
    return []


@pytest.fixture
def make_stack(account: TwilioAccount, tmp_path: Path, lines: list[str]) -> MakeStack:
    """Makes the stack `local` of this test's own home and account."""

    def make(
        *, cleans_up: bool = True, environment: Mapping[str, str] = MappingProxyType({}), **config: str
    ) -> LocalStack:
        return LocalStack(
            home=tmp_path / "home",
            simulator_url=account.url,
            account_sid=account.sid,
            auth_token=config.pop("token", account.token),
            front_port=int(config.pop("front_port", "0")),
            config=config,
            environment=environment,
            cleans_up=cleans_up,
            on_output=lines.append,
        )

    return make
