"""`dev/install.py` in a checkout of its own: when it makes an environment, refreshes it, or leaves it alone.

An empty lock and a `uv` that writes down its calls stand for the packages, so that nothing is downloaded.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = """
import os, pathlib, sys
with pathlib.Path(__file__).with_name("calls").open("a") as calls:
    calls.write("sync\\n")
sys.exit(int(os.environ.get("UV_FAILS", "0")))
"""


@pytest.fixture(scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("dev", "requirements", "uv"):
        (folder / name).mkdir()
    shutil.copy(ROOT / "dev" / "install.py", folder / "dev")
    (folder / "requirements" / "bootstrap.txt").touch()
    (folder / "uv" / "__main__.py").write_text(UV)
    return folder


@pytest.fixture
def checkout(_folder: Path) -> Path:
    """A checkout whose environment was made by this interpreter, by another test where there was one."""
    (_folder / "requirements" / "dev.txt").write_text("")
    assert install(_folder) == 0
    (_folder / "uv" / "calls").write_text("")
    return _folder


def install(checkout: Path, **variables: str) -> int:
    """Install with this interpreter, and return the exit status."""
    command = [sys.executable, "dev/install.py"]
    environment = os.environ | {"PYTHONPATH": str(checkout)} | variables
    return subprocess.run(command, cwd=checkout, env=environment, check=False, timeout=120).returncode


def syncs(checkout: Path) -> int:
    """How often packages were installed."""
    return len((checkout / "uv" / "calls").read_text().splitlines())


def stamp(checkout: Path) -> Path:
    """What the environment was made from."""
    return checkout / ".venv" / ".made-from"


def leave_something(checkout: Path) -> Path:
    """Put a file into the environment, which is gone once it is made from nothing."""
    left = checkout / ".venv" / "left"
    left.touch()
    return left


def test_the_stamp_names_the_interpreter_and_a_second_call_does_nothing(checkout: Path) -> None:
    """Its version, and where it is installed: a copy of it works with no other's library."""
    left = leave_something(checkout)

    assert install(checkout) == 0
    assert (left.exists(), syncs(checkout)) == (True, 0)
    interpreter = stamp(checkout).read_text().splitlines()[0]
    assert sys.version.split()[0] in interpreter
    assert sys.base_prefix in interpreter


def test_another_lock_refreshes_the_environment(checkout: Path) -> None:
    """It is not made from nothing, which would take longer."""
    left = leave_something(checkout)
    (checkout / "requirements" / "dev.txt").write_text("# another\n")

    assert install(checkout) == 0
    assert (left.exists(), syncs(checkout)) == (True, 1)


@pytest.mark.parametrize("made_from", ["3.11.0 (an older one) in /usr\n{locks}\n", "{locks}"])
def test_an_environment_of_another_interpreter_is_made_from_nothing(checkout: Path, made_from: str) -> None:
    """Also one whose stamp names no interpreter: a mixture of two interpreters works with neither."""
    left = leave_something(checkout)
    locks = stamp(checkout).read_text().splitlines()[-1]
    stamp(checkout).write_text(made_from.format(locks=locks))

    assert install(checkout) == 0
    assert (left.exists(), syncs(checkout)) == (False, 1)


def test_an_installation_that_failed_is_begun_again(checkout: Path) -> None:
    """Its old stamp is gone, although the lock that it names is back."""
    lock = checkout / "requirements" / "dev.txt"
    lock.write_text("# another\n")
    assert install(checkout, UV_FAILS="1") == 1
    assert not stamp(checkout).exists()
    lock.write_text("")
    left = leave_something(checkout)

    assert install(checkout) == 0
    assert (left.exists(), syncs(checkout)) == (False, 2)
