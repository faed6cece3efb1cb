"""What the function logs reaches the simulator's page, row by row as far as a line shows it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from function.chat import ROWS, Reason
from laptop.decision_feed import decision_feed, post_new
from laptop.decision_rows import TABLE, rows_of
from laptop.function_log import FunctionLog, LogEntry
from ops.decision_rows import RowAnswer
from simulator.client import SimulatorClient
from simulator.running import RunningSimulator

OF_ACCEPTANCES = {Reason.NEW_TASK, Reason.NO_TIMER, Reason.ARMED_ALREADY, Reason.TASK_OVER, Reason.FOREIGN_TASK}
"""Reasons that the decision table never gives."""


@pytest.fixture(scope="module")
def transport() -> Iterator[RunningSimulator]:
    """A simulator."""
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def twilio(transport: RunningSimulator) -> SimulatorClient:
    """Its client, at the beginning of time."""
    twilio = SimulatorClient(transport)
    twilio.reset()
    return twilio


def line(conversation: str, **more: object) -> str:
    """One line of the function's log."""
    facts = {"state": "inactive", "taskStatus": "assigned", "lastWord": "agent", "silentFor": "PT8M"}
    decision = {"event": "decision", "decision": "warn", "reason": "customer_silent", "message": "Warned"}
    return json.dumps({**decision, "conversation": conversation, "facts": facts, **more}) + "\n"


def entry(tmp_path: Path, **more: object) -> LogEntry:
    """The same, as the laptop reads it."""
    path = tmp_path / "log"
    path.unlink(missing_ok=True)
    log = FunctionLog(path)
    path.write_text(line("CH1", **more))
    [found] = log.new_entries()
    return found


def shown(transport: RunningSimulator, conversation: str) -> list[dict[str, Any]]:
    """The decisions that the page shows."""
    found: list[dict[str, Any]] = transport.control("GET", f"chats/{conversation}/decisions")["decisions"]
    return found


def test_each_decision_is_posted_once(twilio: SimulatorClient, transport: RunningSimulator, tmp_path: Path) -> None:
    """Other lines are not."""
    chat, path = twilio.create_chat().conversation, tmp_path / "log"
    log = FunctionLog(path)
    path.write_text("not JSON\n" + line(chat, at="2026-01-05T00:08:00Z") + line(chat, event="ignored"))
    twilio.advance("PT1H")
    post_new(twilio, log)
    post_new(twilio, log)

    [posted] = shown(transport, chat)
    assert (posted["at"], posted["decision"], posted["message"]) == ("2026-01-05T00:08:00Z", "warn", "Warned")
    assert posted["rows"][-1] == {"row": "warning due", "matched": True, "why": "8:00"}


def test_a_conversation_that_is_not_a_chat_is_skipped(
    twilio: SimulatorClient, transport: RunningSimulator, tmp_path: Path
) -> None:
    """Those after it are posted."""
    chat, path = twilio.create_chat().conversation, tmp_path / "log"
    log = FunctionLog(path)
    path.write_text(line("CHnone") + line(chat))
    post_new(twilio, log)

    assert len(shown(transport, chat)) == 1


def test_the_feed_follows_the_log(twilio: SimulatorClient, transport: RunningSimulator, tmp_path: Path) -> None:
    """Lines from before the block are not posted; lines from within it are, at its end at the latest."""
    chat, path = twilio.create_chat().conversation, tmp_path / "log"
    path.write_text(line(chat, reason="before"))
    with decision_feed(twilio, path), path.open("a") as log:
        log.write(line(chat))
        log.flush()

    assert [each["reason"] for each in shown(transport, chat)] == ["customer_silent"]


def test_rows_above_the_one_with_the_reason_did_not_match(tmp_path: Path) -> None:
    """Each with the fact that it looks at."""
    rows = rows_of(entry(tmp_path, decision="keep", reason="queued"))

    assert [row.row for row in rows if row.matched] == ["queued"]
    assert rows[-1] == RowAnswer("queued", matched=True, why="assigned")
    assert rows[1] == RowAnswer("closed", matched=False, why="inactive")


def test_warnings_and_ends_have_one_reason_and_two_rows(tmp_path: Path) -> None:
    """The decision tells them apart."""
    warned, ended = (rows_of(entry(tmp_path, decision=decision))[-1].row for decision in ("warn", "end"))

    assert (warned, ended) == ("warning due", "end due")


def test_a_reason_of_another_version_has_no_rows(tmp_path: Path) -> None:
    """We cannot explain it."""
    assert rows_of(entry(tmp_path, reason="new_in_next_version")) == ()


def test_the_rows_are_those_of_the_decision_table() -> None:
    """By the same names, in the same order; some reasons have several rows there and one here."""
    names = [row.__name__.replace("_", " ") for row in ROWS]

    assert [name for name in names if name in {row.name for row in TABLE}] == [row.name for row in TABLE]


def test_every_reason_of_the_decision_table_has_a_row() -> None:
    """A new reason needs one."""
    given = {answer.rpartition(" ")[2] for row in TABLE for answer in row.answers}

    assert given == {reason.value for reason in set(Reason) - OF_ACCEPTANCES}
