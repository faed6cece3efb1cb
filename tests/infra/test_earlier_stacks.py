"""Stacks that earlier versions of the program made, under the present program and the real engine."""

import json
import re
from pathlib import Path

import pytest

from tests.infra.account import TwilioAccount
from tests.infra.conftest import MakeStack
from tests.infra.recorded_states import RECORDED, put_back

pytestmark = [pytest.mark.engine, pytest.mark.story, pytest.mark.timeout(180)]

GONE = re.compile(r" *(?:-|--|\+-|\+\+) +[^ ]*:(\w+) ")
"""A line of a preview about what is deleted or replaced."""

MAY_GO = frozenset({"IAMMember", "BucketObject"})
"""What may be replaced or deleted, after its successor was made: the build account's rights in the project, which are
narrower now, and the zip, which is named by its content."""


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_a_stack_of_an_earlier_version_is_taken_over_as_it_is(
    recorded: Path, account: TwilioAccount, make_stack: MakeStack, lines: list[str], tmp_path: Path
) -> None:
    """Nothing that serves is replaced or deleted, Twilio is not touched, and the next `up` has nothing to do."""
    with make_stack(monitoring="false") as stack:
        stack.preview()
    before = account.settings()
    with make_stack(monitoring="false") as stack:
        put_back(recorded, tmp_path / "home", account, stack.front_url)
        front = stack.front_url
    deployed = account.settings()

    with make_stack(monitoring="false", front_port=front.rpartition(":")[2]) as stack:
        account.clear_log()
        lines.clear()
        planned = stack.preview().counts
        gone = {found[1] for line in lines if (found := GONE.match(line))}
        assert gone <= MAY_GO, "\n".join(lines)
        assert planned["same"] > 20
        stack.up(preview=False)

        assert account.settings() == deployed
        assert stack.up(preview=False).changed == 0
        stack.destroy()
    assert account.settings() == before
    assert json.loads((tmp_path / "home" / "cloud" / "resources.json").read_text("utf-8"))["resources"] == []
