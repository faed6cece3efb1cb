"""Twilio's lists with a row that cannot be read, or a page that repeats: no part is taken for the whole."""

from pathlib import Path

import pytest

from tests.ops.test_command import run, silent
from tests.world.driving import Twilio

LIST = r"^GET /conversations/v1/Services/\w+/Conversations$"
COMMANDS = {
    "list": ["list"],
    "extend": ["extend", "--all", "--by", "PT2H", "--yes"],
    "backfill": ["backfill", "--dry-run"],
    "backfill, done": ["backfill", "--yes"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_a_row_that_cannot_be_read_is_said(twilio: Twilio, outputs: Path, command: list[str]) -> None:
    """A chat may be missing: status 1, whatever was done with the others."""
    for _ in range(2):
        silent(twilio, "bot")
    twilio.advance("P3D")
    twilio.fault(LIST, "odd", times=None, at="conversations.0.sid", value=7)

    said = run(outputs, *command)

    assert said.exit_code == 1, said.output
    assert ": row 0 (" in said.output
    assert "a chat may be missing" in said.output


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_a_page_that_repeats_ends_the_list(twilio: Twilio, outputs: Path, command: list[str]) -> None:
    """A few requests instead of hundreds a second for ten minutes, and each chat once."""
    chat = silent(twilio, "bot")
    twilio.advance("P3D")
    twilio.fault(LIST, "repeat", times=None)
    before = len(twilio.requests())

    said = run(outputs, *command)

    lists = [each for each in twilio.requests()[before:] if "State=" in each.path]
    assert said.exit_code == 1, said.output
    assert len(lists) <= 8
    assert "pages that repeat" in said.output
    assert "a chat may be missing" in said.output
    assert said.output.count(chat.conversation) <= 1


def test_the_doctor_says_both(twilio: Twilio, outputs: Path) -> None:
    """Of chats and of tasks."""
    silent(twilio)
    twilio.fault(LIST, "odd", times=None, at="conversations.0.sid", value=7)
    twilio.fault(r"^GET /taskrouter/v1/Workspaces/\w+/Tasks$", "repeat", times=None)

    said = run(outputs, "doctor")

    assert said.exit_code == 1
    assert "row 0 (" in said.output
    assert "list_live_tasks: pages that repeat" in said.output
