"""`python -m simulator` as a process of its own."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start a simulator on a free port."""
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", "--port", "0", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def greeting(process: subprocess.Popen[str]) -> dict[str, str]:
    """The three lines that it prints first."""
    assert process.stdout
    lines = [process.stdout.readline().strip().split(": ", 1) for _ in range(3)]
    return {line[0]: line[1] for line in lines}


def test_it_prints_its_address_and_ends_on_sigterm() -> None:
    """Account SID, token and URL, one line each; then it serves."""
    process = start()
    printed = greeting(process)
    answer = requests.get(
        f"{printed['URL']}/conversations/v1/Configuration",
        auth=(printed["account SID"], printed["auth token"]),
        timeout=5,
    )
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=10)

    assert re.fullmatch(r"AC[0-9a-f]{32}", printed["account SID"])
    assert answer.status_code == 200
    assert answer.json()["account_sid"] == printed["account SID"]
    assert errors == ""


def test_it_speaks_the_dialect_of_a_file(tmp_path: Path) -> None:
    """From the start, and after a reset that names none; one that is named wins."""
    file = tmp_path / "dialect.json"
    file.write_text('{"date": "2026-11-27", "dialect": {"timerOrigin": "message"}}', encoding="utf-8")
    process = start("--dialect", str(file))
    url = greeting(process)["URL"]
    spoken = [requests.get(f"{url}/_simulator/state", timeout=5).json()["dialect"]["timerOrigin"]]
    for dialect in ({}, {"timerOrigin": "latest_activity"}):
        answer = requests.post(f"{url}/_simulator/reset", json={"dialect": dialect}, timeout=5)
        spoken.append(answer.json()["dialect"]["timerOrigin"])
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)

    assert spoken == ["message", "message", "latest_activity"]


def test_it_does_not_start_without_the_dialect_that_it_was_given(tmp_path: Path) -> None:
    """One line that names the file's mistake, and no server."""
    process = start("--dialect", str(tmp_path / "missing.json"))
    _, errors = process.communicate(timeout=10)

    assert process.returncode == 2
    assert "argument --dialect: [Errno 2] No such file" in errors


def test_it_ends_with_its_parents_pipe() -> None:
    """No child is left when a parent is killed."""
    process = start("--parent-pipe")
    greeting(process)
    assert process.stdin
    process.stdin.close()

    assert process.wait(timeout=10) == 0
    for stream in (process.stdout, process.stderr):
        assert stream
        stream.close()


def test_a_port_in_use_is_named_with_the_way_out() -> None:
    """There is no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "simulator", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr
