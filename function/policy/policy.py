"""What shall happen when a customer goes silent, and when: the policy as the function uses it.

Decides which plan a conversation gets, and which steps that has. The document that a policy is written in, and
what may be wrong with one, is `parsing.py`'s matter.
"""

import enum
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from .rules import Criterion, Match, Subject
from .texts import Text, Texts

DEFAULT_RULE = "default"
"""Name of what is in force where no rule matches."""

EXEMPT_RULE = "exempt"
"""Name of the policy's exemptions, which stand before all rules."""


class StepKind(enum.StrEnum):
    """What we ever say; the values stand in the markers of our messages."""

    WARNING = "warning"
    CLOSING = "closing"
    AGENT_SILENT = "agent_silent"


@dataclass(frozen=True)
class Step:
    """One step of a plan: what is due, and after how much silence.

    Attributes:
        number: 1 for the first step of a silence; the closing is always the last.
        kind: warning or closing.
        after: silence of the customer since the newest counted message.
        text: what the customer reads.
    """

    number: int
    kind: StepKind
    after: timedelta
    text: Text


class WaitAction(enum.StrEnum):
    """What happens to a customer who waits for us."""

    KEEP = "keep"
    NOTIFY = "notify"
    END = "end"


@dataclass(frozen=True)
class WaitPolicy:
    """For a customer who waits for an answer, or in the queue for an agent, and for a chat that is left over.

    Attributes:
        action: keep the chat; notify once; or end it.
        after: so much waiting; zero with keep.
    """

    action: WaitAction = WaitAction.KEEP
    after: timedelta = timedelta()


class TaskEnding(enum.StrEnum):
    """What becomes of an assigned task at the end: done with, or left to the agent for wrapping up."""

    COMPLETE = "complete"
    WRAP = "wrap"


@dataclass(frozen=True)
class PlannedWarning:
    """A warning.

    Attributes:
        before: how long before the end it comes.
        text: None for the plan's `texts.warning`.
    """

    before: timedelta
    text: Text | None = None


@dataclass(frozen=True)
class TimeoutPlan:
    """How the silences of one conversation are treated.

    Attributes:
        timeout: silence until the end.
        warnings: in the order in which they come.
        texts: what is said.
        when_agent_silent: while the customer waits for an answer.
        when_queued: while the customer waits for an agent.
        when_left_over: while a chat stays open that an agent has finished.
        pending_invite: for so long an invite that nobody accepts keeps the chat from being ended.
        task_ending: what becomes of the task.
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
        """Silence until anything may be due: what the inactive timer of such a conversation must be set to."""
        waiting = (self.when_agent_silent, self.when_queued, self.when_left_over)
        waits = [each.after for each in waiting if each.action is not WaitAction.KEEP]
        return min([self.steps[0].after, *waits])


@dataclass(frozen=True)
class Rule:
    """A plan for some conversations.

    Attributes:
        name: as the log calls it.
        match: which conversations.
        plan: what is in force for them.
        exempt: they are left alone altogether.
    """

    name: str
    match: Match
    plan: TimeoutPlan
    exempt: bool = False


@dataclass(frozen=True)
class AppliedPolicy:
    """What is in force for one conversation, and by which rule.

    Attributes:
        rule: the rule's name, `default`, or `exempt` for the policy's exemptions.
        plan: how its silences are treated.
        language: the customer's language tag; empty when unknown.
        exempt: it is left alone altogether.
    """

    rule: str
    plan: TimeoutPlan
    language: str = ""
    exempt: bool = False


@dataclass(frozen=True)
class Exemptions:
    """Which conversations no rule is asked about.

    Attributes:
        channels: by type.
        attributes: any of these is enough.
    """

    channels: tuple[str, ...] = ("email",)
    attributes: tuple[Criterion, ...] = ()

    @property
    def matches(self) -> Iterator[tuple[str, Match]]:
        """Each by itself, under its name in the document."""
        if self.channels:
            yield "policy.exempt.channels", Match((Criterion("channel", "", self.channels),))
        for each in self.attributes:
            yield f"policy.exempt.{each.place}.{each.name}", Match((each,))


@dataclass(frozen=True)
class Policy:
    """One validated policy. Build it with `parse_policy`.

    Attributes:
        default: for conversations that no rule matches.
        rules: the first that matches wins.
        exemptions: stand before the rules.
        language_attributes: names under which a customer's language is looked for.
        bots: chat identities of machines that take part in conversations like people.
    """

    default: TimeoutPlan
    rules: tuple[Rule, ...] = ()
    exemptions: Exemptions = Exemptions()
    language_attributes: tuple[str, ...] = ("language", "locale")
    bots: tuple[str, ...] = ()

    def apply(self, subject: Subject) -> AppliedPolicy:
        """What is in force for a conversation."""
        language = subject.language(self.language_attributes)
        if any(match.matches(subject, language) for _, match in self.exemptions.matches):
            return AppliedPolicy(EXEMPT_RULE, self.default, language, exempt=True)
        for rule in self.rules:
            if rule.match.matches(subject, language):
                return AppliedPolicy(rule.name, rule.plan, language, rule.exempt)
        return AppliedPolicy(DEFAULT_RULE, self.default, language)

    def match_behind(self, applied: AppliedPolicy) -> str:
        """What its rule matches, in short: by that it is found again, whatever its name or its place."""
        if applied.rule == EXEMPT_RULE:
            return _short(repr(self.exemptions))
        return next((_short(repr(rule.match)) for rule in self.rules if rule.name == applied.rule), "")

    def applied_by(self, match: str, language: str) -> AppliedPolicy | None:
        """What is in force by the rule that matches this; None where there is none (any more)."""
        if match == _short(repr(self.exemptions)):
            return AppliedPolicy(EXEMPT_RULE, self.default, language, exempt=True)
        named = next((rule for rule in self.rules if _short(repr(rule.match)) == match), None)
        return AppliedPolicy(named.name, named.plan, language, named.exempt) if named else None

    @property
    def plans(self) -> tuple[TimeoutPlan, ...]:
        """All that may be in force for somebody."""
        return (self.default, *(rule.plan for rule in self.rules if not rule.exempt))

    @property
    def earliest(self) -> timedelta:
        """The earliest step of all: what an inactive timer must be set to that is one for everybody."""
        return min(plan.earliest for plan in self.plans)

    @property
    def longest_silence(self) -> timedelta:
        """The longest that any silence may last before something is due."""
        each = self.plans
        waits = [wait.after for plan in each for wait in (plan.when_agent_silent, plan.when_queued)]
        return max([self.latest, *waits])

    @property
    def latest(self) -> timedelta:
        """The longest timeout of all."""
        return max(plan.timeout for plan in self.plans)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
