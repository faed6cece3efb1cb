"""Which conversations a rule matches, and which rules can never match because earlier ones take everything.

`policy.py` defines what a matching rule does.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .document import Section, as_text, strings_document
from .texts import LANGUAGE_TAG, fallbacks, language_of, normal_language

CHANNELS = ("chat", "email", "gbm", "messenger", "sms", "voice", "web", "whatsapp")
"""Types of an interaction channel (twilio-oai, spec/json/twilio_flex_v1.json, 14 April 2026)."""

VALUE_KEYS = ("channel", "queue", "workflow", "language")
ATTRIBUTE_KEYS = ("task", "conversation")
"""Keys of a match: plain values, and objects of attributes by name."""

MAX_COMBINATIONS = 10_000


@dataclass(frozen=True)
class Subject:
    """The facts of a conversation that rules are matched against.

    Attributes:
        channel: type of the channel, such as `sms`; empty if unknown.
        queue: SID and name of the task queue; empty without a task.
        workflow: SID and name of the workflow; empty without a task.
        task: attributes of the newest task.
        conversation: attributes of the conversation.
    """

    channel: str = ""
    queue: tuple[str, ...] = ()
    workflow: tuple[str, ...] = ()
    task: Mapping[str, Any] = field(default_factory=dict, repr=False)
    conversation: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def attribute(self, place: str, name: str) -> Any:
        """Return an attribute of task or conversation; `a.b` is that name, or else `b` inside `a`."""
        found: Any = self.task if place == "task" else self.conversation
        if name in found:
            return found[name]
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def language(self, names: Iterable[str]) -> str:
        """Return the customer's language tag: the first of these attributes that is one, the task's first."""
        for name, place in itertools.product(names, ATTRIBUTE_KEYS):
            if tag := language_of(self.attribute(place, name)):
                return tag
        return ""


@dataclass(frozen=True)
class Criterion:
    """One condition of a match.

    Attributes:
        place: channel, queue, workflow, language, task or conversation.
        name: the attribute's name, for task and conversation; otherwise empty.
        values: the values that fulfil it.
    """

    place: str
    name: str
    values: tuple[str, ...]

    def holds(self, subject: Subject, language: str) -> bool:
        """Whether the condition holds; for a list in an attribute, whether it holds for any entry."""
        match self.place:
            case "channel":
                return subject.channel.lower() in self.values
            case "queue":
                return not set(self.values).isdisjoint(subject.queue)
            case "workflow":
                return not set(self.values).isdisjoint(subject.workflow)
            case "language":
                return not set(self.values).isdisjoint(fallbacks(language))
        found = subject.attribute(self.place, self.name)
        return any(as_text(each) in self.values for each in (found if isinstance(found, list) else [found]))

    def implied_by(self, other: "Criterion") -> bool:
        """Whether this holds whenever the other does."""
        if (self.place, self.name) != (other.place, other.name):
            return False
        if self.place == "language":
            return all(not set(self.values).isdisjoint(fallbacks(value)) for value in other.values)
        return set(other.values) <= set(self.values)


@dataclass(frozen=True)
class Match:
    """Conditions that must all hold."""

    criteria: tuple[Criterion, ...]

    def matches(self, subject: Subject, language: str) -> bool:
        """Whether a conversation fulfils all conditions."""
        return all(criterion.holds(subject, language) for criterion in self.criteria)

    def covers(self, other: "Match") -> bool:
        """Whether this matches whenever the other does."""
        return all(any(mine.implied_by(theirs) for theirs in other.criteria) for mine in self.criteria)

    def single(self) -> Iterable["Match"]:
        """Yield this match split into matches with one value for each criterion, up to `MAX_COMBINATIONS`."""
        each = [[Criterion(one.place, one.name, (value,)) for value in one.values] for one in self.criteria]
        return (Match(combination) for combination in itertools.islice(itertools.product(*each), MAX_COMBINATIONS))

    def to_document(self) -> dict[str, Any]:
        """Return a document that `parse_match` reads back."""
        document: dict[str, Any] = {}
        for one in self.criteria:
            if one.name:
                document.setdefault(one.place, {})[one.name] = strings_document(one.values)
            else:
                document[one.place] = strings_document(one.values)
        return document


def shadowed_by(match: Match, earlier: Sequence[tuple[str, Match]]) -> list[str]:
    """Return the names of the earlier matches that leave nothing for this one; empty if something is left."""
    found: list[str] = []
    for single in match.single():
        name = next((name for name, other in earlier if other.covers(single)), None)
        if name is None:
            return []
        found.append(name)
    return [name for name, _ in earlier if name in found]


def parse_match(section: Section) -> Match:
    """Read a rule's match; an empty one is a problem, because what applies to everybody is in the policy itself."""
    problems_before = len(section.problems)
    section.refuse_unknown(*VALUE_KEYS, *ATTRIBUTE_KEYS)
    criteria = [Criterion(key, "", _plain_values(section, key)) for key in VALUE_KEYS if key in section]
    for place in ATTRIBUTE_KEYS:
        criteria += parse_attributes(section.section(place), place)
    if not criteria and len(section.problems) == problems_before:
        section.complain("", f"is empty; write one of {', '.join((*VALUE_KEYS, *ATTRIBUTE_KEYS))}, or remove the rule")
    return Match(tuple(criteria))


def parse_attributes(section: Section, place: str) -> list[Criterion]:
    """Read attributes by name, each with its values."""
    return [Criterion(place, str(name), section.strings(name)) for name in section.values]


def parse_channels(section: Section, key: str) -> tuple[str, ...]:
    """Read types of channels."""
    values = tuple(value.lower() for value in section.strings(key))
    for value in values:
        if value not in CHANNELS:
            section.complain(key, f"is {value!r}, which is no channel; known: {', '.join(CHANNELS)}")
    return values


def _plain_values(section: Section, key: str) -> tuple[str, ...]:
    if key == "channel":
        return parse_channels(section, key)
    values = section.strings(key)
    if key != "language":
        return values
    for value in values:
        if not LANGUAGE_TAG.fullmatch(normal_language(value)):
            section.complain(key, f"is {value!r}, not a language tag such as de or de-AT")
    return tuple(normal_language(value) for value in values)
