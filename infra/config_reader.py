"""Typed reads of config values, which Pulumi hands over as text; problems are collected, not raised.

Decides what an integer, a switch, a choice, a SID and a URL look like. Which keys there are is `stack_config`'s matter.
"""

import difflib
import enum
import json
import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from function.policy import Problem

Choice = TypeVar("Choice", bound=enum.StrEnum)

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ConfigReader:
    """Reads the values of one namespace.

    Attributes:
        problems: what was wrong with the values read so far, in the order of reading.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[Problem] = []

    def complain(self, key: str, complaint: str) -> None:
        """Note a problem: `complaint` continues a sentence that begins with the key."""
        self.problems.append(Problem(key, complaint))

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Note every key that is not in `known`, with the nearest that is."""
        for key in sorted(set(self._values) - set(known)):
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(sorted(known))}"
            self.complain(key, f"is not a setting{hint} Remove it: pulumi config rm {key}")

    def text(self, key: str, default: str) -> str:
        """Text with at least one visible character."""
        value = self._values.get(key, default)
        if not value.strip():
            self.complain(key, f"is {value!r}; write at least one letter, or remove the key for {default!r}")
        return value

    def document(self, key: str) -> Any:
        """A JSON value, as `pulumi config set --path` writes it; None when unset."""
        text = self._values.get(key)
        if text is None:
            return None
        try:
            return json.loads(text)
        except ValueError:
            self.complain(key, f"is {text!r}, not an object; write it with pulumi config set --path {key}.name value")
            return None

    def whole(self, key: str, *, default: int, minimum: int, maximum: int) -> int:
        """A whole number within inclusive bounds."""
        text = self._values.get(key, str(default))
        if not re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
            self.complain(key, f"is {text!r}, not a whole number of {minimum} to {maximum}")
            return default
        if not minimum <= int(text) <= maximum:
            self.complain(key, f"is {text}, outside {minimum} to {maximum}")
            return default
        return int(text)

    def switch(self, key: str, *, default: bool) -> bool:
        """`true` or `false`."""
        text = self._values.get(key, str(default).lower())
        if text not in {"true", "false"}:
            self.complain(key, f"is {text!r}; write true or false")
        return text == "true"

    def choice(self, key: str, choices: type[Choice], default: Choice) -> Choice:
        """One of an enum's values."""
        text = self._values.get(key, default.value)
        try:
            return choices(text)
        except ValueError:
            self.complain(key, f"is {text!r}; write one of {', '.join(choices)}")
            return default

    def sid(self, key: str, prefix: str) -> str | None:
        """A Twilio SID with its two-letter prefix; None when unset."""
        value = self._values.get(key)
        if value is not None and (complaint := sid_complaint(value, prefix)):
            self.complain(key, complaint)
        return value

    def url(self, key: str) -> str | None:
        """An absolute URL without query, as a base to append to; https, but for loopback. None when unset."""
        value = self._values.get(key)
        if value is None:
            return None
        if complaint := _url_complaint(value):
            self.complain(key, complaint)
        return value.rstrip("/")


def sid_complaint(value: str, prefix: str) -> str | None:
    """What keeps this text from being a SID of that prefix; None when nothing does."""
    if re.fullmatch(f"{prefix}[0-9a-fA-F]{{32}}", value, re.ASCII):
        return None
    return f"is {value!r}, not {prefix} followed by 32 hexadecimal digits; copy it from the Twilio Console"


def _url_complaint(value: str) -> str | None:
    try:
        url = urlsplit(value)
        host, _ = url.hostname, url.port
    except ValueError:
        return f"is {value!r}, not a URL such as https://example.com"
    if url.username or url.password:
        return "has credentials in it; leave them out"
    if url.scheme not in {"http", "https"} or not host or re.search(r"\s", value):
        return f"is {value!r}, not a URL such as https://example.com"
    if url.scheme == "http" and host not in LOOPBACK:
        return f"is {value!r}; it must be https, because webhooks carry what customers write"
    if url.query or url.fragment:
        return f"is {value!r}; leave out what follows the path"
    return None
