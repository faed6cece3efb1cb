"""The official release of the CLI, by Pulumi's own installer."""

import sys
import urllib.error
import urllib.request
from pathlib import Path

from semver import VersionInfo

from laptop.progress import Progress
from laptop.pulumi_cli.source import NotObtainedError, run

RELEASES = "https://get.pulumi.com/"

_REACHABLE_SECONDS = 5.0
_DOWNLOAD_SECONDS = 600.0


def download_official_release(
    folder: Path, version: VersionInfo, progress: Progress, *, releases: str = RELEASES
) -> None:
    """Let the Automation API run Pulumi's installer; give up at once where its host cannot be reached.

    Raises:
        NotObtainedError: the host cannot be reached, or the installer failed.
    """
    progress(f"asking {releases} for the official release")
    try:
        with urllib.request.urlopen(releases, timeout=_REACHABLE_SECONDS):  # noqa: S310 -- https, or a port of this machine in tests
            pass
    except urllib.error.HTTPError:
        pass  # it answered; whether it has the release is the installer's question
    except OSError as error:
        reason = str(getattr(error, "reason", error)) or type(error).__name__
        raise NotObtainedError(f"{releases} cannot be reached ({reason})") from error
    install = (
        "import sys; from semver import VersionInfo; from pulumi.automation import PulumiCommand; "
        "PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))"
    )
    # In a process of its own, so that it can be ended: the installer has no time limit.
    run(
        [sys.executable, "-c", install, str(folder), str(version)],
        lambda _line: progress(f"downloading Pulumi {version}"),
        seconds=_DOWNLOAD_SECONDS,
    )
