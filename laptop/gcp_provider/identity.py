"""Identity tokens of the laptop: they have the form of Google's, and are valid nowhere else.

A token names a service account and its one audience; the front checks it here.
"""

import secrets

import jwt

_ALGORITHM = "HS256"


class Identities:
    """Makes and checks tokens with a key of this process: they end with it."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def token(self, email: str, audience: str) -> str:
        """A token for a service account."""
        return jwt.encode({"iss": "laptop", "email": email, "aud": audience}, self._key, _ALGORITHM)

    def member(self, authorization: str | None, audience: str) -> str | None:
        """Who sends this Authorization header, as IAM names members; None for nobody in particular."""
        kind, _, token = (authorization or "").partition(" ")
        if kind != "Bearer":
            return None
        try:
            claims = jwt.decode(token, self._key, [_ALGORITHM], issuer="laptop", audience=audience)
        except jwt.InvalidTokenError:
            return None
        return f"serviceAccount:{claims['email']}"
