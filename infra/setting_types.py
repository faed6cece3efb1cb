"""What the value of a setting looks like: how its text is read, what is wrong with a bad one, and its bounds in words.

Pulumi hands over every value as text. A complaint continues a sentence that begins with the setting's key.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from function.contract import LONGEST, DurationError, format_duration, parse_within

Value = TypeVar("Value")

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class BadValueError(ValueError):
    """A text that is no value of a type; the message is the complaint."""


@dataclass(frozen=True)
class SettingType(Generic[Value]):
    """A type of values.

    Attributes:
        bounds: what a value looks like, as Markdown.
        parse: reads one; raises BadValueError for a text that is none.
    """

    bounds: str
    parse: Callable[[str], Value]

    def complaint(self, text: str) -> str | None:
        """What is wrong with a text; None when nothing is."""
        try:
            self.parse(text)
        except BadValueError as error:
            return str(error)
        return None


def whole(minimum: int, maximum: int) -> SettingType[int]:
    """A whole number between two bounds, both included."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
            raise BadValueError(f"is {text!r}, not a whole number from {minimum} to {maximum}")
        if not minimum <= int(text) <= maximum:
            raise BadValueError(f"is {text}, outside {minimum} to {maximum}")
        return int(text)

    return SettingType(f"{minimum:,} to {maximum:,}", parse)


def duration(minimum: timedelta, maximum: timedelta = LONGEST) -> SettingType[timedelta]:
    """An ISO 8601 duration between two bounds, both included."""

    def parse(text: str) -> timedelta:
        try:
            return parse_within(text, minimum=minimum, maximum=maximum)
        except DurationError as error:
            raise BadValueError(str(error)) from None

    return SettingType(f"`{format_duration(minimum)}` to `{format_duration(maximum)}`", parse)


def divisor_of_an_hour(choices: tuple[timedelta, ...]) -> SettingType[timedelta]:
    """One of these durations, the shortest first."""
    within = duration(choices[0], choices[-1])

    def parse(text: str) -> timedelta:
        found = within.parse(text)
        if found not in choices:
            known = ", ".join(map(format_duration, choices))
            raise BadValueError(f"is {text}, which does not divide an hour; write one of {known}")
        return found

    return SettingType(", ".join(f"`{format_duration(choice)}`" for choice in choices), parse)


def one_of(words: Iterable[str], convert: Callable[[str], Value]) -> SettingType[Value]:
    """One of several words, as a value."""
    known = tuple(words)

    def parse(text: str) -> Value:
        if text not in known:
            raise BadValueError(f"is {text!r}; write one of {', '.join(known)}")
        return convert(text)

    return SettingType(", ".join(f"`{word}`" for word in known), parse)


def matching(
    expression: str, what: str, way_out: str, *, bounds: str = "", harmless: str = r"(?s:.*)"
) -> SettingType[str]:
    """Text that a regular expression describes as a whole; `what` says what that means.

    `harmless` describes what a complaint may repeat: anything, unless somebody may paste a secret here.
    """

    def parse(text: str) -> str:
        if not re.fullmatch(expression, text, re.ASCII):
            shown = repr(text) if re.fullmatch(harmless, text, re.ASCII) else _length(text)
            raise BadValueError(f"is {shown}, not {what}; {way_out}")
        return text

    return SettingType(bounds or what, parse)


def list_of(expression: str, what: str, way_out: str) -> SettingType[tuple[str, ...]]:
    """Texts between commas, each of which the regular expression describes as a whole, in alphabetical order."""
    all_of_them = matching(f"{expression}(,{expression})*", what, way_out)
    return SettingType(all_of_them.bounds, lambda text: tuple(sorted(set(all_of_them.parse(text).split(",")))))


def sid(prefix: str) -> SettingType[str]:
    """A Twilio SID with its two-letter prefix."""
    return matching(
        f"{prefix}[0-9a-fA-F]{{32}}",
        f"{prefix} followed by 32 hexadecimal digits",
        "copy it from the Twilio Console",
        bounds=f"`{prefix}...`",
        harmless=r"[A-Za-z]{2}[0-9a-fA-F]{32}",  # a SID of another kind
    )


def several(each: SettingType[Value]) -> SettingType[tuple[Value, ...]]:
    """A list of values, as `pulumi config set --path 'KEY[0]'` writes it: JSON."""

    def parse(text: str) -> tuple[Value, ...]:
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise BadValueError(f"is {text!r}, not a list of texts; write it with pulumi config set --path 'KEY[0]'")
        return tuple(each.parse(item) for item in found)

    return SettingType(f"list of {each.bounds}", parse)


def _text(text: str) -> str:
    if not text.strip():
        raise BadValueError(f"is {text!r}; write at least one letter, or remove the key for the default")
    return text


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise BadValueError(
            f"is {text!r}, not an object; write it with pulumi config set --path KEY.NAME VALUE"
        ) from None


def _labels(text: str) -> tuple[tuple[str, str], ...]:
    found = _document(text)
    if not isinstance(found, dict):
        raise BadValueError(f"is {text!r}, not an object; write it with pulumi config set --path KEY.NAME VALUE")
    for name, value in found.items():
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", name, re.ASCII):
            raise BadValueError(f"names {name!r}; a label is up to 63 of a-z, 0-9, _ and -, a letter first")
        if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9_-]{0,63}", value, re.ASCII):
            raise BadValueError(f"gives {name} the value {value!r}; it must be up to 63 of a-z, 0-9, _ and -")
    return tuple(sorted(found.items()))


def _length(text: str) -> str:
    """What a complaint says instead of a text that may be a secret."""
    return f"a text of {len(text)} characters"


def _beginning(text: str) -> str:
    """What a complaint shows of a URL: its scheme and host. What is around them may be a password or a token."""
    found = re.match(r"([a-z][a-z0-9+.-]{0,9}://)(\[[0-9a-f:.]*\]?|[a-z0-9.-]*)", text, re.ASCII | re.IGNORECASE)
    if not found:
        return _length(text)
    # Before an @, what looks like the host is the user.
    shown = found[1] if "@" in text else found[0]
    return repr(shown if shown == text else f"{shown}...")


_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"


def _url(text: str) -> str:
    """As Twilio is to give it back, which is compared with it: scheme and host in lower case, nothing to hide in it."""
    no_url = BadValueError(f"is {_beginning(text)}, not a URL such as https://example.com")
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise no_url from None
    if "@" in url.netloc:
        raise BadValueError("has credentials in it; leave them out")
    if url.scheme not in {"http", "https"} or not host or re.search(r"\s", text):
        raise no_url
    if url.scheme == "http" and host not in LOOPBACK:
        raise BadValueError(f"is {_beginning(text)}; it must be https, because webhooks carry what customers write")
    # With a colon it is an address of IPv6, which urlsplit has checked.
    if not re.fullmatch(rf"{_LABEL}(\.{_LABEL})*\.?|.*:.*", host, re.ASCII):
        raise BadValueError(
            f"is {_beginning(text)}; each part of its host is 1 to 63 letters, digits and hyphens (xn--... for others)"
        )
    if "?" in text or "#" in text:
        raise BadValueError(f"is {_beginning(text)}; leave out what follows the path")
    if not re.fullmatch(r"([A-Za-z0-9._~!$&'()*+,;=:/-]|%[0-9A-Fa-f]{2})*", url.path, re.ASCII):
        raise BadValueError(
            f"is {_beginning(text)}; in its path write all but a-z, A-Z, 0-9 and /-._~!$&'()*+,;=: as %XX, an @ as %40"
        )
    return f"{url.scheme}://{url.netloc.lower()}{url.path}".rstrip("/")


TEXT = SettingType("text", _text)
"""Text with at least one visible character."""

SECRET = SettingType("secret", str)
"""Text that no message may repeat; whether it is usable is checked with the other credentials."""

DOCUMENT = SettingType("object", _document)
"""An object, as `pulumi config set --path` writes it: JSON. Whoever reads it checks what is in it."""

LABELS = SettingType("object of texts", _labels)
"""Google's labels, as `pulumi config set --path` writes them: JSON."""

SWITCH: SettingType[bool] = one_of(("true", "false"), lambda text: text == "true")
"""True or false."""

URL = SettingType("https URL", _url)
"""An absolute URL (RFC 3986) without query, as a base to append to; https, but for loopback. No slash at its end."""
