"""Property values of Pulumi's protocol: plain JSON, with unknowns, secrets, assets and archives inside.

The marks of the last four are the protocol's (`pulumi.runtime.rpc`). The laptop's cloud keeps the same JSON on disk.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

Properties = dict[str, Any]
"""Inputs or outputs of one resource: names in Pulumi's camelCase."""

_MARK = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's mark, not a secret
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_UNKNOWNS = frozenset({"04da6b54-80e4-46f7-96ec-b56ff0331ba9"})

_ZIP_TIME = (1990, 1, 1, 0, 0, 0)  # as Pulumi's own archives: equal content, equal bytes


class Unknown(Enum):
    """A value that is known only after `up`. There is one, so that `is` works."""

    UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A value that Pulumi keeps encrypted in its state."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(...)"


@dataclass(frozen=True)
class Blob:
    """An asset (one file) or an archive (many), still in the protocol's form."""

    wire: dict[str, Any]

    @property
    def is_archive(self) -> bool:
        """Whether it is many files."""
        return bool(self.wire[_MARK] == _ARCHIVE)

    @property
    def content_hash(self) -> str:
        """The engine's hash of the content; empty when it sent none."""
        return str(self.wire.get("hash", ""))

    def __eq__(self, other: object) -> bool:
        """Blobs with equal content are equal, wherever the file is."""
        if not isinstance(other, Blob):
            return NotImplemented
        if self.content_hash and other.content_hash:
            return self.content_hash == other.content_hash
        return self.wire == other.wire

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def read(self) -> bytes:
        """The bytes an upload would carry: a file as it is, an archive as a zip.

        Raises:
            ValueError: the content is behind a URL, which the laptop does not fetch.
            OSError: a file that it names cannot be read.
        """
        if "uri" in self.wire:
            raise ValueError(f"{self.wire['uri']} is a remote asset; the laptop reads files only")
        if not self.is_archive:
            text = self.wire.get("text")
            return text.encode() if text else Path(self.wire["path"]).read_bytes()
        if "assets" in self.wire:
            return _zip({name: Blob(asset).read() for name, asset in self.wire["assets"].items()})
        path = Path(self.wire["path"])
        if path.is_dir():
            files = (file for file in path.rglob("*") if file.is_file())
            return _zip({file.relative_to(path).as_posix(): file.read_bytes() for file in files})
        return path.read_bytes()


def _zip(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), files[name], zipfile.ZIP_DEFLATED)
    return written.getvalue()


def from_struct(struct: Struct) -> Properties:
    """Protocol -> values."""
    decoded: Properties = from_wire(json_format.MessageToDict(struct))
    return decoded


def to_struct(properties: Properties) -> Struct:
    """Values -> protocol."""
    struct = Struct()
    struct.update(to_wire(properties))
    return struct


def from_wire(value: Any) -> Any:
    """The protocol's JSON -> values."""
    if isinstance(value, list):
        return [from_wire(item) for item in value]
    if isinstance(value, dict):
        mark = value.get(_MARK)
        if mark == _SECRET:
            return Secret(from_wire(value.get("value")))
        if mark in {_ASSET, _ARCHIVE}:
            return Blob(value)
        return {key: from_wire(item) for key, item in value.items() if item is not None}
    return UNKNOWN if value in _UNKNOWNS else value


def to_wire(value: Any) -> Any:
    """Values -> the protocol's JSON."""
    match value:
        case Unknown():
            return value.value
        case Secret():
            return {_MARK: _SECRET, "value": to_wire(value.value)}
        case Blob():
            return value.wire
        case dict():
            return {key: to_wire(item) for key, item in value.items()}
        case list() | tuple():
            return [to_wire(item) for item in value]
        case _:
            return value


def reveal(value: Any) -> Any:
    """The same value with secrets in plain text. Never show it."""
    match value:
        case Secret():
            return reveal(value.value)
        case dict():
            return {key: reveal(item) for key, item in value.items()}
        case list():
            return [reveal(item) for item in value]
        case _:
            return value


def at(properties: Properties, path: str) -> Any:
    """The value at a dotted path, None where there is none; unknown below an unknown."""
    value: Any = properties
    for key in path.split("."):
        if isinstance(value, Secret):
            value = value.value
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def merged(base: Properties, extra: Properties) -> Properties:
    """`base` with `extra` laid over it, objects key by key."""
    result = dict(base)
    for key, value in extra.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def changed_keys(old: Properties, new: Properties) -> list[str]:
    """Top-level keys whose values differ; a value that is unknown differs."""
    plain_old, plain_new = reveal(old), reveal(new)
    return sorted(
        key for key in plain_old.keys() | plain_new.keys() if _differs(plain_old.get(key), plain_new.get(key))
    )


def _differs(old: Any, new: Any) -> bool:
    return _contains(new, lambda value: value is UNKNOWN) or bool(old != new)


def _contains(value: Any, holds: Callable[[Any], bool]) -> bool:
    if isinstance(value, dict):
        return any(_contains(item, holds) for item in value.values())
    if isinstance(value, list):
        return any(_contains(item, holds) for item in value)
    return holds(value)
