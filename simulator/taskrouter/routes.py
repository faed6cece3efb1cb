"""TaskRouter over HTTP: workspaces; the other files have what is in them."""

from __future__ import annotations

from simulator.shared.rest import Answer, Call, after, page
from simulator.taskrouter import event_routes, routing_routes, task_routes, worker_routes
from simulator.taskrouter.models import TaskRouter
from simulator.taskrouter.representations import workspace_json
from simulator.taskrouter.table import ROUTES, WORKSPACE, found

__all__ = ["ROUTES", "event_routes", "routing_routes", "task_routes", "worker_routes"]


@ROUTES.on("GET", "/v1/Workspaces")
def list_workspaces(call: Call[TaskRouter]) -> Answer:
    """List, all or by name."""
    begin, name = after(call), call.asked("FriendlyName")
    rows = (
        row
        for row in enumerate(call.product.workspaces.values())
        if row[0] > begin and (name is None or row[1].friendly_name == name)
    )
    return page(call, "workspaces", rows, lambda row: workspace_json(row[1], call.base), lambda row: row[0])


@ROUTES.on("POST", "/v1/Workspaces")
def create_workspace(call: Call[TaskRouter]) -> Answer:
    """Create."""
    workspace = call.product.create_workspace(
        call.value("FriendlyName"),
        event_callback_url=call.value("EventCallbackUrl"),
        events_filter=call.value("EventsFilter"),
        multi_task_enabled=call.value("MultiTaskEnabled"),
        prioritize_queue_order=call.value("PrioritizeQueueOrder"),
        template=call.value("Template"),
    )
    return Answer(201, workspace_json(workspace, call.base))


@ROUTES.on("GET", WORKSPACE)
def fetch_workspace(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """Fetch."""
    return Answer(200, workspace_json(found(call, workspace_sid), call.base))


@ROUTES.on("POST", WORKSPACE)
def update_workspace(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """Update what is given."""
    workspace = found(call, workspace_sid)
    workspace.update(
        friendly_name=call.value("FriendlyName"),
        event_callback_url=call.value("EventCallbackUrl"),
        events_filter=call.value("EventsFilter"),
        multi_task_enabled=call.value("MultiTaskEnabled"),
        prioritize_queue_order=call.value("PrioritizeQueueOrder"),
        default_activity_sid=call.value("DefaultActivitySid"),
        timeout_activity_sid=call.value("TimeoutActivitySid"),
    )
    return Answer(200, workspace_json(workspace, call.base))


@ROUTES.on("DELETE", WORKSPACE)
def delete_workspace(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """Delete with everything in it."""
    call.product.delete_workspace(workspace_sid)
    return Answer(204)
