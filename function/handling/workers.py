"""Finds the workers who accepted a task, if roles do not show who is an agent; read once for each task."""

import threading
from dataclasses import replace
from functools import partial

from ..chat import (
    Author,
    Authorship,
    Evidence,
    RawMessage,
    Snapshot,
    Task,
    TaskStatus,
    in_doubt,
    newest_counted,
    stays,
)
from ..twilio_api import Attempt, NotFoundError, RefusedError, TwilioApi
from .locks import NewLock
from .memory import Memory

MAX_TASKS = 10_000


class Workers:
    """The workers of tasks, by their chat identities. One for the whole process."""

    def __init__(self, api: TwilioApi, lock: NewLock = threading.Lock) -> None:
        self._api = api
        self._identities: dict[str, str | None] = {}
        self._of_tasks: Memory[frozenset[str]] = Memory(MAX_TASKS, lock)

    def of(self, attempt: Attempt, task: Task) -> Task:
        """Return the task with the chat identities of the workers who accepted it."""
        if task.workers:
            return task
        known = self._of_tasks.get(task.sid)
        if known is None:
            accepted = tuple(each.worker for each in self._api.acceptances_of(attempt, task.sid) if not each.ended)
            identities = map(partial(self._identity, attempt), accepted)
            known = frozenset(filter(None, identities))
            if known:
                self._of_tasks.put(task.sid, known)
        return replace(task, workers=known)

    def with_evidence(
        self, attempt: Attempt, authorship: Authorship, tasks: tuple[Task, ...], messages: tuple[RawMessage, ...]
    ) -> Authorship:
        """Return the authorship with evidence: the roles for agents and, if they leave doubt, the tasks' workers."""
        authorship = replace(authorship, evidence=Evidence(self._api.agent_roles(attempt)))
        held = [task for task in tasks if task.status is TaskStatus.ASSIGNED]
        if not held or not in_doubt(authorship, messages, min(task.created_at for task in held)):
            return authorship
        workers = frozenset().union(*(self.of(attempt, task).workers for task in held))
        return replace(authorship, evidence=replace(authorship.evidence, worker_identities=workers))

    def with_owners(self, attempt: Attempt, snapshot: Snapshot) -> Snapshot:
        """Add the tasks' workers if it matters: the newest message is of an agent who may have invited a colleague."""
        newest, live = newest_counted(snapshot), snapshot.live_tasks
        joined_at = snapshot.authorship.newest_agent_joined_at
        before_task = len(live) > 1 and newest.sent_at <= live[-1].created_at
        before_them = bool(live) and joined_at is not None and newest.sent_at < joined_at
        if newest.by is not Author.AGENT or not (before_task or before_them) or not stays(snapshot, newest):
            return snapshot
        tasks = (self.of(attempt, task) if task.status is TaskStatus.ASSIGNED else task for task in snapshot.tasks)
        return replace(snapshot, tasks=tuple(tasks))

    def with_lost_agents(self, attempt: Attempt, snapshot: Snapshot, messages: tuple[RawMessage, ...]) -> Snapshot:
        """Classify the messages again if the task was lost: whoever accepted it is an agent, whatever their role.

        Args:
            attempt: the attempt that makes the calls.
            snapshot: the snapshot, with what became of its last task.
            messages: all messages that were read.
        """
        last, authorship = snapshot.lost, snapshot.authorship
        if last is None or not last.workers:
            return snapshot
        if not in_doubt(authorship, messages, last.made_at or snapshot.conversation.created_at):
            return snapshot
        identities = frozenset(filter(None, map(partial(self._identity, attempt), last.workers)))
        evidence = replace(authorship.evidence, worker_identities=identities)
        snapshot = replace(snapshot, authorship=replace(authorship, evidence=evidence))
        return replace(snapshot, messages=snapshot.classify_all(messages))

    def _identity(self, attempt: Attempt, worker_sid: str) -> str | None:
        if worker_sid not in self._identities:
            try:
                self._identities[worker_sid] = self._api.identity_of_worker(attempt, worker_sid)
            except (NotFoundError, RefusedError):
                return None
        return self._identities[worker_sid]
