"""Checks that the credentials belong to the configured account, so that the function never works in another one.

An API key opens the account that it was made in, whatever account SID is configured beside it. Every resource of
Twilio's names its account, so the first response that shows one is enough for the process, without a call of its own.
"""

import json

from .errors import TwilioError


class OtherAccountError(TwilioError):
    """The credentials open another account than the configured one; no further call is made."""


class Account:
    """The configured account. Safe for many threads, because all of them find the same.

    Args:
        sid: AC...
    """

    def __init__(self, sid: str) -> None:
        self._sid = sid
        self._answers: str | None = None

    def confirm(self, call: str, answer: str = "") -> None:
        """Check the account, before a call and with its response. Cheap once the account is known.

        Args:
            call: name of the call.
            answer: body of the response, in JSON.

        Raises:
            OtherAccountError: the credentials open another account.
        """
        if self._answers is None and answer:
            self._answers = _account_in(answer)
        if self._answers not in {None, self._sid}:
            raise OtherAccountError(
                call, f"the credentials open account {self._answers}, and this function works for {self._sid}"
            )


def _account_in(answer: str) -> str | None:
    """Return the account of a resource, or of the first row of a list; None if neither shows one."""
    try:
        document = json.loads(answer)
    except ValueError:
        return None  # `run_operation` raises the error
    if not isinstance(document, dict):
        return None
    rows = (value[0] for value in document.values() if isinstance(value, list) and value)
    sids = (one.get("account_sid") for one in (document, *rows) if isinstance(one, dict))
    return next((sid for sid in sids if isinstance(sid, str)), None)
