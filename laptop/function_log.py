"""Reads the deployed function's log on the laptop: JSON lines in a file.

`function/entry/log_lines.py` says what the keys mean.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call to Twilio that the function made: its name, Twilio's status (0 for none) and how long it took."""

    name: str
    status: int
    duration: timedelta


@dataclass(frozen=True)
class LogEntry:
    """One line of the log.

    Attributes:
        at: Twilio's time of the decision; None when Twilio was not called.
        conversation: of the event; empty when it is not known.
        event: `decision`, `refused`, `ignored`, `failed`, ...
        by: `sweep` if the sweep handled the conversation; empty if a webhook did.
        decision: `warn`, `end`, `keep`, `rearm`, `finish`, ...; empty without one.
        reason: why, in one word.
        message: the reason for people.
        facts: what the decision was based on.
        calls: the calls it made, in order.
        duration: how long it took, in real time.
        outcome: how it went.
    """

    at: datetime | None
    conversation: str
    event: str
    decision: str
    reason: str
    message: str
    facts: Mapping[str, Any]
    calls: tuple[Call, ...]
    duration: timedelta
    outcome: str
    by: str = ""


class FunctionLog:
    """Reads what was added to a log file since the last call. The file may be created later than the reader."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = path.stat().st_size if path.exists() else 0

    def new_entries(self) -> list[LogEntry]:
        """The entries whose lines were completed since the last call, without lines that are not ours."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]
        self._offset += len(whole)
        entries = (read_line(line) for line in whole.splitlines())
        return [entry for entry in entries if entry is not None]

    def await_entries(
        self, conversation: str, webhooks: int, patience: timedelta, *, sweeps: int = 0
    ) -> list[LogEntry]:
        """Wait for the lines of answered requests, and return the new entries about one conversation.

        The function writes a line before it answers, but another process writes it to the file.

        Args:
            conversation: CH...
            webhooks: how many requests about it were answered; each writes a line.
            patience: the maximum to wait.
            sweeps: how many sweeps were answered; each writes a line at its end, after those of its conversations.
        """
        entries: list[LogEntry] = []
        deadline = time.monotonic() + patience.total_seconds()
        while True:
            for entry in self.new_entries():
                sweeps -= entry.event == "sweep"
                if entry.conversation == conversation:
                    entries.append(entry)
                    webhooks -= entry.by != "sweep"
            if (webhooks <= 0 and sweeps <= 0) or time.monotonic() > deadline:
                return entries
            time.sleep(0.01)


def read_line(line: bytes | str) -> LogEntry | None:
    """Read one line of the log; None for a line that the function did not write."""
    try:
        data = json.loads(line)
    except ValueError:
        return None
    if not isinstance(data, dict) or "event" not in data:
        return None
    at = data.get("at")
    return LogEntry(
        at=datetime.fromisoformat(at) if at else None,
        conversation=data.get("conversation") or "",
        event=data["event"],
        decision=data.get("decision") or "",
        reason=data.get("reason") or "",
        message=data.get("message") or "",
        facts=data.get("facts") or {},
        calls=tuple(
            Call(call.get("name", ""), call.get("status") or 0, timedelta(milliseconds=call.get("ms") or 0))
            for call in data.get("calls") or ()
        ),
        duration=timedelta(milliseconds=data.get("durationMs") or 0),
        outcome=data.get("outcome") or "",
        by=data.get("by") or "",
    )
