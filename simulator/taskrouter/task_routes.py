"""Tasks and their reservations over HTTP."""

from __future__ import annotations

from simulator.shared.errors import not_found
from simulator.shared.rest import Answer, Call, after, page
from simulator.taskrouter import task_requests
from simulator.taskrouter.models import TaskRouter
from simulator.taskrouter.representations import reservation_json, root, task_json
from simulator.taskrouter.reservation import Reservation
from simulator.taskrouter.table import ROUTES, WORKSPACE, found, truth
from simulator.taskrouter.task import DEFAULT_TIMEOUT, Task
from simulator.taskrouter.workspace import TaskFilter

NEWEST_FIRST = "DateCreated:desc"
"""The one order that a whole list is not needed for."""

_TASK = f"{WORKSPACE}/Tasks/{{task_sid}}"
_WORKER = f"{WORKSPACE}/Workers/{{worker_sid}}"


def _task_answer(task: Task, call: Call[TaskRouter], status: int = 200) -> Answer:
    return Answer(status, task_json(task, call.base), {"ETag": f'"{task.revision}"'})


@ROUTES.on("GET", f"{WORKSPACE}/Tasks")
def list_tasks(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """List, by attributes, status, queue, ...; in order of creation by default."""
    has_addons, ordering = call.asked("HasAddons"), call.asked("Ordering")
    tasks = found(call, workspace_sid).list_tasks(
        TaskFilter(
            evaluate=call.asked("EvaluateTaskAttributes"),
            statuses=",".join(value for key, value in call.query if key == "AssignmentStatus"),
            priority=task_requests.priority(call.asked("Priority")),
            workflow=call.asked("WorkflowSid"),
            workflow_name=call.asked("WorkflowName"),
            queue=call.asked("TaskQueueSid"),
            queue_name=call.asked("TaskQueueName"),
            routing_target=call.asked("RoutingTarget"),
            has_addons=None if has_addons is None else truth(has_addons),
            newest_first=ordering == NEWEST_FIRST,
        )
    )
    begin = after(call)
    if ordering == NEWEST_FIRST:
        rows = (row for row in enumerate(tasks) if row[0] > begin)
    elif not ordering:
        rows = ((task.sequence, task) for task in tasks if task.sequence > begin)
    else:
        rows = (row for row in enumerate(task_requests.ordered(list(tasks), ordering)) if row[0] > begin)
    return page(call, "tasks", rows, lambda row: task_json(row[1], call.base), lambda row: row[0], maximum=1000)


@ROUTES.on("POST", f"{WORKSPACE}/Tasks")
def create_task(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """Create a task without an interaction."""
    workspace = found(call, workspace_sid)
    queue_sid, ignore = call.value("TaskQueueSid"), call.value("IgnoreCapacity")
    task = workspace.create_task(
        attributes=call.value("Attributes") or "{}",
        channel=call.value("TaskChannel") or "default",
        workflow_sid=call.value("WorkflowSid"),
        queue=workspace.queues.get(queue_sid) if queue_sid else None,
        priority=task_requests.priority(call.value("Priority")) or 0,
        timeout=task_requests.timeout(call.value("Timeout")) or DEFAULT_TIMEOUT,
        virtual_start=task_requests.virtual_start(call.value("VirtualStartTime"), call.product.account.clock.now),
        routing_target=call.value("RoutingTarget"),
        ignore_capacity=None if ignore is None else truth(ignore),
    )
    return _task_answer(task, call, 201)


@ROUTES.on("GET", _TASK)
def fetch_task(call: Call[TaskRouter], workspace_sid: str, task_sid: str) -> Answer:
    """Fetch, with the revision as ETag."""
    return _task_answer(found(call, workspace_sid).task(task_sid), call)


@ROUTES.on("POST", _TASK)
def update_task(call: Call[TaskRouter], workspace_sid: str, task_sid: str) -> Answer:
    """Update, if the revision is that of If-Match."""
    workspace = found(call, workspace_sid)
    task, channel = workspace.task(task_sid), call.value("TaskChannel")
    task.update(
        status=call.value("AssignmentStatus"),
        reason=call.value("Reason"),
        attributes=call.value("Attributes"),
        priority=task_requests.priority(call.value("Priority")),
        channel=workspace.channels.find(channel) if channel else None,
        virtual_start=task_requests.virtual_start(call.value("VirtualStartTime"), call.product.account.clock.now),
        if_match=call.headers.get("if-match"),
    )
    return _task_answer(task, call)


@ROUTES.on("DELETE", _TASK)
def delete_task(call: Call[TaskRouter], workspace_sid: str, task_sid: str) -> Answer:
    """Delete at once."""
    found(call, workspace_sid).delete_task(task_sid, call.headers.get("if-match"))
    return Answer(204)


# -- reservations, of a task and of a worker ---------------------------------------------------------------------------


def _reservations(
    call: Call[TaskRouter], workspace_sid: str, task_sid: str | None, worker_sid: str | None
) -> list[Reservation]:
    workspace = found(call, workspace_sid)
    if task_sid is not None:
        return workspace.task(task_sid).reservations
    return list(workspace.workers.get(worker_sid or "").reservations.values())


def _url(call: Call[TaskRouter], workspace_sid: str, task_sid: str | None, worker_sid: str | None) -> str:
    owner = f"Workers/{worker_sid}" if task_sid is None else f"Tasks/{task_sid}"
    return f"{root(found(call, workspace_sid), call.base)}/{owner}/Reservations"


def _reservation(
    call: Call[TaskRouter], workspace_sid: str, reservation_sid: str, task_sid: str | None, worker_sid: str | None
) -> Reservation:
    for reservation in _reservations(call, workspace_sid, task_sid, worker_sid):
        if reservation.sid == reservation_sid:
            return reservation
    raise not_found(f"{call.path}")


@ROUTES.on("GET", f"{_TASK}/Reservations", f"{_WORKER}/Reservations")
def list_reservations(
    call: Call[TaskRouter], workspace_sid: str, task_sid: str | None = None, worker_sid: str | None = None
) -> Answer:
    """List, oldest first."""
    begin, status = after(call), call.asked("ReservationStatus")
    by_worker = call.asked("WorkerSid")
    rows = (
        row
        for row in enumerate(_reservations(call, workspace_sid, task_sid, worker_sid))
        if row[0] > begin
        and (status is None or row[1].status == status)
        and (by_worker is None or row[1].worker.sid == by_worker)
    )
    url = _url(call, workspace_sid, task_sid, worker_sid)
    return page(call, "reservations", rows, lambda row: reservation_json(row[1], url, call.base), lambda row: row[0])


@ROUTES.on("GET", f"{_TASK}/Reservations/{{sid}}", f"{_WORKER}/Reservations/{{sid}}")
def fetch_reservation(
    call: Call[TaskRouter], workspace_sid: str, sid: str, task_sid: str | None = None, worker_sid: str | None = None
) -> Answer:
    """Fetch, with the revision as ETag."""
    reservation = _reservation(call, workspace_sid, sid, task_sid, worker_sid)
    url = _url(call, workspace_sid, task_sid, worker_sid)
    return Answer(200, reservation_json(reservation, url, call.base), {"ETag": f'"{reservation.revision}"'})


@ROUTES.on("POST", f"{_TASK}/Reservations/{{sid}}", f"{_WORKER}/Reservations/{{sid}}")
def update_reservation(
    call: Call[TaskRouter], workspace_sid: str, sid: str, task_sid: str | None = None, worker_sid: str | None = None
) -> Answer:
    """Accept, reject, wrap up or complete. Parameters of calls and conferences are ignored."""
    reservation = _reservation(call, workspace_sid, sid, task_sid, worker_sid)
    reservation.update(
        status=call.value("ReservationStatus"),
        activity_sid=call.value("WorkerActivitySid"),
        if_match=call.headers.get("if-match"),
    )
    url = _url(call, workspace_sid, task_sid, worker_sid)
    return Answer(200, reservation_json(reservation, url, call.base), {"ETag": f'"{reservation.revision}"'})
