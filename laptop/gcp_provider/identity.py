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
        """Who sends this Authorization header, as IAM names members; None for nobody in particular.

        A token's audience may end in a slash, as in Google's tested example (GoogleCloudPlatform/magic-modules,
        cloudfunctions2_scheduler_auth.tf.tmpl, November 2026).
        """
        kind, _, token = (authorization or "").partition(" ")
        if kind != "Bearer":
            return None
        audiences = [audience, f"{audience}/"]
        try:
            claims = jwt.decode(token, self._key, [_ALGORITHM], issuer="laptop", audience=audiences)
        except jwt.InvalidTokenError:
            return None
        return f"serviceAccount:{claims['email']}"
