"""function/ -> the deterministic archive that Google builds.

Decides what is in the zip: an allow-list, never "the folder", so that a cache or an editor's file cannot cause a new
deployment. The content's hash is part of the object's name, so that a changed source (or lock) is always deployed, and
an unchanged one never is.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pulumi

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("", "entry", "handling", "twilio_api", "chat", "policy", "contract")
"""Folders of function/ that go into the zip, its top among them; a folder inside one does not."""

ALLOWED = "*.py"
"""Files of these that do, if Python could import them: `._main.py` and `main 2.py` are a desktop's copies."""

BUILD_VARIABLES = MappingProxyType({"SOURCE_DATE_EPOCH": "315532800"})
"""Variables of the build. Google's build compiles the source
(https://github.com/GoogleCloudPlatform/buildpacks, `cmd/python/functions_framework`, November 2026), and without this
variable Python ties what it compiled to the times of the source files. If these are others in the image, which is
documented nowhere for Google's, each start compiles again. With it, what is compiled is tied to the files' content."""


@dataclass(frozen=True)
class SourceFile:
    """One file of the archive.

    Attributes:
        name: its path inside the zip.
        path: where it lies on this machine.
    """

    name: str
    path: Path


def source_files(root: Path = ROOT) -> tuple[SourceFile, ...]:
    """The files of the zip, by name: the function's modules, and its lock as the requirements.txt that Google reads.

    Raises:
        FileNotFoundError: the lock is missing, or there is no main.py.
    """
    files = [*modules(root / "function"), SourceFile("requirements.txt", root / "requirements" / "function.txt")]
    for required in (root / "function" / "main.py", files[-1].path):
        if not required.is_file():
            raise FileNotFoundError(f"{required} is missing: the function cannot be built without it")
    return tuple(sorted(files, key=lambda file: file.name))


def modules(function: Path) -> Iterator[SourceFile]:
    """The modules of the function that this folder holds, each under its path inside the zip."""
    for room in ROOMS:
        for path in (function / room).glob(ALLOWED):
            if path.is_file() and path.stem.isidentifier():
                yield SourceFile(path.relative_to(function).as_posix(), path)


def content_hash(files: Iterable[SourceFile]) -> str:
    """First 16 hexadecimal digits of a SHA-256 over names and contents."""
    digest = hashlib.sha256()
    for file in files:
        content = file.path.read_bytes()
        digest.update(f"{file.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def object_name(files: Iterable[SourceFile]) -> str:
    """Name of the archive in the bucket; a new content has a new name."""
    return f"function-{content_hash(files)}.zip"


def archive(files: Iterable[SourceFile]) -> pulumi.AssetArchive:
    """The archive as Pulumi uploads it: sorted, with fixed times, so the same files make the same zip."""
    return pulumi.AssetArchive({file.name: pulumi.FileAsset(str(file.path)) for file in files})
