"""Behaviour changes only on purpose: the product does what is recorded."""

import re
from pathlib import Path

import pytest

from tests.baselines import comparing
from tests.baselines.comparing import HOW_TO_RECORD, PARTS, SHOWN, differences


@pytest.mark.parametrize("part", PARTS)
def test_what_is_recorded_is_what_happens(part: str) -> None:
    """Record an intended change with `make baselines WRITE=1`, in the commit that makes it."""
    found = differences(part, PARTS[part]())

    assert found[:SHOWN] == [], f"if that is meant: {HOW_TO_RECORD}"


def test_a_difference_is_shown() -> None:
    """One line less, and one changed line."""
    recorded = comparing.path_of("replay").read_text("utf-8").splitlines()

    found = differences("replay", [*recorded[:3], "another", *recorded[5:]])

    assert {f"-{recorded[3]}", f"-{recorded[4]}", "+another"} <= set(found)


def test_nothing_recorded_is_of_this_machine() -> None:
    """A path or a random SID would differ elsewhere."""
    recorded = {part: comparing.path_of(part).read_text("utf-8") for part in PARTS}

    assert str(Path(__file__).parents[2]) not in "".join(recorded.values())
    drawn = recorded["chats"] + recorded["calls"] + recorded["replay"]
    assert [sid for sid in re.findall(r"\b[A-Z]{2}[0-9a-f]{32}\b", drawn) if len(set(sid[2:])) > 1] == []
