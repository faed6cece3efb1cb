"""Whether a request really is Twilio's: X-Twilio-Signature over the URL that was registered.

Total: whatever a stranger sends, the answer is a plain yes or no. The form is left to `events.py`.
"""

import hmac
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit, urlunsplit

from twilio.request_validator import RequestValidator

HEADER = "X-Twilio-Signature"

Parameters = Sequence[tuple[str, str]]

_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{27}=", re.ASCII)
"""Twenty bytes in base64 (Twilio docs, webhooks security)."""


def looks_signed(signature: str | None) -> bool:
    """Whether this could be a signature at all, so that there is something to check."""
    return signature is not None and _SIGNATURE.fullmatch(signature) is not None


class Verifier:
    """Checks signatures against one registered URL.

    The URL of the request itself is never asked: behind Google's front end it is another one, and strangers choose
    it.
    """

    def __init__(self, url: str, tokens: Iterable[str]) -> None:
        self._urls = _spellings(url)
        self._validators = [RequestValidator(token) for token in tokens if token]

    def genuine(self, parameters: Parameters, signature: str | None) -> bool:
        """Whether one of the tokens made this signature over the URL and these parameters; never raises."""
        if not signature:
            return False
        given = signature.encode("utf-8", "replace")
        form = "".join(name + value for name, value in sorted(set(parameters)))
        # Each is compared in constant time, and only a genuine signature ends the search: how long it took tells a
        # stranger nothing.
        return any(
            hmac.compare_digest(self._signature(validator, url, form), given)
            for validator in self._validators
            for url in self._urls
        )

    @staticmethod
    def _signature(validator: RequestValidator, url: str, form: str) -> bytes:
        try:
            # The official validator would sort the parameters once for each token and spelling of the URL.
            computed: str = validator.compute_signature(url + form, {})
        except UnicodeEncodeError:  # a lone surrogate; Twilio cannot have signed that
            return b""
        return computed.encode()


def _spellings(url: str) -> tuple[str, ...]:
    """The URL with and without its port: Twilio signs either (the official validator tries both, too)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    bare = urlunsplit(parts._replace(netloc=host))
    return tuple(dict.fromkeys((url, bare, urlunsplit(parts._replace(netloc=f"{host}:{port}")))))
