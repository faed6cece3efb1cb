"""Rolling back and protection, on the real engine."""

import re

import pytest

from laptop.gcp_provider.switches import Switches
from tests.engine_failures import why_it_fails
from tests.infra.account import TwilioAccount
from tests.infra.conftest import MakeStack

pytestmark = [pytest.mark.engine, pytest.mark.story, pytest.mark.timeout(280)]

NAME = "flex-chat-inactivity-timeout-local"
FAILING = Switches(failing_builds=frozenset({NAME, f"sweep-{NAME}"}))


def test_a_revision_that_cannot_be_built_is_rolled_back_while_the_earlier_one_serves(
    account: TwilioAccount, make_stack: MakeStack
) -> None:
    """Twilio's settings stay as they are, also those that the failed run would have changed."""
    before = account.settings()
    with make_stack(monitoring="false") as stack:
        stack.up(preview=False)
        port = stack.front_url.rpartition(":")[2]
    deployed = account.settings()

    with make_stack(monitoring="false", front_port=port, timeout="PT5M") as stack:
        stack.switch(FAILING)
        assert re.search("Build failed with status: FAILURE", why_it_fails(lambda: stack.up(preview=False)))
        assert account.settings() == deployed

    with make_stack(monitoring="false", front_port=port) as stack:
        stack.up(preview=False)
        assert account.settings() == deployed
        assert stack.up(preview=False).changed == 0
        stack.destroy()
    assert account.settings() == before


def test_a_protected_stack_refuses_to_be_destroyed_until_the_setting_says_otherwise(
    account: TwilioAccount, make_stack: MakeStack
) -> None:
    """Nothing is deleted before it refuses."""
    before = account.settings()
    with make_stack(protect="true") as stack:
        stack.up(preview=False)
        port, deployed = stack.front_url.rpartition(":")[2], account.settings()
        resources = len(stack.export()["resources"])
        assert re.search("cannot be deleted", why_it_fails(stack.destroy))
        assert account.settings() == deployed
        assert len(stack.export()["resources"]) == resources

    with make_stack(front_port=port) as stack:
        stack.up(preview=False)
        stack.destroy()
    assert account.settings() == before
