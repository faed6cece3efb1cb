"""Fixtures: a simulator with an account, and the function as the zip runs it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from function.policy import Policy, parse_policy
from simulator.running import RunningSimulator
from tests.world.driving import Twilio
from tests.world.running import RunningFunction, free_port, running_function, settings_for


@pytest.fixture(scope="session")
def policy() -> Policy:
    """A policy of ten minutes, with a warning two minutes before."""
    return parse_policy({})


@pytest.fixture(scope="session")
def _simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def _function(
    _simulator: RunningSimulator, policy: Policy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningFunction]:
    port = free_port()
    settings = settings_for(Twilio(_simulator), port, policy)
    with running_function(tmp_path_factory.mktemp("function"), settings, port) as function:
        yield function


@pytest.fixture
def twilio(_simulator: RunningSimulator) -> Twilio:
    """An account without any settings, at the start of virtual time."""
    twilio = Twilio(_simulator)
    twilio.reset()
    twilio.clear_faults()
    twilio.clear_log()
    twilio.disturb()
    return twilio


@pytest.fixture
def function(twilio: Twilio, _function: RunningFunction) -> RunningFunction:
    """The function, with an account that calls it."""
    twilio.configure(f"{_function.url}/conversations", "PT8M")
    return _function


@pytest.fixture
def another_function(twilio: Twilio, policy: Policy, tmp_path: Path) -> Iterator[RunningFunction]:
    """A second process of the same deployment, for tests that need two or that kill one."""
    port = free_port()
    with running_function(tmp_path, settings_for(twilio, port, policy), port) as function:
        yield function
