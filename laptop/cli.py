"""Which Pulumi CLI the laptop uses, and how it gets one where there is none.

In this order: `pulumi` on the PATH when it is at least as new as the pinned SDK; the one we keep in the user's cache
folder; the official release; a build from Pulumi's own Go modules, pinned in `dev/go.mod`. The last two land in the
cache, in one move, so that an interrupted run leaves either a whole CLI or none.

`python -m laptop.cli` prints the path of the executable.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pulumi._version import version as SDK_VERSION  # noqa: N812 - a constant of the SDK, in its own spelling
from pulumi.automation import PulumiCommand
from semver import VersionInfo

from laptop.progress import Progress, shown_progress
from laptop.pulumi_sources import NotObtainedError, Source, build_from_go_modules, download_official_release

PROJECT = "flex-chat-inactivity-timeout"


@dataclass(frozen=True)
class Attempt:
    """One way that was tried, and why it failed."""

    where: str
    why: str


class PulumiUnavailableError(Exception):
    """No Pulumi CLI could be had. The message says what was tried, why each failed, and what to install."""

    def __init__(self, version: VersionInfo, attempts: Sequence[Attempt]) -> None:
        tried = "\n".join(f"  - {attempt.where}: {attempt.why}" for attempt in attempts)
        super().__init__(
            f"no Pulumi CLI of version {version} or newer could be had. Tried:\n{tried}\n"
            f"Install one of these, then run the same command again:\n"
            f"  - Pulumi {version} or newer, on the PATH: https://www.pulumi.com/docs/install/\n"
            f"  - Go 1.25 or newer, on the PATH, with access to a Go module proxy: https://go.dev/dl/"
        )
        self.attempts = tuple(attempts)


def obtain_pulumi(
    progress: Progress,
    *,
    cache: Path | None = None,
    sources: Sequence[tuple[str, Source]] | None = None,
    version: VersionInfo = SDK_VERSION,
) -> PulumiCommand:
    """Find a Pulumi CLI, or get one.

    Args:
        progress: told what is happening.
        cache: where CLIs are kept; the user's cache folder unless given.
        sources: where a CLI comes from when none is there, in order, each with its name for people.
        version: the oldest version that will do; the pinned SDK's unless given.

    Raises:
        PulumiUnavailableError: when no way led to a CLI.
    """
    attempts: list[Attempt] = []
    try:
        progress("looking for Pulumi on the PATH")
        return on_path(version)
    except NotObtainedError as error:
        attempts.append(Attempt("`pulumi` on the PATH", str(error)))
    cache = cache or cache_folder()
    root = cache / f"pulumi-{version}"
    try:
        return _cached(root, version)
    except NotObtainedError as error:
        attempts.append(Attempt(f"the cache {root}", str(error)))
    with _one_at_a_time(cache / f"pulumi-{version}.lock", progress):
        if (root / "bin" / "pulumi").exists():  # another run was faster
            return _cached(root, version)
        for name, source in sources or DEFAULT_SOURCES:
            try:
                return _fill(root, version, source, progress)
            except NotObtainedError as error:
                attempts.append(Attempt(name, str(error)))
    raise PulumiUnavailableError(version, attempts)


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The project's folder in the user's cache: `$XDG_CACHE_HOME`, or `~/.cache`."""
    base = environment.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / PROJECT


def on_path(version: VersionInfo) -> PulumiCommand:
    """The `pulumi` on the PATH, if it is new enough."""
    found = shutil.which("pulumi")
    if found is None:
        raise NotObtainedError("there is none")
    _check_version(Path(found), version)
    return PulumiCommand(version=version)


def executable(command: PulumiCommand) -> Path:
    """The file that `command` runs."""
    found = shutil.which(command.command)
    if found is None:
        raise FileNotFoundError(command.command)
    return Path(found)


def _cached(root: Path, version: VersionInfo) -> PulumiCommand:
    binary = root / "bin" / "pulumi"
    if not binary.exists():
        raise NotObtainedError("nothing there yet")
    _check_version(binary, version)
    return PulumiCommand(root=str(root), version=version)


def _fill(root: Path, version: VersionInfo, source: Source, progress: Progress) -> PulumiCommand:
    """Let `source` fill a folder beside `root`, look whether it works, then move it there in one step."""
    for abandoned in root.parent.glob(f".{root.name}-*"):  # of a run that was killed: we hold the lock
        shutil.rmtree(abandoned, ignore_errors=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
    try:
        source(unfinished, version, progress)
        _check_version(unfinished / "bin" / "pulumi", version)
        shutil.rmtree(root, ignore_errors=True)
        unfinished.rename(root)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return PulumiCommand(root=str(root), version=version)


def _check_version(binary: Path, wanted: VersionInfo) -> None:
    try:
        answer = subprocess.run(
            [binary, "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout.strip()
        found = VersionInfo.parse(answer.removeprefix("v"))
    except (OSError, subprocess.SubprocessError) as error:
        raise NotObtainedError(f"{binary} does not run: {error}") from error
    except ValueError as error:
        raise NotObtainedError(f"{binary} says its version is {answer!r}, which is none") from error
    if found.major != wanted.major:
        raise NotObtainedError(f"{binary} is version {found}; the SDK speaks to {wanted.major}.x only")
    if found < wanted:
        raise NotObtainedError(f"{binary} is version {found}, older than the SDK's {wanted}")


@contextmanager
def _one_at_a_time(path: Path, progress: Progress) -> Iterator[None]:
    """Hold the lock `path`; the system lets go of it when a process ends, however that happens."""
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


DEFAULT_SOURCES: tuple[tuple[str, Source], ...] = (
    ("the official release", download_official_release),
    ("a build from Pulumi's Go modules", build_from_go_modules),
)


def main() -> int:
    """Print the path of the Pulumi CLI; the reason on standard error and status 1 when there is none."""
    try:
        with shown_progress() as progress:
            command = obtain_pulumi(progress)
    except PulumiUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. Nothing half-made was kept.\n")
        return 130
    sys.stdout.write(f"{executable(command)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
