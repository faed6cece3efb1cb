"""docs/probe.md shows the probe as it is."""

import re

from simulator.client import SimulatorClient
from tests.ops.probe.dialects import defaults, each_alone, pairwise
from tests.ops.probe.page import costs, experiments, section, transcript


def masked(text: str) -> str:
    """A transcript without SIDs, figures and the widths of columns, which differ from run to run."""
    return re.sub(r"\s+", " ", re.sub(r"\d+", "N", re.sub(r"\b[A-Z]{2}[0-9a-f]{32}\b", "SID", text)))


def test_costs_and_experiments_are_current() -> None:
    """`python -m tests.ops.probe` makes them again."""
    assert (section("costs"), section("experiments")) == (costs(), experiments())


def test_the_transcript_is_what_the_command_shows(twilio: SimulatorClient) -> None:
    """Line by line."""
    assert masked(section("transcript")) == masked(transcript(twilio))


def test_the_table_is_about_the_dialects_that_there_are() -> None:
    """All of them were found exactly."""
    dialects = 1 + len(each_alone()) + len(pairwise())
    together = section("dialects").splitlines()[-1]

    assert together.startswith(f"| together | {dialects} of {dialects} |")
    assert f" of {dialects * len(defaults())} |" in together
    assert together.endswith("| 0 |")
