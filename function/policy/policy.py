"""The policy as the function applies it: which timeout plan a conversation gets, and which steps that plan has.

`parsing.py` reads and checks the document that people write.
"""

import enum
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from .rules import Criterion, Match, Subject
from .texts import Text, Texts

DEFAULT_RULE = "default"
"""Name of the rule that applies if no other matches."""

EXEMPT_RULE = "exempt"
"""Name of the policy's exemptions, which apply before all rules."""


class StepKind(enum.StrEnum):
    """The kinds of messages that we send; the values are in the markers of our messages."""

    WARNING = "warning"
    CLOSING = "closing"
    AGENT_SILENT = "agent_silent"


@dataclass(frozen=True)
class Step:
    """One step of a timeout plan: what is due, and after how much silence.

    Attributes:
        number: 1 for the first step of a silence; the closing notice is always the last.
        kind: warning or closing notice.
        after: the customer's silence since the newest counted message.
        text: what the customer reads.
    """

    number: int
    kind: StepKind
    after: timedelta
    text: Text


class WaitAction(enum.StrEnum):
    """What happens to the chat of a customer who waits."""

    KEEP = "keep"
    NOTIFY = "notify"
    END = "end"


@dataclass(frozen=True)
class WaitPolicy:
    """What to do with a customer who waits for an answer or in the queue, or with a finished chat that stays open.

    Attributes:
        action: keep the chat, notify once, or end it.
        after: how much waiting before that; zero with keep.
    """

    action: WaitAction = WaitAction.KEEP
    after: timedelta = timedelta()


class TaskEnding(enum.StrEnum):
    """What an end does with an assigned task: complete it, or leave it to the agent for wrapping up."""

    COMPLETE = "complete"
    WRAP = "wrap"


@dataclass(frozen=True)
class PlannedWarning:
    """A warning of a timeout plan.

    Attributes:
        before: how long before the end it comes.
        text: what the customer reads; None for the plan's `texts.warning`.
    """

    before: timedelta
    text: Text | None = None


@dataclass(frozen=True)
class TimeoutPlan:
    """What happens in the silences of one conversation, and when.

    Attributes:
        timeout: silence until the end.
        warnings: in the order in which they come.
        texts: what the customer reads.
        when_agent_silent: what happens while the customer waits for an answer.
        when_queued: what happens while the customer waits for an agent.
        when_left_over: what happens while a chat that an agent finished stays open.
        pending_invite: how long an invite that nobody accepts keeps the chat from being ended.
        task_ending: what an end does with the task.
    """

    timeout: timedelta
    warnings: tuple[PlannedWarning, ...]
    texts: Texts
    when_agent_silent: WaitPolicy = WaitPolicy()
    when_queued: WaitPolicy = WaitPolicy()
    when_left_over: WaitPolicy = WaitPolicy()
    pending_invite: timedelta = timedelta(hours=1)
    task_ending: TaskEnding = TaskEnding.COMPLETE

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in the order in which a silence reaches them."""
        warnings = (
            Step(number, StepKind.WARNING, self.timeout - warning.before, warning.text or self.texts.warning)
            for number, warning in enumerate(self.warnings, start=1)
        )
        closing = Step(len(self.warnings) + 1, StepKind.CLOSING, self.timeout, self.texts.closing)
        return (*warnings, closing)

    @property
    def warn_before(self) -> timedelta:
        """How long before the end the first warning comes; zero without one."""
        return self.warnings[0].before if self.warnings else timedelta()

    @property
    def earliest(self) -> timedelta:
        """The shortest silence after which anything may be due: the inactive timer of such a conversation."""
        waiting = (self.when_agent_silent, self.when_queued, self.when_left_over)
        waits = [each.after for each in waiting if each.action is not WaitAction.KEEP]
        return min([self.steps[0].after, *waits])


@dataclass(frozen=True)
class Rule:
    """A timeout plan for some conversations.

    Attributes:
        name: its name in the log.
        match: which conversations it is for.
        plan: their timeout plan.
        exempt: whether they are left alone.
    """

    name: str
    match: Match
    plan: TimeoutPlan
    exempt: bool = False


@dataclass(frozen=True)
class AppliedPolicy:
    """What applies to one conversation, and by which rule.

    Attributes:
        rule: the rule's name, `default`, or `exempt` for the policy's exemptions.
        plan: its timeout plan.
        language: the customer's language tag; empty if unknown.
        exempt: whether it is left alone.
    """

    rule: str
    plan: TimeoutPlan
    language: str = ""
    exempt: bool = False


@dataclass(frozen=True)
class Exemptions:
    """Conversations that are left alone, before any rule is tried.

    Attributes:
        channels: types of channels.
        attributes: criteria, of which any one is enough.
    """

    channels: tuple[str, ...] = ("email",)
    attributes: tuple[Criterion, ...] = ()

    @property
    def matches(self) -> Iterator[tuple[str, Match]]:
        """Yield each exemption as a match, with its path in the document."""
        if self.channels:
            yield "policy.exempt.channels", Match((Criterion("channel", "", self.channels),))
        for each in self.attributes:
            yield f"policy.exempt.{each.place}.{each.name}", Match((each,))


@dataclass(frozen=True)
class Policy:
    """One validated policy. Build it with `parse_policy`.

    Attributes:
        default: for conversations that no rule matches.
        rules: the first that matches applies.
        exemptions: apply before the rules.
        language_attributes: names of attributes that may hold the customer's language.
        bots: chat identities of bots that take part in conversations like people.
    """

    default: TimeoutPlan
    rules: tuple[Rule, ...] = ()
    exemptions: Exemptions = Exemptions()
    language_attributes: tuple[str, ...] = ("language", "locale")
    bots: tuple[str, ...] = ()

    def apply(self, subject: Subject) -> AppliedPolicy:
        """Return what applies to a conversation."""
        language = subject.language(self.language_attributes)
        if any(match.matches(subject, language) for _, match in self.exemptions.matches):
            return AppliedPolicy(EXEMPT_RULE, self.default, language, exempt=True)
        for rule in self.rules:
            if rule.match.matches(subject, language):
                return AppliedPolicy(rule.name, rule.plan, language, rule.exempt)
        return AppliedPolicy(DEFAULT_RULE, self.default, language)

    def match_digest(self, applied: AppliedPolicy) -> str:
        """Return a digest of what the rule matches, which stays the same if the rule is renamed or moved."""
        if applied.rule == EXEMPT_RULE:
            return _digest(repr(self.exemptions))
        return next((_digest(repr(rule.match)) for rule in self.rules if rule.name == applied.rule), "")

    def apply_by_digest(self, match: str, language: str) -> AppliedPolicy | None:
        """Return what applies by the rule with this digest of its match; None if there is none (any more)."""
        if match == _digest(repr(self.exemptions)):
            return AppliedPolicy(EXEMPT_RULE, self.default, language, exempt=True)
        named = next((rule for rule in self.rules if _digest(repr(rule.match)) == match), None)
        return AppliedPolicy(named.name, named.plan, language, named.exempt) if named else None

    @property
    def plans(self) -> tuple[TimeoutPlan, ...]:
        """All timeout plans that may apply."""
        return (self.default, *(rule.plan for rule in self.rules if not rule.exempt))

    @property
    def earliest(self) -> timedelta:
        """The earliest step of all plans: the inactive timer if one must fit every conversation."""
        return min(plan.earliest for plan in self.plans)

    @property
    def longest_silence(self) -> timedelta:
        """The longest silence or wait in any plan after which something is due."""
        each = self.plans
        waits = [wait.after for plan in each for wait in (plan.when_agent_silent, plan.when_queued)]
        return max([self.latest, *waits])

    @property
    def latest(self) -> timedelta:
        """The longest timeout of all plans."""
        return max(plan.timeout for plan in self.plans)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
