"""What a source of the CLI is, and how it runs a command that takes minutes."""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from semver import VersionInfo

from laptop.progress import Progress

Source = Callable[[Path, VersionInfo, Progress], None]
"""Puts a CLI of that version into `{folder}/bin/pulumi`; raises `NotObtainedError` when it cannot."""


class NotObtainedError(Exception):
    """One source has no CLI for us. The message is the reason, in one line."""


def run(
    command: Sequence[str],
    on_line: Callable[[str], None],
    *,
    seconds: float,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run `command`, pass each line of its standard error to `on_line`, and return its standard output.

    It runs in a process group of its own. When the time is over, or when this process is interrupted, the whole group
    is ended: compilers and downloads are children of the command.

    Raises:
        NotObtainedError: the command failed, or was not done after `seconds`.
    """
    last_lines: deque[str] = deque(maxlen=5)
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        process_group=0,
    )
    out_of_time = threading.Event()

    def give_up() -> None:
        out_of_time.set()
        _end_group(process)

    limit = threading.Timer(seconds, give_up)
    limit.start()
    output: list[str] = []
    reader = threading.Thread(target=lambda: output.extend(process.stdout or ()), daemon=True)
    reader.start()
    try:
        for line in process.stderr or ():
            last_lines.append(line.strip())
            on_line(line.strip())
        process.wait()
        reader.join()
    finally:
        limit.cancel()
        _end_group(process)
    if out_of_time.is_set():
        raise NotObtainedError(f"`{command[0]}` was not done after {seconds:.0f} s")
    if process.returncode != 0:
        raise NotObtainedError(f"`{' '.join(command[:2])}` failed: {' / '.join(last_lines) or process.returncode}")
    return "".join(output)


def _end_group(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
