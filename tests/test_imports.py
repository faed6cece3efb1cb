"""What import-linter cannot say: infra shares an allow-list with the function, not everything but a deny-list."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = {"function.contract", "function.policy", "function.settings"}


def imported_modules(path: Path) -> set[str]:
    """Modules that a file imports by absolute name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def test_infra_imports_the_contract_and_nothing_more_of_the_function() -> None:
    """Settings, durations and policy are what both sides agree on; the rest of the function is its own."""
    used = {module for path in (ROOT / "infra").rglob("*.py") for module in imported_modules(path)}

    assert {module for module in used if module.split(".")[0] == "function"} == SHARED


def test_a_room_is_imported_by_its_name_and_not_by_its_files() -> None:
    """What a room does not export is its own."""
    reaching = [
        f"{path.parent.name}/{path.name}: {node.module}"
        for path in (ROOT / "function").glob("*/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level > 1 and "." in (node.module or "")
    ]

    assert reaching == []


def test_the_word_dialect_does_not_occur_in_the_function() -> None:
    """The function acts on what Twilio answers; how Twilio might behave is the simulator's business."""
    tellers = [path.name for path in (ROOT / "function").rglob("*.py") if "dialect" in path.read_text("utf-8").lower()]

    assert tellers == []
