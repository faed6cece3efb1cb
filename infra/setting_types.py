"""What the value of a setting looks like: how its text is read, what is wrong with a bad one, and its bounds in words.

Pulumi hands over every value as text. A complaint continues a sentence that begins with the setting's key.
"""

import enum
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from function.contract import LONGEST, DurationError, format_duration, parse_within

Value_co = TypeVar("Value_co", covariant=True)
Choice = TypeVar("Choice", bound=enum.StrEnum)

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class BadValueError(ValueError):
    """A text that is no value of a type; the message is the complaint."""


class SettingType(Protocol[Value_co]):
    """A type of values."""

    @property
    def bounds(self) -> str:
        """What a value looks like, for the docs."""

    def parse(self, text: str) -> Value_co:
        """Read a value.

        Raises:
            BadValueError: the text is none.
        """


@dataclass(frozen=True)
class Text:
    """Text with at least one visible character."""

    bounds = "text"

    def parse(self, text: str) -> str:
        """Read it as it is."""
        if not text.strip():
            raise BadValueError(f"is {text!r}; write at least one letter, or remove the key for the default")
        return text


@dataclass(frozen=True)
class Secret:
    """Text that no message may repeat; whether it is usable is checked with the other credentials."""

    bounds = "secret"

    def parse(self, text: str) -> str:
        """Read it as it is."""
        return text


@dataclass(frozen=True)
class Document:
    """An object; what is in it is checked by whoever reads it."""

    bounds = "object"

    def parse(self, text: str) -> Any:
        """Read JSON, which is what `pulumi config set --path` writes."""
        try:
            return json.loads(text)
        except ValueError:
            raise BadValueError(
                f"is {text!r}, not an object; write it with pulumi config set --path KEY.NAME VALUE"
            ) from None


@dataclass(frozen=True)
class Whole:
    """A whole number between two bounds, both included."""

    minimum: int
    maximum: int

    @property
    def bounds(self) -> str:
        """Both bounds."""
        return f"{self.minimum:,} to {self.maximum:,}"

    def parse(self, text: str) -> int:
        """Read a decimal number."""
        if not re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
            raise BadValueError(f"is {text!r}, not a whole number from {self.minimum} to {self.maximum}")
        if not self.minimum <= int(text) <= self.maximum:
            raise BadValueError(f"is {text}, outside {self.minimum} to {self.maximum}")
        return int(text)


@dataclass(frozen=True)
class Duration:
    """An ISO 8601 duration between two bounds, both included.

    Attributes:
        minimum: of the duration.
        maximum: of the duration.
        choices: the only durations that are possible; empty for all within the bounds.
    """

    minimum: timedelta
    maximum: timedelta = LONGEST
    choices: tuple[timedelta, ...] = ()

    @property
    def bounds(self) -> str:
        """Both bounds, or the choices."""
        if self.choices:
            return ", ".join(f"`{format_duration(choice)}`" for choice in self.choices)
        return f"`{format_duration(self.minimum)}` to `{format_duration(self.maximum)}`"

    def parse(self, text: str) -> timedelta:
        """Read a duration such as `PT10M`."""
        try:
            duration = parse_within(text, minimum=self.minimum, maximum=self.maximum)
        except DurationError as error:
            raise BadValueError(str(error)) from None
        if self.choices and duration not in self.choices:
            known = ", ".join(format_duration(choice) for choice in self.choices)
            raise BadValueError(f"is {text}, which does not divide an hour; write one of {known}")
        return duration


@dataclass(frozen=True)
class Switch:
    """True or false."""

    bounds = "`true` or `false`"

    def parse(self, text: str) -> bool:
        """Read it as Pulumi writes it."""
        if text not in {"true", "false"}:
            raise BadValueError(f"is {text!r}; write true or false")
        return text == "true"


@dataclass(frozen=True)
class OneOf:
    """One of several words."""

    words: tuple[str, ...]

    @property
    def bounds(self) -> str:
        """All of them."""
        return ", ".join(f"`{word}`" for word in self.words)

    def parse(self, text: str) -> str:
        """Read one of them."""
        if text not in self.words:
            raise BadValueError(f"is {text!r}; write one of {', '.join(self.words)}, or remove the key")
        return text


@dataclass(frozen=True)
class Enum(Generic[Choice]):
    """One of an enum's values."""

    choices: type[Choice]

    @property
    def bounds(self) -> str:
        """All of them."""
        return ", ".join(f"`{choice}`" for choice in self.choices)

    def parse(self, text: str) -> Choice:
        """Read one of them."""
        try:
            return self.choices(text)
        except ValueError:
            raise BadValueError(f"is {text!r}; write one of {', '.join(self.choices)}") from None


@dataclass(frozen=True)
class Sid:
    """A Twilio SID with its two-letter prefix."""

    prefix: str

    @property
    def bounds(self) -> str:
        """How it begins."""
        return f"`{self.prefix}...`"

    def parse(self, text: str) -> str:
        """Read a SID."""
        if not re.fullmatch(f"{self.prefix}[0-9a-fA-F]{{32}}", text, re.ASCII):
            raise BadValueError(
                f"is {text!r}, not {self.prefix} followed by 32 hexadecimal digits; copy it from the Twilio Console"
            )
        return text


@dataclass(frozen=True)
class Pattern:
    """Text that a regular expression describes.

    Attributes:
        expression: what the whole text matches.
        bounds: what that means.
        way_out: what to write.
    """

    expression: str
    bounds: str
    way_out: str

    def parse(self, text: str) -> str:
        """Read it as it is."""
        if not re.fullmatch(self.expression, text, re.ASCII):
            raise BadValueError(f"is {text!r}, not {self.bounds}; {self.way_out}")
        return text


@dataclass(frozen=True)
class Url:
    """An absolute URL without query, as a base to append to; https, but for loopback."""

    bounds = "https URL"

    def parse(self, text: str) -> str:
        """Read a URL; a slash at its end is left out."""
        try:
            url = urlsplit(text)
            host, _ = url.hostname, url.port
        except ValueError:
            raise BadValueError(f"is {text!r}, not a URL such as https://example.com") from None
        if url.username or url.password:
            raise BadValueError("has credentials in it; leave them out")
        if url.scheme not in {"http", "https"} or not host or re.search(r"\s", text):
            raise BadValueError(f"is {text!r}, not a URL such as https://example.com")
        if url.scheme == "http" and host not in LOOPBACK:
            raise BadValueError(f"is {text!r}; it must be https, because webhooks carry what customers write")
        if url.query or url.fragment:
            raise BadValueError(f"is {text!r}; leave out what follows the path")
        return text.rstrip("/")


def complaint(type_: SettingType[Any], text: str) -> str | None:
    """What is wrong with a text as a value of this type; None when nothing is."""
    try:
        type_.parse(text)
    except BadValueError as error:
        return str(error)
    return None
