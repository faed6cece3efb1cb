"""Workflows: the queues that a task goes to, in which order, and how long it waits in each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from simulator.shared.dialect.taskrouter import DocumentType
from simulator.shared.errors import invalid_parameter, missing_parameter
from simulator.shared.json_text import parse_json
from simulator.taskrouter import errors
from simulator.taskrouter.collection import Collection
from simulator.taskrouter.events import named_event, valid_callback_url
from simulator.taskrouter.expressions import parse_expression

DEFAULT_RESERVATION_TIMEOUT: Final = 120
LONGEST_RESERVATION_TIMEOUT: Final = 86_400


@dataclass(frozen=True, slots=True)
class Target:
    """One step of a task's way: a queue, and perhaps a priority and a timeout after which the task moves on."""

    queue_sid: str
    priority: int | None = None
    timeout: timedelta | None = None
    filter_name: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """An expression that selects tasks, and the steps that they follow."""

    expression: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Routing:
    """A workflow's configuration: the first filter that matches, then the default."""

    filters: tuple[Filter, ...] = ()
    default: Target | None = None

    def targets(self, described: object) -> tuple[Target, ...]:
        """The steps of a task with these attributes; none if no filter matches and there is no default."""
        last = () if self.default is None else (self.default,)
        for each in self.filters:
            if parse_expression(each.expression).matches(described):
                return each.targets + last
        return last

    def queue_sids(self) -> set[str]:
        """Every queue that it names."""
        targets = [target for each in self.filters for target in each.targets]
        return {target.queue_sid for target in (*targets, *(() if self.default is None else (self.default,)))}


@dataclass(slots=True)
class Workflow:
    """A workflow; its configuration keeps the text that was sent."""

    sid: str
    friendly_name: str
    configuration: str
    routing: Routing
    created: datetime
    updated: datetime
    assignment_callback_url: str | None = None
    fallback_assignment_callback_url: str | None = None
    task_reservation_timeout: int = DEFAULT_RESERVATION_TIMEOUT
    document_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class WorkflowFields:
    """The fields of a workflow that a client sent; None for one that it did not."""

    friendly_name: str | None = None
    configuration: str | None = None
    assignment_callback_url: str | None = None
    fallback_assignment_callback_url: str | None = None
    task_reservation_timeout: str | None = None


class Workflows(Collection[Workflow]):
    """A workspace's workflows."""

    path = "Workflows"
    kind = "workflow"

    def create(self, wanted: WorkflowFields, sid: str | None = None) -> Workflow:
        """Add one.

        Raises:
            TwilioError: 20001 without name or configuration or with a bad value, 20404 for an unknown queue.
        """
        if not wanted.friendly_name:
            raise missing_parameter("FriendlyName")
        if not wanted.configuration:
            raise missing_parameter("Configuration")
        account = self.workspace.account
        now = account.clock.now
        workflow = Workflow(
            sid or account.sids.new("WW"), wanted.friendly_name, wanted.configuration, Routing(), now, now
        )
        if account.dialect.document_type is DocumentType.EMPTY:
            workflow.document_type = ""
        self._change(workflow, wanted)
        self.add(workflow)
        named_event(self.workspace, "workflow", "created", workflow.sid, workflow.friendly_name)
        return workflow

    def update(self, sid: str, wanted: WorkflowFields) -> Workflow:
        """Change what is given; tasks that are already routed keep the old steps.

        Raises:
            TwilioError: as `create`.
        """
        workflow = self.get(sid)
        self._change(workflow, wanted)
        workflow.updated = self.workspace.account.clock.now
        named_event(self.workspace, "workflow", "updated", workflow.sid, workflow.friendly_name)
        return workflow

    def delete(self, sid: str) -> None:
        """Remove one without live tasks.

        Raises:
            TwilioError: 20404, or 20001 while it is in use.
        """
        workflow = self.get(sid)
        if any(task.workflow is workflow and task.live for task in self.workspace.tasks.values()):
            raise errors.in_use("workflow", sid, "it has tasks")
        self.remove(workflow)
        named_event(self.workspace, "workflow", "deleted", workflow.sid, workflow.friendly_name)

    def _change(self, workflow: Workflow, wanted: WorkflowFields) -> None:
        """Check everything, then change what is given."""
        assignment, fallback = wanted.assignment_callback_url, wanted.fallback_assignment_callback_url
        timeout = wanted.task_reservation_timeout
        if wanted.friendly_name:
            self.require_free(wanted.friendly_name, workflow)
        routing = workflow.routing if wanted.configuration is None else parse_configuration(wanted.configuration)
        for queue_sid in routing.queue_sids():
            self.workspace.queues.get(queue_sid)
        if timeout is not None and not (timeout.isdecimal() and 1 <= int(timeout[:9]) <= LONGEST_RESERVATION_TIMEOUT):
            raise invalid_parameter(f"Invalid TaskReservationTimeout value given: {timeout}")
        for name, url in (("AssignmentCallbackUrl", assignment), ("FallbackAssignmentCallbackUrl", fallback)):
            valid_callback_url(name, url or "")
        workflow.friendly_name = wanted.friendly_name or workflow.friendly_name
        workflow.routing, workflow.configuration = routing, wanted.configuration or workflow.configuration
        workflow.task_reservation_timeout = int(timeout or workflow.task_reservation_timeout)
        if assignment is not None:
            workflow.assignment_callback_url = assignment or None
        if fallback is not None:
            workflow.fallback_assignment_callback_url = fallback or None


def default_configuration(queue_sid: str) -> str:
    """A configuration that sends every task to one queue."""
    return json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": queue_sid}}})


def parse_configuration(text: str) -> Routing:
    """Read a configuration: JSON with `task_routing`, `filters` with expression and targets, `default_filter`.

    Raises:
        TwilioError: 20001, with the reason.
    """
    try:
        value = parse_json(text)
    except ValueError:
        value = None
    routing = value.get("task_routing") if isinstance(value, dict) else None
    if not isinstance(routing, dict) or not isinstance(filters := routing.get("filters", []), list):
        raise invalid_parameter("Invalid Configuration: it is an object with task_routing, whose filters are a list")
    default = routing.get("default_filter")
    return Routing(tuple(_filter(each) for each in filters), None if default is None else _target(default, None))


def _filter(value: object) -> Filter:
    expression = value.get("expression") if isinstance(value, dict) else None
    targets = value.get("targets") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(expression, str) or not isinstance(targets, list):
        raise invalid_parameter("Invalid Configuration: a filter has an expression and a list of targets")
    parse_expression(expression)
    name = value.get("filter_friendly_name")
    return Filter(expression, tuple(_target(each, name if isinstance(name, str) else None) for each in targets))


def _target(value: object, filter_name: str | None) -> Target:
    queue = value.get("queue") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(queue, str):
        raise invalid_parameter("Invalid Configuration: a target names a queue")
    priority, timeout = (_whole(value, name) for name in ("priority", "timeout"))
    return Target(queue, priority, None if timeout is None else timedelta(seconds=timeout), filter_name)


def _whole(value: dict[str, object], name: str) -> int | None:
    found = value.get(name)
    if found is None:
        return None
    if not str(found).isdecimal() or len(str(found)) > 9:
        raise invalid_parameter(f"Invalid Configuration: a target's {name} is a whole number")
    return int(str(found))
