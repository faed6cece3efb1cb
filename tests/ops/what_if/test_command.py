"""`inactivity what-if` as somebody types it: what it says, what it writes, and its exit status."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops.command import app
from tests.ops.what_if.past import chat, drawn, write


def run(*arguments: str | Path) -> Result:
    """Type the command."""
    return CliRunner().invoke(app, ["what-if", *map(str, arguments)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Some chats on five days."""
    return write(tmp_path / "chats.csv", drawn(200, days=5))


def test_it_reports_and_ends_with_zero(file: Path) -> None:
    """On the standard output."""
    done = run(file)

    assert done.exit_code == 0
    assert done.stdout.startswith("With a timeout of 10 min, ")
    assert done.stderr == ""


def test_json_is_the_whole_output(file: Path) -> None:
    """For programs."""
    told = json.loads(run(file, "--json", "--timeouts", "PT5M, PT20M").stdout)

    assert [row["timeout"] for row in told["timeouts"]] == ["PT5M", "PT10M", "PT20M"]
    assert told["accept"] == 0.05


def test_plot_and_report_are_written(file: Path, tmp_path: Path) -> None:
    """Beside the report in the terminal."""
    done = run(file, "--plot", tmp_path / "plot.svg", "--report", tmp_path / "report.html")

    assert done.exit_code == 0
    assert (tmp_path / "plot.svg").read_text().startswith("<svg ")
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("document", [{"timeout": "PT15M"}, {"timeout": "PT15M", "policy": {"rules": []}}])
def test_the_policy_is_read_from_a_file(file: Path, tmp_path: Path, document: dict[str, object]) -> None:
    """With the keys of the stack's config."""
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(document))

    assert json.loads(run(file, "--policy", policy, "--json").stdout)["timeout"] == "PT15M"


def test_a_file_of_the_policy_alone_is_the_setting_policy(file: Path, tmp_path: Path) -> None:
    """As beside chat scripts."""
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"warnings": []}))
    told = json.loads(run(file, "--policy", policy, "--json").stdout)

    assert {row["warned"] for row in told["timeouts"]} == {0}


def test_broken_rows_are_skipped_only_on_request(file: Path) -> None:
    """And said."""
    file.write_text(file.read_text() + "x,soon,customer\n")
    refused, skipped = run(file), run(file, "--skip-bad")

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "1 row is broken (line " in refused.stderr
    assert skipped.exit_code == 0
    assert "1 broken row was skipped: line " in skipped.stdout


FAILURES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("--accept", "5"), "--accept is '5'; write a share above 0% and below 100%, such as 5%"),
    (("--accept", "0%"), "--accept is '0%'"),
    (("--timeouts", "5m"), "--timeouts is '5m', not an ISO 8601 duration"),
    (("--timeouts", "PT5S"), "--timeouts is PT5S, less than the minimum of PT1M"),
    (("--policy", "gone.json"), "gone.json: cannot be read (No such file or directory); name a JSON file"),
    (("--plot", "gone/plot.svg"), "gone/plot.svg: cannot be written (No such file or directory)"),
)


@pytest.mark.parametrize(("arguments", "complaint"), FAILURES)
def test_every_failure_is_one_line_that_says_what_to_do(file: Path, arguments: tuple[str, ...], complaint: str) -> None:
    """With status 2, and nothing on the standard output."""
    done = run(file, *arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is not JSON ("),
        ("[]", "is not an object"),
        ('{"timeout": "5m"}', "timeout is '5m', not an ISO 8601 duration"),
        ('{"warning": []}', "policy.warning is not a setting"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused_in_one_line(
    file: Path, tmp_path: Path, text: str, complaint: str
) -> None:
    """All its problems, with their paths."""
    policy = tmp_path / "policy.json"
    policy.write_text(text)
    done = run(file, "--policy", policy)

    assert done.exit_code == 2
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_history_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """With the way out."""
    done = run(tmp_path / "gone.csv")

    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "cannot be read (No such file or directory); name a CSV file" in done.stderr


def test_a_name_that_would_disturb_the_terminal_is_no_name(tmp_path: Path) -> None:
    """Control characters break their row."""
    file = write(tmp_path / "chats.csv", [chat("c0 a1", name="a\x1b[31m")])

    assert "column conversation_id is 'a\\x1b[31m'" in run(file).stderr
