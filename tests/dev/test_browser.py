"""`make test-browser` installs what it needs, or ends with one line that says how."""

import subprocess
import sys
from pathlib import Path

import pytest

from dev.browser import install_chromium

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def playwright(tmp_path: Path) -> Path:
    """A folder in which Playwright seems to be installed already."""
    (tmp_path / "playwright.py").touch()
    return tmp_path


def run(playwright: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m dev.browser` in an environment that has these programs and this browser, and nothing else."""
    return subprocess.run(
        [sys.executable, "-m", "dev.browser"],
        cwd=ROOT,
        env={"PYTHONPATH": str(playwright), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def program(folder: Path, name: str, text: str) -> Path:
    """A program that does this."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_browser_that_is_installed_is_used(playwright: Path) -> None:
    """Nothing is installed, and nothing is printed."""
    program(playwright / "bin", "chromium", "")
    done = run(playwright, PATH=str(playwright / "bin"))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_browser_that_chromium_names_is_used(playwright: Path) -> None:
    """Wherever it is."""
    named = program(playwright / "elsewhere", "my-browser", "")
    done = run(playwright, PATH="/nowhere", CHROMIUM=str(named))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_name_that_is_not_a_program_is_refused(playwright: Path) -> None:
    """Another browser that is installed is not used instead."""
    program(playwright / "bin", "chromium", "")
    done = run(playwright, PATH=str(playwright / "bin"), CHROMIUM="/nowhere/chrome")

    assert (done.returncode, done.stderr) == (
        1,
        "test-browser: CHROMIUM=/nowhere/chrome is no program; name an installed browser\n",
    )


def test_a_missing_browser_is_installed(playwright: Path) -> None:
    """By apt-get, as root or by sudo."""
    folder = playwright / "bin"
    program(folder, "chmod", 'exec /bin/chmod "$@"')
    program(folder, "apt-get", f"echo '#!/bin/sh' > {folder}/chromium; chmod +x {folder}/chromium")
    program(folder, "sudo", 'shift; exec "$@"')
    program(folder, "true", "")
    done = run(playwright, PATH=str(folder))

    assert (done.returncode, done.stdout, done.stderr) == (0, "Installing Chromium ...\n", "")


@pytest.mark.parametrize(
    ("programs", "why"),
    [
        ({}, "no apt-get"),
        ({"apt-get": "echo 'E: no network' >&2; exit 100", "sudo": 'shift; exec "$@"', "true": ""}, "E: no network"),
    ],
)
def test_a_browser_that_cannot_be_installed_fails_with_one_line(
    programs: dict[str, str], why: str, playwright: Path
) -> None:
    """The tests are never skipped silently."""
    folder = playwright / "bin"
    for name, text in programs.items():
        program(folder, name, text)
    done = run(playwright, PATH=str(folder))

    assert done.returncode == 1
    assert done.stderr == (
        f"test-browser: there is no Chromium, and it cannot be installed here ({why}); install it "
        "(on Debian: apt-get install chromium), or name one with CHROMIUM=/path/to/chrome\n"
    )


@pytest.mark.parametrize("sudo", [None, "echo 'sudo: a password is required' >&2; exit 1"])
def test_without_root_or_sudo_nothing_is_installed(
    sudo: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sudo that asks for a password does not count."""
    tried = tmp_path / "tried"
    program(tmp_path, "apt-get", f"echo > {tried}")
    if sudo is not None:
        program(tmp_path, "sudo", sudo)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert install_chromium(root=False) == " (not root, and no sudo without a password)"
    assert not tried.exists()
