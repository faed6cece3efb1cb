"""The function's log as the demo reads it."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from laptop.function_log import Call, FunctionLog

LINE = {
    "severity": "INFO",
    "message": "The customer was warned.",
    "event": "decision",
    "conversation": "CH1",
    "decision": "warn",
    "reason": "customer_silent",
    "facts": {"silentFor": "PT8M"},
    "calls": [{"name": "read_conversation", "status": 200, "ms": 3.5}],
    "durationMs": 12,
    "outcome": "done",
    "at": "2026-01-05T00:08:00Z",
}


def test_a_line_becomes_an_entry(tmp_path: Path) -> None:
    """Times and durations have their types."""
    path = tmp_path / "log"
    log = FunctionLog(path)
    path.write_text(json.dumps(LINE) + "\n")
    (entry,) = log.new_entries()
    assert entry.at == datetime(2026, 1, 5, 0, 8, tzinfo=UTC)
    assert (
        entry.conversation,
        entry.decision,
        entry.reason,
        entry.outcome,
    ) == ("CH1", "warn", "customer_silent", "done")
    assert entry.calls == (Call("read_conversation", 200, timedelta(milliseconds=3.5)),)


def test_lines_of_an_earlier_run_are_not_new(tmp_path: Path) -> None:
    """Reading starts at the end of the file."""
    path = tmp_path / "log"
    path.write_text(json.dumps(LINE) + "\n")
    assert FunctionLog(path).new_entries() == []


def test_an_incomplete_line_is_read_later(tmp_path: Path) -> None:
    """Another process writes while we read."""
    path = tmp_path / "log"
    log = FunctionLog(path)
    text = json.dumps(LINE) + "\n"
    path.write_text(text[:20])
    assert log.new_entries() == []
    path.write_text(text)
    assert len(log.new_entries()) == 1
    assert log.new_entries() == []


def test_lines_of_others_are_skipped(tmp_path: Path) -> None:
    """A framework's output, JSON or not, is no entry."""
    path = tmp_path / "log"
    log = FunctionLog(path)
    path.write_text('Serving on 8080\n{"severity": "INFO"}\n[1]\n' + json.dumps({"event": "ignored"}) + "\n")
    (entry,) = log.new_entries()
    assert (entry.event, entry.at, entry.calls) == ("ignored", None, ())


def test_waiting_for_a_line_ends(tmp_path: Path) -> None:
    """A line that is never written does not stop the demo."""
    log = FunctionLog(tmp_path / "none")
    assert log.await_entries("CH1", 1, timedelta(milliseconds=30)) == []


def test_a_sweeps_lines_are_awaited_until_its_own(tmp_path: Path) -> None:
    """They are no webhook's, and the last line of a sweep comes after those of its chats."""
    path = tmp_path / "log"
    log = FunctionLog(path)
    swept = json.dumps(LINE | {"by": "sweep"}) + "\n"
    path.write_text(swept)
    late = threading.Timer(0.1, lambda: path.write_text(swept * 2 + json.dumps({"event": "sweep"}) + "\n"))
    late.start()
    entries = log.await_entries("CH1", 0, timedelta(seconds=5), sweeps=1)
    late.join()

    assert [entry.by for entry in entries] == ["sweep", "sweep"]
    assert log.await_entries("CH1", 1, timedelta(milliseconds=30)) == []
