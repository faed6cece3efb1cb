"""What customers read, in their language: texts with variables, validated.

Decides which texts there are, which variables each may use, and which translation a language gets. When a text is
said, and with which values, is left to others.
"""

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .document import Section

LONGEST_TEXT = 1600
"""Characters that Twilio takes in a message of an SMS or WhatsApp conversation (Conversations limits)."""

DEFAULT_LANGUAGE = "default"
"""The key of the text for everybody whose language has none of its own."""

LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
"""A language tag such as `de` or `de-AT` (BCP 47, as far as it matters here)."""

LONGEST_TAG = 64
"""Characters; no language tag in use has as many (BCP 47 asks for room for 35)."""

MINUTES, SILENCE = "minutes", "silentMinutes"


def normal_language(tag: str) -> str:
    """`de_AT` and `DE-at` are one language."""
    return tag.strip().replace("_", "-").lower()


def fallbacks(language: str) -> tuple[str, ...]:
    """`de-AT`, then `de`; nothing for no language."""
    parts = normal_language(language).split("-") if language else []
    return tuple("-".join(parts[:end]) for end in range(len(parts), 0, -1))


@dataclass(frozen=True)
class Text:
    """One text and its translations.

    Attributes:
        default: for everybody whose language has none.
        translations: (language, text), as written; languages sorted.
    """

    default: str
    translations: tuple[tuple[str, str], ...] = ()

    def in_language(self, language: str) -> str:
        """The translation for a language tag: `de-AT`, else `de`, else the default."""
        by_language = {normal_language(tag): text for tag, text in self.translations}
        return next((by_language[tag] for tag in fallbacks(language) if tag in by_language), self.default)

    def to_document(self) -> str | dict[str, str]:
        """What `parse_text` reads back."""
        return {DEFAULT_LANGUAGE: self.default, **dict(self.translations)} if self.translations else self.default


@dataclass(frozen=True)
class Texts:
    """Everything that we may say.

    Attributes:
        warning: before the end; `{minutes}` are the whole minutes until then.
        closing: at the end, to a customer who went silent.
        unanswered: at the end, to a customer who was still waiting: the policy ended the chat all the same.
        agent_silent: once, to a customer whose agent is silent; None says nothing.
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
    """The texts of a section; what it leaves out is the base's."""
    section.refuse_unknown(*KEYS)
    given = {
        name: text
        for key, name in KEYS.items()
        if key in section and (text := parse_text(section, key, VARIABLES[key])) is not None
    }
    return replace(base, **given)


def parse_text(section: Section, key: str, variables: frozenset[str]) -> Text | None:
    """A text, or an object of texts by language with a `default` among them; None, and a problem, for others."""
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
    for spellings in _same(map(str, value)):
        inside.complain(spellings[-1], f"is given twice, as {' and as '.join(spellings)}; remove one of them")
    templates = {tag: _template(inside, tag, template, variables) for tag, template in value.items()}
    default = templates.pop(DEFAULT_LANGUAGE, None)
    if default is None or None in templates.values():
        return None
    return Text(default, tuple(sorted((tag, template) for tag, template in templates.items() if template)))


def _same(tags: Iterable[str]) -> list[list[str]]:
    """Those that mean one language, as they are written."""
    by_language: dict[str, list[str]] = {}
    for tag in sorted(tags):
        by_language.setdefault(normal_language(tag), []).append(tag)
    return [spellings for spellings in by_language.values() if len(spellings) > 1]


def texts_document(texts: Texts, base: Texts) -> dict[str, Any]:
    """What `parse_texts` reads back over the same base: only what differs."""
    names = {name: key for key, name in KEYS.items()}
    found = {names[each.name]: getattr(texts, each.name) for each in fields(texts)}
    of_base = {names[each.name]: getattr(base, each.name) for each in fields(base)}
    return {key: text.to_document() for key, text in found.items() if text is not None and text != of_base[key]}


def _template(section: Section, key: str, value: object, variables: frozenset[str]) -> str | None:
    if not isinstance(value, str) or not value.strip():
        section.complain(key, f"is {value!r}; write the text that the customer shall read")
        return None
    if len(value) > LONGEST_TEXT:
        section.complain(key, f"has {len(value)} characters, more than the maximum of {LONGEST_TEXT}")
    try:
        parsed = [field for field in string.Formatter().parse(value) if field[1] is not None]
    except ValueError:
        section.complain(key, "has a lone brace; write {{ and }} for braces that are meant")
        return None
    used = {f"{name}{':' + spec if spec else ''}{'!' + how if how else ''}" for _, name, spec, how in parsed}
    for name in sorted(used - variables):
        known = ", ".join(f"{{{variable}}}" for variable in sorted(variables)) or "none here"
        section.complain(key, f"uses {{{name}}}, which is not a variable; known: {known}")
    return value
