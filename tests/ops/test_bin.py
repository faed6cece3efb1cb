"""`bin/inactivity` in a shell: it starts in its own environment, or says how to make one."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """This checkout, without an environment."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    for folder in ("function", "infra", "ops"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    return tmp_path


def inactivity(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Type a command in another folder."""
    command = [checkout / "bin" / "inactivity", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=60)


def test_it_runs_in_the_environment_of_its_checkout(checkout: Path) -> None:
    """From any folder, and with its own name in the help."""
    (checkout / ".venv").symlink_to(sys.prefix)

    shown = inactivity(checkout, "--help")

    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Usage: inactivity [OPTIONS] COMMAND" in shown.stdout


def test_without_an_environment_it_says_how_to_make_one(checkout: Path) -> None:
    """One line and status 2: nothing was done."""
    failed = inactivity(checkout, "off")

    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr == f"inactivity: there is no environment in {checkout}/.venv: run `make setup`\n"


def test_in_an_environment_that_lacks_a_package_it_names_the_package(checkout: Path) -> None:
    """An environment made from an older lock, or by hand."""
    venv.create(checkout / ".venv", with_pip=False, symlinks=True)

    failed = inactivity(checkout, "off")

    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr == "inactivity: the environment in .venv has no typer: run `make setup`\n"


def test_cdpath_does_not_send_it_elsewhere(checkout: Path, tmp_path: Path) -> None:
    """An exported CDPATH makes `cd` print where it goes, or go to a folder of the same name."""
    (tmp_path / "other" / "bin").mkdir(parents=True)
    environment = os.environ | {"CDPATH": f"{tmp_path}/other:."}
    command = ["bin/inactivity", "off"]

    failed = subprocess.run(command, capture_output=True, text=True, check=False, cwd=checkout, env=environment)

    assert failed.stderr == f"inactivity: there is no environment in {checkout}/.venv: run `make setup`\n"


def test_links_to_it_lead_to_its_checkout(checkout: Path, tmp_path: Path) -> None:
    """One on the PATH, one to that, and one to its folder."""
    (tmp_path / "on path").mkdir()
    first, second, folder = (tmp_path / "on path" / name for name in ("inactivity", "switch", "folder"))
    first.symlink_to(checkout / "bin" / "inactivity")
    second.symlink_to("inactivity")
    folder.symlink_to(checkout / "bin")

    for typed in (first, second, folder / "inactivity"):
        failed = subprocess.run([typed, "off"], capture_output=True, text=True, check=False, cwd="/")
        assert failed.stderr == f"inactivity: there is no environment in {checkout}/.venv: run `make setup`\n"
