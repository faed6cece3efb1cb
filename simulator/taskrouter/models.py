"""Workspaces: their tasks, how tasks are found, and the queues and workers that chats need."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from simulator.errors import invalid_parameter, not_found
from simulator.sids import derived_sid
from simulator.taskrouter.expressions import Expression, parse_expression
from simulator.taskrouter.task import Named, Task, TaskStatus, Worker

if TYPE_CHECKING:
    from simulator.account import Account


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
        self.available_activity = Named(derived_sid("WA", f"{sid}/Available"), "Available")
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
            self.workers[name] = Worker(derived_sid("WK", f"{self.sid}/{name}"), name, self.created)
        return self.workers[name]

    def worker_by_sid(self, sid: str) -> Worker:
        """Find a worker.

        Raises:
            TwilioError: 20404.
        """
        for worker in self.workers.values():
            if worker.sid == sid:
                return worker
        raise not_found(f"/Workspaces/{self.sid}/Workers/{sid}")

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


def _status(text: str) -> TaskStatus:
    try:
        return TaskStatus(text)
    except ValueError:
        raise invalid_parameter(f"Invalid AssignmentStatus value given: {text}") from None
