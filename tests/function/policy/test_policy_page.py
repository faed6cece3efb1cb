"""Every example on the page about policies is a valid policy."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from function.policy import parse_policy
from function.policy.rules import CHANNELS
from function.policy.texts import KEYS, VARIABLES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
PREFIX = "flex-chat-inactivity-timeout:"


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_policy(example: str) -> None:
    """It is parsed as it is on the page."""
    document: dict[str, Any] = yaml.safe_load(example)
    inside = document.get("config", document)

    parse_policy({key.removeprefix(PREFIX): value for key, value in inside.items()})


def test_the_page_names_every_channel_text_and_variable() -> None:
    """A reader needs no other source."""
    assert len(EXAMPLES) >= 6
    assert ", ".join(CHANNELS) in PAGE
    for key in KEYS:
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{key}` |"))
        assert set(re.findall(r"\{(\w+)\}", row)) == VARIABLES[key]
