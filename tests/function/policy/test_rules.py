"""Which rule applies to a conversation: the first that matches."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from function.policy import PolicyError, Subject, parse_policy
from function.policy.texts import fallbacks
from tests.function.reaching import Reached, reaching

SUBJECT = Subject(
    channel="sms",
    queue=("WQ1", "Sales"),
    workflow=("WW1", "Assign to anyone"),
    task={"vip": True, "level": 3, "customers": {"tier": "gold"}, "skills": ["de", "tax"], "a.b": "flat", "score": 2.0},
    conversation={"language": "de_AT", "hold": None},
)


def rule_of(match: dict[str, Any], subject: Subject = SUBJECT, **policy: Any) -> str:
    """Return the name of the rule that applies, given one rule with this match."""
    exempt = {"channels": [], **policy.pop("exempt", {})}
    document = {"policy": {"exempt": exempt, "rules": [{"name": "it", "match": match}], **policy}}
    return parse_policy(document).apply(subject).rule


@pytest.mark.parametrize(
    "match",
    [
        {"channel": "sms"},
        {"channel": ["web", "SMS"]},
        {"queue": "Sales"},
        {"queue": "WQ1"},
        {"workflow": ["WW9", "Assign to anyone"]},
        {"language": "de"},
        {"language": "de-AT"},
        {"language": ["fr", "DE_at"]},
        {"task": {"vip": True}},
        {"task": {"vip": "true"}},
        {"task": {"level": 3}},
        {"task": {"level": "3"}},
        {"task": {"score": 2}},
        {"task": {"customers.tier": ["gold", "platinum"]}},
        {"task": {"a.b": "flat"}},
        {"task": {"skills": "tax"}},
        {"conversation": {"language": "de_AT"}},
        {"channel": "sms", "queue": "Sales", "language": "de", "task": {"vip": True, "level": 3}},
    ],
)
def test_a_match_that_holds(match: dict[str, Any]) -> None:
    """By value, by one of several, and by any spelling of a number or a boolean."""
    assert rule_of(match) == "it"


@pytest.mark.parametrize(
    "match",
    [
        {"channel": "web"},
        {"queue": "sales"},
        {"workflow": "WW2"},
        {"language": "de-CH"},
        {"language": "fr"},
        {"task": {"vip": False}},
        {"task": {"customers": "gold"}},
        {"task": {"customers.name": "x"}},
        {"task": {"vip.level": 1}},
        {"task": {"nothing": "x"}},
        {"conversation": {"hold": True}},
        {"conversation": {"vip": True}},
        {"channel": "sms", "queue": "Service"},
    ],
)
def test_a_match_that_does_not_hold(match: dict[str, Any]) -> None:
    """Every part must match; names of queues must be spelled exactly."""
    assert rule_of(match) == "default"


def test_the_first_rule_that_matches_wins() -> None:
    """A rule without a name is named by its place."""
    policy = parse_policy(
        {
            "policy": {
                "rules": [
                    {"match": {"queue": "Service"}, "timeout": "PT5M"},
                    {"match": {"task": {"vip": True}}, "timeout": "PT30M"},
                    {"match": {"channel": "sms"}, "timeout": "PT20M"},
                ]
            }
        }
    )

    assert policy.apply(SUBJECT).rule == "rules[1]"
    assert policy.apply(SUBJECT).plan.timeout.total_seconds() / 60 == 30


def test_exemptions_come_before_all_rules() -> None:
    """They match by channel, or by any one of the attributes."""
    assert rule_of({"queue": "Sales"}, exempt={"channels": ["sms"]}) == "exempt"
    assert rule_of({"queue": "Sales"}, exempt={"task": {"no": 1, "vip": True}}) == "exempt"
    assert rule_of({"queue": "Sales"}, exempt={"task": {"vip": False}}) == "it"


def test_a_rule_says_only_what_is_different() -> None:
    """The rest is the policy's."""
    policy = parse_policy(
        {
            "timeout": "PT20M",
            "policy": {
                "taskEnding": "wrap",
                "texts": {"closing": "bye", "warning": "hey"},
                "rules": [{"match": {"channel": "sms"}, "texts": {"closing": "cu"}, "whenQueued": "keep"}],
            },
        }
    )
    plan, default = policy.apply(SUBJECT).plan, policy.default

    assert (plan.texts.closing.default, plan.texts.warning.default) == ("cu", "hey")
    assert (
        plan.timeout,
        plan.warnings,
        plan.task_ending,
    ) == (default.timeout, default.warnings, default.task_ending)


@pytest.mark.parametrize(
    ("task", "conversation", "language"),
    [
        ({"language": "de-AT"}, {"language": "fr"}, "de-at"),
        ({}, {"locale": "fr_FR"}, "fr-fr"),
        ({"locale": "it"}, {"language": "fr"}, "fr"),
        ({"language": {"code": "de"}}, {"locale": "es"}, "es"),
        ({"language": "Deutsch!"}, {}, ""),
        ({}, {}, ""),
    ],
)
def test_a_language_is_the_first_attribute_that_is_one(
    task: dict[str, Any], conversation: dict[str, Any], language: str
) -> None:
    """The order is by name, then task before conversation; a value that is no language tag is skipped."""
    assert parse_policy({}).apply(Subject(task=task, conversation=conversation)).language == language


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"task": {"tier": "gold"}}, {"conversation": {"tier": "gold"}}),
        ({"task": {"tier": "gold"}}, {"task": {"queue": "gold"}}),
        ({"queue": "Sales"}, {"workflow": "Sales"}),
        ({"queue": "de"}, {"queue": "de-AT"}),
        ({"language": "de-AT"}, {"language": "de"}),
    ],
)
def test_a_rule_is_not_shadowed_by_one_that_only_looks_alike(first: dict[str, Any], second: dict[str, Any]) -> None:
    """The same value of another key, or a name that would fall back if it were a language's: both rules are valid."""
    policy = parse_policy({"policy": {"rules": [{"match": first}, {"match": second}]}})

    assert len(policy.rules) == 2


matches = st.fixed_dictionaries(
    {},
    optional={
        "channel": st.lists(st.sampled_from(["sms", "web", "chat"]), min_size=1, max_size=2, unique=True),
        "queue": st.lists(st.sampled_from(["a", "b"]), min_size=1, unique=True),
        "language": st.lists(st.sampled_from(["de", "de-AT", "fr"]), min_size=1, max_size=2, unique=True),
        "task": st.fixed_dictionaries({"vip": st.booleans()}),
    },
).filter(bool)


@st.composite
def narrower(draw: st.DrawFn, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a match that one of the earlier ones covers: the same, or one value of several, and more."""
    match = {**draw(matches), **draw(st.sampled_from(earlier))}
    if draw(st.booleans()):
        match |= {key: values[:1] for key, values in match.items() if isinstance(values, list)}
    if match.get("language") == ["de"]:
        match["language"] = [draw(st.sampled_from(["de", "de-CH"]))]
    return match


@st.composite
def meant_by(draw: st.DrawFn, match: dict[str, Any]) -> Subject:
    """Return a conversation that a match covers."""
    channel = draw(st.sampled_from(match.get("channel", ["sms", "web", "chat", "whatsapp"])))
    queue = draw(st.sampled_from(match.get("queue", ["a", "b", "c"])))
    language = draw(st.sampled_from(match.get("language", ["de", "de-AT", "de-CH", "fr", "es"])))
    vip = draw(st.just(match["task"]["vip"]) if "task" in match else st.booleans())
    return Subject(channel, (queue,), (), {"vip": vip, "language": language}, {})


@st.composite
def rules_and_subjects(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[Subject]]:
    """Rules of which one is mostly covered by earlier ones, and conversations that they mostly match."""
    rules = draw(st.lists(matches, min_size=1, max_size=3))
    rules.append(draw(narrower(rules) if draw(st.sampled_from([True, True, True, False])) else matches))
    return rules, [draw(meant_by(rule)) for rule in [*rules, {}] * draw(st.integers(1, 5))]


@reaching(meant=0.5)
@settings(deadline=None)
@given(rules_and_subjects())
def test_a_rule_that_is_refused_as_unreachable_is_never_reached(
    reached: Reached, drawn: tuple[list[dict[str, Any]], list[Subject]]
) -> None:
    """An earlier rule always matches first."""
    rules, seen = drawn
    try:
        parse_policy({"policy": {"rules": [{"match": match} for match in rules]}})
    except PolicyError as error:
        refused = {int(problem.path.split("[")[1].split("]")[0]) for problem in error.problems}
    else:
        refused = set()
    meant = 0
    for number in refused:
        *earlier, last = [parse_policy({"policy": {"rules": [{"match": match}]}}) for match in rules[: number + 1]]
        for subject in seen:
            if last.apply(subject).rule != "default":
                meant += 1
                assert any(each.apply(subject).rule != "default" for each in earlier)
    reached("meant", meant)


def test_a_language_tag_that_is_too_long_has_no_shorter_forms() -> None:
    """There would be thousands of them."""
    assert fallbacks("a" + "-a" * 7600) == ()
    assert fallbacks("de-AT") == ("de-at", "de")
