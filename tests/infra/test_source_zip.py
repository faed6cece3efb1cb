"""The zip: exactly the allow-list, the same bytes for the same files, a new name for any change."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from infra import source_zip

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the files from which the zip is made."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "function", folder / "function", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "function.txt", folder / "requirements")
    return folder


def test_the_zip_holds_the_functions_modules_and_its_lock_and_nothing_else(checkout: Path) -> None:
    """Files that an editor, a test or Python leaves in the folder are not deployed."""
    folder = ROOT / "function"
    expected = sorted([*(path.relative_to(folder).as_posix() for path in folder.rglob("*.py")), "requirements.txt"])
    for stray in (
        ".env",
        "main.pyc",
        "notes.txt",
        "main.py~",
        "requirements.txt",
        "__pycache__/main.cpython-311.pyc",
        "chat/.ipynb_checkpoints/decisions-checkpoint.py",
        "attic/old.py",
        ".DS_Store",
        "._main.py",
        ".main.py.swp",
        "main 2.py",
        "chat/decisions (copy).py",
        "policy/#policy.py#",
    ):
        (checkout / "function" / stray).parent.mkdir(exist_ok=True)
        (checkout / "function" / stray).write_text("stray")

    (checkout / "function" / ".#main.py").symlink_to("somebody@a-machine.4711")  # what Emacs has while it edits main.py

    files = source_zip.source_files(checkout)

    assert [file.name for file in files] == expected
    assert (
        files[expected.index("requirements.txt")].path.read_text()
        == (ROOT / "requirements" / "function.txt").read_text()
    )


def test_the_zip_holds_the_rooms_of_the_layers_contract() -> None:
    """A new room must be added to both."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")

    rooms = [layer for layer in layers if (ROOT / "function" / layer).is_dir()]

    assert list(source_zip.ROOMS) == ["", *rooms]


def test_the_same_files_have_the_same_name_wherever_and_whenever(checkout: Path) -> None:
    """A laptop and CI deploy the same object; paths, times and modes do not count."""
    for path in (checkout / "function").rglob("*.py"):
        path.chmod(0o755)
        os.utime(path, (0, 0))

    assert source_zip.object_name(source_zip.source_files(checkout)) == source_zip.object_name(
        source_zip.source_files()
    )


def test_a_checkout_with_the_line_ends_of_windows_has_the_same_name(checkout: Path, tmp_path: Path) -> None:
    """Git is configured to keep our line ends in these files."""
    shutil.copy(ROOT / ".gitattributes", checkout)
    (checkout / "page.md").write_text("a line\n")
    for command in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "All of it")):
        git(checkout, *command)
    elsewhere = tmp_path / "elsewhere"
    git(checkout, "clone", "--quiet", "--config", "core.autocrlf=true", str(checkout), str(elsewhere))

    assert (elsewhere / "page.md").read_bytes() == b"a line\r\n"
    assert source_zip.object_name(source_zip.source_files(elsewhere)) == source_zip.object_name(
        source_zip.source_files()
    )


def git(folder: Path, *arguments: str) -> None:
    """Run git without any user's configuration."""
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    names = ("-c", "user.name=a test", "-c", "user.email=test@example.com")
    subprocess.run(["git", *names, *arguments], cwd=folder, env=nobody, check=True)


@pytest.mark.parametrize("changed", ["function/main.py", "function/policy/parsing.py", "requirements/function.txt"])
def test_any_change_of_a_file_or_of_the_lock_is_a_new_name(checkout: Path, changed: str) -> None:
    """Google builds a function again only for another object."""
    before = source_zip.object_name(source_zip.source_files(checkout))
    with (checkout / changed).open("a") as file:
        file.write("# changed\n")

    assert before != source_zip.object_name(source_zip.source_files(checkout))


def test_a_renamed_and_a_new_file_are_a_new_name(checkout: Path) -> None:
    """The hash covers names, not only contents."""
    before = source_zip.content_hash(source_zip.source_files(checkout))
    (checkout / "function" / "entry" / "logs.py").rename(checkout / "function" / "entry" / "records.py")
    renamed = source_zip.content_hash(source_zip.source_files(checkout))
    (checkout / "function" / "empty.py").touch()

    assert len({before, renamed, source_zip.content_hash(source_zip.source_files(checkout))}) == 3


@pytest.mark.parametrize("missing", ["function/main.py", "requirements/function.txt"])
def test_what_google_cannot_build_without_is_missed_here_already(checkout: Path, missing: str) -> None:
    """An error that names the file is better than a build that fails minutes later."""
    (checkout / missing).unlink()

    with pytest.raises(FileNotFoundError, match=missing.rpartition("/")[2]):
        source_zip.source_files(checkout)


def test_the_archive_refers_to_every_file_by_its_name_in_the_zip() -> None:
    """What Pulumi uploads is the list and nothing more."""
    files = source_zip.source_files()

    assets = source_zip.archive(files).assets

    assert list(assets) == [file.name for file in files]
    assert [asset.path for asset in assets.values()] == [str(file.path) for file in files]
