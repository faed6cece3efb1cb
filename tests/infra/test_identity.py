"""Whose account a stack works on, under the real engine: refused before anything is written, both accounts named."""

import re
from pathlib import Path

import pytest

from laptop.stack import EngineFailedError, LocalStack
from simulator.shared.account import Account
from tests.engine_failures import why_it_fails
from tests.infra.account import TwilioAccount

pytestmark = [pytest.mark.engine, pytest.mark.timeout(280)]

SUBACCOUNT = "AC" + "5" * 32
KEY = Account()


@pytest.mark.parametrize("takeover", ["false", "true"])
def test_a_key_of_another_account_is_refused_in_the_preview(
    account: TwilioAccount, tmp_path: Path, takeover: str
) -> None:
    """The stack is for a subaccount and the key is its parent's; `takeover` does not change that."""
    before, lines = account.settings(), list[str]()
    config = {"twilioApiKeySid": KEY.api_key_sid, "takeover": takeover}
    with LocalStack(
        home=tmp_path / "home",
        simulator_url=account.url,
        account_sid=SUBACCOUNT,
        auth_token="6" * 32,
        config=config,
        secrets={"twilioApiKeySecret": KEY.api_key_secret},
        front_port=0,
        on_output=lines.append,
    ) as stack:
        for run in (stack.preview, lambda: stack.up(preview=False)):
            assert re.search(f"{account.sid}.*{SUBACCOUNT}", why_it_fails(run))

    assert account.settings() == before
    assert account.writes() == []
    assert KEY.api_key_secret not in "\n".join(lines)
    assert "Traceback" not in "\n".join(lines)


def test_a_wrong_signing_token_beside_a_right_key_is_refused_in_the_preview(
    account: TwilioAccount, tmp_path: Path
) -> None:
    """The deployment would work, and every webhook would be refused."""
    with (
        LocalStack(
            home=tmp_path / "home",
            simulator_url=account.url,
            account_sid=account.sid,
            auth_token="6" * 32,
            config={"twilioApiKeySid": KEY.api_key_sid},
            secrets={"twilioApiKeySecret": KEY.api_key_secret},
            front_port=0,
        ) as stack,
        pytest.raises(EngineFailedError, match="auth token, which signs the webhooks"),
    ):
        stack.preview()
