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
"""The component that did not exist before; the provider took the place of the engine's default one."""
MONITORING = "inactivity:google:Monitoring"

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]


def test_a_stack_of_the_version_before_is_taken_over_as_it_is(
    account: TwilioAccount, make_stack: MakeStack, tmp_path: Path
) -> None:
    """Every resource is the same one under its present name; new are only provider, foundation, its pause, monitoring.

    Nothing is changed, replaced or deleted.
    """
    before, home = account.settings(), tmp_path / "home"
    with make_stack() as stack:
        stack.up(preview=False)
        present = urns(home)
        make_earlier(home)
        assert urns(home) == set(NOW)
        account.clear_log()

        monitoring = {urn for urn in present if MONITORING in urn}
        new = len(monitoring) + 3
        assert present - set(NOW.values()) == {FOUNDATION, RIGHTS_IN_EFFECT} | monitoring
        assert stack.preview().counts == {"create": new, "same": 30}
        assert stack.up(preview=False).counts == {"create": new, "same": 30}

        assert account.writes() == []
        assert urns(home) == present
        assert stack.up(preview=False).changed == 0
        stack.destroy()
    assert account.settings() == before
