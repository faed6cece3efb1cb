"""`make setup`: checks whether this machine can deploy for real, and prints the next commands. It changes nothing."""

import shutil
import sys
from importlib.metadata import version

from rich.console import Console

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
    console.print("\nThen deploy (the README lists every setting):\n")
    console.print(NEXT, markup=False)
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
