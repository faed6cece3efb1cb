"""docs/what-if.md: its transcript is of the product as it is."""

import re
from pathlib import Path

from typer.testing import CliRunner

from dev.what_if_page import BEGIN, END, PAGE, PICTURE, PLOT
from function.policy import parse_policy
from ops.command import app
from ops.what_if.history import OPTIONAL, REQUIRED
from ops.what_if.policy_file import fingerprint

PAGE_TEXT = PAGE.read_text(encoding="utf-8")
TRANSCRIPT = PAGE_TEXT.partition(BEGIN)[2].partition(END)[0]


def test_the_transcript_is_of_the_default_policy_as_it_is() -> None:
    """Otherwise `python -m dev.what_if_page` must run again."""
    assert f"policy {fingerprint(parse_policy({}))}, data " in TRANSCRIPT


def test_the_transcript_has_the_figures_of_the_readme() -> None:
    """1,892 ended, 70 cut off."""
    readme = Path("README.md").read_text(encoding="utf-8")

    assert "it ended 1,892 chats; 70 of these customers wrote again" in readme
    assert "1,892 of 3,496 chats would have ended, and 70 of these customers wrote again later" in TRANSCRIPT


def test_the_page_names_every_column_and_option() -> None:
    """And its pictures exist."""
    named = set(re.findall(r"`([a-z_]+)`", PAGE_TEXT))
    options = set(re.findall(r"--[a-z][a-z-]+", CliRunner().invoke(app, ["what-if", "--help"], env=WIDE).stdout))
    told = set(re.findall(r"--[a-z][a-z-]+", PAGE_TEXT))

    assert {*REQUIRED, *OPTIONAL} <= named
    assert options - {"--help"} <= told
    assert PLOT.exists()
    assert PICTURE.exists()


WIDE = {"COLUMNS": "200"}
