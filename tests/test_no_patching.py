"""Tests, campaigns and examples use parameters: none replaces an attribute or uses a private one.

Ruff's SLF001 checks access to private attributes; strings, imports, subclasses and patching are checked here.
`monkeypatch.setenv` is allowed: the environment belongs to the process, not to a module.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("tests", "benchmarks", "simulator/examples")


class Allowed(NamedTuple):
    """A file that may do it, and why."""

    file: str
    reason: str


ALLOWED = (
    Allowed("tests/campaigns/test_defects.py", "plants defects on purpose, to see that the campaigns find them"),
    Allowed(
        "tests/simulator/clients/map_names.py",
        "is the hosts file of a client's process, which has none of its own; no module of ours is in there",
    ),
    Allowed(
        "tests/infra/program_graph.py",
        "lets Pulumi forget the callback servers of closed loops, for which it has no public way",
    ),
)
PATCHING = frozenset({"setattr", "delattr", "setitem", "delitem", "syspath_prepend", "reload"})
BY_TEXT = frozenset({"getattr", "setattr", "delattr", "hasattr"})
PUBLIC = frozenset({"_replace", "_asdict", "_make", "_fields", "_field_defaults", "os._exit"})
"""Documented in spite of the underscore: those of a named tuple, and how a child of `os.fork` ends."""
OWN = frozenset({"self", "cls", "super()"})


def found_in(source: str) -> list[str]:
    """Return what a file patches, and its private names of others."""
    tree = ast.parse(source)
    found = [*_imports(tree), *_patches(tree), *_private_names(tree), *_names_of_a_parent(tree)]
    return [f"line {node.lineno}: {what}" for node, what in sorted(found, key=lambda each: each[0].lineno)]


def found_below(root: Path) -> dict[str, list[str]]:
    """Return the same for each file of our folders that has any."""
    files = [path for folder in FOLDERS for path in (root / folder).rglob("*.py")]
    found = {path.relative_to(root).as_posix(): found_in(path.read_text("utf-8")) for path in files}
    return {name: there for name, there in found.items() if there}


Found = Iterator[tuple[ast.stmt | ast.expr | ast.arg, str]]


def _imports(tree: ast.Module) -> Found:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        origin = (getattr(node, "module", None) or "").split(".")
        parts = [*origin, *(part for alias in node.names for part in alias.name.split("."))]
        if {"mock", "pytest_mock"} & set(parts):
            yield node, "imports a mock"
        elif any(_private(part) for part in parts):
            yield node, "imports a private name"


def _patches(tree: ast.Module) -> Found:
    imported = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name in PATCHING:
                yield node, f"patches with {name}"
            case ast.Call(func=ast.Name(id="setattr" | "delattr" as name), args=[of, *_]) if _root(of) in imported:
                yield node, f"patches with {name}"
            case ast.Attribute(value=ast.Name(id="sys"), attr="modules"):
                yield node, "touches sys.modules"
            case ast.arg(arg="mocker"):
                yield node, "wants a mock"
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                whole = ast.unparse(node)
                if _root(node) in imported and not whole.startswith("os.environ["):
                    yield node, f"replaces {whole}"


def _private_names(tree: ast.Module) -> Found:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=of, attr=name):
                pass
            case ast.Call(func=ast.Name(id=by), args=[of, ast.Constant(value=str(name)), *_]) if by in BY_TEXT:
                pass
            case _:
                continue
        whole = f"{ast.unparse(of)}.{name}"
        if _private(name) and ast.unparse(of) not in OWN and not {name, whole} & PUBLIC:
            yield node, f"reaches into {whole}"


def _names_of_a_parent(tree: ast.Module) -> Found:
    """Private names that a class uses as its own but inherits from another file."""
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for one in classes.values():
        parents = [ast.unparse(base) for base in one.bases]
        if not parents:
            continue
        family = [one, *(classes[name] for name in parents if name in classes)]
        own = {name for each in family for name in _made_in(each)}
        used = [node for node in ast.walk(one) if isinstance(node, ast.Attribute) and ast.unparse(node.value) in OWN]
        for node in used:
            if _private(node.attr) and node.attr not in own:
                yield node, f"reaches into {one.name}'s parent for {node.attr}"


def _made_in(one: ast.ClassDef) -> Iterator[str]:
    for node in ast.walk(one):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) in OWN:
            yield node.attr


def _private(name: str) -> bool:
    return name.startswith("_") and name != "_" and not (name.startswith("__") and name.endswith("__"))


def _root(node: ast.expr) -> str:
    """The name with which a chain of attributes and subscripts begins."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def test_nobody_patches_or_reaches_into_a_private_name() -> None:
    """If a test needs it, a parameter is missing; a file that is allowed to and does not need to is reported too."""
    found = found_below(ROOT)

    assert {name: there for name, there in found.items() if name not in {each.file for each in ALLOWED}} == {}
    assert found.keys() == {each.file for each in ALLOWED}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from unittest.mock import patch", "imports a mock"),
        ("from unittest import mock", "imports a mock"),
        ("import unittest.mock as doubles", "imports a mock"),
        ("def test_it(mocker): ...", "wants a mock"),
        ("from function.main import _function", "imports a private name"),
        ("from pulumi._version import version", "imports a private name"),
        ('monkeypatch.setattr(module, "time", None)', "patches with setattr"),
        ('with monkeypatch.context() as m: m.delattr("a.b")', "patches with delattr"),
        ('monkeypatch.setitem(table, "a", 1)', "patches with setitem"),
        ('monkeypatch.delitem(table, "a")', "patches with delitem"),
        ("monkeypatch.syspath_prepend(folder)", "patches with syspath_prepend"),
        ("importlib.reload(module)", "patches with reload"),
        ('import a; setattr(a, "b", None)', "patches with setattr"),
        ("import a; a.b.c = None", "replaces a.b.c"),
        ("from a import B; B.c = None", "replaces B.c"),
        ("from a import B; del B.c", "replaces B.c"),
        ("from a import TABLE; TABLE['b'], c = 1, 2", "replaces TABLE['b']"),
        ("del sys.modules[name]", "touches sys.modules"),
        ("handler._api = None", "reaches into handler._api"),
        ("handler.__api", "reaches into handler.__api"),
        ("self.process._stub.Create()", "reaches into self.process._stub"),
        ("made()._own", "reaches into made()._own"),
        ('getattr(handler, "_api")', "reaches into handler._api"),
        ("class A(B):\n def c(self): self._d()", "reaches into A's parent for _d"),
    ],
)
def test_each_kind_is_found(source: str, expected: str, tmp_path: Path) -> None:
    """The test above can fail, in each of the folders."""
    for folder in FOLDERS:
        (tmp_path / folder / "deep").mkdir(parents=True)
        (tmp_path / folder / "deep" / "test_sample.py").write_text(f"{source}\n")

    found = found_below(tmp_path)

    assert found.keys() == {f"{folder}/deep/test_sample.py" for folder in FOLDERS}
    for said in found.values():
        assert [each.partition(": ")[2] for each in said] == [expected]


def test_own_and_documented_names_are_allowed() -> None:
    """The rule forces nobody to write ordinary code differently."""
    assert (
        found_in(
            """
import os

from module import Made

monkeypatch.setenv("A", "b")
os.environ["A"] = "b"
os._exit(1)
Made()._replace(a=1)
made = Made()
made.status = 403
setattr(made, "status", 403)
for _ in made:
    pass


class A:
    def b(self):
        self._c = self._d


class B(A):
    def c(self):
        self._e = super()._c + self._e
"""
        )
        == []
    )
