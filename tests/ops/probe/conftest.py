"""Fixtures: a simulator for all tests of the probe, and its credentials in the environment."""

from collections.abc import Iterator

import pytest

from simulator.client import SimulatorClient
from simulator.running import RunningSimulator


@pytest.fixture(scope="session")
def _simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def twilio(_simulator: RunningSimulator) -> SimulatorClient:
    """A new account without a chat."""
    twilio = SimulatorClient(_simulator)
    twilio.reset()
    return twilio
