"""Writes the parts of the docs that are made from the function's code: `python -m dev.function_pages [--check]`.

Each part is between markers in a page that is otherwise written by hand. A test fails when one is out of date.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from function.chat import ROWS
from function.entry import AcceptanceFacts, Context, DecisionFacts, Line, SweepCost, Swept, log_lines

ROOT: Final = Path(__file__).parents[1]
OPERATIONS: Final = ROOT / "docs" / "operations.md"
ARCHITECTURE: Final = ROOT / "docs" / "architecture.md"


def parts() -> dict[Path, dict[str, str]]:
    """The text of each part, by page and by marker."""
    return {
        OPERATIONS: {"events": events(), "keys": keys(), "facts": facts(), "sweep": sweep()},
        ARCHITECTURE: {"decisions": decisions()},
    }


def decisions() -> str:
    """The decision table, row by row."""
    rows = {}
    for row in ROWS:
        shown, _, decided = _sentence(row).removesuffix(".").partition(": ")
        rows[shown] = decided
    return _table(("what the snapshot shows", "decision"), rows)


def events() -> str:
    """The table of the kinds of lines."""
    said: dict[str, list[str]] = {}
    for line in log_lines.LINES:
        said.setdefault(line.event, []).append(_sentence(line))
    return _table(("event", "says"), {f"`{event}`": " ".join(sentences) for event, sentences in said.items()})


def keys() -> str:
    """The table of the keys of all lines, without those that only the line of a sweep has."""
    behind: dict[type, tuple[type[Line], ...]] = {
        Context: tuple(line for line in log_lines.LINES if line.event != "sweep"),
        SweepCost: tuple(line for line in log_lines.LINES if line.event == "sweep"),
    }
    found: dict[str, tuple[str, list[type[Line]]]] = {"event": ("which kind of line: see above", [*log_lines.LINES])}
    for part in (*log_lines.LINES, *behind):
        for key, about in described(part).items():
            _, where = found.setdefault(key, (about, []))
            where += [line for line in behind.get(part, (part,)) if line not in where]
    counted = set(described(Swept)) - set(described(Line))
    rows = {f"`{key}`": f"{_where(where)} | {about}" for key, (about, where) in found.items() if key not in counted}
    return _table(("key", "in", "what it is"), rows)


def facts() -> str:
    """The table of the facts that a decision is based on."""
    rows = described(DecisionFacts) | described(AcceptanceFacts)
    return _table(("`facts`", "is"), {f"`{key}`": about for key, about in rows.items()})


def sweep() -> str:
    """The table of the keys that only the line of a sweep has."""
    own = {key: about for key, about in described(Swept).items() if key not in described(Line)}
    return _table(("key", "is"), {f"`{key}`": about for key, about in own.items()})


def described(part: type) -> dict[str, str]:
    """The keys of a line, or of a part of one, each with the annotation of its field."""
    hints = typing.get_type_hints(part, include_extras=True)
    return {key: typing.get_args(hints[name])[1] for name, key in log_lines.keys(part).items()}


def _where(lines: list[type[Line]]) -> str:
    return "all" if set(lines) == set(log_lines.LINES) else ", ".join(line.title for line in lines)


def _sentence(thing: object) -> str:
    return inspect.cleandoc(thing.__doc__ or "").partition("\n\n")[0].replace("\n", " ")


def _table(head: tuple[str, ...], rows: Mapping[str, str]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *(f"| {first} | {rest} |" for first, rest in rows.items())])


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- {name}: made by `python -m dev.function_pages`; do not edit -->", f"<!-- {name}: end -->"


def made(page: str, wanted: Mapping[str, str]) -> str:
    """The page with these parts in it.

    Raises:
        LookupError: the page lacks a part's markers.
    """
    for name, text in wanted.items():
        begin, end = _markers(name)
        if begin not in page or end not in page:
            raise LookupError(f"the page lacks the markers of {name}")
        head, _, rest = page.partition(begin)
        page = f"{head}{begin}\n{text}\n{end}{rest.partition(end)[2]}"
    return page


def outdated() -> list[str]:
    """The pages that are out of date."""
    return [
        page.name
        for page, wanted in parts().items()
        if made(page.read_text("utf-8"), wanted) != page.read_text("utf-8")
    ]


def main(arguments: list[str]) -> int:
    """Write the parts; with --check, name the pages that are out of date."""
    if "--check" in arguments:
        different = outdated()
        print("\n".join(different) or "the pages are current")
        return 1 if different else 0
    for page, wanted in parts().items():
        page.write_text(made(page.read_text("utf-8"), wanted), "utf-8")
        print(page.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
