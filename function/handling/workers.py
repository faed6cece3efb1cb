"""Finds the workers who accepted a task, if roles do not show who is an agent; read once for each task."""

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ..chat import (
    ACCEPTED,
    CREATED,
    Author,
    Authorship,
    Evidence,
    RawMessage,
    Snapshot,
    Task,
    TaskStatus,
    in_doubt,
    known_tasks,
    newest_counted,
    stays,
)
from ..twilio_api import Acceptance, Attempt, NotFoundError, RefusedError, TwilioApi, UnreadableError
from .locks import NewLock
from .memory import Memory

MAX_TASKS = 10_000

MAX_FORMER_TASKS = 5
"""Maximum of a chat's ended tasks, newest first, whose workers are read."""


@dataclass(frozen=True)
class Holders:
    """Who accepted a task.

    Attributes:
        identities: the workers' chat identities; a worker who only takes calls may have none.
        accepted_at: when the last of them did; None if unknown.
        made_at: when the task was created; None if unknown.
        seen: whether it shows that anybody did.
    """

    identities: frozenset[str] = frozenset()
    accepted_at: datetime | None = None
    made_at: datetime | None = None
    seen: bool = False


class Workers:
    """The workers of tasks, by their chat identities. One for the whole process."""

    def __init__(self, api: TwilioApi, lock: NewLock = threading.Lock) -> None:
        self._api = api
        self._identities: dict[str, str | None] = {}
        self._of_tasks: Memory[Holders] = Memory(MAX_TASKS, lock)
        self._of_ended: Memory[Holders] = Memory(MAX_TASKS, lock)

    def of(self, attempt: Attempt, task: Task) -> Task:
        """Return the task with the chat identities of the workers who accepted it."""
        if task.workers:
            return task
        known = self._of_tasks.get(task.sid)
        if known is None:
            try:
                accepted = [each for each in self._api.acceptances_of(attempt, task.sid) if not each.ended]
            except UnreadableError:
                return task  # as if they were not known; another read may show them
            known = Holders(
                self._identities_of(attempt, (each.worker for each in accepted)),
                self._accepted_at(attempt, task.sid, accepted),
                task.created_at,
                seen=bool(accepted),
            )
            if known.identities:
                self._of_tasks.put(task.sid, known)
        return replace(task, workers=known.identities, accepted_at=known.accepted_at, acceptance_seen=known.seen)

    def _accepted_at(self, attempt: Attempt, task_sid: str, accepted: Collection[Acceptance]) -> datetime | None:
        """Return when the last of these acceptances was; only events still show that of a task in wrapping."""
        times = [each.at for each in accepted if each.at]
        if accepted and not times:
            events = self._api.task_events(attempt, task_sid) or ()
            times = [event.at for event in events if event.kind == ACCEPTED]
        return max(times, default=None)

    def with_evidence(
        self, attempt: Attempt, authorship: Authorship, tasks: tuple[Task, ...], messages: tuple[RawMessage, ...]
    ) -> Authorship:
        """Return the authorship with evidence: the roles for agents and, if they leave doubt, the tasks' workers."""
        authorship = replace(authorship, evidence=Evidence.of_roles(self._api.agent_roles(attempt)))
        held = [task for task in tasks if task.status is TaskStatus.ASSIGNED]
        if not held or not in_doubt(authorship, messages, min(task.created_at for task in held)):
            return authorship
        workers: frozenset[str] = frozenset().union(*(self.of(attempt, task).workers for task in held))
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
        evidence = replace(authorship.evidence, worker_identities=self._identities_of(attempt, last.workers))
        return _classified_again(snapshot, evidence, messages)

    def with_former_agents(
        self, attempt: Attempt, snapshot: Snapshot, messages: tuple[RawMessage, ...], proven: Collection[str]
    ) -> Snapshot:
        """Classify the messages again if the newest is by somebody who has left while an agent has the chat.

        A colleague whose task is newer than every live one helped and left; their word counts. Whoever had an older
        task handed the chat over: that matters only if the customer never wrote, and so is read only then.

        Args:
            attempt: the attempt that makes the calls.
            snapshot: the snapshot, with all its messages.
            messages: the same messages, as read.
            proven: SIDs of tasks that this process has proven to be the chat's.
        """
        newest, live = newest_counted(snapshot), snapshot.newest_live_task
        held = any(task.status is TaskStatus.ASSIGNED for task in snapshot.live_tasks)
        if live is None or not held or not (newest.left and newest.by is Author.CUSTOMER):
            return snapshot
        wrote = any(message.by is Author.CUSTOMER and not message.left for message in snapshot.messages)
        made_at = self._made_at(attempt, snapshot)
        colleagues: frozenset[str] = frozenset()
        predecessors: frozenset[str] = frozenset()
        ended = set(made_at) | set(proven) - {task.sid for task in snapshot.live_tasks}
        for sid in sorted(ended, key=lambda each: (made_at.get(each) or live.created_at, each), reverse=True)[
            :MAX_FORMER_TASKS
        ]:
            made = made_at.get(sid)
            if wrote and made is not None and made <= live.created_at:
                continue
            former = self._former(attempt, sid)
            made = made or former.made_at
            if made is not None and made > live.created_at:
                colleagues |= former.identities
            else:
                predecessors |= former.identities
        evidence = snapshot.authorship.evidence
        predecessors -= colleagues | evidence.worker_identities
        return _classified_again(
            snapshot, replace(evidence, colleagues=colleagues, predecessors=predecessors), messages
        )

    def _made_at(self, attempt: Attempt, snapshot: Snapshot) -> dict[str, datetime | None]:
        """Return the chat's ended tasks as far as they are known, with when they were created."""
        channel, live = snapshot.channel, {task.sid for task in snapshot.live_tasks}
        if channel and channel.proven and channel.invites is None:
            invites = self._api.invites(attempt, channel.interaction, channel.sid)
            channel = replace(channel, invites=invites)
        made_at = {invite.task: invite.created_at for invite in (channel.invites if channel else None) or ()}
        made_at |= {task.sid: task.created_at for task in snapshot.tasks}
        sids = known_tasks(replace(snapshot, channel=channel))
        return {sid: made_at.get(sid) for sid in sids if sid not in live}

    def _former(self, attempt: Attempt, task_sid: str) -> Holders:
        """Return who accepted a task that has ended: from its reservations, or its events once it is gone.

        Nobody if that cannot be read: then whoever has left counts as a customer.
        """
        known = self._of_ended.get(task_sid)
        if known is None:
            try:
                workers = [each.worker for each in self._api.acceptances_of(attempt, task_sid)]
                events = () if workers else self._api.task_events(attempt, task_sid) or ()
            except UnreadableError:
                return Holders()
            workers += [event.worker for event in events if event.kind == ACCEPTED and event.worker]
            made_at = min((event.at for event in events if event.kind == CREATED), default=None)
            known = Holders(self._identities_of(attempt, workers), made_at=made_at)
            if known.identities:
                self._of_ended.put(task_sid, known)
        return known

    def _identities_of(self, attempt: Attempt, workers: Iterable[str]) -> frozenset[str]:
        return frozenset(filter(None, map(partial(self._identity, attempt), workers)))

    def _identity(self, attempt: Attempt, worker_sid: str) -> str | None:
        if worker_sid not in self._identities:
            try:
                self._identities[worker_sid] = self._api.identity_of_worker(attempt, worker_sid)
            except (NotFoundError, RefusedError):
                return None
        return self._identities[worker_sid]


def _classified_again(snapshot: Snapshot, evidence: Evidence, messages: tuple[RawMessage, ...]) -> Snapshot:
    """Return the snapshot with its messages classified by this evidence."""
    snapshot = replace(snapshot, authorship=replace(snapshot.authorship, evidence=evidence))
    return replace(snapshot, messages=snapshot.classify_all(messages))
