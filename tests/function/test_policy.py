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


def with_rules(*rules: dict[str, Any], **policy: Any) -> dict[str, Any]:
    """A document with these rules."""
    return {"policy": {"rules": list(rules), **policy}}


SMS = {"channel": "sms"}
GOOD: list[tuple[str, dict[str, Any]]] = [
    ("no warning", {"policy": {"warnings": []}}),
    ("three warnings", {"policy": {"warnings": [{"before": "PT6M"}, {"before": "PT3M"}, {"before": "PT1M"}]}}),
    ("at every bound", {"timeout": "PT2M", "policy": {"warnings": [{"before": "PT1M", "text": "x {silentMinutes}"}]}}),
    ("texts by language", {"policy": {"texts": {"closing": {"default": "x", "de": "y", "de-AT": "z"}}}}),
    ("notify", {"policy": {"whenAgentSilent": {"do": "notify", "after": "PT15M"}, "texts": {"agentSilent": "wait"}}}),
    ("end", {"policy": {"whenAgentSilent": {"do": "end", "after": "PT1M"}}}),
    ("keep, spelled out", {"policy": {"whenAgentSilent": {"do": "keep"}, "whenQueued": "keep"}}),
    ("queue", {"policy": {"whenQueued": {"do": "end", "after": "P30D"}, "taskEnding": "wrap"}}),
    ("no exemption", {"policy": {"exempt": {"channels": []}}}),
    ("email as any other", with_rules({"match": {"channel": "email"}, "timeout": "P1D"}, exempt={"channels": []})),
    ("exempt by attributes", {"policy": {"exempt": {"task": {"vip": [True, "yes"]}, "conversation": {"hold": 1}}}}),
    ("a rule for much", with_rules({"match": {"channel": ["sms", "web"], "task": {"a.b": 1}, "language": "de_AT"}})),
    ("narrow before wide", with_rules({"match": {"language": "de-AT"}, "warnings": []}, {"match": {"language": "de"}})),
    ("overlapping", with_rules({"match": {"queue": ["a", "b"]}}, {"match": {"queue": ["b", "c"]}, "exempt": True})),
    ("a rule of its own words", with_rules({"match": SMS, "name": "texting", "texts": {"closing": "bye"}})),
    (
        "a short rule with warnings of its own",
        with_rules({"match": SMS, "timeout": "PT2M", "warnings": [{"before": "PT1M"}]}),
    ),
]


@pytest.mark.parametrize("document", [row[1] for row in GOOD], ids=[row[0] for row in GOOD])
def test_a_good_policy_is_taken_and_read_back_as_it_was_written(document: dict[str, Any]) -> None:
    """What infra writes into the environment is what the function reads, whole."""
    policy = parse_policy(document)

    assert policy == parse_policy(policy_document(policy))


BAD: list[tuple[dict[str, Any], str]] = [
    ({"policy": {"warnings": {}}}, "policy.warnings"),
    ({"policy": {"warnings": ["PT2M"]}}, "policy.warnings[0]"),
    ({"policy": {"warnings": [{"before": "PT30S"}]}}, "policy.warnings[0].before"),
    ({"policy": {"warnings": [{"before": "PT9M30S"}]}}, "policy.warnings[0].before"),
    ({"policy": {"warnings": [{"before": "PT2M"}, {"before": "PT2M"}]}}, "policy.warnings[1].before"),
    ({"policy": {"warnings": [{"before": "PT2M"}, {"before": "PT5M"}]}}, "policy.warnings[1].before"),
    ({"policy": {"warnings": [{"before": "PT5M"}, {"text": "x"}]}}, "policy.warnings[1].before"),
    ({"policy": {"warnings": [{"before": "PT5M", "text": ""}]}}, "policy.warnings[0].text"),
    ({"policy": {"warnings": [{"before": "PT5M", "txt": "x"}]}}, "policy.warnings[0].txt"),
    ({"policy": {"warnings": [{"before": f"PT{n}M"} for n in (8, 6, 4, 2)]}}, "policy.warnings"),
    ({"warnBefore": "PT1M", "policy": {"warnings": []}}, "warnBefore"),
    ({"policy": {"whenAgentSilent": "notify"}}, "policy.whenAgentSilent"),
    ({"policy": {"whenAgentSilent": {"do": "shout", "after": "PT5M"}}}, "policy.whenAgentSilent.do"),
    ({"policy": {"whenAgentSilent": {"do": "end"}}}, "policy.whenAgentSilent.after"),
    ({"policy": {"whenAgentSilent": {"do": "keep", "after": "PT5M"}}}, "policy.whenAgentSilent.after"),
    ({"policy": {"whenQueued": {"do": "notify", "after": "PT5M"}}}, "policy.whenQueued.do"),
    ({"policy": {"whenQueued": {"do": "end", "after": "PT30S"}}}, "policy.whenQueued.after"),
    ({"policy": {"taskEnding": "cancel"}}, "policy.taskEnding"),
    ({"policy": {"texts": {"closing": {"de": "x"}}}}, "policy.texts.closing.default"),
    ({"policy": {"texts": {"closing": {"default": "x", "de": ""}}}}, "policy.texts.closing.de"),
    ({"policy": {"texts": {"closing": {"default": "x", "german": "y"}}}}, "policy.texts.closing.german"),
    ({"policy": {"texts": {"closing": {"default": "x", "de": "{minutes}"}}}}, "policy.texts.closing.de"),
    ({"policy": {"texts": {"agentSilent": "wait"}}}, "policy.texts.agentSilent"),
    ({"policy": {"languageAttributes": []}}, "policy.languageAttributes"),
    ({"policy": {"exempt": {"channels": ["fax"]}}}, "policy.exempt.channels"),
    ({"policy": {"exempt": {"task": {"vip": {"level": 3}}}}}, "policy.exempt.task.vip"),
    ({"policy": {"exempt": {"tasks": {}}}}, "policy.exempt.tasks"),
    ({"policy": {"rules": {}}}, "policy.rules"),
    ({"policy": {"rules": [None]}}, "policy.rules[0]"),
    (with_rules({"timeout": "PT5M"}), "policy.rules[0].match"),
    (with_rules({"match": {"task": {}}}), "policy.rules[0].match"),
    (with_rules({"match": {"channels": "sms"}}), "policy.rules[0].match.channels"),
    (with_rules({"match": {"channel": "watsapp"}}), "policy.rules[0].match.channel"),
    (with_rules({"match": {"language": "german"}}), "policy.rules[0].match.language"),
    (with_rules({"match": {"queue": []}}), "policy.rules[0].match.queue"),
    (with_rules({"match": SMS, "timeout": "5m"}), "policy.rules[0].timeout"),
    (with_rules({"match": SMS, "timeout": "PT2M"}), "policy.rules[0].timeout"),
    (with_rules({"match": SMS, "warnBefore": "PT1M"}), "policy.rules[0].warnBefore"),
    (with_rules({"match": SMS, "name": ""}), "policy.rules[0].name"),
    (with_rules({"match": SMS, "name": "default"}), "policy.rules[0].name"),
    (
        with_rules({"match": SMS, "name": "a"}, {"match": {"queue": "b"}, "name": "a"}),
        "policy.rules[1].name",
    ),
    (with_rules({"match": SMS, "exempt": "yes"}), "policy.rules[0].exempt"),
    (with_rules({"match": SMS, "exempt": True, "timeout": "PT5M"}), "policy.rules[0].timeout"),
    (with_rules({"match": SMS}, {"match": {"queue": "a"}}, {"match": SMS | {"queue": "b"}}), "policy.rules[2].match"),
    (
        with_rules({"match": SMS}, {"match": {"channel": "web"}}, {"match": {"channel": ["sms", "web"]}}),
        "policy.rules[2].match",
    ),
    (with_rules({"match": {"language": "de"}}, {"match": {"language": ["de-AT", "de-CH"]}}), "policy.rules[1].match"),
    (with_rules({"match": {"channel": "email"}}), "policy.rules[0].match"),
    (
        with_rules({"match": {"task": {"vip": True}}}, exempt={"task": {"vip": ["true", "yes"]}}),
        "policy.rules[0].match",
    ),
    (
        with_rules({"match": SMS}, {"match": {"queue": "a"}, "warnings": [{"before": "PT1S"}]}),
        "policy.rules[1].warnings[0].before",
    ),
]


@pytest.mark.parametrize(("document", "path"), BAD, ids=[f"{number} {row[1]}" for number, row in enumerate(BAD)])
def test_a_mistake_in_a_policy_is_named_by_its_path_alone(document: dict[str, Any], path: str) -> None:
    """One mistake, one line, and the path leads to it."""
    assert [path] == [complaint.split(" ", 1)[0] for complaint in complaints(document)]


def test_a_rule_that_can_never_match_is_told_who_takes_it() -> None:
    """Both that share it."""
    web_or_sms = {"match": {"channel": ["web", "sms"]}}

    (said,) = complaints(with_rules({"match": SMS}, {"match": {"channel": "web"}}, web_or_sms))

    assert "policy.rules[0] and policy.rules[1] take all of it" in said


def test_the_earliest_step_of_all_is_what_the_accounts_timer_must_be() -> None:
    """Of the default, of every rule that is no exemption, and of those who wait."""
    policy = parse_policy(
        with_rules(
            {"match": SMS, "timeout": "PT7M"},
            {"match": {"channel": "web"}, "exempt": True},
            {"match": {"queue": "a"}, "timeout": "PT1H"},
        )
    )
    impatient = parse_policy({"policy": {"whenQueued": {"do": "end", "after": "PT4M"}}})

    assert (timedelta(minutes=5), timedelta(hours=1)) == (policy.earliest, policy.latest)
    assert timedelta(minutes=4) == impatient.earliest


def test_all_mistakes_are_told_at_once() -> None:
    """One round for the engineer, not four."""
    assert 4 == len(complaints({"timeout": "x", "warnBefore": "y", "foo": 1, "policy": {"texts": {"closing": ""}}}))


@pytest.mark.parametrize("text", ["", "{", "[]", "7"])
def test_json_that_is_no_document_is_refused(text: str) -> None:
    """As the environment could carry it."""
    with pytest.raises(PolicyError):
        parse_policy_json(text)
