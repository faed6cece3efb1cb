"""Make the virtual environment of this checkout: `python3 dev/install.py`, standard library only.

pip installs uv, and uv installs the rest, each from a hashed lock. A stamp in the environment names the interpreter and
the locks that it was made from, so that a second call does nothing. The Makefile calls it.
"""

import hashlib
import importlib.util
import subprocess
import sys
import time
import venv
from pathlib import Path

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
BOOTSTRAP = ROOT / "requirements" / "bootstrap.txt"
LOCK = ROOT / "requirements" / "dev.txt"
PYTHON = ENVIRONMENT / "bin" / "python"


def interpreter() -> str:
    """What tells this interpreter from another one: its version, and where it is installed."""
    return f"{' '.join(sys.version.split())} in {sys.base_prefix}"


def locks() -> str:
    """A digest of the locks that an environment is made from."""
    return hashlib.sha256(BOOTSTRAP.read_bytes() + LOCK.read_bytes()).hexdigest()


def run(step: str, *command: str) -> None:
    """Run one step, and print its name and how long it took; a failure ends the installation."""
    print(f"  {step} ...", flush=True)
    began = time.monotonic()
    finished = subprocess.run(command, cwd=ROOT, check=False)
    if finished.returncode:
        sys.exit(f"install: this step failed with exit status {finished.returncode}: {step}\n  {' '.join(command)}")
    print(f"  {step}: {time.monotonic() - began:.1f} s", flush=True)


def main() -> None:
    """Make or refresh the environment.

    Raises:
        SystemExit: this Python is too old or has no `venv`, or a step failed; the message says what to install.
    """
    if sys.version_info < OLDEST_PYTHON:
        found = sys.version.split()[0]
        sys.exit(
            f"install: python3 is {found}, older than 3.11; install a newer one, or name one with PYTHON=python3.x"
        )
    stamp = ENVIRONMENT / ".made-from"
    wanted = [interpreter(), locks()]
    made_from = stamp.read_text().splitlines() if stamp.exists() else []
    if made_from == wanted:
        return
    if not importlib.util.find_spec("ensurepip"):  # asked before anything is removed
        sys.exit("install: this Python cannot make a virtual environment; on Debian: apt-get install python3-venv")
    print(f"Installing {LOCK.name} into .venv (Python {sys.version.split()[0]})", flush=True)
    stamp.unlink(missing_ok=True)  # until the end, the environment is neither the old one nor the new one
    try:
        # The environment has a copy of its interpreter, which works with no other one's library.
        venv.create(ENVIRONMENT, with_pip=True, clear=made_from[:1] != wanted[:1])
    except (ImportError, subprocess.CalledProcessError) as error:
        sys.exit(f"install: cannot make a virtual environment ({error}); on Debian: apt-get install python3-venv")
    run("installer", str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(BOOTSTRAP))
    quiet = [] if sys.stdout.isatty() else ["--quiet"]  # uv's progress is for a terminal, not for a log
    sync = [str(PYTHON), "-m", "uv", "pip", "sync", *quiet, "--python", str(PYTHON), "--require-hashes", str(LOCK)]
    run("packages", *sync)
    stamp.write_text("\n".join(wanted) + "\n")


if __name__ == "__main__":
    main()
