"""Finds and ends what an earlier run left behind when it was killed.

Every process that a local run starts has the run's home folder in its environment. A process with our home, while we
hold the home's lock, is left over from an earlier run. No other process is ever ended.
"""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

HOME_VARIABLE = "FLEX_LOCAL_STACK_HOME"
"""Set for every process of a local run, to its home folder."""

_GRACE_SECONDS = 5.0


class RunGoesOnError(Exception):
    """Another run uses the same home. The message names its process and the way out."""


@dataclass(frozen=True)
class EngineLock:
    """The lock that an engine keeps in a file backend while it works."""

    path: Path
    pid: int
    host: str

    @property
    def holder_lives(self) -> bool:
        """Whether the process that took it still runs, as far as this machine can see."""
        return self.host != socket.gethostname() or _runs(self.pid)


@contextmanager
def only_run(home: Path) -> Iterator[None]:
    """Hold the home for this process. The system releases it when a process ends, however that happens.

    Raises:
        RunGoesOnError: another process holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    path = home / "run.lock"
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise RunGoesOnError(
                f"another run uses {home} (process {holder}): wait for it, stop it, or use another home"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def engine_locks(backend: Path) -> list[EngineLock]:
    """The engines' locks in a file backend."""
    found = []
    for path in sorted((backend / ".pulumi" / "locks").rglob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found.append(EngineLock(path, int(content["pid"]), str(content["hostname"])))
        except (ValueError, KeyError, OSError):
            found.append(EngineLock(path, 0, socket.gethostname()))  # written only in part
    return found


def leftovers(home: Path) -> list[psutil.Process]:
    """Processes that an earlier run in this home started. Call it only inside `only_run`."""
    mine = {os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}
    return [process for process in psutil.process_iter() if process.pid not in mine and _home_of(process) == str(home)]


def end(processes: list[psutil.Process]) -> None:
    """Ask each process to end, then kill it."""
    for process in processes:
        with _gone_is_fine():
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=_GRACE_SECONDS)
    for process in alive:
        with _gone_is_fine():
            process.kill()
    psutil.wait_procs(alive, timeout=_GRACE_SECONDS)


def _runs(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _home_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(HOME_VARIABLE)
    except (psutil.Error, OSError):
        return None  # a process that we may not read is not ours


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess:
        return
