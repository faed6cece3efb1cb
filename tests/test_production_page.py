"""docs/production.md, line by line, as far as it runs without a cloud."""

import json
import os
import shlex
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from function.settings import Mode
from infra.pulumi_run import PulumiRun
from infra.refusals import BEFOREHAND
from infra.stack_config import parse_stack_config
from laptop.environment import scrubbed
from laptop.pulumi_cli import executable, obtain_pulumi

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "production.md").read_text("utf-8")
PROJECT = "flex-chat-inactivity-timeout"
ACCOUNT, PLACEHOLDER = "AC" + "0a" * 16, "AC" + "x" * 32
TOKEN = "5e" * 16
COMMANDS = [line.removeprefix("$ ") for line in PAGE.splitlines() if line.startswith("$ ")]


def run_on_a_backend_of_its_own(folder: Path) -> dict[str, dict[str, str]]:
    """Run the lines about stack and config; the config that they made."""
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    (folder / "state").mkdir()
    environment = scrubbed(os.environ) | {
        "PULUMI_BACKEND_URL": f"file://{folder}/state",
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase in place of Cloud KMS",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    pulumi = str(executable(obtain_pulumi(lambda _line: None)))

    def run(*arguments: str) -> str:
        command = [pulumi, *arguments, "--non-interactive"]
        done = subprocess.run(
            command, cwd=folder, env=environment, input=TOKEN, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    for command in COMMANDS:
        program, what, *rest = shlex.split(command.replace(PLACEHOLDER, ACCOUNT))
        if program == "pulumi" and what in {"stack", "config"} and rest[-2:] != ["mode", "enforce"]:
            run(what, *(each for each in rest if not each.startswith("--secrets-provider")))
    found: dict[str, dict[str, str]] = json.loads(run("config", "--json", "--show-secrets"))
    return found


@pytest.mark.engine
def test_the_program_takes_the_config_that_the_page_makes(tmp_path: Path) -> None:
    """Every key and value, and the token encrypted."""
    made = run_on_a_backend_of_its_own(tmp_path)
    secret = frozenset(key for key, each in made.items() if each["secret"])
    run = PulumiRun(PROJECT, "prod", False, {key: each["value"] for key, each in made.items()}, secret)
    config = parse_stack_config(run, environment={})

    assert secret == {f"{PROJECT}:twilioAuthToken"}
    assert (config.mode, config.protect, config.retention) == (Mode.OBSERVE, True, timedelta(days=90))
    assert (config.google_project, config.region, config.labels) == (
        "acme-flex-prod",
        "europe-west1",
        (("environment", "prod"),),
    )
    assert config.notification_channels == ("projects/acme-flex-prod/notificationChannels/1234567890",)
    assert config.credentials.auth_token == TOKEN
    assert TOKEN not in (tmp_path / "Pulumi.prod.yaml").read_text("utf-8")


def test_the_apis_that_must_be_on_before_are_those_that_the_program_names() -> None:
    """With fewer, the first `up` tries again for minutes and fails."""
    (line,) = [command for command in COMMANDS if command.startswith("gcloud services enable")]

    assert set(line.split()[3:]) == set(BEFOREHAND)
