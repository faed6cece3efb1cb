"""Reads the `Routing` of interactions and invites: the way of a chat's task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.shared.errors import invalid_parameter
from simulator.shared.json_text import parse_json
from simulator.taskrouter import task_requests
from simulator.taskrouter.task import DEFAULT_TIMEOUT, Task

if TYPE_CHECKING:
    from simulator.taskrouter.models import TaskRouter
    from simulator.taskrouter.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Routing:
    """A task's way, as `Routing.properties` names it; a missing property has Flex's default."""

    workspace_sid: str | None = None
    workflow_sid: str | None = None
    queue_sid: str | None = None
    worker_sid: str | None = None
    channel: str | None = None
    priority: int = 0
    timeout: timedelta = DEFAULT_TIMEOUT
    attributes: dict[str, object] = field(default_factory=dict)

    def resolve(self, taskrouter: TaskRouter) -> Workspace:
        """The workspace, after checking that everything else that is named exists.

        Raises:
            TwilioError: 20404.
        """
        sid = self.workspace_sid
        workspace = taskrouter.workspace(sid) if sid else taskrouter.default_workspace
        if self.workflow_sid is not None:
            workspace.workflows.get(self.workflow_sid)
        if self.queue_sid is not None:
            workspace.queues.get(self.queue_sid)
        if self.worker_sid is not None:
            workspace.workers.get(self.worker_sid)
        if self.channel is not None:
            workspace.channels.find(self.channel)
        return workspace

    def create_task(self, taskrouter: TaskRouter, attributes: str, take: Callable[[Task], Task]) -> Task:
        """Create the task; `take` is called before it is offered to a worker.

        Raises:
            TwilioError: 20404 for an unknown workspace, workflow, queue or worker.
        """
        return self.resolve(taskrouter).create_task(
            attributes=attributes,
            channel=self.channel or "default",
            workflow_sid=self.workflow_sid or self.resolve(taskrouter).workflow.sid,
            queue=None if self.queue_sid is None else self.resolve(taskrouter).queues.get(self.queue_sid),
            priority=self.priority,
            timeout=self.timeout,
            routing_target=self.worker_sid,
            take=take,
        )


def parse_routing(text: str | None) -> Routing | None:
    """Read `Routing`; None without properties, because then there is no task.

    Raises:
        TwilioError: 20001 for what is not JSON or not of its type.
    """
    value = parse_object("Routing", text or "{}")
    properties = value.get("properties")
    if not properties:
        return None
    if not isinstance(properties, dict):
        raise invalid_parameter("Invalid Routing value given: properties is an object")
    attributes = properties.get("attributes") or {}
    if isinstance(attributes, str):
        attributes = parse_object("attributes", attributes)
    if not isinstance(attributes, dict):
        raise invalid_parameter("Invalid Routing value given: attributes is an object")
    priority, timeout = (_text(properties, name) for name in ("priority", "timeout"))
    return Routing(
        workspace_sid=_text(properties, "workspace_sid"),
        workflow_sid=_text(properties, "workflow_sid"),
        queue_sid=_text(properties, "queue_sid"),
        worker_sid=_text(properties, "worker_sid") or _text(properties, "routing_target"),
        channel=_text(properties, "task_channel_unique_name") or _text(properties, "task_channel_sid"),
        priority=task_requests.priority(priority) or 0,
        timeout=task_requests.timeout(timeout) or DEFAULT_TIMEOUT,
        attributes=attributes,
    )


def parse_object(name: str, text: str) -> dict[str, object]:
    """Read a parameter that is a JSON object.

    Raises:
        TwilioError: 20001.
    """
    try:
        value = parse_json(text)
    except ValueError:
        raise invalid_parameter(f"Invalid {name} value given: it is not JSON") from None
    if not isinstance(value, dict):
        raise invalid_parameter(f"Invalid {name} value given: it is not a JSON object")
    return value


def _text(properties: dict[str, object], name: str) -> str | None:
    value = properties.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid_parameter(f"Invalid Routing value given: {name} is not of its type")
    return str(value)
