"""Reads a policy document, with every problem named by its path, and writes a policy as a document.

    timeout: PT10M                  silence until the end
    warnBefore: PT2M                how long before the end the warning comes; PT0S for none
    policy:
      warnings: [{before, text}]    instead of warnBefore: none to three
      whenAgentSilent: keep         or {do: notify, after: PT15M}, {do: end, after: PT1H}
      whenQueued: keep              or {do: end, after: PT30M}
      whenLeftOver: keep            or {do: end, after: P1D}; a finished chat that stays open
      pendingInvite: PT1H           how long an invite that nobody accepts keeps the chat from being ended
      taskEnding: complete          or wrap
      texts: {...}                  see texts.py; each a text, or texts by language
      exempt: {channels, task, conversation}
      languageAttributes: [language, locale]
      bots: []                      chat identities of bots that take part like people
      rules: [{name, match, exempt, timeout, warnings, whenAgentSilent, whenQueued, whenLeftOver, pendingInvite,
               taskEnding, texts}]

The document has the shape of the stack's config, so an error's path is the path that the engineer typed. `infra/`
validates with this code, so a bad policy fails in preview; therefore this file imports only the standard library,
isodate and modules that do the same. `policy.py` defines what a policy means.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..contract import INACTIVE_MINIMUM, LONGEST, DurationError, format_duration, parse_duration
from .document import PolicyError, Problem, Section
from .policy import (
    DEFAULT_RULE,
    EXEMPT_RULE,
    Exemptions,
    PlannedWarning,
    Policy,
    Rule,
    TaskEnding,
    TimeoutPlan,
    WaitAction,
    WaitPolicy,
)
from .rules import Match, parse_attributes, parse_channels, parse_match, shadowed_by
from .texts import DEFAULT_TEXTS, VARIABLES, parse_text, parse_texts, texts_document

__all__ = ["Policy", "PolicyError", "Problem", "parse_policy", "parse_policy_json", "policy_document"]

DEFAULT_TIMEOUT = timedelta(minutes=10)
DEFAULT_WARN_BEFORE = timedelta(minutes=2)
MAX_WARNINGS = 3
MAX_RULES = 100

PLAN_KEYS = ("warnings", "whenAgentSilent", "whenQueued", "whenLeftOver", "pendingInvite", "taskEnding", "texts")
"""Keys that the policy itself and each rule may have."""


def parse_policy(document: Mapping[str, Any]) -> Policy:
    """Validate a policy document; omitted keys have their defaults.

    Raises:
        PolicyError: unknown keys, malformed or out-of-bounds durations, a warning that does not fit, missing or
            unusable texts, a rule that can never match.
    """
    root = Section("", document)
    root.refuse_unknown("timeout", "warnBefore", "policy")
    section = root.section("policy")
    section.refuse_unknown(*PLAN_KEYS, "exempt", "languageAttributes", "bots", "rules")
    default = _plan(section, _default(root, section))
    exemptions = _exemptions(section.section("exempt"))
    rules = {each.path: _rule(each, default) for each in section.sections("rules", maximum=MAX_RULES)}
    attributes = section.strings("languageAttributes") if "languageAttributes" in section else None
    bots = section.strings("bots") if "bots" in section and section.values["bots"] != [] else ()
    policy = Policy(default, tuple(rules.values()), exemptions, attributes or Policy.language_attributes, bots)
    _check_rules(root, exemptions, rules)
    _refuse_unused_texts(section, policy)
    if root.problems:
        raise PolicyError(tuple(root.problems))
    return policy


def parse_policy_json(text: str) -> Policy:
    """Read a policy from JSON text, as in the function's environment.

    Raises:
        PolicyError: not JSON, not an object, or a document that `parse_policy` refuses.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise PolicyError((Problem("policy", "is not JSON"),)) from None
    if not isinstance(document, dict):
        raise PolicyError((Problem("policy", "is not an object"),))
    return parse_policy(document)


def policy_document(policy: Policy) -> dict[str, Any]:
    """Return a document from which `parse_policy` makes an equal policy."""
    plain = TimeoutPlan(policy.default.timeout, (), DEFAULT_TEXTS)
    inside: dict[str, Any] = _plan_document(policy.default, plain) | {
        "exempt": {"channels": list(policy.exemptions.channels)} | Match(policy.exemptions.attributes).to_document(),
        "languageAttributes": list(policy.language_attributes),
        "rules": [_rule_document(rule, policy.default) for rule in policy.rules],
    }
    if policy.bots:
        inside["bots"] = list(policy.bots)
    if not policy.default.warnings:
        inside["warnings"] = []
    return {"timeout": format_duration(policy.default.timeout), "policy": inside}


# -- reading ---------------------------------------------------------------------------------------------------------


def _default(root: Section, section: Section) -> TimeoutPlan:
    """Read the keys at the top: `timeout`, and `warnBefore` unless the policy lists its warnings."""
    timeout = DEFAULT_TIMEOUT
    if "timeout" in root.values:
        timeout = root.duration("timeout", minimum=INACTIVE_MINIMUM, maximum=LONGEST) or timeout
    known = "timeout" not in {problem.path for problem in root.problems}
    warnings: tuple[PlannedWarning, ...] = ()
    if "warnings" not in section:
        before = _warn_before(root, timeout if known else LONGEST)
        warnings = (PlannedWarning(before),) if before else ()
    elif "warnBefore" in root:
        root.complain("warnBefore", "is set together with policy.warnings, which says it already; remove one of them")
    return TimeoutPlan(timeout, warnings, DEFAULT_TEXTS)


def _warn_before(root: Section, timeout: timedelta) -> timedelta:
    value = root.values.get("warnBefore", format_duration(DEFAULT_WARN_BEFORE))
    try:
        before = parse_duration(value)
    except DurationError as error:
        root.complain("warnBefore", str(error))
        return timedelta()
    if before and (complaint := _warning_problem(before, timeout)):
        root.complain("warnBefore", f"is {value}, {complaint}; write PT0S for no warning")
    return before


def _warning_problem(before: timedelta, until: timedelta) -> str | None:
    """Return why a warning cannot come this long before the end, or None; the step before comes `until` before it."""
    if before < INACTIVE_MINIMUM:
        return "less than the minimum of PT1M"
    if until - before >= INACTIVE_MINIMUM:
        return None
    maximum = format_duration(max(until - INACTIVE_MINIMUM, timedelta()))
    return f"more than the maximum of {maximum}: a timer cannot be shorter than PT1M"


def _plan(section: Section, base: TimeoutPlan) -> TimeoutPlan:
    """Read a plan: the section's values, and the base's for the rest."""
    texts = parse_texts(section.section("texts"), base.texts)
    plan = replace(base, texts=texts)
    if "warnings" in section:
        plan = replace(plan, warnings=_warnings(section, plan.timeout))
    if "whenAgentSilent" in section:
        wait = _wait_policy(section, "whenAgentSilent", WaitAction.NOTIFY, WaitAction.END)
        plan = replace(plan, when_agent_silent=wait)
    if "whenQueued" in section:
        plan = replace(plan, when_queued=_wait_policy(section, "whenQueued", WaitAction.END))
    if "whenLeftOver" in section:
        plan = replace(plan, when_left_over=_wait_policy(section, "whenLeftOver", WaitAction.END))
    if "pendingInvite" in section:
        bound = section.duration("pendingInvite", minimum=INACTIVE_MINIMUM, maximum=LONGEST)
        plan = replace(plan, pending_invite=bound or base.pending_invite)
    if "taskEnding" in section:
        ending = section.choice("taskEnding", TaskEnding)
        plan = replace(plan, task_ending=ending or base.task_ending)
    return plan


def _warnings(section: Section, timeout: timedelta) -> tuple[PlannedWarning, ...]:
    """Read none to three warnings, in the order in which they come, a minimum of one minute apart."""
    warnings: list[PlannedWarning] = []
    until = timeout
    for each in section.sections("warnings", maximum=MAX_WARNINGS):
        each.refuse_unknown("before", "text")
        text = parse_text(each, "text", VARIABLES["warning"]) if "text" in each else None
        before = each.duration("before", minimum=timedelta(), maximum=LONGEST)
        if before is None:
            continue
        if complaint := _warning_problem(before, until):
            after = "the timeout" if until == timeout else "the warning before it"
            each.complain("before", f"is {format_duration(before)}, {complaint}, counted from {after}")
        warnings.append(PlannedWarning(before, text))
        until = min(until, before)
    return tuple(warnings)


def _wait_policy(section: Section, key: str, *others: WaitAction) -> WaitPolicy:
    """Read `keep`, or one of the other actions with its duration."""
    allowed = " or ".join(f"{{do: {do}, after: PT30M}}" for do in others)
    value = section.values[key]
    if value == WaitAction.KEEP:
        return WaitPolicy()
    if not isinstance(value, Mapping):
        section.complain(key, f"is {value!r}; write keep, or {allowed}")
        return WaitPolicy()
    inside = section.section(key)
    inside.refuse_unknown("do", "after")
    do = inside.values.get("do")
    if do == WaitAction.KEEP:
        if "after" in inside:
            inside.complain("after", "would do nothing with do: keep; remove one of the two")
        return WaitPolicy()
    if do not in others:
        found = "is missing" if do is None else f"is {do!r}"
        inside.complain("do", f"{found}; write one of {', '.join((WaitAction.KEEP, *others))}")
        return WaitPolicy()
    after = inside.duration("after", minimum=INACTIVE_MINIMUM, maximum=LONGEST)
    return WaitPolicy(WaitAction(do), after) if after else WaitPolicy()


def _exemptions(section: Section) -> Exemptions:
    section.refuse_unknown("channels", "task", "conversation")
    channels = Exemptions.channels
    if "channels" in section:
        channels = parse_channels(section, "channels") if section.values["channels"] != [] else ()
    attributes = [
        criterion for place in ("task", "conversation") for criterion in parse_attributes(section.section(place), place)
    ]
    return Exemptions(channels, tuple(attributes))


def _rule(section: Section, default: TimeoutPlan) -> Rule:
    section.refuse_unknown("name", "match", "exempt", "timeout", *PLAN_KEYS)
    name = section.values.get("name", section.path.removeprefix("policy."))
    if not isinstance(name, str) or not name.strip():
        section.complain("name", f"is {name!r}; write the rule's name for the log, or remove it")
    match = parse_match(section.section("match"))
    exempt = section.boolean("exempt", default=False)
    if exempt:
        for key in ("timeout", *PLAN_KEYS):
            if key in section:
                section.complain(key, "would do nothing beside exempt: true; remove one of the two")
        return Rule(str(name), match, default, exempt=True)
    base, timeout = default, None
    if "timeout" in section:
        timeout = section.duration("timeout", minimum=INACTIVE_MINIMUM, maximum=LONGEST)
        base = replace(default, timeout=timeout or default.timeout)
    if timeout and default.warnings and "warnings" not in section and (_warning_problem(default.warn_before, timeout)):
        before = format_duration(default.warn_before)
        section.complain(
            "timeout",
            f"is {format_duration(timeout)}, too short for the policy's warning {before} before the end; "
            "give this rule warnings of its own, [] for none",
        )
    plan = _plan(section, base)
    if "agentSilent" in section.section("texts") and plan.when_agent_silent.action is not WaitAction.NOTIFY:
        section.complain("texts.agentSilent", "is never sent: whenAgentSilent is not {do: notify, after: PT15M} here")
    return Rule(str(name), match, plan)


def _check_rules(root: Section, exemptions: Exemptions, rules: Mapping[str, Rule]) -> None:
    earlier = list(exemptions.matches)
    names: set[str] = {DEFAULT_RULE, EXEMPT_RULE}
    for path, rule in rules.items():
        if rule.name in names:
            root.complain(f"{path}.name", f"is {rule.name!r}, a name that is taken; write another")
        names.add(rule.name)
        if by := shadowed_by(rule.match, earlier):
            verb = "takes" if len(by) == 1 else "take"
            complaint = f"can never match: {' and '.join(by)} {verb} all of it first; move the rule or remove it"
            root.complain(f"{path}.match", complaint)
        if rule.match.criteria:
            earlier.append((path, rule.match))


def _refuse_unused_texts(section: Section, policy: Policy) -> None:
    """Refuse a text that is never sent: whoever wrote it expects it to be."""
    used = any(plan.when_agent_silent.action is WaitAction.NOTIFY for plan in policy.plans)
    if "agentSilent" in section.section("texts") and not used:
        section.complain("texts.agentSilent", "is never sent: no whenAgentSilent is {do: notify, after: PT15M}")


# -- writing ---------------------------------------------------------------------------------------------------------


def _rule_document(rule: Rule, default: TimeoutPlan) -> dict[str, Any]:
    document: dict[str, Any] = {"name": rule.name, "match": rule.match.to_document()}
    if rule.exempt:
        return document | {"exempt": True}
    if rule.plan.timeout != default.timeout:
        document["timeout"] = format_duration(rule.plan.timeout)
    return document | _plan_document(rule.plan, default)


def _plan_document(plan: TimeoutPlan, base: TimeoutPlan) -> dict[str, Any]:
    """Return what `_plan` reads back over the same base: only what differs from it."""
    document: dict[str, Any] = {}
    if plan.warnings != base.warnings:
        document["warnings"] = [
            {"before": format_duration(each.before)} | ({"text": each.text.to_document()} if each.text else {})
            for each in plan.warnings
        ]
    if plan.when_agent_silent != base.when_agent_silent:
        document["whenAgentSilent"] = _wait_document(plan.when_agent_silent)
    if plan.when_queued != base.when_queued:
        document["whenQueued"] = _wait_document(plan.when_queued)
    if plan.when_left_over != base.when_left_over:
        document["whenLeftOver"] = _wait_document(plan.when_left_over)
    if plan.pending_invite != base.pending_invite:
        document["pendingInvite"] = format_duration(plan.pending_invite)
    if plan.task_ending != base.task_ending:
        document["taskEnding"] = plan.task_ending.value
    if texts := texts_document(plan.texts, base.texts):
        document["texts"] = texts
    return document


def _wait_document(waiting: WaitPolicy) -> str | dict[str, str]:
    if waiting.action is WaitAction.KEEP:
        return waiting.action.value
    return {"do": waiting.action.value, "after": format_duration(waiting.after)}
