"""The demo as a command: its exit status, what it refuses before it starts, and that nothing is left."""

import io
import re
import socket
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from laptop.demo import DemoOptions, run_demo

SILENT = "00:00 customer: Hi\n00:20 do accept\n00:30 agent: Hello?\n"
HEADER = "conversation_id,sent_at,sender\n"


def run(options: DemoOptions) -> tuple[int, str]:
    """Return the exit status and the output without line wrapping."""
    out = io.StringIO()
    status = run_demo(options, Console(file=out, width=200))
    return status, out.getvalue()


def options(tmp_path: Path, *, script: str = SILENT, **more: Any) -> DemoOptions:
    """One script, any free ports, a home of its own."""
    path = tmp_path / "a.chat"
    path.write_text(script)
    defaults: dict[str, Any] = {"scripts": (path,), "port": 0, "front_port": 0, "home": tmp_path / "home"}
    return DemoOptions(**{**defaults, **more})


def children() -> set[int]:
    """Return the running processes that this one has started."""
    return {process.pid for process in psutil.Process().children(recursive=True)}


@pytest.mark.engine
def test_the_whole_demo_ends_well(tmp_path: Path) -> None:
    """Up, chat, drift found and repaired, `up` without changes, destroy, settings as before; nothing is left."""
    before = children()
    status, text = run(options(tmp_path, script=SILENT + "08:30 expect warned\n10:30 expect ended\n"))
    assert status == 0, text
    for words in (
        "2 of 2 expectations held.",
        "Drift was found and repaired.",
        "Another `up` has nothing to do.",
        "Twilio's settings are what they were.",
        "pulumi config set gcp:project YOUR-PROJECT",
    ):
        assert words in text
    assert children() == before


@pytest.mark.story
@pytest.mark.engine
def test_an_expectation_that_does_not_hold_is_shown_and_changes_the_exit_status(tmp_path: Path) -> None:
    """The table names it, and everything is destroyed."""
    status, text = run(options(tmp_path, script=SILENT + "08:30 expect ended\n"))
    assert status == 1
    assert re.search(r"a +│ 4 +│ 08:30 │ ended +│ active, task assigned", text), text
    assert "Twilio's settings are what they were." in text
    assert "For your own account" not in text


@pytest.mark.engine
def test_a_foreign_webhook_is_refused_and_left(tmp_path: Path) -> None:
    """One message at the end names it, and it is still set."""
    before = children()
    status, text = run(options(tmp_path, foreign_webhook="https://other.example.com/hook"))
    assert status == 1
    assert "The demo stopped: pulumi preview failed" in text
    assert "points at https://other.example.com/hook, which is not this stack's" in text
    assert "takeover" in text
    assert "Traceback" not in text
    assert not re.search(r"gcp:\S+ \S+ created", text)
    assert "service webhook post_webhook_url: https://other.example.com/hook" in text.partition("settings after")[2]
    assert children() == before


@pytest.mark.engine
def test_a_wrong_token_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    """The message names the setting, and not the token."""
    before = children()
    wrong = "0123456789abcdef" * 2
    status, text = run(options(tmp_path, auth_token=wrong))
    assert status == 1
    assert "Twilio refuses the credentials" in text
    assert "check twilioAuthToken" in text
    assert not re.search(r"gcp:\S+ \S+ created", text)
    assert wrong not in text
    assert "Twilio's settings are what they were." in text
    assert children() == before


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"scripts": (Path("nowhere"),)}, "nowhere: no such file or folder"),
        ({"timeout": "5m"}, "timeout is '5m', not an ISO 8601 duration"),
        ({"warn_before": "PT10M"}, "warnBefore is PT10M, more than the maximum of PT9M"),
        ({"chats": Path("none.csv")}, "none.csv: cannot be read"),
    ],
)
def test_bad_options_are_refused_before_anything_starts(tmp_path: Path, more: dict[str, Any], complaint: str) -> None:
    """One line, and no process was started: the home does not exist."""
    status, text = run(options(tmp_path, **more))
    assert status == 1
    assert f"The demo stopped: {complaint}" in text
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("", "x.csv: is empty"),
        (HEADER, "x.csv: has no row that can be used below its header"),
        (
            HEADER + "1,2026-01-05T00:00:00,agent\n",
            "x.csv: 1 row is broken (line 2: column sent_at is '2026-01-05T00:00:00', without a time zone",
        ),
    ],
)
def test_a_file_that_cannot_be_replayed_is_refused_before_anything_starts(
    tmp_path: Path, rows: str, complaint: str
) -> None:
    """The error names line and column."""
    path = tmp_path / "x.csv"
    path.write_text(rows)
    status, text = run(options(tmp_path, chats=path))
    assert status == 1
    assert complaint in text
    assert not (tmp_path / "home").exists()


@pytest.mark.story
@pytest.mark.engine
def test_a_broken_row_is_skipped_on_request_and_named(tmp_path: Path) -> None:
    """The rest of the file is replayed."""
    path = tmp_path / "x.csv"
    path.write_text(f"{HEADER}1,2026-01-05T00:00:00Z,customer\n1,soon,agent\n1,2026-01-05T00:01:00Z,agent\n")
    status, text = run(options(tmp_path, chats=path, skip_bad=True))

    assert status == 0, text
    assert "1 broken row was skipped: line 3: column sent_at is 'soon'" in text
    assert "Every chat ended as the promises alone would have it." in text


def test_a_script_for_another_policy_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """Its times would mean nothing."""
    status, text = run(options(tmp_path, script="timeout: PT5M\n" + SILENT))
    assert status == 1
    assert "assumes timeout PT5M, but it is PT10M" in text
    assert "make demo DEMO='--timeout PT5M'" in text


def test_a_policy_beside_the_scripts_that_cannot_be_deployed_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """The message names the file, the key, and where policies are described."""
    (tmp_path / "policy.json").write_text('{"warn": "PT2M"}')
    status, text = run(options(tmp_path))

    assert status == 1
    assert "policy.json beside the scripts: policy.warn" in text
    assert "docs/policy.md" in text


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """The error says which port, for what, and which option chooses another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, text = run(options(tmp_path, port=port))
    assert status == 1
    assert f"port {port} (the simulator) is taken" in text
    assert "--port" in text
