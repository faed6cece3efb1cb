"""One deployment for all scenarios: the real engine, the zip that ships, the simulator, webhooks over HTTP."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from laptop.chat_script import policy_beside
from laptop.operating import operator_environment
from laptop.stack import LocalStack
from simulator.client import SimulatorClient
from simulator.running import RunningSimulator

CHATS = Path(__file__).parents[2] / "chats"
TIMEOUT = timedelta(minutes=10)
WARN_BEFORE = timedelta(minutes=2)


@dataclass(frozen=True)
class Deployed:
    """What a scenario needs of it: the simulator, the functions' log, the private function's address, and tokens.

    Also the variables with which the operator's command works on it.
    """

    twilio: SimulatorClient
    log: Path
    sweep_url: str
    identity_token: Callable[[str, str], str]
    operator: Mapping[str, str]


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The project's own program, deployed with a timeout of ten minutes and a warning two minutes before."""
    lines: list[str] = []
    with RunningSimulator() as simulator:
        stack = LocalStack(
            home=tmp_path_factory.mktemp("scenarios"),
            simulator_url=simulator.url,
            account_sid=simulator.account_sid,
            auth_token=simulator.auth_token,
            config={"timeout": "PT10M", "warnBefore": "PT2M", "policy": policy_beside([CHATS]) or "{}"},
            front_port=0,
            on_output=lines.append,
        )
        with stack:
            stack.up(preview=False)
            sweep = str(stack.outputs["sweepJob"]).rpartition("/")[2]
            yield Deployed(
                SimulatorClient(simulator),
                stack.function_log(),
                f"{stack.front_url}/{sweep}",
                stack.identity_token,
                operator_environment(stack, simulator.auth_token),
            )
