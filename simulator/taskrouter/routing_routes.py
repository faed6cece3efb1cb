"""Task queues, workflows and task channels over HTTP."""

from __future__ import annotations

from simulator.shared.rest import Answer, Call
from simulator.taskrouter.expressions import parse_expression
from simulator.taskrouter.models import TaskRouter
from simulator.taskrouter.queues import QueueFields, TaskQueue
from simulator.taskrouter.representations import queue_json, task_channel_json, workflow_json
from simulator.taskrouter.table import ROUTES, WORKSPACE, found, listed, named, truth
from simulator.taskrouter.workflows import WorkflowFields

_QUEUES = f"{WORKSPACE}/TaskQueues"
_WORKFLOWS = f"{WORKSPACE}/Workflows"
_CHANNELS = f"{WORKSPACE}/TaskChannels"


def _queue_fields(call: Call[TaskRouter]) -> QueueFields:
    return QueueFields(
        friendly_name=call.value("FriendlyName"),
        target_workers=call.value("TargetWorkers"),
        max_reserved_workers=call.value("MaxReservedWorkers"),
        task_order=call.value("TaskOrder"),
        reservation_activity_sid=call.value("ReservationActivitySid"),
        assignment_activity_sid=call.value("AssignmentActivitySid"),
    )


def _workflow_fields(call: Call[TaskRouter]) -> WorkflowFields:
    return WorkflowFields(
        friendly_name=call.value("FriendlyName"),
        configuration=call.value("Configuration"),
        assignment_callback_url=call.value("AssignmentCallbackUrl"),
        fallback_assignment_callback_url=call.value("FallbackAssignmentCallbackUrl"),
        task_reservation_timeout=call.value("TaskReservationTimeout"),
    )


@ROUTES.on("GET", _QUEUES)
def list_queues(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """List, all, by name, or by the workers that they select."""
    workspace, has_name, worker_sid = found(call, workspace_sid), named(call), call.asked("WorkerSid")
    expression = call.asked("EvaluateWorkerAttributes")
    worker = workspace.workers.get(worker_sid) if worker_sid else None
    parsed = parse_expression(expression) if expression else None

    def wanted(queue: TaskQueue) -> bool:
        return (
            has_name(queue)
            and (worker is None or queue.selects(worker))
            and (
                parsed is None
                or any(queue.selects(each) and parsed.matches(each.described()) for each in workspace.workers)
            )
        )

    return listed(call, "task_queues", workspace.queues, lambda row: queue_json(workspace, row, call.base), wanted)


@ROUTES.on("POST", _QUEUES)
def create_queue(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """Create."""
    workspace = found(call, workspace_sid)
    queue = workspace.queues.create(_queue_fields(call))
    return Answer(201, queue_json(workspace, queue, call.base))


@ROUTES.on("GET", f"{_QUEUES}/{{sid}}")
def fetch_queue(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Fetch."""
    workspace = found(call, workspace_sid)
    return Answer(200, queue_json(workspace, workspace.queues.get(sid), call.base))


@ROUTES.on("POST", f"{_QUEUES}/{{sid}}")
def update_queue(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Update what is given."""
    workspace = found(call, workspace_sid)
    queue = workspace.queues.update(sid, _queue_fields(call))
    return Answer(200, queue_json(workspace, queue, call.base))


@ROUTES.on("DELETE", f"{_QUEUES}/{{sid}}")
def delete_queue(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Delete."""
    found(call, workspace_sid).queues.delete(sid)
    return Answer(204)


# -- workflows ---------------------------------------------------------------------------------------------------------


@ROUTES.on("GET", _WORKFLOWS)
def list_workflows(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """List, all or by name."""
    workspace = found(call, workspace_sid)
    return listed(
        call, "workflows", workspace.workflows, lambda row: workflow_json(workspace, row, call.base), named(call)
    )


@ROUTES.on("POST", _WORKFLOWS)
def create_workflow(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """Create."""
    workspace = found(call, workspace_sid)
    workflow = workspace.workflows.create(_workflow_fields(call))
    return Answer(201, workflow_json(workspace, workflow, call.base))


@ROUTES.on("GET", f"{_WORKFLOWS}/{{sid}}")
def fetch_workflow(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Fetch."""
    workspace = found(call, workspace_sid)
    return Answer(200, workflow_json(workspace, workspace.workflows.get(sid), call.base))


@ROUTES.on("POST", f"{_WORKFLOWS}/{{sid}}")
def update_workflow(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Update what is given; `ReEvaluateTasks` routes waiting tasks again."""
    workspace = found(call, workspace_sid)
    workflow = workspace.workflows.update(sid, _workflow_fields(call))
    if truth(call.value("ReEvaluateTasks")):
        workspace.reevaluate(workflow)
    return Answer(200, workflow_json(workspace, workflow, call.base))


@ROUTES.on("DELETE", f"{_WORKFLOWS}/{{sid}}")
def delete_workflow(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Delete."""
    found(call, workspace_sid).workflows.delete(sid)
    return Answer(204)


# -- task channels -----------------------------------------------------------------------------------------------------


@ROUTES.on("GET", _CHANNELS)
def list_task_channels(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """List."""
    workspace = found(call, workspace_sid)
    return listed(call, "channels", workspace.channels, lambda row: task_channel_json(workspace, row, call.base))


@ROUTES.on("POST", _CHANNELS)
def create_task_channel(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """Create."""
    workspace, optimized = found(call, workspace_sid), call.value("ChannelOptimizedRouting")
    channel = workspace.channels.create(
        call.value("FriendlyName"),
        call.value("UniqueName"),
        optimized_routing=optimized is None or truth(optimized),
    )
    return Answer(201, task_channel_json(workspace, channel, call.base))


@ROUTES.on("GET", f"{_CHANNELS}/{{sid}}")
def fetch_task_channel(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Fetch by SID or unique name."""
    workspace = found(call, workspace_sid)
    return Answer(200, task_channel_json(workspace, workspace.channels.find(sid), call.base))


@ROUTES.on("POST", f"{_CHANNELS}/{{sid}}")
def update_task_channel(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Update what is given."""
    workspace = found(call, workspace_sid)
    channel = workspace.channels.update(
        sid, friendly_name=call.value("FriendlyName"), optimized_routing=call.value("ChannelOptimizedRouting")
    )
    return Answer(200, task_channel_json(workspace, channel, call.base))


@ROUTES.on("DELETE", f"{_CHANNELS}/{{sid}}")
def delete_task_channel(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Delete."""
    found(call, workspace_sid).channels.delete(sid)
    return Answer(204)
