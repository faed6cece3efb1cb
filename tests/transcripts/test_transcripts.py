"""docs/transcripts.md shows what a run says now."""

import pytest

from tests.transcripts.page import PARTS, recorded
from tests.transcripts.refusals import BAD_CONFIG, REFUSED, google_refusals


@pytest.mark.parametrize("part", ["config", "google"])
def test_a_refusal_is_shown_as_it_is_said(part: str) -> None:
    """`python -m tests.transcripts config google` makes them anew."""
    assert recorded(part) == PARTS[part]()


def test_every_refusal_of_googles_has_a_way_out() -> None:
    """An empty cell would be one that somebody forgot."""
    cells = [row.split(" | ")[-1] for row in google_refusals().splitlines()[2:]]

    assert len(cells) == len(REFUSED)
    assert [cell for cell in cells if len(cell.rstrip("| ")) < 20] == []


def test_every_problem_of_a_config_is_shown() -> None:
    """At once, each in a line with its key."""
    lines = recorded("config").splitlines()

    assert [key for key in BAD_CONFIG if key != "warnBefore" and not any(key in line for line in lines)] == []


@pytest.mark.engine
@pytest.mark.story
@pytest.mark.timeout(280)
def test_the_first_build_that_fails_and_its_repair_are_shown_as_they_happen() -> None:
    """`python -m tests.transcripts failed-build` makes it anew."""
    assert recorded("failed-build") == PARTS["failed-build"]()
