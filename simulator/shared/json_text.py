"""JSON that strangers send, read without surprises."""

from __future__ import annotations

import json


def parse_json(text: str | bytes) -> object:
    """Read JSON as the standard has it.

    Raises:
        ValueError: it is none, has a number that is none (NaN, Infinity), or is nested too deep to be read.
    """
    try:
        value: object = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("JSON is nested too deep") from None
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
