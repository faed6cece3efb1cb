"""Which accounts a probe experiments on: scratch subaccounts, on which nobody chats."""

from ops.probe.api import TwilioApi
from ops.probe.errors import CredentialsError, RefusedAccountError
from ops.probe.scratch import CONFIGURATION, NAME, SERVICES

MAXIMUM_SERVICES = 50
"""An account with more is no scratch account, and looking at all of them takes too many calls."""

_OPEN = ("active", "inactive")


def check(api: TwilioApi, *, any_account: bool) -> None:
    """Refuse every account but a scratch subaccount. Only reads.

    Args:
        api: the account's.
        any_account: whether the operator has said that it need not be a subaccount.

    Raises:
        RefusedAccountError: it is another account, no subaccount, or has open conversations.
        ProbeError: Twilio does not answer, or refuses to be asked.
    """
    require_own(api)
    if not any_account:
        _require_subaccount(api)
    _require_silence(api)


def require_own(api: TwilioApi) -> None:
    """Refuse credentials of another account than the one that was named.

    Raises:
        RefusedAccountError: they are.
        ProbeError: Twilio does not answer, or refuses to be asked.
    """
    found = api.require("read the Conversations configuration", "GET", CONFIGURATION).text("account_sid")
    if found != api.account_sid:
        raise RefusedAccountError(
            f"the credentials open account {found or 'of no name'}, not {api.account_sid}: export those of "
            f"{api.account_sid} itself, because an API key of the parent account opens the parent"
        )


def _require_subaccount(api: TwilioApi) -> None:
    """A main account owns itself (https://www.twilio.com/docs/iam/api/account, November 2026).

    A standard API key may not ask (https://www.twilio.com/docs/api/errors/20003, November 2026).
    """
    try:
        answer = api.ask("GET", f"api/2010-04-01/Accounts/{api.account_sid}.json")
    except CredentialsError:  # the same credentials have just read the configuration
        owner, refusal = "", "401"
    else:
        owner, refusal = answer.text("owner_account_sid"), answer.refusal
    if not owner:
        raise RefusedAccountError(
            f"Twilio does not say whether {api.account_sid} is a subaccount ({refusal}): export its auth token, "
            "because a standard API key may not ask; or say --any-account if nobody else uses the account"
        )
    if owner == api.account_sid:
        raise RefusedAccountError(
            f"{api.account_sid} is a main account: create a subaccount and export its credentials, or say "
            "--any-account if nobody else uses this one"
        )


def _require_silence(api: TwilioApi) -> None:
    services = list(api.rows(SERVICES, "services"))
    if any(service["friendly_name"] == NAME for service in services):
        raise RefusedAccountError(
            f"an earlier probe has left something in {api.account_sid}, or is running: wait for it, or run "
            "bin/inactivity probe --clean"
        )
    if len(services) > MAXIMUM_SERVICES:
        raise RefusedAccountError(
            f"{api.account_sid} has {len(services)} Conversations services, more than {MAXIMUM_SERVICES}: use a "
            "scratch subaccount, or delete those that nobody needs"
        )
    for service in services:
        path = f"{SERVICES}/{service['sid']}/Conversations"
        for state in _OPEN:
            conversation = next(api.rows(path, "conversations", {"State": state, "PageSize": 1}), None)
            if conversation is not None:
                raise RefusedAccountError(
                    f"{api.account_sid} has open conversations, {conversation['sid']} among them: experiments are "
                    "only made where nobody chats; close or delete it, or use another subaccount"
                )
