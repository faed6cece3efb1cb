"""`make setup`: checks whether this machine can deploy for real, and prints the next commands. It changes nothing."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from rich.console import Console

from laptop.gcp_provider.switches import BEFOREHAND

NEXT = """\
  pulumi login                                             # or: pulumi login gs://YOUR-BUCKET
  pulumi stack init prod
  pulumi config set gcp:project YOUR-PROJECT
  pulumi config set twilioAccountSid ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  pulumi config set --secret twilioAuthToken               # asks for it
  pulumi up"""

NEEDED = (
    ("pulumi", "the official release; `curl -fsSL https://get.pulumi.com | sh`, or your package manager"),
    ("pulumi-language-python", "part of the official release of pulumi, and not of a build from Go"),
    (
        "gcloud",
        "Google Cloud's CLI, for `gcloud auth application-default login`; not needed where CI brings credentials",
    ),
)


TURN_ON = f"gcloud services enable {' '.join(sorted(BEFOREHAND))}"
_LIST = ("services", "list", "--enabled", "--format=value(config.name)")
_GCLOUD_SECONDS = 30


@dataclass(frozen=True)
class Finding:
    """What was found out about one prerequisite.

    Attributes:
        mark: in which colour, and the word for it.
        text: what, and what to do about it.
        is_missing: whether a deployment cannot do without it.
    """

    mark: str
    text: str
    is_missing: bool = False


def apis(ask: Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]) -> Finding:
    """Whether the APIs are on that must be before the first `up`, in the project that gcloud is set to.

    Args:
        ask: runs gcloud with these arguments.
    """
    answer = ask(_LIST)
    if answer.returncode == 0:
        if off := sorted(BEFOREHAND - set(answer.stdout.split())):
            return Finding("[yellow]missing[/]", f"{', '.join(off)} in gcloud's project: `{TURN_ON}`", is_missing=True)
        return Finding(
            "[green]found[/]  ", "the APIs that must be on before the first `pulumi up`, in gcloud's project"
        )
    why = (answer.stderr.strip().splitlines() or ["it said nothing"])[0]
    return Finding("[yellow]unknown[/]", f"whether two APIs are on; `{TURN_ON}` turns them on. gcloud: {why}")


def gcloud(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run gcloud; no answer in time is an answer too."""
    command = ["gcloud", *arguments, "--quiet"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_GCLOUD_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def main() -> None:
    """Print what was found, what is missing, and the next commands.

    Raises:
        SystemExit: status 1 when something that a deployment needs is missing.
    """
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"[bold]Python packages[/]  .venv is ready (pulumi {version('pulumi')}, pulumi-gcp {version('pulumi-gcp')})"
    )
    missing = 0
    for program, how in NEEDED:
        found = shutil.which(program)
        if found:
            console.print(f"[green]found[/]    {program}")
        else:
            missing += program != "gcloud"
            console.print(f"[yellow]missing[/]  {program}: {how}")
    if shutil.which("gcloud"):
        finding = apis(gcloud)
        missing += finding.is_missing
        console.print(f"{finding.mark}  {finding.text}")
    console.print("\nThen deploy (docs/settings.md lists every setting):\n")
    console.print(NEXT, markup=False)
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
