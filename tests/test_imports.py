"""What import-linter cannot check: allow-lists, and that the docs repeat them."""

import ast
import re
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
SHARED = {"function.contract", "function.policy", "function.settings"}


def imported_modules(path: Path) -> set[str]:
    """Return the modules that a file imports by absolute name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def written_imports() -> dict[str, set[str]]:
    """Return the table of the folders in the architecture page: packages, and what each may import."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `([a-z/]+)/` \|.*\|([^|]*)\|$", page.split("## The house")[1].split("\n\n")[1], re.MULTILINE
    )
    return {folder.replace("/", "."): _named(cell) for folder, cell in rows}


def real_imports(written: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return what each package imports, in the names of its row; a module that none covers is listed itself."""
    packages = {package for package in written if (ROOT / package.replace(".", "/") / "__init__.py").exists()}
    graph = grimp.build_graph(*{package.split(".")[0] for package in packages}, cache_dir=None)
    found: dict[str, set[str]] = {package: set() for package in written}
    for package in packages:
        own = {package, *graph.find_descendants(package)}
        imported = {other for module in own for other in graph.find_modules_directly_imported_by(module)} - own
        found[package] = {_covering(module, written[package]) for module in imported}
    return found


def _covering(module: str, names: set[str]) -> str:
    return next((name for name in names if f"{module}.".startswith(f"{name}.")), module)


def _named(cell: str) -> set[str]:
    """`a`, `b.{c,d}` -> a, b.c, b.d."""
    names = set()
    for name in re.findall(r"`([^`]+)`", cell):
        stem, _, members = name.rstrip("}").partition("{")
        names |= {f"{stem}{member}" for member in members.split(",")}
    return names


def test_the_table_of_the_folders_says_what_each_imports() -> None:
    """It lists every import and no other."""
    written = written_imports()

    assert len(written) > 7
    assert real_imports(written) == written


def test_infra_imports_the_contract_and_nothing_more_of_the_function() -> None:
    """Settings, durations and policy are shared; the rest of the function is its own."""
    used = {module for path in (ROOT / "infra").rglob("*.py") for module in imported_modules(path)}

    assert {module for module in used if module.split(".")[0] == "function"} == SHARED


def test_a_room_is_imported_by_its_name_and_not_by_its_files() -> None:
    """What a room does not export is private."""
    reaching = [
        f"{path.parent.name}/{path.name}: {node.module}"
        for path in (ROOT / "function").glob("*/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level > 1 and "." in (node.module or "")
    ]

    assert reaching == []


def test_the_word_dialect_does_not_occur_in_the_function() -> None:
    """The function acts on Twilio's answers; how Twilio might behave is a question for the simulator."""
    tellers = [path.name for path in (ROOT / "function").rglob("*.py") if "dialect" in path.read_text("utf-8").lower()]

    assert tellers == []
