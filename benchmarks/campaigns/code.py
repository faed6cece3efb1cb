"""Which code a campaign judged, so that an interrupted run can go on, and a page of figures cannot mix two trees."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection
from pathlib import Path

ROOT = Path(__file__).parents[2]

FOLDERS = ("benchmarks/campaigns", "function", "simulator", "sandbox", "tests/world")
"""What decides how every campaign ends: the campaigns, the function, and the world that they judge it in."""


def fingerprint(judges: Collection[str] = (), root: Path = ROOT) -> str:
    """Twelve hexadecimal digits that change with the code that a campaign depends on, or with the function's packages.

    Comments, docstrings and formatting do not count.

    Args:
        judges: folders beyond those that every campaign depends on.
        root: of the tree.
    """
    digest = hashlib.sha256((root / "requirements" / "function.txt").read_bytes())
    for folder in (*FOLDERS, *judges):
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(_without_docstrings(path.read_text(encoding="utf-8")).encode())
    return digest.hexdigest()[:12]


def _without_docstrings(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
