"""`inactivity test` as an adopter's CI runs it: what it prints, and its exit status."""

import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops.command import app

ROOT = Path(__file__).resolve().parents[2]
CHATS = ROOT / "chats"
WAITS = """\
timeout: PT10M

00:00 customer: Is anybody there?
12:00 expect open
12:00 expect kept queued
"""
NOBODY_WAITS = '{"whenQueued": {"do": "end", "after": "PT11M"}}'


def run(*arguments: object) -> Result:
    """Type `inactivity test ...`."""
    return CliRunner().invoke(app, ["test", *map(str, arguments)])


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script that expects a queued customer to be kept."""
    path = tmp_path / "waits.chat"
    path.write_text(WAITS, "utf-8")
    return path


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy that ends queued chats."""
    path = tmp_path / "impatient.json"
    path.write_text(NOBODY_WAITS, "utf-8")
    return path


def test_each_chat_has_a_line_and_status_0_means_that_all_passed() -> None:
    """The chats play in the order in which they are named, under the policy.json beside them."""
    played = run(CHATS / "customer-waits.chat", CHATS / "queue-end.chat", CHATS / "silent-customer.chat")

    assert played.output.splitlines() == [
        "✓ customer-waits  4 expectations",
        "✓ queue-end  4 expectations",
        "✓ silent-customer  7 expectations",
        "",
        "3 chats played: 3 passed, 0 failed.",
    ]
    assert played.exit_code == 0


def test_a_difference_names_the_time_the_line_what_was_expected_and_what_happened(script: Path, policy: Path) -> None:
    """Status 1: the policy ends the chat that the script expects to be open."""
    played = run(script, "--policy", policy)

    assert played.output.splitlines() == [
        f"✗ waits  {script}",
        "    12:00  line 4: expected open, actual closed",
        "    12:00  line 5: expected kept queued, actual closed, end queued",
        "",
        "1 chat played: 0 passed, 1 failed.",
    ]
    assert played.exit_code == 1


def test_without_a_policy_the_defaults_apply(script: Path) -> None:
    """The same script passes: by default a customer may wait in a queue for ever."""
    assert run(script).exit_code == 0


def test_verbose_shows_how_a_failed_chat_went(script: Path, policy: Path) -> None:
    """Messages, timers, decisions with their reasons, and the expectations in their places."""
    played = run(script, "--policy", policy, "--verbose")

    assert "customer Is anybody there?" in played.output
    assert "function end queued: " in played.output


def test_json_has_every_result(script: Path, policy: Path) -> None:
    """One document, for a CI that makes its own report."""
    played = run(script, "--policy", policy, "--json")

    differences = [
        {"line": 4, "at": "PT12M", "expected": "open", "actual": "closed"},
        {"line": 5, "at": "PT12M", "expected": "kept queued", "actual": "closed, end queued"},
    ]
    chat = {"file": str(script), "passed": False, "expectations": 2, "differences": differences, "impossible": None}
    assert json.loads(played.stdout) == {"chats": [chat], "passed": 0, "failed": 1}
    assert played.exit_code == 1


def test_a_step_that_is_impossible_fails_its_chat(script: Path) -> None:
    """An agent cannot accept a chat twice. The line names the step, and the other chats are played."""
    script.write_text("00:00 customer: Hi\n00:10 do accept\n00:20 do accept\n09:00 expect open\n", "utf-8")
    played = run(script, CHATS / "queued.chat")

    assert f"    {script}:3: `do accept` is impossible here: " in played.output
    assert "✓ queued" in played.output
    assert played.exit_code == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("00:00 customer: Hi\n00:10 expect warnt\n", ":2: 'warnt' cannot be expected; allowed are warned, "),
        ("timeout: PT5M\n00:00 customer: Hi\n00:10 expect open\n", ": assumes timeout PT5M, but it is PT10M; change "),
        ("00:00 customer: Hi\n", ": expects nothing, so it cannot fail; add a line such as `08:30 expect warned`"),
    ],
)
def test_a_script_that_cannot_be_played_is_named_with_its_line(script: Path, text: str, complaint: str) -> None:
    """Status 2, one line, and nothing is played."""
    script.write_text(text, "utf-8")
    played = run(CHATS / "queued.chat", script)

    assert played.stderr.startswith(f"{script}{complaint}")
    assert (played.stderr.count("\n"), played.stdout, played.exit_code) == (1, "", 2)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is not JSON ("),
        ("[]", "policy is [], not an object"),
        (
            '{"tiemout": "PT5M", "whenQueued": {"do": "finish"}}',
            "policy.whenQueued.do is 'finish'; write one of keep, end",
        ),
    ],
)
def test_a_policy_that_cannot_be_used_is_one_line(script: Path, policy: Path, text: str, complaint: str) -> None:
    """Status 2, with the file and every problem."""
    policy.write_text(text, "utf-8")
    played = run(script, "--policy", policy)

    assert played.stderr.startswith(f"{policy}: ")
    assert complaint in played.stderr
    assert (played.stderr.count("\n"), played.exit_code) == (1, 2)


def test_a_policy_that_does_not_exist_is_one_line(script: Path) -> None:
    """Status 2."""
    played = run(script, "--policy", "no-such.json")

    assert played.stderr.startswith("no-such.json: cannot be read: No such file")
    assert (played.stderr.count("\n"), played.exit_code) == (1, 2)


def test_a_timeout_that_is_no_duration_names_the_setting(script: Path) -> None:
    """Status 2: it is the option that is wrong, not the file."""
    played = run(script, "--timeout", "5m")

    assert played.stderr.startswith("timeout is '5m', not an ISO 8601 duration")
    assert played.exit_code == 2


def test_the_options_are_the_stacks_timeout_and_warning(script: Path) -> None:
    """Twenty minutes, warned five before: the script's times are those of this stack."""
    script.write_text(
        "timeout: PT20M\nwarnBefore: PT5M\n\n00:00 customer: Hi\n00:10 do accept\n01:00 agent: Hello?\n"
        "15:59 expect not warned\n16:00 expect warned\n20:59 expect open\n21:00 expect ended\n",
        "utf-8",
    )

    assert run(script, "--timeout", "PT20M", "--warn-before", "PT5M").exit_code == 0


WITHOUT = """\
import sys
sys.modules.update(dict.fromkeys(sys.argv.pop(1).split()))  # None: an import of it fails
from ops.command import app
app(sys.argv[1:])
"""


def test_it_needs_no_package_beyond_those_of_a_deployers_machine() -> None:
    """An adopter's CI installs the lock of the group infra. No Pulumi CLI is on the PATH."""
    locked = set(re.findall(r"^[\w.-]+(?===)", (ROOT / "requirements" / "infra.txt").read_text("utf-8"), re.MULTILINE))
    others = [
        package
        for package, distributions in packages_distributions().items()
        if not locked & {name.lower().replace("_", "-") for name in distributions}
    ]
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT, " ".join(others), "test", CHATS / "queued.chat"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "", "LANG": "C.UTF-8"},
        check=False,
    )

    assert {"httptools", "cryptography", "platformdirs"} <= set(others)
    assert (ran.stderr, ran.returncode) == ("", 0)
