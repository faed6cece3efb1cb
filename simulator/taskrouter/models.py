"""Workspaces, tasks and reservations: which change of a task is legal, its revision, and when it is gone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.errors import invalid_parameter, not_found
from simulator.sids import derived_sid
from simulator.taskrouter import errors
from simulator.taskrouter.expressions import Expression, parse_expression

if TYPE_CHECKING:
    from simulator.account import Account

PURGE_AFTER = timedelta(minutes=5)
"""A task that ended is deleted this much later (Twilio docs, TaskRouter lifecycle)."""


class TaskStatus(StrEnum):
    """A task's assignment status."""

    PENDING = "pending"
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    WRAPPING = "wrapping"
    COMPLETED = "completed"
    CANCELED = "canceled"


WAITING = frozenset({TaskStatus.PENDING, TaskStatus.RESERVED})
LIVE = WAITING | {TaskStatus.ASSIGNED}
ENDED = frozenset({TaskStatus.COMPLETED, TaskStatus.CANCELED})


@dataclass(slots=True)
class Worker:
    """An agent as TaskRouter knows them."""

    sid: str
    friendly_name: str


@dataclass(slots=True)
class Named:
    """A task queue, a workflow or a task channel: a SID and a name are all that a chat needs of it."""

    sid: str
    friendly_name: str


@dataclass(slots=True)
class Reservation:
    """A task offered to a worker."""

    sid: str
    task: Task
    worker: Worker
    status: str
    created: datetime
    updated: datetime


class Task:
    """One task. Every change raises its revision, which is its ETag."""

    def __init__(self, workspace: Workspace, sequence: int, *, attributes: str, channel: str, queue: Named) -> None:
        clock = workspace.account.clock
        self.workspace = workspace
        self.sequence = sequence
        self.sid = workspace.account.sids.new("WT")
        self.attributes = _valid_attributes(attributes)
        self.channel = channel
        self.queue = queue
        self.status = TaskStatus.PENDING
        self.reason: str | None = None
        self.priority = 0
        self.timeout = 86400
        self.revision = 0
        self.created = self.updated = clock.now
        self.reservations: list[Reservation] = []
        self.purged = False
        self._purge = clock.timer(lambda: workspace.purge(self))

    @property
    def live(self) -> bool:
        """Whether it holds or waits for an agent."""
        return self.status in LIVE

    @property
    def reservation(self) -> Reservation | None:
        """The newest reservation."""
        return self.reservations[-1] if self.reservations else None

    def update(
        self,
        *,
        status: str | None = None,
        reason: str | None = None,
        attributes: str | None = None,
        priority: str | None = None,
        if_match: str | None = None,
    ) -> None:
        """Change a task by request.

        Raises:
            TwilioError: 412 when `if_match` is another revision; 20001 for an illegal status or bad attributes.
        """
        self.require_revision(if_match)
        if status is not None and attributes is not None:
            raise errors.two_requests(self.sid)
        if priority is not None and not priority.isdigit():
            raise invalid_parameter(f"Invalid Priority value given: {priority}")
        if attributes is not None:
            self.workspace.reindex(self, _valid_attributes(attributes))
        if priority is not None:
            self.priority = int(priority)
        if status is not None:
            self._change_status(status)
        if reason is not None:
            self.reason = reason
        self._changed()
        if self.status in ENDED and status is not None:
            self.workspace.ended_by_request(self)

    def require_revision(self, if_match: str | None) -> None:
        """Refuse a change that was made for another revision.

        Raises:
            TwilioError: HTTP 412.
        """
        if if_match is not None and if_match.strip() != "*" and if_match.strip().strip('"') != str(self.revision):
            raise errors.revision_mismatch(self.sid, if_match, self.revision)

    def reserve(self, worker: Worker) -> Reservation:
        """Offer the task to a worker."""
        now = self.workspace.account.clock.now
        reservation = Reservation(self.workspace.account.sids.new("WR"), self, worker, "pending", now, now)
        self.reservations.append(reservation)
        self.status = TaskStatus.RESERVED
        self._changed()
        return reservation

    def accept(self, worker: Worker) -> Reservation:
        """Let a worker take the task."""
        reservation = self.reservation if self.status is TaskStatus.RESERVED else None
        reservation = reservation or self.reserve(worker)
        self.status = TaskStatus.ASSIGNED
        self._set_reservation("accepted")
        self._changed()
        return reservation

    def wrap(self) -> None:
        """Go from assigned to wrapping; leaves any other status alone."""
        if self.status is TaskStatus.ASSIGNED:
            self._change_status(TaskStatus.WRAPPING)
            self._changed()

    def finish(self) -> None:
        """End by the platform's own hand: complete what an agent had, cancel what waited."""
        if self.status in ENDED:
            return
        self._change_status(TaskStatus.CANCELED if self.status in WAITING else TaskStatus.COMPLETED)
        self._changed()

    def _change_status(self, status: str) -> None:
        match status:
            case TaskStatus.CANCELED:
                if self.status not in WAITING:
                    raise errors.cannot_cancel(self.sid, self.status)
                self._set_reservation("rescinded")
            case TaskStatus.COMPLETED:
                if self.status not in {TaskStatus.ASSIGNED, TaskStatus.WRAPPING}:
                    raise errors.cannot_complete(self.sid, self.status)
                self._set_reservation("completed")
            case TaskStatus.WRAPPING:
                if self.status is not TaskStatus.ASSIGNED:
                    raise errors.cannot_wrap_up(self.sid, self.status)
                self._set_reservation("wrapping")
            case _:
                raise errors.cannot_set_status(self.sid, status)
        self.status = TaskStatus(status)
        if self.status in ENDED:
            self._purge.arm(self.workspace.account.clock.now + PURGE_AFTER)

    def _set_reservation(self, status: str) -> None:
        if self.reservation is not None:
            self.reservation.status = status
            self.reservation.updated = self.workspace.account.clock.now

    def _changed(self) -> None:
        self.revision += 1
        self.updated = self.workspace.account.clock.now


class Workspace:
    """A workspace: its tasks, and the one event callback it has."""

    def __init__(self, account: Account, sid: str, friendly_name: str) -> None:
        self.account = account
        self.sid = sid
        self.friendly_name = friendly_name
        self.created = self.updated = account.clock.now
        self.event_callback_url = ""
        self.events_filter: str | None = None
        self.multi_task_enabled = True
        self.prioritize_queue_order = "FIFO"
        self.offline_activity = Named(derived_sid("WA", f"{sid}/Offline"), "Offline")
        self.workflow = Named(derived_sid("WW", f"{sid}/Assign to Anyone"), "Assign to Anyone")
        self.queues: dict[str, Named] = {}
        self.workers: dict[str, Worker] = {}
        self.tasks: dict[str, Task] = {}
        self.on_ended_by_request: Callable[[Task], None] = lambda _task: None
        self._by_conversation: dict[str, dict[str, Task]] = {}
        self._sequence = 0

    def update(
        self,
        *,
        friendly_name: str | None,
        event_callback_url: str | None,
        events_filter: str | None,
        multi_task_enabled: str | None,
        prioritize_queue_order: str | None,
    ) -> None:
        """Change what is given."""
        if prioritize_queue_order is not None and prioritize_queue_order not in {"FIFO", "LIFO"}:
            raise invalid_parameter(f"Invalid PrioritizeQueueOrder value given: {prioritize_queue_order}")
        if friendly_name is not None:
            self.friendly_name = friendly_name
        if event_callback_url is not None:
            self.event_callback_url = event_callback_url
        if events_filter is not None:
            self.events_filter = events_filter or None
        if multi_task_enabled is not None:
            self.multi_task_enabled = multi_task_enabled.lower() == "true"
        if prioritize_queue_order is not None:
            self.prioritize_queue_order = prioritize_queue_order
        self.updated = self.account.clock.now

    def queue(self, name: str) -> Named:
        """The queue of this name; made when it is first needed."""
        if name not in self.queues:
            self.queues[name] = Named(derived_sid("WQ", f"{self.sid}/{name}"), name)
        return self.queues[name]

    def worker(self, name: str) -> Worker:
        """The worker of this name; made when they are first needed."""
        if name not in self.workers:
            self.workers[name] = Worker(derived_sid("WK", f"{self.sid}/{name}"), name)
        return self.workers[name]

    def create_task(self, *, attributes: str = "{}", channel: str = "chat", queue: str = "Everyone") -> Task:
        """Put a task into a queue."""
        self._sequence += 1
        task = Task(self, self._sequence, attributes=attributes, channel=channel, queue=self.queue(queue))
        self.tasks[task.sid] = task
        self._index(task)
        return task

    def task(self, sid: str) -> Task:
        """Find a task.

        Raises:
            TwilioError: 20404, also five minutes after its end.
        """
        found = self.tasks.get(sid)
        if found is None:
            raise not_found(f"/Workspaces/{self.sid}/Tasks/{sid}")
        return found

    def list_tasks(self, *, evaluate: str | None, statuses: str | None, after: int) -> Iterator[Task]:
        """Tasks in order of creation that match an attribute expression and a comma list of statuses.

        Raises:
            TwilioError: 20001 for an expression or a status that is none.
        """
        expression = None if not evaluate else parse_expression(evaluate)
        wanted = None if not statuses else {_status(part.strip()) for part in statuses.split(",")}
        return (
            task
            for task in self._candidates(expression)
            if task.sequence > after
            and (wanted is None or task.status in wanted)
            and (expression is None or expression.matches(json.loads(task.attributes)))
        )

    def delete_task(self, sid: str, if_match: str | None) -> None:
        """Remove a task at once."""
        task = self.task(sid)
        task.require_revision(if_match)
        self.purge(task)

    def purge(self, task: Task) -> None:
        """Forget a task."""
        task.purged = True
        self.tasks.pop(task.sid, None)
        self._unindex(task)

    def reindex(self, task: Task, attributes: str) -> None:
        """Give a task new attributes and keep the search right."""
        self._unindex(task)
        task.attributes = attributes
        self._index(task)

    def ended_by_request(self, task: Task) -> None:
        """Let Flex know that TaskRouter's API ended a task."""
        self.on_ended_by_request(task)

    def _candidates(self, expression: Expression | None) -> Iterable[Task]:
        conversation = None if expression is None else expression.required("conversationSid")
        return self.tasks.values() if conversation is None else self._by_conversation.get(conversation, {}).values()

    def _index(self, task: Task) -> None:
        conversation = _conversation_of(task)
        if conversation is not None:
            self._by_conversation.setdefault(conversation, {})[task.sid] = task

    def _unindex(self, task: Task) -> None:
        conversation = _conversation_of(task)
        if conversation is not None and conversation in self._by_conversation:
            self._by_conversation[conversation].pop(task.sid, None)
            if not self._by_conversation[conversation]:
                del self._by_conversation[conversation]


class TaskRouter:
    """The product as one account sees it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        sid = derived_sid("WS", "Flex Task Assignment")
        self.default_workspace = Workspace(account, sid, "Flex Task Assignment")
        self.default_workspace.queue("Everyone")
        self.default_workspace.worker("agent")
        self.workspaces = {sid: self.default_workspace}

    def workspace(self, sid: str) -> Workspace:
        """Find a workspace.

        Raises:
            TwilioError: 20404.
        """
        found = self.workspaces.get(sid)
        if found is None:
            raise not_found(f"/Workspaces/{sid}")
        return found


def _conversation_of(task: Task) -> str | None:
    attributes = json.loads(task.attributes)
    value = attributes.get("conversationSid") if isinstance(attributes, dict) else None
    return value if isinstance(value, str) else None


def _valid_attributes(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        raise invalid_parameter("Attributes are not valid JSON") from None
    if not isinstance(value, dict):
        raise invalid_parameter("Attributes are not a JSON object")
    return text


def _status(text: str) -> TaskStatus:
    try:
        return TaskStatus(text)
    except ValueError:
        raise invalid_parameter(f"Invalid AssignmentStatus value given: {text}") from None
