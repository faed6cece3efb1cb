"""A build that fails leaves a broken function in Google; the next `up` repairs it, under the real engine."""

import re

import pytest

from laptop.gcp_provider.switches import ALL_WORKS, Switches
from laptop.stack import LocalStack
from tests.engine_failures import why_it_fails
from tests.infra.account import TwilioAccount
from tests.infra.conftest import MakeStack

pytestmark = [pytest.mark.engine, pytest.mark.story, pytest.mark.timeout(280)]


def test_a_build_that_failed_is_repeated_by_the_next_up(
    account: TwilioAccount, make_stack: MakeStack, lines: list[str]
) -> None:
    """The preview shows it as an update; until then Twilio is not changed, and afterwards there is nothing to do."""
    before = account.settings()
    with make_stack() as stack:
        _fail_builds(stack)
        assert re.search("Access to bucket gcf-v2-sources", why_it_fails(lambda: stack.up(preview=False)))
        assert account.settings() == before

        lines.clear()
        stack.switch(ALL_WORKS)
        planned = stack.preview().counts
        assert (planned["update"], "delete" in planned, "replace" in planned) == (2, False, False)
        assert any(f"Google calls function {stack.function_name} FAILED since" in line for line in lines)

        assert stack.up(preview=False).counts["update"] == 2
        assert account.settings()[account.service_webhook]["post_webhook_url"] == stack.outputs["webhookUrl"]
        assert stack.up(preview=False).changed == 0

        _a_failed_build_of_an_update_is_repeated_too(stack, account)
        stack.destroy()
    assert account.settings() == before


def _a_failed_build_of_an_update_is_repeated_too(stack: LocalStack, account: TwilioAccount) -> None:
    """The revision before goes on answering, so Twilio goes on calling it."""
    stack.configure({"author": "Bot"})
    _fail_builds(stack)
    assert re.search("Access to bucket gcf-v2-sources", why_it_fails(lambda: stack.up(preview=False)))
    assert account.settings()[account.service_webhook]["post_webhook_url"].endswith("/conversations")

    stack.switch(ALL_WORKS)
    stack.up(preview=False)
    assert stack.outputs["settings"]["AUTHOR"] == "Bot"
    assert stack.preview().changed == 0


def _fail_builds(stack: LocalStack) -> None:
    stack.switch(Switches(failing_builds=frozenset({stack.function_name, f"sweep-{stack.function_name}"})))
