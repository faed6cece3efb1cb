"""Reads what became of a chat's last task if none is live: from TaskRouter's events once, then from our note."""

import threading
from collections.abc import Collection
from dataclasses import replace
from functools import partial

from ..chat import (
    LastTask,
    Snapshot,
    TaskFate,
    TaskStatus,
    agent_wrote,
    known_tasks,
    last_task,
    last_task_unknown,
)
from ..twilio_api import Attempt, TwilioApi
from .locks import NewLock
from .memory import Memory

MAX_FATES = 10_000

MAX_LAST_TASKS = 10
"""Maximum of a chat's tasks, newest first, whose events are read."""


class Fates:
    """What became of tasks. One for the whole process, because it remembers what cannot be noted."""

    def __init__(self, api: TwilioApi, lock: NewLock = threading.Lock) -> None:
        self._api = api
        self._found: Memory[LastTask] = Memory(MAX_FATES, lock)

    def with_last_task(self, attempt: Attempt, snapshot: Snapshot, proven: Collection[str]) -> Snapshot:
        """Return the snapshot with what became of the last task, if no task is live.

        Args:
            attempt: the attempt that makes the calls.
            snapshot: the snapshot, with its messages.
            proven: SIDs of tasks that this process has proven to be the chat's.
        """
        wrapping = any(task.status is TaskStatus.WRAPPING for task in (*snapshot.tasks, *snapshot.hints))
        # Parking replaces the attributes, so a note was written later, while somebody had the chat again.
        conversation = snapshot.conversation
        parked = conversation.parked and conversation.noted is None
        if snapshot.closed or snapshot.left_or_paused or parked or snapshot.live_tasks or wrapping:
            return snapshot
        noted = conversation.last_task
        asked_for = noted.task if noted and noted.fate is TaskFate.OPEN else None
        if noted is None or asked_for:
            noted = self._found.get(conversation.sid)
        sids = tuple(dict.fromkeys((*known_tasks(snapshot), *sorted(proven))))
        unproven = not sids and not snapshot.open_hints
        if unproven:
            sids = _asked_for(snapshot, asked_for, noted)
        if noted and sids[:1] not in {(), (noted.task,)}:
            noted = None  # there was a newer task
        if noted and noted.asked_at is None:
            return replace(snapshot, last_task=noted)
        if not sids:
            unknown = LastTask(None, TaskFate.UNKNOWN) if agent_wrote(snapshot.messages) else None
            return replace(snapshot, last_task=unknown)
        found = self._asked(attempt, sids[:MAX_LAST_TASKS], noted)
        if unproven and found.fate is TaskFate.FINISHED:
            return snapshot  # somebody finished a task that mentions the chat: that says nothing about the chat
        self._found.put(conversation.sid, found)
        return replace(snapshot, last_task=found)

    def _asked(self, attempt: Attempt, sids: tuple[str, ...], noted: LastTask | None) -> LastTask:
        with self._api.together() as start:
            reads = {sid: start(partial(self._api.task_events, attempt, sid)) for sid in sids}
            histories = {sid: read.result() for sid, read in reads.items()}
        denied = any(events is None for events in histories.values())
        unknown = last_task_unknown(sids[0], noted, attempt.now, denied=denied)
        found = last_task({sid: events or () for sid, events in histories.items()}, whole=unknown.asked_at is not None)
        return replace(found, task=sids[0]) if found else unknown


def _asked_for(snapshot: Snapshot, asked_for: str | None, noted: LastTask | None) -> tuple[str, ...]:
    """Return the SIDs of tasks that could not be proven to be the chat's and have ended: somebody was asked for."""
    ended = [task.sid for task in snapshot.hints]
    asked = [noted.task] if noted and noted.asked_at else []
    return tuple(filter(None, dict.fromkeys((*ended, asked_for, *asked))))
