"""Typed access to a document that a person wrote. Problems are collected, so that all are reported at once.

`parsing.py` decides which keys a policy has.
"""

import enum
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from ..contract import DurationError, parse_within

Choice = TypeVar("Choice", bound=enum.StrEnum)


@dataclass(frozen=True)
class Problem:
    """One problem of a value: its path as the engineer typed it, and a complaint with the bound and the way out."""

    path: str
    complaint: str

    def __str__(self) -> str:
        """`timeout is 5m, not an ISO 8601 duration ...`."""
        return f"{self.path} {self.complaint}"


class PolicyError(ValueError):
    """A policy document that cannot be used. The message lists every problem."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass
class Section:
    """One object of a document.

    Attributes:
        path: its place in the document, such as `policy.rules[2]`; empty for the whole document.
        values: its keys and values.
        problems: problems of the whole document, shared by all its sections.
    """

    path: str
    values: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def __contains__(self, key: str) -> bool:
        """Whether the key is set; null counts as absent."""
        return self.values.get(key) is not None

    def at(self, key: str) -> str:
        """Return the path of a key of this section."""
        return f"{self.path}.{key}" if self.path else key

    def complain(self, key: str, complaint: str) -> None:
        """Add a problem with a key, once; an empty key means the section itself."""
        problem = Problem(self.at(key) if key else self.path, complaint)
        if problem not in self.problems:
            self.problems.append(problem)

    def refuse_unknown(self, *known: str) -> None:
        """Add a problem for every key that is not known here."""
        for key in sorted(map(str, set(self.values) - set(known))):
            self.complain(key, f"is not a setting; known here: {', '.join(sorted(known))}")

    def section(self, key: str) -> "Section":
        """Return an object inside this one; an empty section if there is none."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, Mapping):
            self.complain(key, f"is {value!r}, not an object")
        return Section(self.at(key), value if isinstance(value, Mapping) else {}, self.problems)

    def sections(self, key: str, *, maximum: int) -> list["Section"]:
        """Return the objects of a list, each with its index in the path; an entry that is no object is a problem."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.complain(key, f"is {value!r}, not a list of objects")
            return []
        if len(value) > maximum:
            self.complain(key, f"has {len(value)} entries, more than the maximum of {maximum}")
        named = {f"{self.at(key)}[{number}]": entry for number, entry in enumerate(value)}
        whole = Section("", {path: [] if entry is None else entry for path, entry in named.items()}, self.problems)
        return [section for section in map(whole.section, named) if isinstance(whole.values[section.path], Mapping)]

    def duration(self, key: str, *, minimum: timedelta, maximum: timedelta) -> timedelta | None:
        """Return a duration within inclusive bounds; None, and a problem, for anything else."""
        try:
            return parse_within(self.values.get(key), minimum=minimum, maximum=maximum)
        except DurationError as error:
            self.complain(key, str(error))
            return None

    def choice(self, key: str, choices: type[Choice]) -> Choice | None:
        """Return one of an enum's values; None, and a problem, for anything else."""
        value = self.values.get(key)
        if value in tuple(choices):
            return choices(value)
        self.complain(key, f"is {value!r}; write one of {', '.join(choices)}")
        return None

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return a boolean; false, and a problem, for anything else."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.complain(key, f"is {value!r}; write true or false")
        return value is True

    def strings(self, key: str) -> tuple[str, ...]:
        """Return one value or a list of values, each as text: 3 as `3`, true as `true`."""
        value = self.values.get(key)
        listed = value if isinstance(value, list) else [value]
        strings = tuple(as_text(each) for each in listed)
        if not strings or None in strings:
            self.complain(key, f"is {value!r}; write a text, a number, true, false, or a list of these")
        return tuple(dict.fromkeys(word for word in strings if word is not None))


def as_text(value: object) -> str | None:
    """Return a scalar as text, so that 3, 3.0 and `3` are equal; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return str(int(value) if value == int(value) else value)
    return value if isinstance(value, str) and value else None


def strings_document(values: Collection[str]) -> str | list[str]:
    """Return one value as itself, several as a list, as `Section.strings` reads them back."""
    listed = list(values)
    return listed[0] if len(listed) == 1 else listed
