"""The zip: exactly the allow-list, the same bytes for the same files, a new name for any change."""

import shutil
import tomllib
from pathlib import Path

import pytest

from infra import source_zip

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the zip is made of."""
    shutil.copytree(ROOT / "function", tmp_path / "function", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "function.txt", tmp_path / "requirements")
    return tmp_path


def test_the_zip_holds_the_functions_modules_and_its_lock_and_nothing_else(checkout: Path) -> None:
    """An allow-list: what an editor, a test or Python leaves in the folder is not deployed."""
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
    ):
        (checkout / "function" / stray).parent.mkdir(exist_ok=True)
        (checkout / "function" / stray).write_text("stray")

    files = source_zip.source_files(checkout)

    assert [file.name for file in files] == expected
    assert (
        files[expected.index("requirements.txt")].path.read_text()
        == (ROOT / "requirements" / "function.txt").read_text()
    )


def test_the_zip_holds_the_rooms_of_the_layers_contract() -> None:
    """A room that is new to one of the two is forgotten in the other."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")

    rooms = [layer for layer in layers if (ROOT / "function" / layer).is_dir()]

    assert list(source_zip.ROOMS) == ["", *rooms]


def test_the_same_files_have_the_same_name_wherever_they_lie(checkout: Path) -> None:
    """A laptop and CI deploy the same object; times, caches and paths do not count."""
    (checkout / "function" / "main.py").touch()

    assert source_zip.object_name(source_zip.source_files(checkout)) == source_zip.object_name(
        source_zip.source_files()
    )


@pytest.mark.parametrize("changed", ["function/main.py", "function/policy/parsing.py", "requirements/function.txt"])
def test_any_change_of_a_file_or_of_the_lock_is_a_new_name(checkout: Path, changed: str) -> None:
    """Google builds a function anew only for another object."""
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
    """An error that names the file beats a failing build minutes later."""
    (checkout / missing).unlink()

    with pytest.raises(FileNotFoundError, match=missing.rpartition("/")[2]):
        source_zip.source_files(checkout)


def test_the_archive_refers_to_every_file_by_its_name_in_the_zip() -> None:
    """What Pulumi uploads is the list and nothing more."""
    files = source_zip.source_files()

    assets = source_zip.archive(files).assets

    assert list(assets) == [file.name for file in files]
    assert [asset.path for asset in assets.values()] == [str(file.path) for file in files]
