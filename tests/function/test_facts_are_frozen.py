"""Facts and decisions do not change once they are made."""

import importlib
import inspect
from dataclasses import is_dataclass
from pathlib import Path

import function

CHANGING = {"Section", "Visit", "Summary", "_Run"}
"""What keeps account while something is done."""


def test_dataclasses_are_frozen() -> None:
    """But for those that keep account."""
    modules = [
        importlib.import_module(f"function.{path.stem}")
        for path in sorted(Path(function.__file__).parent.glob("[a-z]*.py"))
        if path.stem != "main"  # it starts with the environment of a deployment, and has none
    ]
    frozen = {
        name: made.__dataclass_params__.frozen
        for module in modules
        for name, made in inspect.getmembers(module, inspect.isclass)
        if is_dataclass(made) and made.__module__ == module.__name__
    }

    assert len(frozen) > 30
    assert CHANGING == {name for name, is_frozen in frozen.items() if not is_frozen}
