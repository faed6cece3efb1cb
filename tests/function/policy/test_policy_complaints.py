"""The errors of a policy that cannot be used: the path of the value, what is wrong, the bound and the way out."""

import math
from typing import Any

import pytest

from function.policy import PolicyError, parse_policy, parse_policy_json

CHANNELS = "chat, email, gbm, messenger, sms, voice, web, whatsapp"
NO_DURATION = "not an ISO 8601 duration of days, hours, minutes and seconds such as PT10M"
NO_TEXT = "not a text; write an ISO 8601 duration such as PT10M"
NO_TIMER = "a timer cannot be shorter than PT1M"
NO_WORDS = "write a text, a number, true, false, or a list of these"
FROM_A_WARNING = f"{NO_TIMER}, counted from the warning before it"
EMPTY = "is empty; write one of channel, queue, workflow, language, task, conversation, or remove the rule"
OF_BOTH = "taskEnding, texts, {}warnings, whenAgentSilent, whenLeftOver, whenQueued"
OF_A_POLICY = f"bots, exempt, languageAttributes, pendingInvite, rules, {OF_BOTH.format('')}"
OF_A_RULE = f"exempt, match, name, pendingInvite, {OF_BOTH.format('timeout, ')}"
OF_A_MATCH = "channel, conversation, language, queue, task, workflow"
TOO_SHORT = "too short for the policy's warning PT2M before the end; give this rule warnings of its own, [] for none"
SMS, WEB = {"channel": "sms"}, {"channel": "web"}


def complaints_about(document: dict[str, Any]) -> list[str]:
    """Return the errors of a document, one line each."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(document)
    assert str(caught.value).split("\n") == [str(problem) for problem in caught.value.problems]
    return [str(problem) for problem in caught.value.problems]


def with_rules(*rules: dict[str, Any] | None, **policy: Any) -> dict[str, Any]:
    """Return a document with these rules."""
    return {"policy": {"rules": list(rules), **policy}}


def with_text(key: str, text: object) -> dict[str, Any]:
    """Return a document with this text."""
    return {"policy": {"texts": {key: text}}}


def with_warnings(*warnings: object, **root: str) -> dict[str, Any]:
    """Return a document with these warnings."""
    return {**root, "policy": {"warnings": list(warnings)}}


TIMES: list[tuple[dict[str, Any], str]] = [
    ({"timout": "PT5M"}, "timout is not a setting; known here: policy, timeout, warnBefore"),
    ({"timeout": "5m"}, f"timeout is '5m', {NO_DURATION}"),
    ({"timeout": 300}, f"timeout is 300, {NO_TEXT}"),
    ({"timeout": "PT59S", "warnBefore": "PT0S"}, "timeout is PT59S, less than the minimum of PT1M"),
    ({"timeout": "P30DT1S"}, "timeout is P30DT1S, more than the maximum of P30D"),
    ({"timeout": "5m", "warnBefore": "PT20M"}, f"timeout is '5m', {NO_DURATION}"),
    ({"warnBefore": "2"}, f"warnBefore is '2', {NO_DURATION}"),
    ({"warnBefore": "PT59S"}, "warnBefore is PT59S, less than the minimum of PT1M; write PT0S for no warning"),
    (
        {"warnBefore": "PT9M1S"},
        f"warnBefore is PT9M1S, more than the maximum of PT9M: {NO_TIMER}; write PT0S for no warning",
    ),
    (
        {"timeout": "PT1M", "warnBefore": "PT1M"},
        f"warnBefore is PT1M, more than the maximum of PT0S: {NO_TIMER}; write PT0S for no warning",
    ),
    (
        with_warnings(warnBefore="PT1M"),
        "warnBefore is set together with policy.warnings, which says it already; remove one of them",
    ),
    ({"policy": {"warnings": {}}}, "policy.warnings is {}, not a list of objects"),
    (with_warnings("PT2M"), "policy.warnings[0] is 'PT2M', not an object"),
    (
        with_warnings({"before": "PT5M", "txt": "x"}),
        "policy.warnings[0].txt is not a setting; known here: before, text",
    ),
    (
        with_warnings({"before": "PT30S"}),
        "policy.warnings[0].before is PT30S, less than the minimum of PT1M, counted from the timeout",
    ),
    (
        with_warnings({"before": "PT9M1S"}),
        f"policy.warnings[0].before is PT9M1S, more than the maximum of PT9M: {NO_TIMER}, counted from the timeout",
    ),
    (
        with_warnings({"before": "PT3M"}, {"before": "PT2M1S"}),
        f"policy.warnings[1].before is PT2M1S, more than the maximum of PT2M: {FROM_A_WARNING}",
    ),
    (
        with_warnings({"before": "PT2M"}, {"before": "PT5M"}),
        f"policy.warnings[1].before is PT5M, more than the maximum of PT1M: {FROM_A_WARNING}",
    ),
    (
        with_warnings({"before": "PT1M"}, {"before": "PT1M"}),
        f"policy.warnings[1].before is PT1M, more than the maximum of PT0S: {FROM_A_WARNING}",
    ),
    (with_warnings({"before": "PT5M"}, {"before": "2m"}), f"policy.warnings[1].before is '2m', {NO_DURATION}"),
    (
        with_warnings({"before": "PT5M", "text": ""}),
        "policy.warnings[0].text is ''; write the text for the customer",
    ),
    (
        with_warnings(*({"before": f"PT{minutes}M"} for minutes in (8, 6, 4, 2))),
        "policy.warnings has 4 entries, more than the maximum of 3",
    ),
    (with_warnings({"before": "PT2M"}, timeout="5m"), f"timeout is '5m', {NO_DURATION}"),
]

WAITING: list[tuple[dict[str, Any], str]] = [
    (
        {"whenAgentSilent": "notify"},
        "policy.whenAgentSilent is 'notify'; write keep, or {do: notify, after: PT30M} or {do: end, after: PT30M}",
    ),
    ({"whenQueued": []}, "policy.whenQueued is []; write keep, or {do: end, after: PT30M}"),
    (
        {"whenQueued": {"do": "end", "after": "PT5M", "text": "x"}},
        "policy.whenQueued.text is not a setting; known here: after, do",
    ),
    (
        {"whenAgentSilent": {"do": "shout", "after": "PT5M"}},
        "policy.whenAgentSilent.do is 'shout'; write one of keep, notify, end",
    ),
    (
        {"whenQueued": {"do": "notify", "after": "PT5M"}},
        "policy.whenQueued.do is 'notify'; write one of keep, end",
    ),
    (
        {"whenAgentSilent": {"do": "keep", "after": "PT5M"}},
        "policy.whenAgentSilent.after would do nothing with do: keep; remove one of the two",
    ),
    (
        {"whenAgentSilent": {"do": "end"}},
        "policy.whenAgentSilent.after is missing; write an ISO 8601 duration such as PT10M",
    ),
    ({"whenQueued": {"after": "P1D"}}, "policy.whenQueued.do is missing; write one of keep, end"),
    (
        {"whenAgentSilent": {"do": "notify", "after": "PT59S"}},
        "policy.whenAgentSilent.after is PT59S, less than the minimum of PT1M",
    ),
    (
        {"whenQueued": {"do": "end", "after": "P30DT1S"}},
        "policy.whenQueued.after is P30DT1S, more than the maximum of P30D",
    ),
    ({"whenLeftOver": "end"}, "policy.whenLeftOver is 'end'; write keep, or {do: end, after: PT30M}"),
    (
        {"whenLeftOver": {"do": "notify", "after": "PT5M"}},
        "policy.whenLeftOver.do is 'notify'; write one of keep, end",
    ),
    (
        {"whenLeftOver": {"do": "keep", "after": "P1D"}},
        "policy.whenLeftOver.after would do nothing with do: keep; remove one of the two",
    ),
    (
        {"whenLeftOver": {"do": "end", "after": "PT59S"}},
        "policy.whenLeftOver.after is PT59S, less than the minimum of PT1M",
    ),
    (
        {"whenLeftOver": {"do": "end", "after": "P30DT1S"}},
        "policy.whenLeftOver.after is P30DT1S, more than the maximum of P30D",
    ),
    ({"pendingInvite": "keep"}, f"policy.pendingInvite is 'keep', {NO_DURATION}"),
    ({"pendingInvite": 60}, f"policy.pendingInvite is 60, {NO_TEXT}"),
    ({"pendingInvite": "PT59S"}, "policy.pendingInvite is PT59S, less than the minimum of PT1M"),
    ({"pendingInvite": "P30DT1S"}, "policy.pendingInvite is P30DT1S, more than the maximum of P30D"),
    ({"taskEnding": "cancel"}, "policy.taskEnding is 'cancel'; write one of complete, wrap"),
]

TEXTS: list[tuple[dict[str, Any], str]] = [
    (
        with_text("bye", "x"),
        "policy.texts.bye is not a setting; known here: agentSilent, closing, unanswered, warning",
    ),
    (with_text("warning", " "), "policy.texts.warning is ' '; write the text for the customer"),
    (with_text("warning", 7), "policy.texts.warning is 7; write the text for the customer"),
    (with_text("closing", "x" * 1601), "policy.texts.closing has 1601 characters, more than the maximum of 1600"),
    (
        with_text("warning", "{"),
        "policy.texts.warning has a single brace; write {{ and }} for literal braces",
    ),
    (
        with_text("warning", "{name}"),
        "policy.texts.warning uses {name}, which is not a variable; known: {minutes}, {silentMinutes}",
    ),
    (
        with_text("warning", "{minutes:>5}"),
        "policy.texts.warning uses {minutes:>5}, which is not a variable; known: {minutes}, {silentMinutes}",
    ),
    (
        with_text("warning", "{minutes!r}"),
        "policy.texts.warning uses {minutes!r}, which is not a variable; known: {minutes}, {silentMinutes}",
    ),
    (
        with_text("warning", "{}"),
        "policy.texts.warning uses {}, which is not a variable; known: {minutes}, {silentMinutes}",
    ),
    *(
        (
            with_text(key, "{minutes}"),
            f"policy.texts.{key} uses {{minutes}}, which is not a variable; known: {{silentMinutes}}",
        )
        for key in ("closing", "unanswered")
    ),
    (
        with_rules({"match": SMS, "texts": {"agentSilent": "wait"}}),
        "policy.rules[0].texts.agentSilent is never sent: whenAgentSilent is not {do: notify, after: PT15M} here",
    ),
    (
        with_text("closing", {"default": "Bye", "de": "Tschüss", "DE": "Ade"}),
        "policy.texts.closing.de is given twice, as DE and as de; remove one of them",
    ),
    ({"policy": {"texts": 7}}, "policy.texts is 7, not an object"),
    (
        with_text("agentSilent", "wait"),
        "policy.texts.agentSilent is never sent: no whenAgentSilent is {do: notify, after: PT15M}",
    ),
    (
        with_text("closing", {"de": "x"}),
        "policy.texts.closing.default is missing; write the text for customers of every other language",
    ),
    (
        with_text("closing", {"default": "x", "german": "y"}),
        "policy.texts.closing.german is not a language tag such as de or de-AT, nor default",
    ),
    (
        with_text("closing", {"default": "x", "de": ""}),
        "policy.texts.closing.de is ''; write the text for the customer",
    ),
    (
        with_text("closing", {"default": "x", "de": "{minutes}"}),
        "policy.texts.closing.de uses {minutes}, which is not a variable; known: {silentMinutes}",
    ),
]

WHO: list[tuple[dict[str, Any], str]] = [
    ({"policy": []}, "policy is [], not an object"),
    (
        {"policy": {"text": {}}},
        f"policy.text is not a setting; known here: {OF_A_POLICY}",
    ),
    ({"policy": {"languageAttributes": []}}, f"policy.languageAttributes is []; {NO_WORDS}"),
    ({"policy": {"bots": {"name": "bot"}}}, f"policy.bots is {{'name': 'bot'}}; {NO_WORDS}"),
    ({"policy": {"bots": ["bot", None]}}, f"policy.bots is ['bot', None]; {NO_WORDS}"),
    ({"policy": {"bots": ""}}, f"policy.bots is ''; {NO_WORDS}"),
    (
        with_rules({"match": SMS, "bots": ["bot"]}),
        f"policy.rules[0].bots is not a setting; known here: {OF_A_RULE}",
    ),
    (
        {"policy": {"exempt": {"tasks": {}}}},
        "policy.exempt.tasks is not a setting; known here: channels, conversation, task",
    ),
    (
        {"policy": {"exempt": {"channels": ["fax"]}}},
        f"policy.exempt.channels is 'fax', which is no channel; known: {CHANNELS}",
    ),
    ({"policy": {"exempt": {"channels": ["sms", None]}}}, f"policy.exempt.channels is ['sms', None]; {NO_WORDS}"),
    (
        {"policy": {"exempt": {"task": {"vip": {"level": 3}}}}},
        f"policy.exempt.task.vip is {{'level': 3}}; {NO_WORDS}",
    ),
    ({"policy": {"exempt": {"task": {"score": math.nan}}}}, f"policy.exempt.task.score is nan; {NO_WORDS}"),
    ({"policy": {"rules": {}}}, "policy.rules is {}, not a list of objects"),
    (
        with_rules({"timeout": "PT5M"}),
        f"policy.rules[0].match {EMPTY}",
    ),
    (
        with_rules({"match": {"task": {}}}, {"match": SMS}),
        f"policy.rules[0].match {EMPTY}",
    ),
    (
        with_rules({"match": {"channels": "sms"}}),
        f"policy.rules[0].match.channels is not a setting; known here: {OF_A_MATCH}",
    ),
    (
        with_rules({"match": {"channel": "watsapp"}}),
        f"policy.rules[0].match.channel is 'watsapp', which is no channel; known: {CHANNELS}",
    ),
    (
        with_rules({"match": {"language": "german"}}),
        "policy.rules[0].match.language is 'german', not a language tag such as de or de-AT",
    ),
    (with_rules({"match": {"queue": []}}), f"policy.rules[0].match.queue is []; {NO_WORDS}"),
    (with_rules({"match": {"queue": ""}}), f"policy.rules[0].match.queue is ''; {NO_WORDS}"),
    (
        with_rules({"match": SMS, "warnBefore": "PT1M"}),
        f"policy.rules[0].warnBefore is not a setting; known here: {OF_A_RULE}",
    ),
    *(
        (
            with_rules({"match": SMS, "name": name}),
            f"policy.rules[0].name is {name!r}; write the rule's name for the log, or remove it",
        )
        for name in (" ", 7)
    ),
    *(
        (
            with_rules({"match": SMS, "name": name}),
            f"policy.rules[0].name is '{name}', a name that is taken; write another",
        )
        for name in ("default", "exempt")
    ),
    (
        with_rules({"match": SMS, "name": "a"}, {"match": {"queue": "b"}, "name": "a"}),
        "policy.rules[1].name is 'a', a name that is taken; write another",
    ),
    (with_rules({"match": SMS, "exempt": "yes"}), "policy.rules[0].exempt is 'yes'; write true or false"),
    *(
        (
            with_rules({"match": SMS, "exempt": True, key: value}),
            f"policy.rules[0].{key} would do nothing beside exempt: true; remove one of the two",
        )
        for key, value in {
            "timeout": "PT5M",
            "warnings": [],
            "whenQueued": "keep",
            "whenLeftOver": "keep",
            "pendingInvite": "PT2H",
            "texts": {"closing": "x"},
        }.items()
    ),
    (with_rules({"match": SMS, "timeout": "5m"}), f"policy.rules[0].timeout is '5m', {NO_DURATION}"),
    (
        with_rules({"match": SMS, "timeout": "5m", "warnings": [{"before": "PT2M"}]}),
        f"policy.rules[0].timeout is '5m', {NO_DURATION}",
    ),
    (
        with_rules({"match": SMS, "timeout": "PT2M59S"}),
        f"policy.rules[0].timeout is PT2M59S, {TOO_SHORT}",
    ),
    (
        with_rules({"match": SMS}, {"match": {"queue": "a"}, "warnings": [{"before": "PT1S"}]}),
        "policy.rules[1].warnings[0].before is PT1S, less than the minimum of PT1M, counted from the timeout",
    ),
    (
        with_rules(*({"match": {"queue": str(number)}} for number in range(101))),
        "policy.rules has 101 entries, more than the maximum of 100",
    ),
]


def never(number: int, by: str) -> str:
    """Return the error about a rule that can never match."""
    return f"policy.rules[{number}].match can never match: {by} all of it first; move the rule or remove it"


UNREACHABLE: list[tuple[dict[str, Any], str]] = [
    (
        with_rules({"match": SMS}, {"match": {"queue": "a"}}, {"match": SMS | {"queue": "b"}}),
        never(2, "policy.rules[0] takes"),
    ),
    (
        with_rules({"match": SMS}, {"match": WEB}, {"match": {"channel": ["web", "sms"]}}),
        never(2, "policy.rules[0] and policy.rules[1] take"),
    ),
    (
        with_rules({"match": {"language": "de"}}, {"match": {"language": ["de-AT", "de-CH"]}}),
        never(1, "policy.rules[0] takes"),
    ),
    (with_rules({"match": {"channel": "email"}}), never(0, "policy.exempt.channels takes")),
    (
        with_rules({"match": {"task": {"vip": True}}}, exempt={"task": {"vip": ["true", "yes"]}}),
        never(0, "policy.exempt.task.vip takes"),
    ),
    (
        with_rules({"match": {"conversation": {"a.b": 3}}}, exempt={"conversation": {"a.b": "3"}}),
        never(0, "policy.exempt.conversation.a.b takes"),
    ),
]

WRONG = [*TIMES, *(({"policy": policy}, line) for policy, line in WAITING), *TEXTS, *WHO, *UNREACHABLE]


@pytest.mark.parametrize(
    ("document", "line"), WRONG, ids=[f"{number} {line.split(' ', 1)[0]}" for number, (_, line) in enumerate(WRONG)]
)
def test_one_mistake_is_one_line_with_path_value_bound_and_way_out(document: dict[str, Any], line: str) -> None:
    """The smallest document with one mistake, and the whole error."""
    assert complaints_about(document) == [line]


def test_an_entry_that_was_left_empty_is_named_by_its_place() -> None:
    """A dash with nothing after it has no other name."""
    (line,) = complaints_about(with_rules({"match": SMS}, None))

    assert line.startswith("policy.rules[1] is ")
    assert line.endswith(", not an object")


def test_all_mistakes_are_reported_at_once() -> None:
    """Unknown keys come first, sorted by name."""
    document = {"timeout": "x", "warnBefore": "y", "foo": 1, "bar": 2, "policy": {"texts": {"closing": ""}}}

    assert complaints_about(document) == [
        "bar is not a setting; known here: policy, timeout, warnBefore",
        "foo is not a setting; known here: policy, timeout, warnBefore",
        f"timeout is 'x', {NO_DURATION}",
        f"warnBefore is 'y', {NO_DURATION}",
        "policy.texts.closing is ''; write the text for the customer",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "policy is not JSON"),
        ("{", "policy is not JSON"),
        ("[" * 100_000, "policy is not JSON"),
        ("[]", "policy is not an object"),
        ("7", "policy is not an object"),
        ("null", "policy is not an object"),
        ('{"policy": {"taskEnding": "cancel"}}', "policy.taskEnding is 'cancel'; write one of complete, wrap"),
    ],
    ids=["nothing", "half", "too deep", "list", "number", "null", "wrong document"],
)
def test_json_that_is_no_document_is_refused(text: str, line: str) -> None:
    """The environment could contain such a value."""
    with pytest.raises(PolicyError) as caught:
        parse_policy_json(text)

    assert str(caught.value) == line
