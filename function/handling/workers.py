"""Who holds a task: asked where roles and participants leave doubt, and once for each task."""

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
    """Tells who holds which task; one for the whole process."""

    def __init__(self, api: TwilioApi, lock: NewLock = threading.Lock) -> None:
        self._api = api
        self._identities: dict[str, str | None] = {}
        self._of_tasks: Memory[frozenset[str]] = Memory(MAX_TASKS, lock)

    def of(self, attempt: Attempt, task: Task) -> Task:
        """The task, with the chat identities of those who accepted it."""
        if task.workers:
            return task
        known = self._of_tasks.get(task.sid)
        if known is None:
            identities = map(partial(self._identity, attempt), self._api.workers_of(attempt, task.sid))
            known = frozenset(filter(None, identities))
            if known:
                self._of_tasks.put(task.sid, known)
        return replace(task, workers=known)

    def with_evidence(
        self, attempt: Attempt, authorship: Authorship, tasks: tuple[Task, ...], messages: tuple[RawMessage, ...]
    ) -> Authorship:
        """Roles tell agents apart in every Flex that we know of; where they leave doubt the task's worker is asked."""
        authorship = replace(authorship, evidence=Evidence(self._api.agent_roles(attempt)))
        held = [task for task in tasks if task.status is TaskStatus.ASSIGNED]
        if not held or not in_doubt(authorship, messages, min(task.created_at for task in held)):
            return authorship
        workers = frozenset().union(*(self.of(attempt, task).workers for task in held))
        return replace(authorship, evidence=replace(authorship.evidence, worker_identities=workers))

    def with_owners(self, attempt: Attempt, snapshot: Snapshot) -> Snapshot:
        """Whose task is whose, where it matters: the agent wrote before the newest came, and is still here."""
        newest, live = newest_counted(snapshot), snapshot.live_tasks
        joined_at = snapshot.authorship.newest_agent_joined_at
        before_task = len(live) > 1 and newest.sent_at <= live[-1].created_at
        before_them = bool(live) and joined_at is not None and newest.sent_at < joined_at
        if newest.by is not Author.AGENT or not (before_task or before_them) or not stays(snapshot, newest):
            return snapshot
        tasks = (self.of(attempt, task) if task.status is TaskStatus.ASSIGNED else task for task in snapshot.tasks)
        return replace(snapshot, tasks=tuple(tasks))

    def with_lost_agents(self, attempt: Attempt, snapshot: Snapshot, messages: tuple[RawMessage, ...]) -> Snapshot:
        """The messages judged again where a task was lost: who accepted it is an agent, whatever their role.

        Args:
            attempt: whose calls they are.
            snapshot: of the chat, with what became of its last task.
            messages: all that were read of it.
        """
        last, authorship = snapshot.lost, snapshot.authorship
        if last is None or not last.workers:
            return snapshot
        if not in_doubt(authorship, messages, last.made_at or snapshot.conversation.created_at):
            return snapshot
        identities = frozenset(filter(None, map(partial(self._identity, attempt), last.workers)))
        evidence = replace(authorship.evidence, worker_identities=identities)
        snapshot = replace(snapshot, authorship=replace(authorship, evidence=evidence))
        return replace(snapshot, messages=snapshot.heard(messages))

    def _identity(self, attempt: Attempt, worker_sid: str) -> str | None:
        if worker_sid not in self._identities:
            try:
                self._identities[worker_sid] = self._api.identity_of_worker(attempt, worker_sid)
            except (NotFoundError, RefusedError):
                return None
        return self._identities[worker_sid]
