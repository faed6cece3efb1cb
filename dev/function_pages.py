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
from function.policy.texts import DEFAULT_TEXTS, KEYS

ROOT: Final = Path(__file__).parents[1]
OPERATIONS: Final = ROOT / "docs" / "operations.md"
ARCHITECTURE: Final = ROOT / "docs" / "architecture.md"
POLICY: Final = ROOT / "docs" / "policy.md"


def parts() -> dict[Path, dict[str, str]]:
    """The text of each part, by page and by marker."""
    return {
        OPERATIONS: {"events": events(), "keys": keys(), "facts": facts(), "sweep": sweep()},
        ARCHITECTURE: {"decisions": decisions()},
        POLICY: {"texts": texts()},
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
    """The table of the keys of all lines; what the line of a sweep counts has a table of its own."""
    behind: dict[type, tuple[type[Line], ...]] = {
        Context: tuple(line for line in log_lines.LINES if line.event != "sweep"),
        SweepCost: tuple(line for line in log_lines.LINES if line.event == "sweep"),
    }
    found: dict[str, tuple[str, list[type[Line]]]] = {"event": ("which kind of line: see above", [*log_lines.LINES])}
    for part in (*log_lines.LINES, *behind):
        own = _own_keys_of_a_sweep() if part is Swept else {}
        for key, about in described(part).items():
            if key in own:
                continue
            _, where = found.setdefault(key, (about, []))
            where += [line for line in behind.get(part, (part,)) if line not in where]
    rows = {f"`{key}`": f"{_where(where)} | {about}" for key, (about, where) in found.items()}
    return _table(("key", "in", "what it is"), rows)


def facts() -> str:
    """The table of the facts that a decision is based on."""
    rows = described(DecisionFacts) | described(AcceptanceFacts)
    return _table(("`facts`", "is"), {f"`{key}`": about for key, about in rows.items()})


def sweep() -> str:
    """The table of the keys that only the line of a sweep has."""
    return _table(("key", "is"), {f"`{key}`": about for key, about in _own_keys_of_a_sweep().items()})


def texts() -> str:
    """The table of the texts that customers get unless the policy has others."""
    written = {key: getattr(DEFAULT_TEXTS, name) for key, name in KEYS.items()}
    return _table(("key", "default"), {f"`{key}`": text.default if text else "none" for key, text in written.items()})


def _own_keys_of_a_sweep() -> dict[str, str]:
    return {key: about for key, about in described(Swept).items() if key not in described(Line)}


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
