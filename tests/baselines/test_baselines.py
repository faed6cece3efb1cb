"""Behaviour changes only on purpose: what the product does is what is recorded."""

from pathlib import Path

import pytest

from tests.baselines import comparing
from tests.baselines.comparing import PARTS, differences


@pytest.mark.parametrize("part", PARTS)
def test_what_is_recorded_is_what_happens(part: str) -> None:
    """A change that is meant is recorded with `make baselines WRITE=1`, in the commit that makes it."""
    assert [] == differences(part, PARTS[part]())


def test_a_difference_is_told() -> None:
    """One line less, and one that is another."""
    recorded = comparing.path_of("replay").read_text("utf-8").splitlines()

    found = differences("replay", [*recorded[:3], "another", *recorded[5:]])

    assert {f"-{recorded[3]}", f"-{recorded[4]}", "+another"} <= set(found)


def test_nothing_recorded_is_of_this_machine() -> None:
    """No path, and no random SID, would be the same elsewhere."""
    recorded = "".join(path.read_text("utf-8") for path in comparing.RECORDED.glob("*.txt"))

    assert str(Path(__file__).parents[2]) not in recorded
