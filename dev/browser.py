"""Install what `make test-browser` needs beyond the development environment, if it is missing: `python -m dev.browser`.

Playwright comes from its lock. Chromium comes from Debian, if this user may install packages.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "browser.txt"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = (
    "test-browser: there is no Chromium, and it cannot be installed here{why}; install it "
    "(on Debian: apt-get install chromium), or name one with CHROMIUM=/path/to/chrome"
)
MINUTES = 10


def chromium() -> str | None:
    """The path of the browser: what CHROMIUM names, or the first that is installed."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for path in map(shutil.which, NAMES) if path), None)


def install_playwright() -> None:
    """Add the packages of the lock to this environment.

    Raises:
        CalledProcessError: they cannot be downloaded, or are not what the lock says.
    """
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*command, "--require-hashes", "-r", str(LOCK)], check=True)


def install_chromium(*, root: bool) -> str:
    """Install Debian's Chromium, as root or by sudo, and return an empty text or why that failed."""
    if shutil.which("apt-get") is None:
        return " (no apt-get)"
    sudo = [] if root else ["sudo", "--non-interactive"]
    if sudo and (shutil.which("sudo") is None or _failure([*sudo, "true"])):
        return " (not root, and no sudo without a password)"
    apt = [*sudo, "apt-get", "-qq"]
    install = [*apt, "install", "--yes", "--no-install-recommends", "chromium"]
    return _failure(install) and (_failure([*apt, "update"]) or _failure(install))


def _failure(command: list[str]) -> str:
    """Run a command; an empty text, or the last line of what it said."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=MINUTES * 60, check=False
        )
    except subprocess.TimeoutExpired:
        return f" ({command[-1]} took more than {MINUTES} minutes)"
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return f" ({lines[-1] if lines else f'exit status {done.returncode}'})" if done.returncode else ""


def main() -> None:
    """Install what is missing.

    Raises:
        SystemExit: something cannot be installed; one line says what to do.
    """
    if importlib.util.find_spec("playwright") is None:
        try:
            install_playwright()
        except subprocess.CalledProcessError:
            sys.exit("test-browser: Playwright cannot be installed, see above; it needs the package index once")
    if chromium() is not None:
        return
    if os.environ.get("CHROMIUM"):
        sys.exit(f"test-browser: CHROMIUM={os.environ['CHROMIUM']} is no program; name an installed browser")
    print("Installing Chromium ...", flush=True)
    why = install_chromium(root=os.geteuid() == 0)
    if chromium() is None:
        sys.exit(HOW.format(why=why))


if __name__ == "__main__":
    main()
