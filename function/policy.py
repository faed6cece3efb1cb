"""What shall happen when a customer goes silent, and when: the declarative policy, validated.

The document has the shape of the stack's config, so an error's path is the path the engineer typed:

    timeout: PT10M            silence until the end
    warnBefore: PT2M          how long before the end the warning comes; PT0S for none
    policy:
      texts:
        warning: "..."        may use {minutes}, the whole minutes until the end
        closing: "..."

Standard library and `durations` only: `infra/` validates with this very code, so a bad policy fails in preview.
"""

import enum
import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .durations import INACTIVE_MINIMUM, LONGEST, DurationError, format_duration, parse_duration, parse_within

LONGEST_TEXT = 1600
"""Characters that Twilio takes in a message of an SMS or WhatsApp conversation (Conversations limits)."""

DEFAULT_TIMEOUT = "PT10M"
DEFAULT_WARN_BEFORE = "PT2M"
DEFAULT_WARNING = "Are you still there? If we do not hear from you, this chat ends in {minutes} min."
DEFAULT_CLOSING = "This chat has ended because we did not hear from you. Write to us again at any time."


class StepKind(enum.StrEnum):
    """The two things we ever say to a silent customer; the values stand in the markers of our messages."""

    WARNING = "warning"
    CLOSING = "closing"


@dataclass(frozen=True)
class Step:
    """One step of the policy: what is due, and after how much silence.

    Attributes:
        number: 1 for the first step of a silence; the closing is always the last.
        kind: warning or closing.
        after: silence of the customer since the newest counted message.
    """

    number: int
    kind: StepKind
    after: timedelta


@dataclass(frozen=True)
class Policy:
    """One validated policy. Build it with `parse_policy`.

    Attributes:
        timeout: silence until the end.
        warn_before: how long before the end the warning comes; zero for no warning.
        warning_text: what the warning says; `{minutes}` stands for the whole minutes until the end.
        closing_text: what the closing notice says.
    """

    timeout: timedelta
    warn_before: timedelta
    warning_text: str
    closing_text: str

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in the order in which a silence reaches them."""
        if not self.warn_before:
            return (Step(1, StepKind.CLOSING, self.timeout),)
        return (
            Step(1, StepKind.WARNING, self.timeout - self.warn_before),
            Step(2, StepKind.CLOSING, self.timeout),
        )

    @property
    def earliest(self) -> timedelta:
        """Silence until the first step: what Twilio's inactive timer must be set to."""
        return self.steps[0].after

    def text_of(self, step: Step) -> str:
        """The customer's text for one step, variables filled in."""
        template = self.warning_text if step.kind is StepKind.WARNING else self.closing_text
        minutes = max(1, round((self.timeout - step.after) / timedelta(minutes=1)))
        return template.format(minutes=minutes)

    def to_document(self) -> dict[str, Any]:
        """The document that `parse_policy` reads back to an equal policy."""
        return {
            "timeout": format_duration(self.timeout),
            "warnBefore": format_duration(self.warn_before),
            "policy": {"texts": {"warning": self.warning_text, "closing": self.closing_text}},
        }


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a value: the path the engineer typed, and what is wrong, bound and way out included."""

    path: str
    complaint: str

    def __str__(self) -> str:
        """`timeout is 5m, not an ISO 8601 duration ...`."""
        return f"{self.path} {self.complaint}"


class PolicyError(ValueError):
    """A policy document that cannot be used; names every problem at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def parse_policy(document: Mapping[str, Any]) -> Policy:
    """Validate a policy document; what is left out has its default.

    Raises:
        PolicyError: unknown keys, malformed or out-of-bounds durations, a warning that does not fit, unusable texts.
    """
    problems: list[Problem] = _unknown_keys("", document, {"timeout", "warnBefore", "policy"})
    texts = _mapping(problems, "policy.texts", _mapping(problems, "policy", document.get("policy")).get("texts"))
    problems += _unknown_keys("policy.", _mapping([], "", document.get("policy")), {"texts"})
    problems += _unknown_keys("policy.texts.", texts, {"warning", "closing"})

    timeout = _duration(problems, "timeout", document.get("timeout", DEFAULT_TIMEOUT))
    warn_before = _warn_before(problems, document.get("warnBefore", DEFAULT_WARN_BEFORE), timeout)
    warning = _text(problems, "policy.texts.warning", texts.get("warning", DEFAULT_WARNING), {"minutes"})
    closing = _text(problems, "policy.texts.closing", texts.get("closing", DEFAULT_CLOSING), set())
    if problems or timeout is None or warn_before is None:
        raise PolicyError(tuple(problems))
    return Policy(timeout, warn_before, warning, closing)


def parse_policy_json(text: str) -> Policy:
    """Read a policy from JSON text, as the function's environment carries it.

    Raises:
        PolicyError: not JSON, not an object, or a document that `parse_policy` refuses.
    """
    try:
        document = json.loads(text)
    except ValueError:
        raise PolicyError((Problem("policy", "is not JSON"),)) from None
    if not isinstance(document, dict):
        raise PolicyError((Problem("policy", "is not an object"),))
    return parse_policy(document)


def _mapping(problems: list[Problem], path: str, value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    problems.append(Problem(path, f"is {value!r}, not an object"))
    return {}


def _unknown_keys(prefix: str, document: Mapping[str, Any], known: set[str]) -> list[Problem]:
    names = ", ".join(sorted(known))
    return [
        Problem(f"{prefix}{key}", f"is not a setting; known here: {names}") for key in sorted(set(document) - known)
    ]


def _duration(problems: list[Problem], path: str, value: object) -> timedelta | None:
    try:
        return parse_within(value, least=INACTIVE_MINIMUM, most=LONGEST)
    except DurationError as error:
        problems.append(Problem(path, str(error)))
        return None


def _warn_before(problems: list[Problem], value: object, timeout: timedelta | None) -> timedelta | None:
    try:
        warn_before = parse_duration(value)
    except DurationError as error:
        problems.append(Problem("warnBefore", str(error)))
        return None
    if not warn_before:
        return warn_before
    if warn_before < INACTIVE_MINIMUM:
        problems.append(Problem("warnBefore", f"is {value}, less than the least of PT1M; write PT0S for no warning"))
    elif timeout is not None and timeout - warn_before < INACTIVE_MINIMUM:
        most = format_duration(max(timeout - INACTIVE_MINIMUM, timedelta()))
        complaint = f"is {value}, more than the most of {most}: a timer cannot be shorter than PT1M, so the warning "
        complaint += f"comes a minute into the timeout of {format_duration(timeout)} at the earliest"
        problems.append(Problem("warnBefore", complaint + "; write PT0S for no warning"))
    return warn_before


def _text(problems: list[Problem], path: str, value: object, variables: set[str]) -> str:
    if not isinstance(value, str) or not value.strip():
        problems.append(Problem(path, f"is {value!r}; write the text that the customer shall read"))
        return ""
    if len(value) > LONGEST_TEXT:
        problems.append(Problem(path, f"has {len(value)} characters, more than the most of {LONGEST_TEXT}"))
    try:
        fields = [field for field in string.Formatter().parse(value) if field[1] is not None]
    except ValueError:
        problems.append(Problem(path, "has a lone brace; write {{ and }} for braces that are meant"))
        return ""
    used = {f"{name}{':' + spec if spec else ''}{'!' + how if how else ''}" for _, name, spec, how in fields}
    for name in sorted(used - variables):
        known = ", ".join(f"{{{variable}}}" for variable in sorted(variables)) or "none here"
        problems.append(Problem(path, f"uses {{{name}}}, which is not a variable; known: {known}"))
    return value
