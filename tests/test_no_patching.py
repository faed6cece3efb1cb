"""Tests, campaigns and examples get in through parameters: none replaces an attribute or reaches into a private one."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("tests", "benchmarks", "examples")
PLANTED = frozenset({"tests/campaigns/test_defects.py", "tests/infra/memory.py"})
"""Plants defects on purpose, to see that a campaign finds them."""
PATCHING = frozenset({"setattr", "delattr", "setitem", "delitem", "syspath_prepend"})
PUBLIC = frozenset({"os._exit", "os._Environ"})
"""Begin with an underscore, and are documented."""


def found_in(source: str) -> list[str]:
    """What a file patches or reaches into."""
    return [f"line {node.lineno}: {what}" for node, what in _found(ast.parse(source))]


def _found(tree: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [alias.name for alias in node.names]
            if "mock" in f"{getattr(node, 'module', '')}.{'.'.join(names)}".split("."):
                yield node, "imports a mock"
            if isinstance(node, ast.ImportFrom) and any(_private(name) for name in names):
                yield node, "imports a private name"
        if isinstance(node, ast.Attribute):
            of = ast.unparse(node.value)
            if node.attr in PATCHING and of in {"monkeypatch", "patch", "pytest.MonkeyPatch"}:
                yield node, f"patches with {node.attr}"
            own = of in {"self", "cls", "super()"}
            if _private(node.attr) and not own and f"{of}.{node.attr}" not in PUBLIC:
                yield node, f"reaches into {of}.{node.attr}"


def _private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_nobody_patches_or_reaches_into_a_private_name() -> None:
    """What stands in the way of a test is a parameter that is missing."""
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    found = {str(path.relative_to(ROOT)): found_in(path.read_text("utf-8")) for path in files}

    assert {name for name, there in found.items() if there} == PLANTED


def test_each_kind_is_seen() -> None:
    """So that the test above can fail."""
    assert ["line 1: imports a mock"] == found_in("from unittest.mock import patch")
    assert ["line 1: imports a mock"] == found_in("from unittest import mock")
    assert ["line 1: imports a private name"] == found_in("from function.main import _function")
    assert ["line 1: patches with setattr"] == found_in('monkeypatch.setattr(module, "time", None)')
    assert ["line 1: reaches into handler._api"] == found_in("handler._api = None")
    assert ["line 1: reaches into self.process._stub"] == found_in("self.process._stub.Create()")
    assert [] == found_in('monkeypatch.setenv("A", "b"); self._own = 1; os._exit(1)')
