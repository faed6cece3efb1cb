"""The simulator as a child process that never outlives its parent.

The child has a session of its own, so that a Ctrl-C reaches only the parent, which then stops it in order. It exits
when the parent's end of its pipe closes.
"""

import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
START_PATIENCE_S = 20.0
STOP_PATIENCE_S = 5.0


class SimulatorStartError(RuntimeError):
    """The simulator did not start; the message ends with its last lines of output."""


@dataclass(frozen=True)
class SimulatedTwilio:
    """A running simulator: its URL, such as `http://127.0.0.1:8700`, the credentials of its account, its process ID."""

    url: str
    account_sid: str
    auth_token: str
    pid: int


@contextmanager
def simulator_process(port: int) -> Iterator[SimulatedTwilio]:
    """Run `python -m simulator` on a port of 127.0.0.1 (0 for any) while the block lasts.

    Raises:
        SimulatorStartError: it exited, or was not ready in time.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "simulator", "--port", str(port), "--parent-pipe"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        try:
            yield _greeting(process, errors, port)
        finally:
            _stop(process)


def _greeting(process: subprocess.Popen[str], errors: IO[str], port: int) -> SimulatedTwilio:
    """Read the account's SID, its token and the address from the child's first lines."""
    patterns = {
        "account_sid": r"\bAC[0-9a-f]{32}\b",
        "url": r"http://[^\s/]+",
        "auth_token": r"(?<![A-Z])\b[0-9a-f]{32}\b",
    }
    found: dict[str, str] = {}
    impatience = threading.Timer(START_PATIENCE_S, process.kill)
    impatience.start()
    try:
        for line in process.stdout or ():
            for name, pattern in patterns.items():
                if match := re.search(pattern, line):
                    found.setdefault(name, match[0])
            if len(found) == len(patterns):
                return SimulatedTwilio(**found, pid=process.pid)
    finally:
        impatience.cancel()
    errors.seek(0)
    last_words = " / ".join(errors.read().strip().splitlines()[-3:]) or "it printed nothing"
    raise SimulatorStartError(f"the simulator did not start on port {port}: {last_words}")


def _stop(process: subprocess.Popen[str]) -> None:
    """Close its pipe, on which it exits, and kill it if it does not."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
