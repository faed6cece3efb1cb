"""Facts and decisions do not change once they are made."""

import importlib
import inspect
from dataclasses import is_dataclass
from pathlib import Path

import function

CHANGING = {
    "Section",
    "Attempt",
    "Summary",
    "_Rounds",
    "SweepRun",
    "_Reading",
    "_Tally",
    "Reading",
    "ListProgress",
    "Lists",
}
"""What keeps account while something is done."""


def test_dataclasses_are_frozen() -> None:
    """The exceptions are those that count."""
    folder = Path(function.__file__).parent
    modules = [
        importlib.import_module(".".join(("function", *path.relative_to(folder).with_suffix("").parts)))
        for path in sorted(folder.rglob("[a-z]*.py"))
    ]
    frozen = {
        name: made.__dataclass_params__.frozen
        for module in modules
        for name, made in inspect.getmembers(module, inspect.isclass)
        if is_dataclass(made) and made.__module__ == module.__name__
    }

    assert len(frozen) > 30
    assert {name for name, is_frozen in frozen.items() if not is_frozen} == CHANGING
