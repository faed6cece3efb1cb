"""Identity tokens of the laptop: they stand for Google's, say the same, and are worth nothing anywhere else.

A token names a service account and the one audience that it is for; the front asks here whether it is genuine.
"""

import base64
import hashlib
import hmac
import json
import secrets


class Identities:
    """Makes and checks tokens with a key of this process: they end with it."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def token(self, email: str, audience: str) -> str:
        """A token for a service account."""
        claims = base64.urlsafe_b64encode(json.dumps({"email": email, "aud": audience}).encode()).decode()
        return f"laptop.{claims}.{self._sign(claims)}"

    def member(self, authorization: str | None, audience: str) -> str | None:
        """Who sends this Authorization header, as IAM names members; None for nobody in particular."""
        kind, _, token = (authorization or "").partition(" ")
        issuer, _, rest = token.partition(".")
        claims, _, signature = rest.partition(".")
        if kind != "Bearer" or issuer != "laptop" or not hmac.compare_digest(signature, self._sign(claims)):
            return None
        said = json.loads(base64.urlsafe_b64decode(claims))
        return f"serviceAccount:{said['email']}" if said["aud"] == audience else None

    def _sign(self, claims: str) -> str:
        return hmac.new(self._key, claims.encode(), hashlib.sha256).hexdigest()
