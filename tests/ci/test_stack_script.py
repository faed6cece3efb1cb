"""`ci/stack` as a CI runs it: the real script and the real engine, against the stand-ins of Google and Twilio.

The laptop's stack runs the program and calls the script where it would call Pulumi; nothing else differs.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ci.preview_comment import CHANGES_WERE_FOUND, marker
from laptop.progress import ignored
from laptop.pulumi_cli import executable, obtain_pulumi
from laptop.stack import LocalStack
from simulator.running import RunningSimulator
from tests.ci.pretending import SCRIPT, Ci, pretend
from tests.infra.account import TwilioAccount
from tests.transcripts.ci_preview import CHANGE, shown
from tests.transcripts.page import recorded

ROOT = Path(__file__).resolve().parents[2]
USAGE = 64


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    """Twilio, for the tests here."""
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def account(simulator: RunningSimulator, without_credentials: None) -> TwilioAccount:
    """A reset account; the environment has no credentials."""
    account = TwilioAccount(simulator)
    account.reset()
    return account


@pytest.fixture(scope="module")
def cli() -> Path:
    """The Pulumi CLI that a laptop would use."""
    return executable(obtain_pulumi(ignored))


@pytest.fixture
def ci(tmp_path: Path, account: TwilioAccount, cli: Path) -> Ci:
    """The script in the place of the CLI."""
    return pretend(tmp_path, account, cli)


@pytest.mark.engine
def test_a_stack_is_previewed_deployed_and_watched(ci: Ci, account: TwilioAccount) -> None:
    """Status 0 is success, 7 is drift, any other a failure; a drift check neither writes nor waits for a lock."""
    said = []

    def looked(operation: str, stack: LocalStack) -> int:
        """The status of an operation that must leave the state, with the lock that somebody has on it, as it is."""
        before = ci.state()
        status = ci.run(operation, stack)
        said.extend([ci.comment, ci.log])
        assert ci.state() == before
        return status

    with ci.make() as stack:
        assert looked("preview", stack) == 0
        heading = re.search(r"### Preview of `local`: (\d+) to create", ci.comment)
        assert heading
        assert ci.comment.startswith(f"{marker('local')}\n{heading[0]}\n")
        assert ci.comment == ci.log
        assert ci.run("deploy", stack) == 0

        ci.lock()
        assert looked("drift", stack) == 0
        assert ci.comment.splitlines() == [marker("local"), f"### Preview of `local`: {heading[1]} unchanged"]

        account.write("Configuration", DefaultInactiveTimer="PT45M")
        assert looked("drift", stack) == CHANGES_WERE_FOUND
        assert ci.comment.splitlines()[-1] == (
            "| update | `default-timers` | `pulumi-python:dynamic/twilio:DefaultTimers` | `inactive` |"
        )
        assert ci.run("deploy", stack) not in {0, CHANGES_WERE_FOUND}, "the lock that was left there is none"
        ci.unlock()
        account.write("Configuration", DefaultInactiveTimer="PT8M")

    with ci.make(**CHANGE) as stack:
        assert looked("preview", stack) == 0
        assert shown(ci.comment) == recorded("ci-preview"), "python -m tests.transcripts ci-preview makes it anew"

    with ci.make(timeout="5m") as stack:
        assert looked("drift", stack) not in {0, CHANGES_WERE_FOUND}
        assert ci.comment.splitlines()[1] == "### Preview of `local`: failed"
        assert "timeout is '5m', not an ISO 8601 duration" in ci.comment

    assert account.token not in "".join(said)


def test_a_preview_that_cannot_start_says_so(cli: Path, tmp_path: Path) -> None:
    """Without a stack there is no plan: the comment says that it failed, and the exit status is Pulumi's."""
    environment = {
        "PATH": f"{cli.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PULUMI_BACKEND_URL": tmp_path.as_uri(),
        "TMPDIR": str(tmp_path / "tmp"),
    }
    (tmp_path / "tmp").mkdir()

    ended = subprocess.run([SCRIPT, "preview", "prod", "comment.md"], cwd=tmp_path, env=environment, check=False)

    assert ended.returncode not in {0, CHANGES_WERE_FOUND}
    assert (tmp_path / "comment.md").read_text().splitlines()[:2] == [
        marker("prod"),
        "### Preview of `prod`: failed",
    ]
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [(), ("preview",), ("preview", "prod"), ("drift", "prod"), ("deploy",), ("destroy", "prod", "x")]
)
def test_an_unknown_command_is_answered_with_the_known_ones(arguments: tuple[str, ...]) -> None:
    """Nothing is run."""
    ended = subprocess.run([SCRIPT, *arguments], env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=False)

    assert ended.returncode == USAGE
    assert [line.split()[:2] for line in ended.stderr.decode().splitlines()] == [
        ["ci/stack", "preview"],
        ["ci/stack", "drift"],
        ["ci/stack", "deploy"],
    ]
