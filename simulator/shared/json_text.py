"""JSON from clients, read strictly."""

from __future__ import annotations

import json


def parse_json(text: str | bytes) -> object:
    """Read JSON as RFC 8259 defines it.

    Raises:
        ValueError: it is not JSON, contains NaN or Infinity, or is nested too deep.
    """
    try:
        value: object = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("JSON is nested too deep") from None
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not valid JSON")
