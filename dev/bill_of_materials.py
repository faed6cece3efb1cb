"""What a lock installs, as a bill of materials: `python -m dev.bill_of_materials GROUP` prints CycloneDX 1.6 as JSON.

The lock has names, versions, hashes and who needs what, so nothing is asked of a registry, and the same lock makes the
same text. Format: https://cyclonedx.org/docs/1.6/json/. Standard library only.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]

_BLOCK: Final = re.compile(r"^(?=[a-z0-9])", re.MULTILINE)
_PINNED: Final = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^\s;\\]+)(?P<marker>\s*;)?")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NEEDED_BY: Final = re.compile(r"^ +# +(?:via )?(?P<name>[a-z0-9-]+)(?P<group> \(pyproject\.toml:.*\))?$", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """One package of a lock.

    Attributes:
        name: normalised, as on the package index.
        version: the one that is installed.
        everywhere: whether it is installed on every platform and Python.
        direct: whether the group itself names it.
        needed_by: the packages that depend on it.
        hashes: SHA-256 of each of its distributions.
    """

    name: str
    version: str
    everywhere: bool
    direct: bool
    needed_by: frozenset[str]
    hashes: tuple[str, ...]

    @property
    def reference(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{self.name}@{self.version}"


def packages(lock: str) -> list[Package]:
    """The packages of a lock as uv writes it.

    Raises:
        ValueError: one of them has no version or no hash.
    """
    return [_package(block) for block in _BLOCK.split(lock) if block.strip() and not block.startswith("#")]


def _package(block: str) -> Package:
    pinned = _PINNED.match(block)
    hashes = tuple(_HASH.findall(block))
    if not pinned or not hashes:
        raise ValueError(f"no version or no hash in the lock: {block.splitlines()[0]}; make it again: make lock")
    parents = list(_NEEDED_BY.finditer(block))
    return Package(
        name=pinned["name"],
        version=pinned["version"],
        everywhere=not pinned["marker"],
        direct=any(parent["group"] for parent in parents),
        needed_by=frozenset(parent["name"] for parent in parents if not parent["group"]) - {"via"},
        hashes=hashes,
    )


def bill_of_materials(group: str, version: str, contents: Iterable[Package]) -> dict[str, Any]:
    """The document.

    Args:
        group: whose lock it is.
        version: of this repository.
        contents: of the lock.
    """
    listed = list(contents)
    root = f"flex-chat-inactivity-timeout:{group}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": root, "name": root, "version": version}},
        "components": [_component(package) for package in listed],
        "dependencies": [
            {"ref": root, "dependsOn": [package.reference for package in listed if package.direct]},
            *_dependencies(listed),
        ],
    }


def _component(package: Package) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": package.reference,
        "name": package.name,
        "version": package.version,
        "scope": "required" if package.everywhere else "optional",
        "purl": package.reference,
        "hashes": [{"alg": "SHA-256", "content": content} for content in package.hashes],
    }


def _dependencies(listed: list[Package]) -> Iterator[dict[str, Any]]:
    for package in listed:
        needs = [other.reference for other in listed if package.name in other.needed_by]
        yield {"ref": package.reference, "dependsOn": needs}


def main(arguments: list[str]) -> int:
    """Print the bill of materials of one group's lock."""
    (group,) = arguments
    lock = (ROOT / "requirements" / f"{group}.txt").read_text("utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    print(json.dumps(bill_of_materials(group, version, packages(lock)), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
