"""The page for operators names every word that the log may say."""

import re
from pathlib import Path

import pytest

from function import on_accept
from function.carry_out import Outcome
from function.decisions import Reason, Unsaid
from function.events import NotOurs
from function.sweep import BECAME, Ending

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"`([A-Za-z_]+)`", PAGE))
LOGGING = ("main.py", "logs.py")


@pytest.mark.parametrize(
    "enum", [Reason, on_accept.Reason, Outcome, Unsaid, NotOurs, Ending], ids=lambda e: e.__module__
)
def test_every_value_is_explained(enum: type[Reason]) -> None:
    """Reasons, outcomes, and whatever else an operator may meet."""
    assert [] == [value.value for value in enum if value.value not in WORDS]


def test_every_count_of_a_sweep_is_explained() -> None:
    """Also those that are rare."""
    assert [] == [name for name in (*BECAME.values(), "not_ours", "errors", "deferred", "read") if name not in WORDS]


def test_every_key_is_explained() -> None:
    """What the function writes as a field, in whichever file it does."""
    source = "".join((ROOT / "function" / name).read_text(encoding="utf-8") for name in LOGGING)
    calls = re.findall(r"[.]write[(](.*?)[)]\n", source, re.DOTALL)
    named = {key for call in calls for key in re.findall(r"(?:\n +|, )(\w+)=", call)}
    keys = named | set(re.findall(r'"([a-z][A-Za-z]+)": ', source)) - {"conversations", "tasks"}

    assert {"conversation", "facts", "outcome", "silentFor", "callsByName"} <= keys
    assert [] == sorted(keys - WORDS - {"timeout"})


def test_every_reason_on_the_page_exists() -> None:
    """A word that the code does not say any more misleads."""
    table = PAGE.split("### Reasons")[1].split("\n\n")[1]
    said = {word for row in table.splitlines()[2:] for word in re.findall(r"`([a-z_]+)`", row.split("|")[1])}

    assert {reason.value for reason in Reason} == said
