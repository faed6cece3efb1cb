"""Remembers what this process has logged, so that an agent's silence or an alarm is logged once."""

import enum
import threading
from datetime import datetime

from ..chat import Case, Decision, End, Notify, Reason, TaskFate, Unread
from .locks import NewLock
from .memory import Memory

MAX_REMEMBERED = 10_000


class Alarm(enum.StrEnum):
    """What a person may want to know, once; the values are in the log."""

    UNREAD = "unread"
    """The customer's message has been the newest for five minutes, and nobody has the chat or is invited to it."""

    FATE_UNKNOWN = "fate_unknown"
    """An agent wrote, and nothing shows what became of the task, so the chat stays open without a limit."""


class AlreadyLogged:
    """What this process has logged. One for the whole process, safe for many threads."""

    def __init__(self, lock: NewLock = threading.Lock) -> None:
        self._silences: Memory[datetime] = Memory(MAX_REMEMBERED, lock)
        self._alarms: Memory[tuple[Alarm, int]] = Memory(MAX_REMEMBERED, lock)
        self._notices: Memory[datetime] = Memory(MAX_REMEMBERED, lock)

    def repeated(self, sid: str, case: Case, decision: Decision) -> bool:
        """Whether this silence of an agent was logged before."""
        if decision.reason is not Reason.AGENT_SILENT or isinstance(decision, End | Notify):
            return False
        return self._silences.put(sid, case.waiting_since) == case.waiting_since

    def alarm(self, sid: str, case: Case, decision: Decision) -> Alarm | None:
        """Return an alarm, unless this process or another has logged it before."""
        if isinstance(decision, End) or case.applied.exempt:
            return None
        conversation, last = case.snapshot.conversation, case.snapshot.last_task
        found: tuple[Alarm, int] | None = None
        if case.unread and conversation.unread != Unread(case.unread.index):
            found = Alarm.UNREAD, case.unread.index
        elif last and last.fate is TaskFate.UNKNOWN and last.asked_at is None and last != conversation.last_task:
            found = Alarm.FATE_UNKNOWN, 0
        return found[0] if found and self._alarms.put(sid, found) != found else None

    def notified(self, sid: str, notice: Notify) -> bool:
        """Whether this process has logged this notice. If its mark cannot be written, nothing else shows it."""
        return self._notices.get(sid) == notice.since

    def remember_notice(self, sid: str, notice: Notify) -> None:
        """Remember that this notice was logged."""
        self._notices.put(sid, notice.since)
