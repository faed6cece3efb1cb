"""The texts that customers read: which there are, which variables each may use, and which translation a language gets.

When a text is sent, and with which values, is decided in `chat`.
"""

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .document import Section

LONGEST_TEXT = 1600
"""Maximum characters of a message in an SMS or WhatsApp conversation
(https://www.twilio.com/docs/conversations-classic/conversations-limits, November 2026)."""

DEFAULT_LANGUAGE = "default"
"""Key of the text for customers whose language has no text of its own."""

LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
"""A language tag such as `de` or `de-AT` (a part of BCP 47)."""

LONGEST_TAG = 64
"""Maximum characters of a language tag; BCP 47 asks for room for 35."""

MINUTES, SILENCE = "minutes", "silentMinutes"


def normal_language(tag: str) -> str:
    """Return a language tag in its normal form: `de_AT` and `DE-at` are both `de-at`."""
    return tag.strip().replace("_", "-").lower()


def language_of(value: object) -> str:
    """Return a language tag in its normal form; empty for anything else."""
    if not isinstance(value, str) or len(value) > LONGEST_TAG:
        return ""
    tag = normal_language(value)
    return tag if LANGUAGE_TAG.fullmatch(tag) else ""


def fallbacks(language: str) -> tuple[str, ...]:
    """Return a language tag and its shorter forms, longest first: `de-at`, `de`; empty for no language, or too long."""
    parts = normal_language(language).split("-") if language and len(language) <= LONGEST_TAG else []
    return tuple("-".join(parts[:end]) for end in range(len(parts), 0, -1))


@dataclass(frozen=True)
class Text:
    """One text and its translations.

    Attributes:
        default: for customers whose language has no translation.
        translations: pairs of language and text, sorted by language.
    """

    default: str
    translations: tuple[tuple[str, str], ...] = ()

    def in_language(self, language: str) -> str:
        """Return the translation for a language tag: that of `de-AT`, or of `de`, or the default."""
        by_language = {normal_language(tag): text for tag, text in self.translations}
        return next((by_language[tag] for tag in fallbacks(language) if tag in by_language), self.default)

    def to_document(self) -> str | dict[str, str]:
        """Return a value that `parse_text` reads back."""
        return {DEFAULT_LANGUAGE: self.default, **dict(self.translations)} if self.translations else self.default


@dataclass(frozen=True)
class Texts:
    """The texts of all messages that we send.

    Attributes:
        warning: before the end; `{minutes}` are the whole minutes until then.
        closing: at the end, to a customer who went silent.
        unanswered: at the end, to a customer who was still waiting, if the policy ends such chats.
        agent_silent: once, to a customer whose agent is silent; None sends nothing.
    """

    warning: Text
    closing: Text
    unanswered: Text
    agent_silent: Text | None = None


DEFAULT_TEXTS = Texts(
    warning=Text("Are you still there? If we do not hear from you, this chat ends in {minutes} min."),
    closing=Text("This chat has ended because we did not hear from you. Write to us again at any time."),
    unanswered=Text("We are sorry that nobody could answer you. This chat ends now; write to us again at any time."),
)

KEYS = {"warning": "warning", "closing": "closing", "unanswered": "unanswered", "agentSilent": "agent_silent"}
"""Keys of the document -> fields."""

VARIABLES: Mapping[str, frozenset[str]] = {
    "warning": frozenset({MINUTES, SILENCE}),
    "closing": frozenset({SILENCE}),
    "unanswered": frozenset({SILENCE}),
    "agentSilent": frozenset({SILENCE}),
}


def parse_texts(section: Section, base: Texts) -> Texts:
    """Read the texts of a section; omitted ones are the base's."""
    section.refuse_unknown(*KEYS)
    given = {
        name: text
        for key, name in KEYS.items()
        if key in section and (text := parse_text(section, key, VARIABLES[key])) is not None
    }
    return replace(base, **given)


def parse_text(section: Section, key: str, variables: frozenset[str]) -> Text | None:
    """Read a text, or an object of texts by language with a `default`; None, and a problem, for anything else."""
    value = section.values.get(key)
    if not isinstance(value, Mapping):
        template = _template(section, key, value, variables)
        return None if template is None else Text(template)
    inside = section.section(key)
    if DEFAULT_LANGUAGE not in inside:
        inside.complain(DEFAULT_LANGUAGE, "is missing; write the text for customers of every other language")
    for tag in sorted(map(str, value)):
        if tag != DEFAULT_LANGUAGE and not LANGUAGE_TAG.fullmatch(tag):
            inside.complain(tag, f"is not a language tag such as de or de-AT, nor {DEFAULT_LANGUAGE}")
    for spellings in _duplicates(map(str, value)):
        inside.complain(spellings[-1], f"is given twice, as {' and as '.join(spellings)}; remove one of them")
    templates = {tag: _template(inside, tag, template, variables) for tag, template in value.items()}
    default = templates.pop(DEFAULT_LANGUAGE, None)
    if default is None or None in templates.values():
        return None
    return Text(default, tuple(sorted((tag, template) for tag, template in templates.items() if template)))


def _duplicates(tags: Iterable[str]) -> list[list[str]]:
    """Return the groups of tags that are spellings of one language."""
    by_language: dict[str, list[str]] = {}
    for tag in sorted(tags):
        by_language.setdefault(normal_language(tag), []).append(tag)
    return [spellings for spellings in by_language.values() if len(spellings) > 1]


def texts_document(texts: Texts, base: Texts) -> dict[str, Any]:
    """Return what `parse_texts` reads back over the same base: only what differs from it."""
    names = {name: key for key, name in KEYS.items()}
    found = {names[each.name]: getattr(texts, each.name) for each in fields(texts)}
    of_base = {names[each.name]: getattr(base, each.name) for each in fields(base)}
    return {key: text.to_document() for key, text in found.items() if text is not None and text != of_base[key]}


def _template(section: Section, key: str, value: object, variables: frozenset[str]) -> str | None:
    if not isinstance(value, str) or not value.strip():
        section.complain(key, f"is {value!r}; write the text for the customer")
        return None
    if len(value) > LONGEST_TEXT:
        section.complain(key, f"has {len(value)} characters, more than the maximum of {LONGEST_TEXT}")
    try:
        parsed = [field for field in string.Formatter().parse(value) if field[1] is not None]
    except ValueError:
        section.complain(key, "has a single brace; write {{ and }} for literal braces")
        return None
    used = {f"{name}{':' + spec if spec else ''}{'!' + how if how else ''}" for _, name, spec, how in parsed}
    for name in sorted(used - variables):
        known = ", ".join(f"{{{variable}}}" for variable in sorted(variables)) or "none here"
        section.complain(key, f"uses {{{name}}}, which is not a variable; known: {known}")
    return value
