"""Reads declared settings from a stack's config; problems are collected, not raised."""

import difflib
from collections.abc import Mapping
from typing import Any, TypeVar

from function.policy import Problem
from infra.setting_types import BadValueError
from infra.stack_settings import KNOWN_KEYS, Setting

Value = TypeVar("Value")


class ConfigReader:
    """Reads config values.

    Args:
        values: text by key; keys of the project's own namespace without it.

    Attributes:
        problems: what was wrong with the values read so far, in the order of reading.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.problems: list[Problem] = []

    def complain(self, key: str, complaint: str) -> None:
        """Note a problem: `complaint` continues a sentence that begins with the key."""
        self.problems.append(Problem(key, complaint))

    def refuse_unknown(self) -> None:
        """Note every key of our namespace that is no setting, with the nearest that is."""
        for key in sorted(key for key in self.values if ":" not in key and key not in KNOWN_KEYS):
            near = difflib.get_close_matches(key, KNOWN_KEYS, n=1, cutoff=0.6)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(KNOWN_KEYS)}"
            self.complain(key, f"is not a setting{hint} Remove it: pulumi config rm {key}")

    def read(self, setting: Setting[Value]) -> Value:
        """A setting's value; its default when it is not set, or is bad and noted as a problem."""
        text = self.values.get(setting.key)
        if text is None:
            return setting.default
        try:
            value: Any = setting.type.parse(text)
        except BadValueError as error:
            self.complain(setting.key, str(error))
            return setting.default
        parsed: Value = value
        return parsed
