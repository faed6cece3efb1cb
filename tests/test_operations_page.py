"""The page for operators explains every value that the log may have."""

import re
from pathlib import Path

import pytest

from dev import function_pages
from function.chat import NoTextReason, Reason
from function.entry.log_lines import LINES, AcceptanceFacts, Context, DecisionFacts, SweepCost, keys
from function.handling import Count, Ending, Outcome
from function.twilio_api.events import IgnoreReason

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"`([A-Za-z_]+)`", PAGE))


@pytest.mark.parametrize("enum", [Reason, Outcome, NoTextReason, IgnoreReason, Ending], ids=lambda e: e.__module__)
def test_every_value_is_explained(enum: type[Reason]) -> None:
    """Reasons, outcomes, and all other values."""
    assert [value.value for value in enum if value.value not in WORDS] == []


def test_every_count_of_a_sweep_is_explained() -> None:
    """Rare ones too."""
    assert [count.value for count in Count if count.value not in WORDS] == []


def test_the_tables_of_keys_are_made_from_the_lines() -> None:
    """`python -m dev.function_pages` changes nothing."""
    assert function_pages.outdated() == []


def test_every_key_is_explained() -> None:
    """Keys of every line, and keys inside them."""
    parts = (*LINES, Context, SweepCost, DecisionFacts, AcceptanceFacts)

    assert [key for part in parts for key in keys(part).values() if f"| `{key}` |" not in PAGE] == []


def test_an_outdated_part_is_replaced() -> None:
    """The text between its markers is replaced, and the rest stays."""
    begin, end = "<!-- sweep: made by `python -m dev.function_pages`; do not edit -->", "<!-- sweep: end -->"

    made = function_pages.made(f"before\n{begin}\nold\n{end}\nafter", {"sweep": "new"})

    assert made == f"before\n{begin}\nnew\n{end}\nafter"
    with pytest.raises(LookupError, match="facts"):
        function_pages.made(made, {"facts": "new"})


def test_every_reason_on_the_page_exists() -> None:
    """A reason that the code no longer has would mislead."""
    table = PAGE.split("### Reasons")[1].split("\n\n")[1]
    said = {word for row in table.splitlines()[2:] for word in re.findall(r"`([a-z_]+)`", row.split("|")[1])}

    assert {reason.value for reason in Reason} == said
