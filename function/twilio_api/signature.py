"""Checks that a request is from Twilio: `X-Twilio-Signature`, over the registered URL and the parameters.

For any input the result is True or False, never an error. `events.py` parses the form.
"""

import hmac
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit, urlunsplit

from twilio.request_validator import RequestValidator

HEADER = "X-Twilio-Signature"

Parameters = Sequence[tuple[str, str]]

_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{27}=", re.ASCII)
"""Twenty bytes in base64 (https://www.twilio.com/docs/usage/webhooks/webhooks-security, November 2026)."""


def looks_signed(signature: str | None) -> bool:
    """Whether this has the form of a signature, so that checking it makes sense."""
    return signature is not None and _SIGNATURE.fullmatch(signature) is not None


class Verifier:
    """Checks signatures against one registered URL.

    The request's own URL is not used: it differs behind Google's front end, and the sender chooses it.
    """

    def __init__(self, url: str, tokens: Iterable[str]) -> None:
        self._urls = _spellings(url)
        self._validators = [RequestValidator(token) for token in tokens if token]

    def is_genuine(self, parameters: Parameters, signature: str | None) -> bool:
        """Whether one of the tokens made this signature over the URL and these parameters; never raises."""
        if not signature:
            return False
        given = signature.encode("utf-8", "replace")
        form = "".join(name + value for name, value in sorted(set(parameters)))
        # Each comparison takes constant time, and only a genuine signature ends the loop, so the time reveals nothing.
        return any(
            hmac.compare_digest(self._signature(validator, url, form), given)
            for validator in self._validators
            for url in self._urls
        )

    @staticmethod
    def _signature(validator: RequestValidator, url: str, form: str) -> bytes:
        try:
            # Given the parameters, the official validator would sort them again for each token and URL.
            computed: str = validator.compute_signature(url + form, {})
        except UnicodeEncodeError:  # a lone surrogate, which Twilio cannot have signed
            return b""
        return computed.encode()


def _spellings(url: str) -> tuple[str, ...]:
    """Return the URL with and without its port: Twilio signs either, and the official validator tries both."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    bare = urlunsplit(parts._replace(netloc=host))
    return tuple(dict.fromkeys((url, bare, urlunsplit(parts._replace(netloc=f"{host}:{port}")))))
