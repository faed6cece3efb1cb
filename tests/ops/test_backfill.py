"""`inactivity backfill`: what becomes of each chat is counted, and said where a person has to look."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from function.chat import Decision, End, Reason, Warn
from function.handling import Outcome
from function.policy import parse_policy
from ops.backfill import Counted
from tests.ops.test_command import run, silent
from tests.world.driving import Chat, Twilio, eventually

STEP = parse_policy({}).default.steps[-1]
NOW = datetime(2026, 1, 5, tzinfo=UTC)
END: Decision = End(Reason.CUSTOMER_SILENT, STEP, 1)
CHAT, TASK = "CH" + "1" * 32, "WT" + "1" * 32


def warned_days_ago(twilio: Twilio, outputs: Path, count: int) -> list[Chat]:
    """Chats whose warning was posted by an earlier backfill, so that the next one ends them."""
    chats = [silent(twilio, "bot") for _ in range(count)]
    twilio.advance("P3D")
    assert run(outputs, "backfill", "--yes").exit_code == 0
    twilio.advance("P3D")
    return chats


def test_a_customer_who_writes_while_the_chat_is_ended_is_named_and_counts_for_the_limit(
    twilio: Twilio, outputs: Path
) -> None:
    """Somebody has to look at it; and one chat was to be ended, not all of them."""
    chats = warned_days_ago(twilio, outputs, 2)
    twilio.fault(r"^POST /conversations/v1/Services/\w+/Conversations/CH\w+$", "slow", times=None, seconds=0.8)

    def write() -> None:
        eventually(lambda: any("closing" in chat.ours for chat in chats))
        next(chat for chat in chats if "closing" in chat.ours).says("customer", "wait, I am here!")

    customer = threading.Thread(target=write)
    customer.start()
    done = run(outputs, "backfill", "--yes", "--limit", "1")
    customer.join()

    ended = next(chat for chat in chats if "closing" in chat.ours)
    assert done.exit_code == 1
    assert done.output.splitlines()[1:] == [
        "0 warned, 1 ended, 0 failed.",
        f"{ended.conversation}: the customer wrote while it was being ended: look at it",
    ]
    assert sorted(chat.state for chat in chats) == ["closed", "inactive"]


def test_a_chat_that_fails_counts_for_the_limit_and_says_why(twilio: Twilio, outputs: Path) -> None:
    """It may have come as far as the notice, so the next ones are left."""
    chats = warned_days_ago(twilio, outputs, 2)
    twilio.fault(r"^POST /conversations/v1/Services/\w+/Conversations/CH\w+$", "status", status=500, times=None)

    done = run(outputs, "backfill", "--yes", "--limit", "1")

    assert done.exit_code == 1
    assert done.output.splitlines()[1] == "0 warned, 0 ended, 1 failed."
    assert "HTTP 500" in done.output.splitlines()[2]
    assert sorted(len(chat.ours) for chat in chats) == [1, 2]


@pytest.mark.parametrize(("mode", "warned"), [("observe", 0), ("warn-only", 1)])
def test_what_the_mode_does_not_allow_is_counted_and_left(
    twilio: Twilio, outputs: Path, mode: str, warned: int
) -> None:
    """They are overdue, and nothing that is typed here changes the stack's mode."""
    end, warn = warned_days_ago(twilio, outputs, 1)[0], silent(twilio, "bot")
    twilio.advance("P3D")
    told = json.loads(outputs.read_text(encoding="utf-8"))
    told["settings"]["MODE"] = mode
    outputs.write_text(json.dumps(told), encoding="utf-8")

    done = run(outputs, "backfill", "--yes")

    counted = "2 inactive conversations read: 1 to be warned, 1 to be ended."
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0] == f"{counted} mode: {mode} leaves {2 - warned} of them as they are."
    assert (end.ours, warn.ours) == (["warning"], ["warning"] * warned)


@pytest.mark.parametrize(
    ("decision", "outcome", "expected"),
    [
        (END, Outcome.DONE, (0, 1, 0, [])),
        (Warn(Reason.CUSTOMER_SILENT, STEP, 1, NOW), Outcome.DONE, (1, 0, 0, [])),
        (END, Outcome.UNVERIFIED, (0, 1, 0, ["ended; Twilio was too slow to look for a message"])),
        (END, Outcome.LATE_REPLY, (0, 1, 0, ["the customer wrote while it was being ended: look at it"])),
        (END, Outcome.CLAIMED_ELSEWHERE, (0, 0, 1, ["the function is working on it"])),
        (END, Outcome.FAILED, (0, 0, 1, [])),
        (END, Outcome.KEPT, (0, 0, 0, [])),
    ],
)
def test_no_outcome_is_lost(decision: Decision, outcome: Outcome, expected: tuple[int, int, int, list[str]]) -> None:
    """Ended counts as ended however late it was looked at, and the rest as failed or left."""
    counted = Counted()

    counted.record(CHAT, decision, outcome)

    *numbers, lines = expected
    assert [counted.warn, counted.end, counted.failed] == numbers
    assert [each.why.startswith(line) for each, line in zip(counted.look_at, lines, strict=True)] == [True] * len(lines)
    assert counted.clean == (not counted.failed and not lines)


def test_a_task_that_an_agent_still_has_is_named() -> None:
    """Nobody else will complete it."""
    counted = Counted()

    counted.record(CHAT, END, Outcome.DONE, (TASK,))

    assert (counted.end, counted.clean) == (1, False)
    assert counted.look_at[0].why == f"complete {TASK} by hand, an agent still has it"
