"""Where a Pulumi CLI comes from when none is there: the official release, or a build from Pulumi's Go modules.

Each source fills a folder like the official installer does: `bin/pulumi` and its plugins beside it. Which source is
asked, in which order, and where the folder goes in the end is decided in `laptop.cli`.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from semver import VersionInfo

from laptop.progress import Progress

Source = Callable[[Path, VersionInfo, Progress], None]
"""Puts a CLI of that version into `{folder}/bin/pulumi`; raises `NotObtainedError` when it cannot."""

TOOLS = Path(__file__).resolve().parents[1] / "dev"
"""The Go module that pins the CLI, as a tool."""

RELEASES = "https://get.pulumi.com/"

_REACHABLE_SECONDS = 5.0
_DOWNLOAD_SECONDS = 600.0
_BUILD_SECONDS = 3600.0
_BUILD_TAGS = "osusergo,grpcnotrace"
_CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
_VERSION_VARIABLE = f"{_SDK_MODULE}/go/common/version.Version"
_DYNAMIC_PROVIDER = "pulumi-resource-pulumi-python"


class NotObtainedError(Exception):
    """One way to a Pulumi CLI did not lead there. The message is the reason, in one line."""


def download_official_release(
    folder: Path, version: VersionInfo, progress: Progress, *, releases: str = RELEASES
) -> None:
    """Let the Automation API run Pulumi's own installer; give up at once where its host cannot be reached."""
    progress(f"asking {releases} for the official release")
    try:
        with urllib.request.urlopen(releases, timeout=_REACHABLE_SECONDS):  # noqa: S310 -- https, or a port of this machine in tests
            pass
    except urllib.error.HTTPError:
        pass  # it answered; whether it has the release is the installer's question
    except OSError as error:
        raise NotObtainedError(f"{releases} cannot be reached ({_reason(error)})") from error
    install = (
        "import sys; from semver import VersionInfo; from pulumi.automation import PulumiCommand; "
        "PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))"
    )
    _run(
        [sys.executable, "-c", install, str(folder), str(version)],
        lambda _line: progress(f"downloading Pulumi {version}"),
        seconds=_DOWNLOAD_SECONDS,
    )


def build_from_go_modules(folder: Path, version: VersionInfo, progress: Progress) -> None:
    """Build the CLI that `dev/go.mod` pins. Some minutes the first time: downloads, then about 1.7 GB of memory.

    The result has no language host (Pulumi publishes none as a tagged module), so it runs inline programs of the
    Automation API, not a plain `pulumi up`. The launcher of dynamic resources is a script in the SDK's module.
    """
    if shutil.which("go") is None:
        raise NotObtainedError("there is no `go` on the PATH")
    pinned = go_version()
    if pinned < version:
        raise NotObtainedError(f"dev/go.mod pins {pinned}, older than the SDK's {version}")
    progress("downloading Pulumi's Go modules")
    listed = _go(
        ["list", "-deps", "-tags", _BUILD_TAGS, _CLI_PACKAGE],
        lambda line: progress(f"downloading Go modules: {line.removeprefix('go: downloading ')}"),
    )
    total = len(listed.split())
    built = 0

    def one_more(_line: str) -> None:
        nonlocal built
        built += 1
        progress(f"building Pulumi {pinned} from its Go modules: {min(built, total)} of {total} packages")

    progress(f"building Pulumi {pinned} from its Go modules: what is already built is taken from Go's cache")
    binaries = folder / "bin"
    binaries.mkdir(parents=True, exist_ok=True)
    flags = f"-s -w -X {_VERSION_VARIABLE}=v{pinned}"
    target = str(binaries / "pulumi")
    _go(["build", "-v", "-trimpath", "-tags", _BUILD_TAGS, "-ldflags", flags, "-o", target, _CLI_PACKAGE], one_more)
    sdk = Path(_go(["list", "-m", "-f", "{{.Dir}}", _SDK_MODULE], progress).strip())
    launcher = binaries / _DYNAMIC_PROVIDER
    shutil.copyfile(sdk / "python" / "dist" / _DYNAMIC_PROVIDER, launcher)
    launcher.chmod(0o755)


def go_version() -> VersionInfo:
    """The version of the CLI that `dev/go.mod` pins."""
    for line in (TOOLS / "go.mod").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words and words[0] == "github.com/pulumi/pulumi/pkg/v3":
            return VersionInfo.parse(words[1].removeprefix("v"))
    raise NotObtainedError("dev/go.mod names no github.com/pulumi/pulumi/pkg/v3")


def _go(arguments: Sequence[str], on_line: Callable[[str], None]) -> str:
    # Only what `dev/go.mod` and `go.sum` say is built, whatever workspace or flags surround the checkout.
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": "-mod=readonly -buildvcs=false"}
    return _run(["go", *arguments], on_line, seconds=_BUILD_SECONDS, cwd=TOOLS, environment=environment)


def _run(
    command: Sequence[str],
    on_line: Callable[[str], None],
    *,
    seconds: float,
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
) -> str:
    """Run `command`, tell each line of its standard error, return its standard output.

    It runs in a process group of its own, which is ended as a whole when the time is over or when we are stopped:
    compilers and downloads are its children.
    """
    last_words: deque[str] = deque(maxlen=5)
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
            last_words.append(line.strip())
            on_line(line.strip())
        process.wait()
        reader.join()
    finally:
        limit.cancel()
        _end_group(process)
    if out_of_time.is_set():
        raise NotObtainedError(f"`{command[0]}` was not done after {seconds:.0f} s")
    if process.returncode != 0:
        raise NotObtainedError(f"`{' '.join(command[:2])}` failed: {' / '.join(last_words) or process.returncode}")
    return "".join(output)


def _end_group(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _reason(error: OSError) -> str:
    inner = getattr(error, "reason", error)
    return str(inner) or type(inner).__name__
