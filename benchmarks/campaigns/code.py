"""Which code a campaign judged, so that an interrupted run can go on, and a page of figures cannot mix two trees."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

WHOLE = ("function", "simulator", "sandbox")
"""Folders that every campaign depends on. The function is loaded by its path, so no import leads to it."""


def fingerprint(module: str, judges: Collection[str] = (), root: Path = ROOT) -> str:
    """Twelve hexadecimal digits that change with the code that a campaign depends on, or with the function's packages.

    That is the function, the world that it is judged in, and every module that the campaign imports, directly or not.
    Comments, docstrings and formatting do not count.

    Args:
        module: the campaign's, such as `benchmarks.campaigns.faults`.
        judges: folders that it judges and does not import.
        root: of the tree.
    """
    files = {file for folder in (*WHOLE, *judges) for file in (root / folder).rglob("*.py")}
    _add(files, module, root)
    digest = hashlib.sha256((root / "requirements" / "function.txt").read_bytes())
    for file in sorted(files):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(_without_docstrings(file.read_text(encoding="utf-8")).encode())
    return digest.hexdigest()[:12]


def _add(files: set[Path], module: str, root: Path) -> None:
    """Add a module of this tree, and what it imports."""
    place = root.joinpath(*module.split("."))
    file = next(filter(Path.is_file, (place.with_suffix(".py"), place / "__init__.py")), None)
    if file is None or file in files:
        return
    files.add(file)
    for each in _imported(file.read_text(encoding="utf-8")):
        _add(files, each, root)


@cache
def _imported(source: str) -> tuple[str, ...]:
    """What a source imports with full names; a name that is taken from a package may be a module of its own."""
    return tuple(_names(ast.parse(source)))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


@cache
def _without_docstrings(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
