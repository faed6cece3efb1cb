"""`python -m laptop.pulumi_cli` prints the path of the Pulumi CLI that the laptop uses, and gets one if need be."""

import sys

from laptop.progress import shown_progress
from laptop.pulumi_cli import PulumiUnavailableError, executable, obtain_pulumi


def main() -> int:
    """Print the path; where there is none, print the reason on standard error and return status 1."""
    try:
        with shown_progress() as progress:
            command = obtain_pulumi(progress)
    except PulumiUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. Nothing incomplete was kept.\n")
        return 130
    sys.stdout.write(f"{executable(command)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
