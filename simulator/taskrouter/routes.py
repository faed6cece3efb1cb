"""TaskRouter over HTTP: paths and parameters to models and back."""

from __future__ import annotations

from typing import Final

from simulator.errors import not_found
from simulator.rest import Answer, Call, Routes, after, page
from simulator.taskrouter.representations import reservation_json, task_json, worker_json, workspace_json
from simulator.taskrouter.task import Task

ROUTES: Final = Routes()

_WORKSPACE = "/v1/Workspaces/{workspace_sid}"
_TASK = f"{_WORKSPACE}/Tasks/{{task_sid}}"


def _task_answer(task: Task, call: Call, status: int = 200) -> Answer:
    return Answer(status, task_json(task, call.base), {"ETag": f'"{task.revision}"'})


@ROUTES.on("GET", "/v1/Workspaces")
def list_workspaces(call: Call) -> Answer:
    """List."""
    begin = after(call)
    found = (row for row in enumerate(call.account.taskrouter.workspaces.values()) if row[0] > begin)
    return page(call, "workspaces", found, lambda row: workspace_json(row[1], call.base), lambda row: row[0])


@ROUTES.on("GET", _WORKSPACE)
def fetch_workspace(call: Call, workspace_sid: str) -> Answer:
    """Fetch."""
    return Answer(200, workspace_json(call.account.taskrouter.workspace(workspace_sid), call.base))


@ROUTES.on("POST", _WORKSPACE)
def update_workspace(call: Call, workspace_sid: str) -> Answer:
    """Update what is given."""
    workspace = call.account.taskrouter.workspace(workspace_sid)
    workspace.update(
        friendly_name=call.value("FriendlyName"),
        event_callback_url=call.value("EventCallbackUrl"),
        events_filter=call.value("EventsFilter"),
        multi_task_enabled=call.value("MultiTaskEnabled"),
        prioritize_queue_order=call.value("PrioritizeQueueOrder"),
    )
    return Answer(200, workspace_json(workspace, call.base))


@ROUTES.on("GET", f"{_WORKSPACE}/Tasks")
def list_tasks(call: Call, workspace_sid: str) -> Answer:
    """List, by attributes and status."""
    found = call.account.taskrouter.workspace(workspace_sid).list_tasks(
        evaluate=call.asked("EvaluateTaskAttributes"),
        statuses=",".join(value for key, value in call.query if key == "AssignmentStatus"),
        after=after(call),
    )
    return page(call, "tasks", found, lambda row: task_json(row, call.base), lambda row: row.sequence, maximum=1000)


@ROUTES.on("POST", f"{_WORKSPACE}/Tasks")
def create_task(call: Call, workspace_sid: str) -> Answer:
    """Create a task of one's own: no interaction stands behind it."""
    task = call.account.taskrouter.workspace(workspace_sid).create_task(
        attributes=call.value("Attributes") or "{}", channel=call.value("TaskChannel") or "default"
    )
    return _task_answer(task, call, 201)


@ROUTES.on("GET", _TASK)
def fetch_task(call: Call, workspace_sid: str, task_sid: str) -> Answer:
    """Fetch, with the revision as ETag."""
    return _task_answer(call.account.taskrouter.workspace(workspace_sid).task(task_sid), call)


@ROUTES.on("POST", _TASK)
def update_task(call: Call, workspace_sid: str, task_sid: str) -> Answer:
    """Update, if it still is the revision in If-Match."""
    task = call.account.taskrouter.workspace(workspace_sid).task(task_sid)
    task.update(
        status=call.value("AssignmentStatus"),
        reason=call.value("Reason"),
        attributes=call.value("Attributes"),
        priority=call.value("Priority"),
        if_match=call.headers.get("if-match"),
    )
    return _task_answer(task, call)


@ROUTES.on("DELETE", _TASK)
def delete_task(call: Call, workspace_sid: str, task_sid: str) -> Answer:
    """Delete at once."""
    call.account.taskrouter.workspace(workspace_sid).delete_task(task_sid, call.headers.get("if-match"))
    return Answer(204)


@ROUTES.on("GET", f"{_TASK}/Reservations")
def list_reservations(call: Call, workspace_sid: str, task_sid: str) -> Answer:
    """List, oldest first."""
    task = call.account.taskrouter.workspace(workspace_sid).task(task_sid)
    begin, status = after(call), call.asked("ReservationStatus")
    found = (
        row for row in enumerate(task.reservations) if row[0] > begin and (status is None or row[1].status == status)
    )
    return page(call, "reservations", found, lambda row: reservation_json(row[1], call.base), lambda row: row[0])


@ROUTES.on("GET", f"{_TASK}/Reservations/{{reservation_sid}}")
def fetch_reservation(call: Call, workspace_sid: str, task_sid: str, reservation_sid: str) -> Answer:
    """Fetch."""
    task = call.account.taskrouter.workspace(workspace_sid).task(task_sid)
    for reservation in task.reservations:
        if reservation.sid == reservation_sid:
            return Answer(200, reservation_json(reservation, call.base))
    raise not_found(f"/Workspaces/{workspace_sid}/Tasks/{task_sid}/Reservations/{reservation_sid}")


@ROUTES.on("GET", f"{_WORKSPACE}/Workers")
def list_workers(call: Call, workspace_sid: str) -> Answer:
    """List."""
    workspace = call.account.taskrouter.workspace(workspace_sid)
    begin = after(call)
    found = (row for row in enumerate(workspace.workers.values()) if row[0] > begin)
    return page(call, "workers", found, lambda row: worker_json(workspace, row[1], call.base), lambda row: row[0])


@ROUTES.on("GET", f"{_WORKSPACE}/Workers/{{worker_sid}}")
def fetch_worker(call: Call, workspace_sid: str, worker_sid: str) -> Answer:
    """Fetch; `contact_uri` in the attributes names the worker's chat identity."""
    workspace = call.account.taskrouter.workspace(workspace_sid)
    return Answer(200, worker_json(workspace, workspace.worker_by_sid(worker_sid), call.base))
