"""Makes the pages about the simulator that come from code: `python -m dev.simulator_pages [--check]`.

`docs/simulator-coverage.md` from the route tables, Twilio's reduced documents and the known differences;
`docs/simulator-dialects.md` from `simulator/shared/dialect/`. A test fails when they are out of date.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Final

from simulator.app import PRODUCTS
from simulator.known_differences import KNOWN, Difference
from simulator.shared.dialect import switches

ROOT: Final = Path(__file__).parents[1]
DOCUMENTS: Final = ROOT / "tests" / "simulator" / "contract"
NAMES: Final = {
    "conversations": "Conversations v1",
    "taskrouter": "TaskRouter v1",
    "flex-api": "Flex v1",
    "chat": "Chat v2",
}
_MADE: Final = "<!-- Made by `python -m dev.simulator_pages`; do not edit. -->"
_COVERAGE: Final = """\
Every operation below is called by `tests/simulator/contract`, and every answer is checked against Twilio's OpenAPI
documents, [reduced](../tests/simulator/contract/) to what this needs. Schemathesis calls each operation with valid and
invalid parameters. Nothing has been compared with a live account."""
_DIALECTS: Final = """\
Each switch has a default answer, the best reading of what is public, and one or more others. They are chosen by
`POST /_simulator/reset {"dialect": {"timerOrigin": "message"}}`, or for the whole run by
`python -m simulator --dialect FILE` with the same JSON in a file. None has been checked on a live account;
[a probe](probe.md) does that, and writes such a file. Test your software with each answer."""

Operations = dict[str, set[str]]
"""Methods by path template without the names of its parameters."""


def pages(known: Sequence[Difference] = KNOWN) -> dict[Path, str]:
    """The text of each page, with these known differences."""
    return {
        ROOT / "docs" / "simulator-coverage.md": coverage(known),
        ROOT / "docs" / "simulator-dialects.md": dialects(),
    }


def outdated(known: Sequence[Difference] = KNOWN) -> list[str]:
    """The names of the pages that differ."""
    return [path.name for path, text in pages(known).items() if not path.exists() or path.read_text("utf-8") != text]


def coverage(known: Sequence[Difference] = KNOWN) -> str:
    """The page about operations and known differences."""
    lines = [
        "# What the simulator covers",
        "",
        _MADE,
        "",
        _COVERAGE,
        "",
        "| product | operations here | in Twilio's document |",
        "|---|---:|---:|",
    ]
    tables = {product: (_here(product), _documented(product)) for product in NAMES}
    for product, (here, documented) in tables.items():
        total = "not at hand" if documented is None else str(_count(documented))
        lines.append(f"| {NAMES[product]} | {_count(here)} | {total} |")
    lines += ["", "## Known differences", "", "| product | the platform | here |", "|---|---|---|"]
    for difference in known:
        product_name = "all" if difference.product is None else NAMES[difference.product]
        lines.append(f"| {product_name} | {difference.platform} | {difference.here} |")
    lines += ["", "What Twilio's documents leave open is not listed here: it is a [dialect](simulator-dialects.md)."]
    for product, (here, documented) in tables.items():
        lines += ["", f"## {NAMES[product]}", "", "| path | here | missing |", "|---|---|---|"]
        for path in sorted({*here, *(documented or {})}):
            present = here.get(path, set())
            missing = (documented or {}).get(path, set()) - present
            lines.append(f"| `{path}` | {' '.join(sorted(present))} | {' '.join(sorted(missing))} |")
    return "\n".join(lines) + "\n"


def dialects() -> str:
    """The page about what is not documented."""
    lines = [
        "# What Twilio does not document, and the possible answers",
        "",
        _MADE,
        "",
        _DIALECTS,
    ]
    for switch in switches():
        said = _answers(switch.answers)
        lines += [
            "",
            f"## `{switch.name}`",
            "",
            inspect.cleandoc(switch.answers.__doc__ or "").replace("\n", " ").replace("  ", " "),
            "",
            f"- What is public: {switch.answers.known}",
            f"- It matters to {switch.answers.matters}.",
            *[f"- Read: {source}" for source in switch.answers.sources],
            "",
            "| answer | |",
            "|---|---|",
        ]
        for answer in switch.answers:
            default = " (default)" if answer is switch.default else ""
            lines.append(f"| `{answer.value}`{default} | {said[answer.name]} |")
    return "\n".join(lines) + "\n"


def _here(product: str) -> Operations:
    found: Operations = {}
    for route in PRODUCTS[product]:
        found.setdefault(_shape(route.template), set()).add(route.method)
    return found


def _documented(product: str) -> Operations | None:
    path = DOCUMENTS / f"{product}.json"
    if not path.exists():
        return None
    paths = json.loads(path.read_text("utf-8"))["paths"]
    return {_shape(template): {method.upper() for method in item} for template, item in paths.items()}


def _shape(template: str) -> str:
    return re.sub(r"{\w+}", "{}", template)


def _count(operations: Operations) -> int:
    return sum(len(methods) for methods in operations.values())


def _answers(answers: type[Enum]) -> dict[str, str]:
    """The text below each member of an enum."""
    (definition,) = ast.parse(inspect.getsource(answers)).body
    if not isinstance(definition, ast.ClassDef):
        raise TypeError(f"{answers} is not a class")
    said: dict[str, str] = {}
    for member, text in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name):
            constant = text.value if isinstance(text, ast.Expr) else None
            if not isinstance(constant, ast.Constant):
                raise TypeError(f"{answers.__name__}.{member.targets[0].id} has no text below it")
            said[member.targets[0].id] = inspect.cleandoc(str(constant.value)).replace("\n", " ")
    return said


def main(arguments: list[str], known: Sequence[Difference] = KNOWN) -> int:
    """Write the pages, or with --check print which are out of date."""
    if "--check" in arguments:
        different = outdated(known)
        print("\n".join(different) or "the pages are current")
        return 1 if different else 0
    for path, text in pages(known).items():
        path.write_text(text, "utf-8")
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
