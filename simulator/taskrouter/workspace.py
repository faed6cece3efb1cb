"""One workspace: its workers, queues and workflows, its tasks and the offers of them, its event callback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from simulator.shared.errors import invalid_parameter, missing_parameter, not_found
from simulator.shared.sids import derived_sid
from simulator.taskrouter import errors, events
from simulator.taskrouter.event_log import EventLog
from simulator.taskrouter.expressions import parse_expression
from simulator.taskrouter.queues import DEFAULT_CHANNEL, TaskChannels, TaskQueue, TaskQueues, valid_order
from simulator.taskrouter.task import DEFAULT_TIMEOUT, Task, TaskStatus, valid_attributes
from simulator.taskrouter.task_index import TaskIndex
from simulator.taskrouter.workers import Activities, Worker, Workers
from simulator.taskrouter.workflows import Workflow, WorkflowFields, Workflows, default_configuration

if TYPE_CHECKING:
    from simulator.taskrouter.models import TaskRouter

CHANNELS: Final = (DEFAULT_CHANNEL, "voice", "chat", "sms", "video", "email")
"""The task channels that every workspace has."""
ACTIVITIES: Final = {"Offline": False, "Available": True, "Unavailable": False}


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks a list shows, and in which order; None matches any value."""

    evaluate: str | None = None
    statuses: str | None = None
    priority: int | None = None
    workflow: str | None = None
    workflow_name: str | None = None
    queue: str | None = None
    queue_name: str | None = None
    routing_target: str | None = None
    has_addons: bool | None = None
    newest_first: bool = False


class Workspace:
    """A workspace of one account."""

    def __init__(self, product: TaskRouter, sid: str, friendly_name: str) -> None:
        self.product = product
        self.account = account = product.account
        self.sid = sid
        self.friendly_name = friendly_name
        self.created = self.updated = account.clock.now
        self.event_callback_url = ""
        self.events_filter: str | None = None
        self._filter: frozenset[str] | None = None
        self.multi_task_enabled = True
        self.prioritize_queue_order = "FIFO"
        self.tasks: dict[str, Task] = {}
        self._sequence = 0
        self.event_log = EventLog(account)
        self.index = TaskIndex(account.clock, account.dialect.attribute_search)
        self.activities = Activities(self)
        self.channels = TaskChannels(self)
        self.queues = TaskQueues(self)
        self.workflows = Workflows(self)
        self.workers = Workers(self)
        for name, available in ACTIVITIES.items():
            self.activities.ensure(name, available=available)
        for unique_name in CHANNELS:
            self.channels.ensure(unique_name)
        self.default_activity = self.timeout_activity = self.activities.ensure("Offline", available=False)
        self.kept: frozenset[str] = frozenset()
        """SIDs of what cannot be deleted, because Flex uses it."""

    def prepare(self, queue_name: str, workflow_name: str) -> tuple[TaskQueue, Workflow]:
        """Add a queue that selects every worker, and a workflow that sends every task to it."""
        queue = self.queues.ensure(queue_name)
        sid = derived_sid("WW", f"{self.sid}/{workflow_name}")
        return queue, self.workflows.create(WorkflowFields(workflow_name, default_configuration(queue.sid)), sid=sid)

    @property
    def workflow(self) -> Workflow:
        """The oldest workflow, which Flex uses.

        Raises:
            TwilioError: 20001 when there is none.
        """
        for workflow in self.workflows:
            return workflow
        raise missing_parameter("WorkflowSid")

    def update(
        self,
        *,
        friendly_name: str | None,
        event_callback_url: str | None,
        events_filter: str | None,
        multi_task_enabled: str | None,
        prioritize_queue_order: str | None,
        default_activity_sid: str | None = None,
        timeout_activity_sid: str | None = None,
    ) -> None:
        """Change what is given; everything is checked before anything is changed.

        Raises:
            TwilioError: 20001 for an invalid value, 20404 for an unknown activity.
        """
        url = None if event_callback_url is None else events.valid_callback_url("EventCallbackUrl", event_callback_url)
        wanted = None if events_filter is None else events.parse_filter(events_filter)
        if prioritize_queue_order is not None:
            valid_order("PrioritizeQueueOrder", prioritize_queue_order)
        default, timeout = (self.activities.get_if_named(sid) for sid in (default_activity_sid, timeout_activity_sid))
        self.friendly_name = friendly_name or self.friendly_name
        self.event_callback_url = self.event_callback_url if url is None else url
        if events_filter is not None:
            self.events_filter, self._filter = events_filter or None, wanted
        if multi_task_enabled is not None:
            self.multi_task_enabled = multi_task_enabled.lower() == "true"
        self.prioritize_queue_order = prioritize_queue_order or self.prioritize_queue_order
        self.default_activity = default or self.default_activity
        self.timeout_activity = timeout or self.timeout_activity
        self.updated = self.account.clock.now

    def listens_to(self, event: str) -> bool:
        """Whether the event callback gets this event; without a filter it gets every event."""
        return bool(self.event_callback_url) and (self._filter is None or event in self._filter)

    # -- tasks -----------------------------------------------------------------------------------------------------

    def create_task(
        self,
        *,
        attributes: str = "{}",
        channel: str = DEFAULT_CHANNEL,
        workflow_sid: str | None = None,
        queue: TaskQueue | None = None,
        priority: int = 0,
        timeout: timedelta = DEFAULT_TIMEOUT,
        virtual_start: datetime | None = None,
        routing_target: str | None = None,
        ignore_capacity: bool | None = None,
        take: Callable[[Task], object] = lambda _task: None,
    ) -> Task:
        """Create a task, and put it into a queue if one is given, else through a workflow.

        `take` is called with the task before it is offered to anybody.

        Raises:
            TwilioError: 20001 for bad attributes or without a workflow, 20404 for an unknown resource.
        """
        valid_attributes(attributes)
        target = self._routing_target(routing_target)
        if isinstance(target, Workflow):
            workflow_sid = target.sid
        queue = target if isinstance(target, TaskQueue) else queue
        if workflow_sid is None and queue is None and len(list(self.workflows)) != 1:
            raise missing_parameter("WorkflowSid")
        workflow = self.workflow if workflow_sid is None else self.workflows.get(workflow_sid)
        self._sequence += 1
        task = Task(
            self,
            self._sequence,
            attributes=attributes,
            channel=self.channels.find(channel),
            workflow=workflow,
            priority=priority,
            timeout=timeout,
            virtual_start=virtual_start,
            routing_target=routing_target,
            ignore_capacity=isinstance(target, Worker) and ignore_capacity is not False,
        )
        self.tasks[task.sid] = task
        self.index.put(task)
        take(task)
        events.task_event(task, "created", f"Task {task.sid} created")
        if queue is not None:
            task.enter(queue)
        else:
            task.route(workflow.routing.targets(task.described()))
        self.offer(task)
        return task

    def task(self, sid: str) -> Task:
        """Find a task.

        Raises:
            TwilioError: 20404, also from five minutes after its end.
        """
        found = self.tasks.get(sid)
        if found is None:
            raise not_found(f"/Workspaces/{self.sid}/Tasks/{sid}")
        return found

    def list_tasks(self, wanted: TaskFilter) -> Iterator[Task]:
        """The tasks that match a filter, in order of creation or the newest first.

        Raises:
            TwilioError: 20001 for an invalid expression or status.
        """
        expression = parse_expression(wanted.evaluate) if wanted.evaluate else None
        statuses = None
        if wanted.statuses:
            statuses = {_status(part.strip()) for part in wanted.statuses.split(",")}
        everything = self.tasks.values()
        candidates = everything if expression is None else self.index.candidates(expression, everything)
        if wanted.newest_first:
            candidates = reversed(list(candidates) if expression else everything)
        return (
            task
            for task in candidates
            if (statuses is None or task.shown_status in statuses)
            and _passes(task, wanted)
            and (expression is None or self.index.matches(task, expression))
        )

    def delete_task(self, sid: str, if_match: str | None) -> None:
        """Remove a task at once.

        Raises:
            TwilioError: 20404, or 412 when `if_match` is another revision.
        """
        task = self.task(sid)
        errors.require_revision(sid, if_match, task.revision)
        self.forget(task, "deleted")
        self.offer_tasks()

    def forget(self, task: Task, event: str | None) -> None:
        """Remove a task, and report this event if one is given."""
        del self.tasks[task.sid]
        self.index.forget(task)
        task.retire(event)

    # -- offering --------------------------------------------------------------------------------------------------

    def offer_tasks(self) -> None:
        """Offer waiting tasks to workers who can take them, by priority, then by age."""
        if not any(worker.takes_offers for worker in self.workers):
            return
        waiting = [task for task in self.tasks.values() if task.status is TaskStatus.PENDING]
        for task in sorted(waiting, key=_urgency):
            self.offer(task)

    def queues_of(self, worker: Worker) -> Iterator[TaskQueue]:
        """The queues that select a worker."""
        return (queue for queue in self.queues if queue.selects(worker))

    def reevaluate(self, workflow: Workflow) -> None:
        """Route the pending tasks of a workflow again."""
        for task in [each for each in self.tasks.values() if each.workflow is workflow]:
            if task.status is TaskStatus.PENDING:
                task.route(workflow.routing.targets(task.described()))
                self.offer(task)

    def offer(self, task: Task) -> None:
        """Reserve a pending task for the worker who is idle longest; those who declined it come last."""
        if task.status is not TaskStatus.PENDING or task.queue is None:
            return
        able = [worker for worker in self.workers if self._can_take(worker, task)]
        if not able:
            return
        declined = {reservation.worker.sid for reservation in task.reservations}
        worker = min(able, key=lambda each: (each.sid in declined, each.status_changed))
        task.reserve(worker).wait(timedelta(seconds=task.workflow.task_reservation_timeout))

    def _can_take(self, worker: Worker, task: Task) -> bool:
        if (task.routing_target or "").startswith("WK"):
            wanted = worker.sid == task.routing_target and not any(
                reservation.worker is worker for reservation in task.reservations
            )
            return wanted and (task.ignore_capacity or worker.has_room(task.channel))
        return worker.has_room(task.channel) and task.queue is not None and task.queue.selects(worker)

    def _routing_target(self, sid: str | None) -> Worker | TaskQueue | Workflow | None:
        match (sid or "")[:2]:
            case "WK":
                return self.workers.get(str(sid))
            case "WQ":
                return self.queues.get(str(sid))
            case "WW":
                return self.workflows.get(str(sid))
            case "":
                return None
        raise invalid_parameter(f"Invalid RoutingTarget value given: {sid}")


def _urgency(task: Task) -> tuple[int, float]:
    age = task.virtual_start.timestamp()
    newest_first = task.queue is not None and task.queue.task_order == "LIFO"
    return -task.priority, -age if newest_first else age


def _passes(task: Task, wanted: TaskFilter) -> bool:
    queue = task.queue
    return (
        (wanted.priority is None or task.priority == wanted.priority)
        and (wanted.workflow is None or task.workflow.sid == wanted.workflow)
        and (wanted.workflow_name is None or task.workflow.friendly_name == wanted.workflow_name)
        and (wanted.queue is None or (queue is not None and queue.sid == wanted.queue))
        and (wanted.queue_name is None or (queue is not None and queue.friendly_name == wanted.queue_name))
        and (wanted.routing_target is None or task.routing_target == wanted.routing_target)
        and wanted.has_addons is not True
    )


def _status(text: str) -> TaskStatus:
    try:
        return TaskStatus(text)
    except ValueError:
        raise invalid_parameter(f"Invalid AssignmentStatus value given: {text}") from None
