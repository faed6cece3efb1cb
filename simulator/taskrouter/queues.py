"""Task queues, and the channels by which a worker's capacity is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from simulator.shared.errors import invalid_parameter, missing_parameter, not_found
from simulator.shared.sids import derived_sid
from simulator.taskrouter import errors
from simulator.taskrouter.collection import Collection
from simulator.taskrouter.events import named_event
from simulator.taskrouter.expressions import parse_expression
from simulator.taskrouter.workers import Activity, Worker

EVERYBODY = "1==1"
MAXIMUM_RESERVED_WORKERS = 50
DEFAULT_CHANNEL = "default"


@dataclass(slots=True)
class TaskChannel:
    """A channel of tasks, e.g. chat or voice."""

    sid: str
    unique_name: str
    friendly_name: str
    optimized_routing: bool
    created: datetime
    updated: datetime


@dataclass(slots=True)
class TaskQueue:
    """A queue of tasks for the workers that an expression selects; an empty expression selects nobody."""

    sid: str
    friendly_name: str
    created: datetime
    updated: datetime
    target_workers: str = EVERYBODY
    max_reserved_workers: int = 1
    task_order: str = "FIFO"
    reservation_activity: Activity | None = None
    assignment_activity: Activity | None = None

    def selects(self, worker: Worker) -> bool:
        """Whether the queue selects this worker."""
        return bool(self.target_workers) and parse_expression(self.target_workers).matches(worker.described())


@dataclass(frozen=True, slots=True)
class QueueFields:
    """The fields of a queue that a client sent; None for one that it did not."""

    friendly_name: str | None = None
    target_workers: str | None = None
    max_reserved_workers: str | None = None
    task_order: str | None = None
    reservation_activity_sid: str | None = None
    assignment_activity_sid: str | None = None


class TaskQueues(Collection[TaskQueue]):
    """A workspace's queues."""

    path = "TaskQueues"
    kind = "task queue"

    def create(self, wanted: QueueFields, sid: str | None = None) -> TaskQueue:
        """Add one.

        Raises:
            TwilioError: 20001 without a name or with an invalid value, 20409 for a name in use.
        """
        if not wanted.friendly_name:
            raise missing_parameter("FriendlyName")
        account = self.workspace.account
        now = account.clock.now
        queue = TaskQueue(sid or account.sids.new("WQ"), wanted.friendly_name, now, now)
        self._change(queue, wanted)
        self.add(queue)
        named_event(self.workspace, "task-queue", "created", queue.sid, queue.friendly_name)
        return queue

    def ensure(self, friendly_name: str) -> TaskQueue:
        """The queue of this name, created if it does not exist; its SID is the same after every start."""
        sid = derived_sid("WQ", f"{self.workspace.sid}/{friendly_name}")
        return self.named(friendly_name) or self.create(QueueFields(friendly_name), sid=sid)

    def update(self, sid: str, wanted: QueueFields) -> TaskQueue:
        """Change what is given.

        Raises:
            TwilioError: as `create`.
        """
        queue = self.get(sid)
        self._change(queue, wanted)
        queue.updated = self.workspace.account.clock.now
        if wanted.target_workers is not None:
            named_event(self.workspace, "task-queue", "expression.updated", queue.sid, queue.friendly_name)
        self.workspace.offer_tasks()
        return queue

    def delete(self, sid: str) -> None:
        """Remove one without waiting tasks that no workflow names.

        Raises:
            TwilioError: 20404, or 20001 while it is in use.
        """
        queue = self.get(sid)
        if any(task.queue is queue and task.live for task in self.workspace.tasks.values()):
            raise errors.in_use("task queue", sid, "it has tasks")
        if any(sid in workflow.routing.queue_sids() for workflow in self.workspace.workflows):
            raise errors.in_use("task queue", sid, "a workflow names it")
        self.remove(queue)
        named_event(self.workspace, "task-queue", "deleted", queue.sid, queue.friendly_name)

    def _change(self, queue: TaskQueue, wanted: QueueFields) -> None:
        """Check everything, then change what is given."""
        activities, maximum, order = self.workspace.activities, wanted.max_reserved_workers, wanted.task_order
        if wanted.friendly_name:
            self.require_free(wanted.friendly_name, queue)
        if maximum is not None and not (maximum.isdecimal() and 1 <= int(maximum[:9]) <= MAXIMUM_RESERVED_WORKERS):
            raise invalid_parameter(f"Invalid MaxReservedWorkers value given: {maximum}")
        if order is not None:
            valid_order("TaskOrder", order)
        if wanted.target_workers:
            parse_expression(wanted.target_workers)
        for sid in (wanted.reservation_activity_sid, wanted.assignment_activity_sid):
            activities.get_if_named(sid)
        queue.friendly_name = wanted.friendly_name or queue.friendly_name
        queue.target_workers = queue.target_workers if wanted.target_workers is None else wanted.target_workers
        queue.max_reserved_workers = int(maximum or queue.max_reserved_workers)
        queue.task_order = order or queue.task_order
        if wanted.reservation_activity_sid is not None:
            queue.reservation_activity = activities.get_if_named(wanted.reservation_activity_sid)
        if wanted.assignment_activity_sid is not None:
            queue.assignment_activity = activities.get_if_named(wanted.assignment_activity_sid)


class TaskChannels(Collection[TaskChannel]):
    """A workspace's task channels; requests may use their unique names instead of their SIDs."""

    path = "TaskChannels"
    kind = "task channel"

    def create(
        self, friendly_name: str | None, unique_name: str | None, *, optimized_routing: bool = True
    ) -> TaskChannel:
        """Add one; its SID is derived from its unique name, so the default ones are the same after every start.

        Raises:
            TwilioError: 20001 without a name, 20409 for one in use.
        """
        for name, value in (("FriendlyName", friendly_name), ("UniqueName", unique_name)):
            if not value:
                raise missing_parameter(name)
        if any(channel.unique_name == unique_name for channel in self):
            raise errors.name_taken(self.kind, str(unique_name))
        now = self.workspace.account.clock.now
        sid = derived_sid("TC", f"{self.workspace.sid}/{unique_name}")
        channel = TaskChannel(sid, str(unique_name), str(friendly_name), optimized_routing, now, now)
        self.add(channel)
        named_event(self.workspace, "task-channel", "created", channel.sid, channel.unique_name)
        return channel

    def find(self, name: str) -> TaskChannel:
        """Find one by SID or unique name.

        Raises:
            TwilioError: 20404.
        """
        for channel in self:
            if name in (channel.sid, channel.unique_name):
                return channel
        raise not_found(f"/Workspaces/{self.workspace.sid}/TaskChannels/{name}")

    def ensure(self, unique_name: str) -> TaskChannel:
        """The channel of this name, created if it does not exist."""
        found = next((channel for channel in self if channel.unique_name == unique_name), None)
        return found or self.create(unique_name.title(), unique_name)

    def update(self, name: str, *, friendly_name: str | None, optimized_routing: str | None) -> TaskChannel:
        """Change what is given."""
        channel = self.find(name)
        channel.friendly_name = friendly_name or channel.friendly_name
        if optimized_routing is not None:
            channel.optimized_routing = optimized_routing.lower() == "true"
        channel.updated = self.workspace.account.clock.now
        named_event(self.workspace, "task-channel", "updated", channel.sid, channel.unique_name)
        return channel

    def delete(self, name: str) -> None:
        """Remove one that no task uses; the default cannot be removed.

        Raises:
            TwilioError: 20404, or 20001 while it is in use.
        """
        channel = self.find(name)
        if channel.unique_name == DEFAULT_CHANNEL:
            raise errors.in_use("task channel", name, "it is the default")
        if any(task.channel is channel and task.live for task in self.workspace.tasks.values()):
            raise errors.in_use("task channel", name, "it has tasks")
        self.remove(channel)
        named_event(self.workspace, "task-channel", "deleted", channel.sid, channel.unique_name)


def valid_order(name: str, text: str) -> str:
    """Check FIFO or LIFO.

    Raises:
        TwilioError: 20001.
    """
    if text not in {"FIFO", "LIFO"}:
        raise invalid_parameter(f"Invalid {name} value given: {text}")
    return text
