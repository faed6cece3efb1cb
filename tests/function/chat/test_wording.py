"""The texts that customers read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from function.chat import text_of
from function.policy import parse_policy
from function.policy.policy import Step

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=8)


def steps(**texts: Any) -> tuple[Step, ...]:
    """Return the warning and the end of a policy with these texts."""
    return parse_policy({"policy": {"texts": texts}}).default.steps


@pytest.mark.parametrize(("seconds", "minutes"), [(120, 2), (117, 2), (60, 1), (89, 1), (90, 2), (20, 1), (3600, 60)])
def test_a_warning_says_the_minutes_that_are_left(seconds: int, minutes: int) -> None:
    """They are rounded, and at least one: a late warning does not promise the planned time."""
    warning = steps(warning="{minutes} min")[0]

    said = text_of(warning, "", now=NOW, silent_since=SINCE, then=NOW + timedelta(seconds=seconds))

    assert said == f"{minutes} min"


def test_every_text_may_contain_the_length_of_the_silence() -> None:
    """It is in whole minutes."""
    warning, closing = steps(warning="{silentMinutes}/{minutes}", closing="{silentMinutes}")

    assert text_of(warning, "", now=NOW, silent_since=SINCE, then=NOW + timedelta(minutes=2)) == "8/2"
    assert text_of(closing, "", now=NOW, silent_since=SINCE) == "8"


def test_doubled_braces_become_braces() -> None:
    """The policy's errors explain this spelling."""
    warning, closing = steps(warning="{{x}} {minutes}", closing="bye {{x}}")

    assert text_of(warning, "", now=NOW, silent_since=SINCE, then=NOW + timedelta(minutes=2)) == "{x} 2"
    assert text_of(closing, "", now=NOW, silent_since=SINCE) == "bye {x}"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de-AT", "Servus"),
        ("de_at", "Servus"),
        ("de-CH", "Tschüss"),
        ("DE", "Tschüss"),
        ("de-AT-1996", "Servus"),
        ("fr", "Bye"),
        ("den", "Bye"),
        ("", "Bye"),
    ],
)
def test_a_language_falls_back_to_its_parent_and_then_to_the_default(language: str, text: str) -> None:
    """de-AT, then de, then default; case and underscores do not matter."""
    closing = steps(closing={"default": "Bye", "de": "Tschüss", "de-AT": "Servus"})[-1]

    assert text_of(closing, language, now=NOW, silent_since=SINCE) == text
