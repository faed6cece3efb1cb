"""A build of the CLI from Pulumi's own Go modules, which `go.mod` and `go.sum` beside this file pin."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from semver import VersionInfo

from laptop.progress import Progress
from laptop.pulumi_cli.source import NotObtainedError, run

MODULE = Path(__file__).resolve().parent
"""The Go module that pins the CLI, as a tool."""

_BUILD_SECONDS = 3600.0
_BUILD_TAGS = "osusergo,grpcnotrace"
_CLI_MODULE = "github.com/pulumi/pulumi/pkg/v3"
_CLI_PACKAGE = f"{_CLI_MODULE}/cmd/pulumi"
_SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
_VERSION_VARIABLE = f"{_SDK_MODULE}/go/common/version.Version"
_DYNAMIC_PROVIDER = "pulumi-resource-pulumi-python"


def build_from_go_modules(folder: Path, version: VersionInfo, progress: Progress) -> None:
    """Build the CLI that `go.mod` pins. The first build takes some minutes and about 1.7 GB of memory.

    The result has no language host (Pulumi publishes none as a tagged module), so it runs inline programs of the
    Automation API, not a plain `pulumi up`. The launcher of dynamic resources is a script in the SDK's module.

    Raises:
        NotObtainedError: there is no Go, `go.mod` pins an older CLI than `version`, or the build failed.
    """
    if shutil.which("go") is None:
        raise NotObtainedError("there is no `go` on the PATH")
    pinned = pinned_version()
    if pinned < version:
        raise NotObtainedError(f"{MODULE.name}/go.mod pins {pinned}, older than the SDK's {version}")
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


def pinned_version() -> VersionInfo:
    """The version of the CLI that `go.mod` pins."""
    for line in (MODULE / "go.mod").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words and words[0] == _CLI_MODULE:
            return VersionInfo.parse(words[1].removeprefix("v"))
    raise NotObtainedError(f"{MODULE.name}/go.mod names no {_CLI_MODULE}")


def _go(arguments: Sequence[str], on_line: Callable[[str], None]) -> str:
    # Only what `go.mod` and `go.sum` say is built, whatever workspace or flags surround the checkout.
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": "-mod=readonly -buildvcs=false"}
    return run(["go", *arguments], on_line, seconds=_BUILD_SECONDS, cwd=MODULE, environment=environment)
