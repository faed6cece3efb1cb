"""The recorded parts, and their comparison with the present behaviour."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.baselines import calls, chats, replay, resources

RECORDED = Path(__file__).with_name("recorded")
PARTS: Mapping[str, Callable[[], list[str]]] = {
    "chats": chats.record,
    "calls": calls.record,
    "replay": replay.record,
    "resources": resources.record,
}
SHOWN = 40
"""Lines of one part's differences that are shown."""

HOW_TO_RECORD = "make baselines WRITE=1, in the commit that changes it"


def path_of(part: str) -> Path:
    """Return the file of a part."""
    return RECORDED / f"{part}.txt"


def write(part: str, lines: Sequence[str]) -> None:
    """Record a part."""
    path_of(part).write_text("\n".join(lines) + "\n", "utf-8")


def differences(part: str, now: Sequence[str]) -> list[str]:
    """Return the differences from the record, as a unified diff."""
    recorded = path_of(part).read_text("utf-8").split("\n")[:-1]
    return list(difflib.unified_diff(recorded, list(now), "recorded", "now", lineterm="", n=1))
