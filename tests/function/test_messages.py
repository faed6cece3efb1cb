"""The texts that customers read."""

from datetime import UTC, datetime, timedelta

import pytest

from function.messages import closing_text, warning_text
from function.policy import parse_policy

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "minutes"), [(120, 2), (117, 2), (60, 1), (89, 1), (90, 2), (20, 1), (3600, 60)])
def test_a_warning_says_the_minutes_that_are_left(seconds: int, minutes: int) -> None:
    """Rounded, one at least: a warning that comes late does not promise what was planned."""
    policy = parse_policy({"policy": {"texts": {"warning": "{minutes} min"}}})

    assert f"{minutes} min" == warning_text(policy, now=NOW, then=NOW + timedelta(seconds=seconds))


def test_braces_that_are_meant_are_kept() -> None:
    """Written twice in the policy, as the policy's own errors say."""
    policy = parse_policy({"policy": {"texts": {"warning": "{{x}} {minutes}", "closing": "bye {{x}}"}}})

    assert "{x} 2" == warning_text(policy, now=NOW, then=NOW + timedelta(minutes=2))
    assert "bye {x}" == closing_text(policy)
