"""The policy document: what is accepted, what it means, and how it is written."""

import json
from datetime import timedelta
from typing import Any

import pytest

from function.policy import parse_policy, parse_policy_json, policy_document
from function.policy.policy import (
    Exemptions,
    PlannedWarning,
    Policy,
    Rule,
    StepKind,
    TaskEnding,
    TimeoutPlan,
    WaitAction,
    WaitPolicy,
)
from function.policy.rules import Criterion, Match
from function.policy.texts import Text, Texts


def test_an_empty_document_is_the_default_policy() -> None:
    """Warned after eight minutes, ended after ten."""
    policy = parse_policy({})

    assert [(step.number, step.kind, step.after) for step in policy.default.steps] == [
        (1, StepKind.WARNING, timedelta(minutes=8)),
        (2, StepKind.CLOSING, timedelta(minutes=10)),
    ]
    assert policy.earliest == timedelta(minutes=8)


def test_the_default_texts() -> None:
    """Customers read these unless the policy has others; there is none about an agent's silence."""
    assert parse_policy({}).default.texts == Texts(
        warning=Text("Are you still there? If we do not hear from you, this chat ends in {minutes} min."),
        closing=Text("This chat has ended because we did not hear from you. Write to us again at any time."),
        unanswered=Text(
            "We are sorry that nobody could answer you. This chat ends now; write to us again at any time."
        ),
        agent_silent=None,
    )


def test_without_a_warning_there_is_one_step() -> None:
    """`PT0S` means none."""
    policy = parse_policy({"timeout": "PT3M", "warnBefore": "PT0S"})

    assert [(step.number, step.kind, step.after) for step in policy.default.steps] == [
        (1, StepKind.CLOSING, timedelta(minutes=3))
    ]


def test_a_warning_says_its_own_text_or_else_that_of_all_warnings() -> None:
    """The first warning decides how long before the end a customer hears of it."""
    warnings = [{"before": "PT5M"}, {"before": "PT1M", "text": "last call"}]
    policy = parse_policy({"policy": {"warnings": warnings, "texts": {"warning": "hello?", "closing": "bye"}}})

    assert [step.text.default for step in policy.default.steps] == ["hello?", "last call", "bye"]
    assert policy.default.warn_before == timedelta(minutes=5)
    assert parse_policy({"policy": {"warnings": []}}).default.warn_before == timedelta()


def test_a_policy_is_read_back_from_the_environment() -> None:
    """The function reads what infra writes."""
    policy = parse_policy(
        {"timeout": "PT1H", "warnBefore": "PT5M", "policy": {"texts": {"warning": "☂ {minutes}", "closing": "{{}}"}}}
    )

    assert parse_policy(policy_document(policy)) == policy


def with_rules(*rules: dict[str, Any], **policy: Any) -> dict[str, Any]:
    """Return a document with these rules."""
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
    ("left over", {"policy": {"whenLeftOver": {"do": "end", "after": "PT1M"}, "pendingInvite": "PT1M"}}),
    ("left over for as long as may be", {"policy": {"whenLeftOver": {"do": "end", "after": "P30D"}}}),
    ("an invite for as long as may be", {"policy": {"pendingInvite": "P30D"}}),
    ("a bot", {"policy": {"bots": "bot"}}),
    ("bots", {"policy": {"bots": ["bot", "another_40example_2Ecom", 7]}}),
    (
        "a rule for those who are left over",
        with_rules({"match": SMS, "whenLeftOver": {"do": "end", "after": "P1D"}, "pendingInvite": "PT5M"}),
    ),
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
    ("a rule just long enough for the policy's warning", with_rules({"match": SMS, "timeout": "PT3M"})),
    ("a rule that has nothing to warn of", with_rules({"match": SMS, "timeout": "PT1M"}, warnings=[])),
    (
        "a text that only a rule's customers hear",
        with_rules({"match": SMS, "whenAgentSilent": {"do": "notify", "after": "PT5M"}}, texts={"agentSilent": "wait"}),
    ),
    (
        "a text for the rule that says it",
        with_rules(
            {
                "match": SMS,
                "whenAgentSilent": {"do": "notify", "after": "PT5M"},
                "texts": {"agentSilent": "wait"},
            }
        ),
    ),
    ("the shortest timeout", {"timeout": "PT1M", "warnBefore": "PT0S"}),
    ("the longest timeout and the earliest warning", {"timeout": "P30D", "warnBefore": "P29DT23H59M"}),
    ("the latest warning", {"warnBefore": "PT1M"}),
    ("the longest text", {"policy": {"texts": {"closing": "x" * 1600}}}),
    ("as many rules as there may be", with_rules(*({"match": {"queue": str(number)}} for number in range(100)))),
]


@pytest.mark.parametrize("document", [row[1] for row in GOOD], ids=[row[0] for row in GOOD])
def test_a_good_policy_is_accepted_and_read_back_as_it_was_written(document: dict[str, Any]) -> None:
    """Nothing is lost between infra and the function."""
    policy = parse_policy(document)

    assert parse_policy(policy_document(policy)) == policy


def test_the_accounts_timer_is_the_earliest_step_of_all() -> None:
    """The default, every rule that is no exemption, and the steps for waiting customers count."""
    policy = parse_policy(
        with_rules(
            {"match": SMS, "timeout": "PT7M"},
            {"match": {"channel": "web"}, "exempt": True},
            {"match": {"queue": "a"}, "timeout": "PT1H"},
        )
    )
    waits = ({"policy": {key: {"do": "end", "after": "PT4M"}}} for key in WAITS)

    assert (policy.earliest, policy.latest) == (timedelta(minutes=5), timedelta(hours=1))
    assert [parse_policy(document).earliest for document in waits] == [timedelta(minutes=4)] * len(WAITS)
    assert parse_policy({"policy": {"pendingInvite": "PT4M"}}).earliest == timedelta(minutes=8)


WAITS = ("whenAgentSilent", "whenQueued", "whenLeftOver")


def test_every_key_of_a_policy() -> None:
    """One document with all keys, and the policy that results."""
    document = {
        "timeout": "PT30M",
        "policy": {
            "warnings": [
                {"before": "PT15M"},
                {"before": "PT5M", "text": {"default": "still there?", "de": "noch da?"}},
            ],
            "whenAgentSilent": {"do": "notify", "after": "PT16M"},
            "whenQueued": {"do": "end", "after": "PT1H"},
            "whenLeftOver": {"do": "end", "after": "P2D"},
            "pendingInvite": "PT20M",
            "taskEnding": "wrap",
            "texts": {
                "warning": "{minutes}",
                "closing": {"fr": "adieu", "default": "bye", "de": "ade"},
                "unanswered": "sorry",
                "agentSilent": "wait",
            },
            "exempt": {"channels": ["Voice", "email"], "task": {"vip": [True, "yes"]}, "conversation": {"hold": 1}},
            "languageAttributes": ["lang", "customers.language"],
            "bots": ["bot", 7, "bot"],
            "rules": [
                {"match": {"workflow": "Sales", "language": ["de_AT", "fr"]}, "exempt": True},
                {
                    "name": "texting",
                    "match": {"channel": ["sms", "whatsapp"], "queue": "a", "task": {"tier": 2}},
                    "timeout": "P1D",
                    "warnings": [],
                    "whenAgentSilent": {"do": "end", "after": "PT2H"},
                    "whenQueued": "keep",
                    "whenLeftOver": "keep",
                    "pendingInvite": "PT3H",
                    "taskEnding": "complete",
                    "texts": {"closing": "cu"},
                },
            ],
        },
    }
    texts = Texts(Text("{minutes}"), Text("bye", (("de", "ade"), ("fr", "adieu"))), Text("sorry"), Text("wait"))
    default = TimeoutPlan(
        timeout=timedelta(minutes=30),
        warnings=(
            PlannedWarning(timedelta(minutes=15)),
            PlannedWarning(timedelta(minutes=5), Text("still there?", (("de", "noch da?"),))),
        ),
        texts=texts,
        when_agent_silent=WaitPolicy(WaitAction.NOTIFY, timedelta(minutes=16)),
        when_queued=WaitPolicy(WaitAction.END, timedelta(hours=1)),
        when_left_over=WaitPolicy(WaitAction.END, timedelta(days=2)),
        pending_invite=timedelta(minutes=20),
        task_ending=TaskEnding.WRAP,
    )
    texting = TimeoutPlan(
        timeout=timedelta(days=1),
        warnings=(),
        texts=Texts(texts.warning, Text("cu"), texts.unanswered, texts.agent_silent),
        when_agent_silent=WaitPolicy(WaitAction.END, timedelta(hours=2)),
        when_queued=WaitPolicy(),
        when_left_over=WaitPolicy(),
        pending_invite=timedelta(hours=3),
        task_ending=TaskEnding.COMPLETE,
    )
    expected = Policy(
        default,
        rules=(
            Rule(
                "rules[0]",
                Match((Criterion("workflow", "", ("Sales",)), Criterion("language", "", ("de-at", "fr")))),
                default,
                exempt=True,
            ),
            Rule(
                "texting",
                Match(
                    (
                        Criterion("channel", "", ("sms", "whatsapp")),
                        Criterion("queue", "", ("a",)),
                        Criterion("task", "tier", ("2",)),
                    )
                ),
                texting,
            ),
        ),
        exemptions=Exemptions(
            ("voice", "email"), (Criterion("task", "vip", ("true", "yes")), Criterion("conversation", "hold", ("1",)))
        ),
        language_attributes=("lang", "customers.language"),
        bots=("bot", "7"),
    )

    assert parse_policy(document) == expected
    assert parse_policy_json(json.dumps(document)) == expected
    assert parse_policy(policy_document(expected)) == expected


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (3.0, "3"),
        (-0.0, "0"),
        (1234567.0, "1234567"),
        (4917012345, "4917012345"),
        (0.12345678, "0.12345678"),
        ("3", "3"),
        ("Back Office", "Back Office"),
    ],
)
def test_a_value_is_compared_as_text(value: object, word: str) -> None:
    """This holds however long a number is."""
    policy = parse_policy({"policy": {"exempt": {"task": {"it": value}}}})

    assert policy.exemptions.attributes == (Criterion("task", "it", (word,)),)


BARE: dict[str, Any] = {
    "warnings": [{"before": "PT2M"}],
    "exempt": {"channels": ["email"]},
    "languageAttributes": ["language", "locale"],
    "rules": [],
}
"""What is written of every policy."""


@pytest.mark.parametrize(
    ("policy", "written"),
    [
        ({}, {}),
        ({"warnings": [{"before": "PT2M"}], "whenAgentSilent": "keep", "whenQueued": {"do": "keep"}}, {}),
        ({"taskEnding": "complete", "texts": {}, "exempt": {"channels": "EMAIL"}, "rules": []}, {}),
        ({"whenLeftOver": "keep", "pendingInvite": "PT60M", "bots": []}, {}),
        (
            {"whenLeftOver": {"do": "end", "after": "PT24H"}, "pendingInvite": "PT120M", "bots": "bot"},
            {"whenLeftOver": {"do": "end", "after": "P1D"}, "pendingInvite": "PT2H", "bots": ["bot"]},
        ),
        (
            {
                "whenLeftOver": {"do": "end", "after": "P1D"},
                "pendingInvite": "PT2H",
                "rules": [{"match": SMS, "whenLeftOver": "keep", "pendingInvite": "PT1H"}],
            },
            {
                "whenLeftOver": {"do": "end", "after": "P1D"},
                "pendingInvite": "PT2H",
                "rules": [{"name": "rules[0]", "match": SMS, "whenLeftOver": "keep", "pendingInvite": "PT1H"}],
            },
        ),
        (
            {"pendingInvite": "PT2H", "rules": [{"match": SMS, "pendingInvite": "PT120M"}]},
            {"pendingInvite": "PT2H", "rules": [{"name": "rules[0]", "match": SMS}]},
        ),
        (
            {
                "texts": {
                    "closing": "This chat has ended because we did not hear from you. Write to us again at any time."
                }
            },
            {},
        ),
        ({"warnings": []}, {"warnings": []}),
        ({"warnings": [{"before": "PT300S", "text": "x"}]}, {"warnings": [{"before": "PT5M", "text": "x"}]}),
        ({"taskEnding": "wrap", "texts": {"closing": "x"}}, {"taskEnding": "wrap", "texts": {"closing": "x"}}),
        (
            {"texts": {"closing": {"fr": "z", "de": "y", "default": "x"}}},
            {"texts": {"closing": {"default": "x", "de": "y", "fr": "z"}}},
        ),
        (
            {"exempt": {"channels": [], "task": {"vip": [True]}, "conversation": {"hold": [1, 1, "x"]}}},
            {"exempt": {"channels": [], "task": {"vip": "true"}, "conversation": {"hold": ["1", "x"]}}},
        ),
        (
            {"rules": [{"match": {"channel": ["sms"]}, "timeout": "PT600S", "warnings": [{"before": "PT2M"}]}]},
            {"rules": [{"name": "rules[0]", "match": SMS}]},
        ),
        (
            {"rules": [{"match": SMS, "name": "it", "exempt": True}]},
            {"rules": [{"name": "it", "match": SMS, "exempt": True}]},
        ),
        (
            {
                "whenQueued": {"do": "end", "after": "PT30M"},
                "taskEnding": "wrap",
                "rules": [{"match": SMS, "whenQueued": {"do": "keep"}, "taskEnding": "complete", "timeout": "PT1H"}],
            },
            {
                "whenQueued": {"do": "end", "after": "PT30M"},
                "taskEnding": "wrap",
                "rules": [
                    {
                        "name": "rules[0]",
                        "match": SMS,
                        "timeout": "PT1H",
                        "whenQueued": "keep",
                        "taskEnding": "complete",
                    }
                ],
            },
        ),
    ],
    ids=[
        "nothing said",
        "defaults of time said",
        "other defaults said",
        "defaults of left-over chats, invites and bots said",
        "left-over chats, invites and a bot",
        "a rule that takes back what the policy says of these",
        "a rule that says the same of invites",
        "a default text said",
        "no warning",
        "a warning",
        "an ending and a text",
        "languages sorted",
        "exemptions, one value by itself",
        "a rule that changes nothing",
        "an exempt rule",
        "a rule that takes back what the policy says",
    ],
)
def test_only_what_is_different_is_written(policy: dict[str, Any], written: dict[str, Any]) -> None:
    """What equals the default is left out, and the rest has one spelling."""
    assert policy_document(parse_policy({"policy": policy})) == {"timeout": "PT10M", "policy": BARE | written}
