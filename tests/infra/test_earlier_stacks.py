"""A stack that an earlier version of the program made, under the present program and the real engine."""

from pathlib import Path

import pytest

from tests.infra.account import TwilioAccount
from tests.infra.conftest import MakeStack
from tests.infra.earlier_state import NOW, make_earlier, urns

FOUNDATION = "urn:pulumi:local::flex-chat-inactivity-timeout::inactivity:google:Foundation::inactivity-foundation"
RIGHTS_IN_EFFECT = (
    "urn:pulumi:local::flex-chat-inactivity-timeout::inactivity:google:Foundation$pulumi-python:dynamic/google:RightsInEffect"
    "::inactivity-foundation-rights-in-effect"
)
SIGNED_TEST_EVENT = (
    "urn:pulumi:local::flex-chat-inactivity-timeout::pulumi-python:dynamic/google:SignedTestEvent::signed-test-event"
)
"""These did not exist before; neither did the provider, in whose place was the engine's default one."""

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]


def test_a_stack_of_the_version_before_is_taken_over_as_it_is(
    account: TwilioAccount, make_stack: MakeStack, tmp_path: Path
) -> None:
    """Every resource is the same one under its present name, and nothing is changed, replaced or deleted.

    New are only the provider, the foundation and its pause, and the signed test event. Monitoring, which is new too, is
    off: what it would create would stand in this cloud already.
    """
    before, home = account.settings(), tmp_path / "home"
    with make_stack(monitoring="false") as stack:
        stack.up(preview=False)
        present = urns(home)
        make_earlier(home)
        assert urns(home) == set(NOW)
        account.clear_log()

        assert present - set(NOW.values()) == {FOUNDATION, RIGHTS_IN_EFFECT, SIGNED_TEST_EVENT}
        assert stack.preview().counts == {"create": 4, "same": 30}
        assert stack.up(preview=False).counts == {"create": 4, "same": 30}

        assert account.writes() == []
        assert urns(home) == present
        assert stack.up(preview=False).changed == 0
        stack.destroy()
    assert account.settings() == before
