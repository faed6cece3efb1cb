"""A preview by somebody who has no Twilio credentials, on a stack that stands and under the real engine."""

import pytest

from tests.infra.account import TwilioAccount
from tests.infra.conftest import MakeStack

pytestmark = [pytest.mark.engine, pytest.mark.story, pytest.mark.timeout(280)]


def test_a_preview_without_the_token_shows_no_change_of_a_stack_that_stands(
    account: TwilioAccount, make_stack: MakeStack, lines: list[str]
) -> None:
    """It says what it could not look at, calls Twilio only with what the state has, and writes nothing."""
    with make_stack(monitoring="false") as stack:
        stack.up(preview=False)
        port = stack.front_url.rpartition(":")[2]
    deployed = account.settings()
    account.clear_log()

    with make_stack(monitoring="false", front_port=port, token="") as stack:
        lines.clear()
        assert stack.preview().changed == 0, "\n".join(lines)

    assert "this preview could not look at Twilio" in "\n".join(lines)
    assert account.writes() == []
    assert account.settings() == deployed
