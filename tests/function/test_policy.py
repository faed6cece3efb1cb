"""The policy document: what is taken, what is refused and under which path."""

from datetime import timedelta
from typing import Any

import pytest

from function.policy import PolicyError, parse_policy, parse_policy_json, policy_document
from function.treatments import StepKind


def complaints(document: dict[str, Any]) -> list[str]:
    """What is wrong with a document, one line each."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(document)
    return [str(problem) for problem in caught.value.problems]


def test_an_empty_document_is_the_default_policy() -> None:
    """Warned after eight minutes, ended after ten."""
    policy = parse_policy({})

    assert [(1, StepKind.WARNING, timedelta(minutes=8)), (2, StepKind.CLOSING, timedelta(minutes=10))] == [
        (step.number, step.kind, step.after) for step in policy.default.steps
    ]
    assert timedelta(minutes=8) == policy.earliest


def test_without_a_warning_there_is_one_step() -> None:
    """`PT0S` is the way to say none."""
    policy = parse_policy({"timeout": "PT3M", "warnBefore": "PT0S"})

    assert [(1, StepKind.CLOSING, timedelta(minutes=3))] == [
        (step.number, step.kind, step.after) for step in policy.default.steps
    ]


def test_a_policy_survives_the_way_through_the_environment() -> None:
    """What infra writes is what the function reads."""
    policy = parse_policy(
        {"timeout": "PT1H", "warnBefore": "PT5M", "policy": {"texts": {"warning": "☂ {minutes}", "closing": "{{}}"}}}
    )

    assert policy == parse_policy(policy_document(policy))


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"timeout": "5m"}, "timeout"),
        ({"timeout": "PT59S"}, "timeout"),
        ({"timeout": "P31D"}, "timeout"),
        ({"timout": "PT5M"}, "timout"),
        ({"warnBefore": "2"}, "warnBefore"),
        ({"warnBefore": "PT59S"}, "warnBefore"),
        ({"warnBefore": "PT9M1S"}, "warnBefore"),
        ({"timeout": "PT1M", "warnBefore": "PT1M"}, "warnBefore"),
        ({"policy": []}, "policy"),
        ({"policy": {"text": {}}}, "policy.text"),
        ({"policy": {"texts": {"bye": "x"}}}, "policy.texts.bye"),
        ({"policy": {"texts": {"warning": " "}}}, "policy.texts.warning"),
        ({"policy": {"texts": {"warning": 7}}}, "policy.texts.warning"),
        ({"policy": {"texts": {"warning": "{name}"}}}, "policy.texts.warning"),
        ({"policy": {"texts": {"warning": "{minutes:>5}"}}}, "policy.texts.warning"),
        ({"policy": {"texts": {"warning": "{"}}}, "policy.texts.warning"),
        ({"policy": {"texts": {"closing": "{minutes}"}}}, "policy.texts.closing"),
        ({"policy": {"texts": {"closing": "x" * 1601}}}, "policy.texts.closing"),
    ],
)
def test_a_mistake_is_named_by_its_path(document: dict[str, Any], path: str) -> None:
    """The path that the engineer typed, first in the line."""
    assert [path] == [complaint.split(" ", 1)[0] for complaint in complaints(document)]


def test_all_mistakes_are_told_at_once() -> None:
    """One round for the engineer, not four."""
    assert 4 == len(complaints({"timeout": "x", "warnBefore": "y", "foo": 1, "policy": {"texts": {"closing": ""}}}))


@pytest.mark.parametrize("text", ["", "{", "[]", "7"])
def test_json_that_is_no_document_is_refused(text: str) -> None:
    """As the environment could carry it."""
    with pytest.raises(PolicyError):
        parse_policy_json(text)
