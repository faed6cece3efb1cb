"""What the laptop's tests share: one CLI for all, and a stack with the small program."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from laptop.progress import shown_progress
from laptop.pulumi_cli import obtain_pulumi
from laptop.stack import LocalStack
from tests.laptop.local_google import Laptop, open_laptop
from tests.laptop.small_program import AUTH_TOKEN, small_program


@pytest.fixture(scope="session")
def pulumi_cli() -> PulumiCommand:
    """The Pulumi CLI that a laptop would use."""
    with shown_progress() as progress:
        return obtain_pulumi(progress)


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    """An empty project."""
    opened = open_laptop(tmp_path)
    yield opened
    opened.functions.close()


@pytest.fixture
def local_stack(tmp_path: Path, pulumi_cli: PulumiCommand) -> Callable[..., LocalStack]:
    """Makes a stack in this test's own home; more arguments go to `LocalStack`."""

    def make(**arguments: object) -> LocalStack:
        defaults: dict[str, object] = {
            "home": tmp_path / "home",
            "simulator_url": "http://127.0.0.1:9",
            "account_sid": "AC" + "0" * 32,
            "auth_token": AUTH_TOKEN,
            "front_port": 0,
            "program": small_program(),
            "pulumi": pulumi_cli,
        }
        return LocalStack(**(defaults | arguments))  # type: ignore[arg-type]

    return make
