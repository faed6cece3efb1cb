"""Workers, their channels, and activities over HTTP."""

from __future__ import annotations

from simulator.shared.errors import not_found
from simulator.shared.rest import Answer, Call, after, page
from simulator.taskrouter.expressions import parse_expression
from simulator.taskrouter.models import TaskRouter
from simulator.taskrouter.queues import TaskChannel
from simulator.taskrouter.representations import activity_json, worker_channel_json, worker_channel_sid, worker_json
from simulator.taskrouter.table import ROUTES, WORKSPACE, found, listed, named, truth
from simulator.taskrouter.task import valid_attributes
from simulator.taskrouter.workers import Activity, Worker

_ACTIVITIES = f"{WORKSPACE}/Activities"
_WORKERS = f"{WORKSPACE}/Workers"
_CHANNELS = f"{_WORKERS}/{{worker_sid}}/Channels"


@ROUTES.on("GET", _ACTIVITIES)
def list_activities(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """List, all, by name or by availability."""
    workspace, has_name, available = found(call, workspace_sid), named(call), call.asked("Available")

    def wanted(activity: Activity) -> bool:
        return has_name(activity) and (available is None or activity.available == truth(available))

    return listed(
        call, "activities", workspace.activities, lambda row: activity_json(workspace, row, call.base), wanted
    )


@ROUTES.on("POST", _ACTIVITIES)
def create_activity(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """Create."""
    workspace = found(call, workspace_sid)
    activity = workspace.activities.create(call.value("FriendlyName"), available=truth(call.value("Available")))
    return Answer(201, activity_json(workspace, activity, call.base))


@ROUTES.on("GET", f"{_ACTIVITIES}/{{sid}}")
def fetch_activity(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Fetch."""
    workspace = found(call, workspace_sid)
    return Answer(200, activity_json(workspace, workspace.activities.get(sid), call.base))


@ROUTES.on("POST", f"{_ACTIVITIES}/{{sid}}")
def update_activity(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Rename."""
    workspace = found(call, workspace_sid)
    activity = workspace.activities.update(sid, call.value("FriendlyName"))
    return Answer(200, activity_json(workspace, activity, call.base))


@ROUTES.on("DELETE", f"{_ACTIVITIES}/{{sid}}")
def delete_activity(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Delete."""
    found(call, workspace_sid).activities.delete(sid)
    return Answer(204)


# -- workers -----------------------------------------------------------------------------------------------------------


@ROUTES.on("GET", _WORKERS)
def list_workers(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """List, all, or by name, activity, availability, queue or expression."""
    workspace, has_name = found(call, workspace_sid), named(call)
    activity_sid, activity_name = call.asked("ActivitySid"), call.asked("ActivityName")
    available, expression = call.asked("Available"), call.asked("TargetWorkersExpression")
    queue_sid, queue_name = call.asked("TaskQueueSid"), call.asked("TaskQueueName")
    queue = workspace.queues.get(queue_sid) if queue_sid else None
    parsed = parse_expression(expression) if expression else None

    def wanted(worker: Worker) -> bool:
        return (
            has_name(worker)
            and activity_sid in {None, worker.activity.sid}
            and activity_name in {None, worker.activity.friendly_name}
            and (available is None or worker.activity.available == truth(available))
            and (parsed is None or parsed.matches(worker.described()))
            and (queue is None or queue.selects(worker))
            and (not queue_name or any(each.friendly_name == queue_name for each in workspace.queues_of(worker)))
        )

    return listed(call, "workers", workspace.workers, lambda row: worker_json(workspace, row, call.base), wanted)


@ROUTES.on("POST", _WORKERS)
def create_worker(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """Create; the default activity is the workspace's."""
    workspace, activity_sid = found(call, workspace_sid), call.value("ActivitySid")
    worker = workspace.workers.create(
        call.value("FriendlyName"),
        activity=workspace.activities.get(activity_sid) if activity_sid else None,
        attributes=valid_attributes(call.value("Attributes") or "{}"),
    )
    return Answer(201, worker_json(workspace, worker, call.base), {"ETag": f'"{worker.revision}"'})


@ROUTES.on("GET", f"{_WORKERS}/{{sid}}")
def fetch_worker(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Fetch, with the revision as ETag; `contact_uri` in the attributes is the worker's chat identity."""
    workspace = found(call, workspace_sid)
    worker = workspace.workers.get(sid)
    return Answer(200, worker_json(workspace, worker, call.base), {"ETag": f'"{worker.revision}"'})


@ROUTES.on("POST", f"{_WORKERS}/{{sid}}")
def update_worker(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Update, if the revision is that of If-Match."""
    workspace, attributes = found(call, workspace_sid), call.value("Attributes")
    worker = workspace.workers.update(
        sid,
        friendly_name=call.value("FriendlyName"),
        attributes=None if attributes is None else valid_attributes(attributes),
        activity_sid=call.value("ActivitySid"),
        reject_pending=truth(call.value("RejectPendingReservations")),
        if_match=call.headers.get("if-match"),
    )
    return Answer(200, worker_json(workspace, worker, call.base), {"ETag": f'"{worker.revision}"'})


@ROUTES.on("DELETE", f"{_WORKERS}/{{sid}}")
def delete_worker(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Delete."""
    found(call, workspace_sid).workers.delete(sid, call.headers.get("if-match"))
    return Answer(204)


# -- a worker's channels -----------------------------------------------------------------------------------------------


def _channel(call: Call[TaskRouter], workspace_sid: str, worker_sid: str, name: str) -> TaskChannel:
    workspace = found(call, workspace_sid)
    worker = workspace.workers.get(worker_sid)
    for channel in workspace.channels:
        if name in (worker_channel_sid(worker, channel), channel.unique_name):
            return channel
    raise not_found(call.path)


@ROUTES.on("GET", _CHANNELS)
def list_worker_channels(call: Call[TaskRouter], workspace_sid: str, worker_sid: str) -> Answer:
    """List: one for each task channel."""
    workspace = found(call, workspace_sid)
    worker = workspace.workers.get(worker_sid)
    return page(
        call,
        "channels",
        workspace.channels.rows(after(call)),
        lambda row: worker_channel_json(workspace, worker, row[1], call.base),
        lambda row: row[0],
    )


@ROUTES.on("GET", f"{_CHANNELS}/{{sid}}")
def fetch_worker_channel(call: Call[TaskRouter], workspace_sid: str, worker_sid: str, sid: str) -> Answer:
    """Fetch."""
    workspace, channel = found(call, workspace_sid), _channel(call, workspace_sid, worker_sid, sid)
    return Answer(200, worker_channel_json(workspace, workspace.workers.get(worker_sid), channel, call.base))


@ROUTES.on("POST", f"{_CHANNELS}/{{sid}}")
def update_worker_channel(call: Call[TaskRouter], workspace_sid: str, worker_sid: str, sid: str) -> Answer:
    """Change capacity and availability."""
    workspace, channel = found(call, workspace_sid), _channel(call, workspace_sid, worker_sid, sid)
    worker = workspace.workers.get(worker_sid)
    workspace.workers.set_capacity(worker, channel, call.value("Capacity"), call.value("Available"))
    return Answer(200, worker_channel_json(workspace, worker, channel, call.base))
