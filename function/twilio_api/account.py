"""Whose account answers: credentials of another one must not make us work there.

An API key opens the account that it was made in, whatever account SID stands beside it. Every resource of Twilio's
names its account, so the first answer that shows one decides for the process, without a call of its own.
"""

import json

from .errors import TwilioError


class OtherAccountError(TwilioError):
    """The credentials open another account than ours; nothing is called any more."""


class Account:
    """The account that we work for. Safe for many threads: whoever comes first finds the same.

    Args:
        sid: AC...
    """

    def __init__(self, sid: str) -> None:
        self._sid = sid
        self._answers: str | None = None

    def confirm(self, call: str, answer: str = "") -> None:
        """Before a call, and with its answer: is it ours? Costs nothing once that is known.

        Args:
            call: its name.
            answer: the body, in JSON.

        Raises:
            OtherAccountError: it is not.
        """
        if self._answers is None and answer:
            self._answers = _account_in(answer)
        if self._answers not in {None, self._sid}:
            raise OtherAccountError(
                call, f"the credentials open account {self._answers}, and this function works for {self._sid}"
            )


def _account_in(answer: str) -> str | None:
    """The account that a resource, or the first row of a list, belongs to; None when neither says so."""
    try:
        document = json.loads(answer)
    except ValueError:
        return None  # whoever reads the answer says so
    if not isinstance(document, dict):
        return None
    rows = (value[0] for value in document.values() if isinstance(value, list) and value)
    sids = (one.get("account_sid") for one in (document, *rows) if isinstance(one, dict))
    return next((sid for sid in sids if isinstance(sid, str)), None)
