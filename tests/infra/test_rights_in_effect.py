"""The pause between the build account's rights and the first build."""

from datetime import timedelta

import pytest
from pulumi.output import Unknown

from infra.rights_in_effect import RightsInEffectProvider, wait_for_rights

RIGHTS = {"rights": ["a-project/roles/logging.logWriter/serviceAccount:build"], "seconds": 0.0}
OTHERS = RIGHTS | {"rights": ["a-project/roles/artifactregistry.writer/serviceAccount:build"]}


def test_a_minute_is_waited_for_with_a_line_each_ten_seconds() -> None:
    """A person sees that it works, what it waits for, and how much longer."""
    slept, said = list[float](), list[str]()

    wait_for_rights(timedelta(minutes=1), sleep=slept.append, tell=said.append)

    assert slept == [10.0] * 6
    assert [line.split()[1] for line in said] == ["60", "50", "40", "30", "20", "10"]
    assert {line.partition(" s until ")[2] for line in said} == {
        "the build account's rights are in effect everywhere at Google"
    }


def test_where_nothing_is_waited_for_nothing_is_said() -> None:
    """The laptop's provider has no delay."""
    said = list[str]()

    wait_for_rights(timedelta(), tell=said.append)

    assert said == []


@pytest.mark.parametrize(
    ("news", "changes"),
    [
        (RIGHTS, False),
        (RIGHTS | {"seconds": 60.0}, False),
        (OTHERS, True),
        (RIGHTS | {"__provider": "moved"}, True),
        (RIGHTS | {"rights": Unknown()}, False),
    ],
    ids=["the same", "another duration", "other rights", "moved code", "a preview"],
)
def test_only_other_rights_are_waited_for_again(news: dict[str, object], changes: bool) -> None:
    """A moved class is recorded without a pause."""
    assert RightsInEffectProvider().diff("id", RIGHTS, news).changes == changes


def test_its_outputs_are_its_inputs() -> None:
    """A value that is not returned would be missing from the state."""
    provider = RightsInEffectProvider()

    assert provider.create(RIGHTS).outs == RIGHTS
    assert provider.update("id", RIGHTS, OTHERS).outs == OTHERS
