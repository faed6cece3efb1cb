"""The search for a Pulumi CLI: the PATH, the cache, then the sources, in this order.

A source fills a folder beside its place in the cache, which is then moved there in one step: an interrupted run leaves
either a complete CLI or none.
"""

import fcntl
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path
from pulumi._version import version as SDK_VERSION  # noqa: N812 - a constant of the SDK, in its own spelling
from pulumi.automation import InvalidVersionError, PulumiCommand
from semver import VersionInfo

from laptop.progress import Progress
from laptop.pulumi_cli.go_build import build_from_go_modules
from laptop.pulumi_cli.official_release import download_official_release
from laptop.pulumi_cli.source import NotObtainedError, Source

CACHE = user_cache_path("flex-chat-inactivity-timeout")
"""This project's folder in the user's cache."""

DEFAULT_SOURCES: tuple[tuple[str, Source], ...] = (
    ("the official release", download_official_release),
    ("a build from Pulumi's Go modules", build_from_go_modules),
)


@dataclass(frozen=True)
class FailedAttempt:
    """One place that was tried, and why there is no CLI."""

    where: str
    why: str


class PulumiUnavailableError(Exception):
    """There is no Pulumi CLI. The message names what was tried, why each failed, and what to install."""

    def __init__(self, version: VersionInfo, attempts: Sequence[FailedAttempt]) -> None:
        tried = "\n".join(f"  - {attempt.where}: {attempt.why}" for attempt in attempts)
        super().__init__(
            f"found no Pulumi CLI of version {version} or newer. Tried:\n{tried}\n"
            f"Install one of these, then run the same command again:\n"
            f"  - Pulumi {version} or newer, on the PATH: https://www.pulumi.com/docs/install/\n"
            f"  - Go 1.25 or newer, on the PATH, with access to a Go module proxy: https://go.dev/dl/"
        )
        self.attempts = tuple(attempts)


def obtain_pulumi(
    progress: Progress,
    *,
    cache: Path = CACHE,
    sources: Sequence[tuple[str, Source]] = DEFAULT_SOURCES,
    version: VersionInfo = SDK_VERSION,
) -> PulumiCommand:
    """Find a Pulumi CLI, or get one.

    Args:
        progress: called with what is happening.
        cache: where CLIs are kept.
        sources: where a CLI comes from when there is none, in order, each with its name for people.
        version: the oldest version that is accepted; the pinned SDK's by default.

    Raises:
        PulumiUnavailableError: there is none, and no source has one.
    """
    attempts: list[FailedAttempt] = []
    try:
        progress("looking for Pulumi on the PATH")
        return _command(None, version)
    except NotObtainedError as error:
        attempts.append(FailedAttempt("`pulumi` on the PATH", str(error)))
    root = cache / f"pulumi-{version}"
    try:
        return _command(root, version)
    except NotObtainedError as error:
        attempts.append(FailedAttempt(f"the cache {root}", str(error)))
    with _one_at_a_time(cache / f"pulumi-{version}.lock", progress):
        if (root / "bin" / "pulumi").exists():  # another run was faster
            return _command(root, version)
        for name, source in sources:
            try:
                return _fill(root, version, source, progress)
            except NotObtainedError as error:
                attempts.append(FailedAttempt(name, str(error)))
    raise PulumiUnavailableError(version, attempts)


def executable(command: PulumiCommand) -> Path:
    """The file that `command` runs."""
    found = shutil.which(command.command)
    if found is None:
        raise FileNotFoundError(command.command)
    return Path(found)


def _command(root: Path | None, version: VersionInfo) -> PulumiCommand:
    """The CLI under `root`, or the one on the PATH; the Automation API checks its version."""
    try:
        return PulumiCommand(root=str(root) if root else None, version=version)
    except FileNotFoundError:
        raise NotObtainedError("there is none") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise NotObtainedError(f"it does not run: {error}") from error
    except InvalidVersionError as error:
        raise NotObtainedError(str(error)) from error


def _fill(root: Path, version: VersionInfo, source: Source, progress: Progress) -> PulumiCommand:
    """Let `source` fill a folder beside `root`, check that the CLI runs, then move it there in one step."""
    for abandoned in root.parent.glob(f".{root.name}-*"):  # of a run that was killed: we hold the lock
        shutil.rmtree(abandoned, ignore_errors=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
    try:
        source(unfinished, version, progress)
        _command(unfinished, version)
        shutil.rmtree(root, ignore_errors=True)
        unfinished.rename(root)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return _command(root, version)


@contextmanager
def _one_at_a_time(path: Path, progress: Progress) -> Iterator[None]:
    """Hold the lock `path`; the system releases it when a process ends, however that happens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress("another run is getting the Pulumi CLI; waiting for it")
                time.sleep(0.2)
        yield
