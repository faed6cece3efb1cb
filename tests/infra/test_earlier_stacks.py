"""A stack that an earlier version of the program made, under the present program and the real engine."""

from pathlib import Path

import pytest

from tests.infra.account import TwilioAccount
from tests.infra.conftest import MakeStack
from tests.infra.earlier_state import NOW, make_earlier, urns

_STACK = "urn:pulumi:local::flex-chat-inactivity-timeout::"
NEW = {
    _STACK + "inactivity:google:Foundation::inactivity-foundation",
    _STACK + "inactivity:google:Foundation$pulumi-python:dynamic/google:RightsInEffect"
    "::inactivity-foundation-rights-in-effect",
    _STACK + "inactivity:google:Foundation$gcp:projects/service:Service::inactivity-foundation-cloudresourcemanager",
    _STACK + "pulumi-python:dynamic/google:SignedTestEvent::signed-test-event",
}
"""What did not exist before, beside the provider, which took the place of the engine's default one."""

CHANGES = {"create": len(NEW) + 1, "same": 30}

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]


def test_a_stack_of_the_version_before_is_taken_over_as_it_is(
    account: TwilioAccount, make_stack: MakeStack, tmp_path: Path
) -> None:
    """Every resource is the same one under its present name, and nothing is changed, replaced or deleted.

    New are the provider, the foundation, its pause, the test event, and an API that was on before; monitoring, which is
    off here, would be new in Google too. The functions know the generation of their zip here; in Google that is an
    update.
    """
    before, home = account.settings(), tmp_path / "home"
    with make_stack(monitoring="false") as stack:
        stack.up(preview=False)
        present = urns(home)
        make_earlier(home)
        assert urns(home) == set(NOW)
        account.clear_log()

        assert present - set(NOW.values()) == NEW
        assert stack.preview().counts == CHANGES
        assert stack.up(preview=False).counts == CHANGES

        assert account.writes() == []
        assert urns(home) == present
        assert stack.up(preview=False).changed == 0
        stack.destroy()
    assert account.settings() == before
