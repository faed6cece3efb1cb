"""TaskRouter resources as JSON, in the shapes of Twilio's OpenAPI document taskrouter_v1."""

from __future__ import annotations

from simulator.clock import iso_seconds
from simulator.sids import derived_sid
from simulator.taskrouter.models import Workspace
from simulator.taskrouter.task import Reservation, Task, Worker

Json = dict[str, object]


def task_json(task: Task, base: str) -> Json:
    """A task."""
    workspace = task.workspace
    root = f"{base}/v1/Workspaces/{workspace.sid}"
    return {
        "account_sid": workspace.account.sid,
        "age": int((workspace.account.clock.now - task.created).total_seconds()),
        "assignment_status": task.status.value,
        "attributes": task.attributes,
        "addons": "{}",
        "date_created": iso_seconds(task.created),
        "date_updated": iso_seconds(task.updated),
        "task_queue_entered_date": iso_seconds(task.created),
        "virtual_start_time": iso_seconds(task.created),
        "priority": task.priority,
        "reason": task.reason,
        "sid": task.sid,
        "task_queue_sid": task.queue.sid,
        "task_queue_friendly_name": task.queue.friendly_name,
        "task_channel_sid": derived_sid("TC", f"{workspace.sid}/{task.channel}"),
        "task_channel_unique_name": task.channel,
        "timeout": task.timeout,
        "workflow_sid": workspace.workflow.sid,
        "workflow_friendly_name": workspace.workflow.friendly_name,
        "workspace_sid": workspace.sid,
        "ignore_capacity": False,
        "routing_target": None,
        "url": f"{root}/Tasks/{task.sid}",
        "links": {
            "task_queue": f"{root}/TaskQueues/{task.queue.sid}",
            "workflow": f"{root}/Workflows/{workspace.workflow.sid}",
            "workspace": root,
            "reservations": f"{root}/Tasks/{task.sid}/Reservations",
        },
    }


def reservation_json(reservation: Reservation, base: str) -> Json:
    """A reservation."""
    workspace = reservation.task.workspace
    root = f"{base}/v1/Workspaces/{workspace.sid}"
    return {
        "account_sid": workspace.account.sid,
        "date_created": iso_seconds(reservation.created),
        "date_updated": iso_seconds(reservation.updated),
        "reservation_status": reservation.status,
        "sid": reservation.sid,
        "task_sid": reservation.task.sid,
        "worker_name": reservation.worker.friendly_name,
        "worker_sid": reservation.worker.sid,
        "workspace_sid": workspace.sid,
        "url": f"{root}/Tasks/{reservation.task.sid}/Reservations/{reservation.sid}",
        "links": {
            "task": f"{root}/Tasks/{reservation.task.sid}",
            "worker": f"{root}/Workers/{reservation.worker.sid}",
            "workspace": root,
        },
    }


def worker_json(workspace: Workspace, worker: Worker, base: str) -> Json:
    """A worker."""
    root = f"{base}/v1/Workspaces/{workspace.sid}"
    url = f"{root}/Workers/{worker.sid}"
    return {
        "account_sid": workspace.account.sid,
        "activity_name": workspace.available_activity.friendly_name,
        "activity_sid": workspace.available_activity.sid,
        "attributes": worker.attributes,
        "available": True,
        "date_created": iso_seconds(worker.created),
        "date_status_changed": iso_seconds(worker.created),
        "date_updated": iso_seconds(worker.created),
        "friendly_name": worker.friendly_name,
        "sid": worker.sid,
        "workspace_sid": workspace.sid,
        "url": url,
        "links": {
            "channels": f"{url}/Channels",
            "activity": f"{root}/Activities/{workspace.available_activity.sid}",
            "workspace": root,
            "statistics": f"{root}/Workers/Statistics",
            "real_time_statistics": f"{root}/Workers/RealTimeStatistics",
            "cumulative_statistics": f"{root}/Workers/CumulativeStatistics",
            "worker_statistics": f"{url}/Statistics",
            "worker_channels": f"{url}/Channels",
            "reservations": f"{url}/Reservations",
        },
    }


def workspace_json(workspace: Workspace, base: str) -> Json:
    """A workspace."""
    root = f"{base}/v1/Workspaces/{workspace.sid}"
    offline = workspace.offline_activity
    return {
        "account_sid": workspace.account.sid,
        "date_created": iso_seconds(workspace.created),
        "date_updated": iso_seconds(workspace.updated),
        "default_activity_name": offline.friendly_name,
        "default_activity_sid": offline.sid,
        "event_callback_url": workspace.event_callback_url,
        "events_filter": workspace.events_filter,
        "friendly_name": workspace.friendly_name,
        "multi_task_enabled": workspace.multi_task_enabled,
        "prioritize_queue_order": workspace.prioritize_queue_order,
        "sid": workspace.sid,
        "timeout_activity_name": offline.friendly_name,
        "timeout_activity_sid": offline.sid,
        "url": root,
        "links": {
            "activities": f"{root}/Activities",
            "statistics": f"{root}/Statistics",
            "real_time_statistics": f"{root}/RealTimeStatistics",
            "cumulative_statistics": f"{root}/CumulativeStatistics",
            "task_queues": f"{root}/TaskQueues",
            "tasks": f"{root}/Tasks",
            "workers": f"{root}/Workers",
            "workflows": f"{root}/Workflows",
            "task_channels": f"{root}/TaskChannels",
            "events": f"{root}/Events",
        },
    }
