"""Every script in `chats/`, played against the simulator and the function as it is deployed."""

from pathlib import Path

import pytest

from laptop.chat_player import Assumption, ChatPlayer
from laptop.chat_script import find_scripts, parse_script, read_script
from laptop.function_log import FunctionLog
from tests.scenarios.conftest import TIMEOUT, WARN_BEFORE, Deployed

CHATS = find_scripts([Path(__file__).parents[2] / "chats"])

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("path", CHATS, ids=lambda path: path.stem)
def test_every_expectation_of_a_script_holds(deployed: Deployed, path: Path) -> None:
    """The chat has the result that the script expects."""
    script = read_script(path)
    Assumption(TIMEOUT, WARN_BEFORE).check(script)
    checks = ChatPlayer(deployed.twilio, FunctionLog(deployed.log), lambda _at, _happening: None).play(script)
    assert [f"{check.script.path}:{check.expectation.line}: {check.found}" for check in checks if not check.held] == []


def test_a_script_whose_expectation_is_wrong_fails(deployed: Deployed) -> None:
    """The same chat with the opposite expectation fails."""
    script = parse_script(
        "00:00 customer: Hi\n00:20 do accept\n00:30 agent: Hello?\n08:30 expect not warned\n10:30 expect open\n",
        Path("wrong.chat"),
    )
    checks = ChatPlayer(deployed.twilio, FunctionLog(deployed.log), lambda _at, _happening: None).play(script)
    assert [check.held for check in checks] == [False, False]
    assert [check.found for check in checks] == ["warned", "closed"]


def test_messages_come_before_timers_and_timers_before_expectations(deployed: Deployed) -> None:
    """An answer at the instant of the timer prevents the warning; a warning at an expectation's instant counts."""
    script = parse_script(
        "00:00 customer: Hi\n00:20 do accept\n00:30 agent: Hello?\n"
        "08:30 customer: Here I am\n08:30 expect not warned\n"
        "09:00 agent: Good.\n17:00 expect warned\n17:00 expect warnings 1\n",
        Path("tie.chat"),
    )
    checks = ChatPlayer(deployed.twilio, FunctionLog(deployed.log), lambda _at, _happening: None).play(script)
    assert [check.held for check in checks] == [True, True, True]
