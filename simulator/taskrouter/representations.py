"""TaskRouter resources as JSON, in the shapes of Twilio's OpenAPI document taskrouter_v1."""

from __future__ import annotations

import re
from typing import Final

from simulator.shared.clock import iso_seconds
from simulator.shared.sids import derived_sid
from simulator.taskrouter.event_log import Event
from simulator.taskrouter.queues import TaskChannel, TaskQueue
from simulator.taskrouter.reservation import Reservation
from simulator.taskrouter.task import Task
from simulator.taskrouter.workers import Activity, Worker
from simulator.taskrouter.workflows import Workflow
from simulator.taskrouter.workspace import Workspace

Json = dict[str, object]


def root(workspace: Workspace, base: str) -> str:
    """A workspace's address."""
    return f"{base}/v1/Workspaces/{workspace.sid}"


def task_json(task: Task, base: str) -> Json:
    """A task."""
    workspace, queue = task.workspace, task.queue
    here = root(workspace, base)
    links = {
        "workflow": f"{here}/Workflows/{task.workflow.sid}",
        "workspace": here,
        "reservations": f"{here}/Tasks/{task.sid}/Reservations",
    }
    if queue is not None:
        links["task_queue"] = f"{here}/TaskQueues/{queue.sid}"
    return {
        "account_sid": workspace.account.sid,
        "age": int((workspace.account.clock.now - task.created).total_seconds()),
        "assignment_status": task.shown_status,
        "attributes": task.attributes,
        "addons": "{}",
        "date_created": iso_seconds(task.created),
        "date_updated": iso_seconds(task.updated),
        "task_queue_entered_date": iso_seconds(task.queue_entered),
        "virtual_start_time": iso_seconds(task.virtual_start),
        "priority": task.priority,
        "reason": task.reason,
        "sid": task.sid,
        "task_queue_sid": None if queue is None else queue.sid,
        "task_queue_friendly_name": None if queue is None else queue.friendly_name,
        "task_channel_sid": task.channel.sid,
        "task_channel_unique_name": task.channel.unique_name,
        "timeout": int(task.timeout.total_seconds()),
        "workflow_sid": task.workflow.sid,
        "workflow_friendly_name": task.workflow.friendly_name,
        "workspace_sid": workspace.sid,
        "ignore_capacity": task.ignore_capacity,
        "routing_target": task.routing_target,
        "url": f"{here}/Tasks/{task.sid}",
        "links": links,
    }


def reservation_json(reservation: Reservation, url: str, base: str) -> Json:
    """A reservation, of its task or of its worker; `url` is the address that the request used."""
    workspace = reservation.task.workspace
    here = root(workspace, base)
    return {
        "account_sid": workspace.account.sid,
        "date_created": iso_seconds(reservation.created),
        "date_updated": iso_seconds(reservation.updated),
        "reservation_status": reservation.status.value,
        "sid": reservation.sid,
        "task_sid": reservation.task.sid,
        "worker_name": reservation.worker.friendly_name,
        "worker_sid": reservation.worker.sid,
        "workspace_sid": workspace.sid,
        "url": f"{url}/{reservation.sid}",
        "links": {
            "task": f"{here}/Tasks/{reservation.task.sid}",
            "worker": f"{here}/Workers/{reservation.worker.sid}",
            "workspace": here,
        },
    }


def worker_json(workspace: Workspace, worker: Worker, base: str) -> Json:
    """A worker."""
    here = root(workspace, base)
    url = f"{here}/Workers/{worker.sid}"
    return {
        "account_sid": workspace.account.sid,
        "activity_name": worker.activity.friendly_name,
        "activity_sid": worker.activity.sid,
        "attributes": worker.attributes,
        "available": worker.activity.available,
        "date_created": iso_seconds(worker.created),
        "date_status_changed": iso_seconds(worker.status_changed),
        "date_updated": iso_seconds(worker.updated),
        "friendly_name": worker.friendly_name,
        "sid": worker.sid,
        "workspace_sid": workspace.sid,
        "url": url,
        "links": {
            "channels": f"{url}/Channels",
            "activity": f"{here}/Activities/{worker.activity.sid}",
            "workspace": here,
            "statistics": f"{here}/Workers/Statistics",
            "real_time_statistics": f"{here}/Workers/RealTimeStatistics",
            "cumulative_statistics": f"{here}/Workers/CumulativeStatistics",
            "worker_statistics": f"{url}/Statistics",
            "worker_channels": f"{url}/Channels",
            "reservations": f"{url}/Reservations",
        },
    }


def worker_channel_json(workspace: Workspace, worker: Worker, channel: TaskChannel, base: str) -> Json:
    """How many tasks of a channel a worker may have, and has."""
    capacity, assigned = worker.capacity(channel), worker.assigned(channel)
    free = max(capacity.configured - assigned, 0)
    sid = worker_channel_sid(worker, channel)
    return {
        "account_sid": workspace.account.sid,
        "assigned_tasks": assigned,
        "available": capacity.available,
        "available_capacity_percentage": 100 * free // capacity.configured if capacity.configured else 0,
        "configured_capacity": capacity.configured,
        "date_created": iso_seconds(worker.created),
        "date_updated": iso_seconds(worker.updated),
        "sid": sid,
        "task_channel_sid": channel.sid,
        "task_channel_unique_name": channel.unique_name,
        "worker_sid": worker.sid,
        "workspace_sid": workspace.sid,
        "url": f"{root(workspace, base)}/Workers/{worker.sid}/Channels/{sid}",
    }


def worker_channel_sid(worker: Worker, channel: TaskChannel) -> str:
    """The SID of a worker's channel."""
    return derived_sid("WC", f"{worker.sid}/{channel.sid}")


def activity_json(workspace: Workspace, activity: Activity, base: str) -> Json:
    """An activity."""
    here = root(workspace, base)
    return {
        "account_sid": workspace.account.sid,
        "available": activity.available,
        "date_created": iso_seconds(activity.created),
        "date_updated": iso_seconds(activity.updated),
        "friendly_name": activity.friendly_name,
        "sid": activity.sid,
        "workspace_sid": workspace.sid,
        "url": f"{here}/Activities/{activity.sid}",
        "links": {"workspace": here},
    }


def queue_json(workspace: Workspace, queue: TaskQueue, base: str) -> Json:
    """A task queue."""
    here = root(workspace, base)
    url = f"{here}/TaskQueues/{queue.sid}"
    links = {
        "workspace": here,
        "statistics": f"{url}/Statistics",
        "real_time_statistics": f"{url}/RealTimeStatistics",
        "cumulative_statistics": f"{url}/CumulativeStatistics",
        "list_statistics": f"{here}/TaskQueues/Statistics",
        "bulk_real_time_statistics": f"{here}/TaskQueues/RealTimeStatistics",
    }
    activities: Json = {}
    for name, activity in (
        ("reservation_activity", queue.reservation_activity),
        ("assignment_activity", queue.assignment_activity),
    ):
        activities[f"{name}_sid"] = None if activity is None else activity.sid
        activities[f"{name}_name"] = None if activity is None else activity.friendly_name
        if activity is not None:
            links[name] = f"{here}/Activities/{activity.sid}"
    return {
        "account_sid": workspace.account.sid,
        **activities,
        "date_created": iso_seconds(queue.created),
        "date_updated": iso_seconds(queue.updated),
        "friendly_name": queue.friendly_name,
        "max_reserved_workers": queue.max_reserved_workers,
        "sid": queue.sid,
        "target_workers": queue.target_workers or None,
        "task_order": queue.task_order,
        "workspace_sid": workspace.sid,
        "url": url,
        "links": links,
    }


def workflow_json(workspace: Workspace, workflow: Workflow, base: str) -> Json:
    """A workflow; its configuration is the text that was sent."""
    url = f"{root(workspace, base)}/Workflows/{workflow.sid}"
    return {
        "account_sid": workspace.account.sid,
        "assignment_callback_url": workflow.assignment_callback_url,
        "configuration": workflow.configuration,
        "date_created": iso_seconds(workflow.created),
        "date_updated": iso_seconds(workflow.updated),
        "document_content_type": workflow.document_type,
        "fallback_assignment_callback_url": workflow.fallback_assignment_callback_url,
        "friendly_name": workflow.friendly_name,
        "sid": workflow.sid,
        "task_reservation_timeout": workflow.task_reservation_timeout,
        "workspace_sid": workspace.sid,
        "url": url,
        "links": {
            "statistics": f"{url}/Statistics",
            "real_time_statistics": f"{url}/RealTimeStatistics",
            "cumulative_statistics": f"{url}/CumulativeStatistics",
        },
    }


def task_channel_json(workspace: Workspace, channel: TaskChannel, base: str) -> Json:
    """A task channel."""
    here = root(workspace, base)
    return {
        "account_sid": workspace.account.sid,
        "date_created": iso_seconds(channel.created),
        "date_updated": iso_seconds(channel.updated),
        "friendly_name": channel.friendly_name,
        "sid": channel.sid,
        "unique_name": channel.unique_name,
        "workspace_sid": workspace.sid,
        "channel_optimized_routing": channel.optimized_routing,
        "url": f"{here}/TaskChannels/{channel.sid}",
        "links": {"workspace": here},
    }


_COLLECTIONS: Final = {
    "activity": "Activities",
    "task": "Tasks",
    "task-channel": "TaskChannels",
    "task-queue": "TaskQueues",
    "worker": "Workers",
    "workflow": "Workflows",
}


def event_json(workspace: Workspace, event: Event, base: str) -> Json:
    """An event.

    Its data have the names of the event callback's parameters in snake case, as in the OpenAPI document.
    """
    here = root(workspace, base)
    match event.resource_type:
        case "workspace":
            about = here
        case "reservation":
            about = f"{here}/Tasks/{event.details['TaskSid']}/Reservations/{event.resource_sid}"
        case kind:
            about = f"{here}/{_COLLECTIONS[kind]}/{event.resource_sid}"
    return {
        "account_sid": workspace.account.sid,
        "actor_sid": workspace.sid,
        "actor_type": "workspace",
        "actor_url": here,
        "description": event.description,
        "event_data": {
            "workspace_sid": workspace.sid,
            "workspace_name": workspace.friendly_name,
            **{re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): value for name, value in event.details.items()},
        },
        "event_date": iso_seconds(event.at),
        "event_date_ms": int(event.at.timestamp() * 1000),
        "event_type": event.type,
        "resource_sid": event.resource_sid,
        "resource_type": event.resource_type,
        "resource_url": about,
        "sid": event.sid,
        "source": "twilio",
        "source_ip_address": None,
        "workspace_sid": workspace.sid,
        "url": f"{here}/Events/{event.sid}",
    }


def workspace_json(workspace: Workspace, base: str) -> Json:
    """A workspace."""
    here = root(workspace, base)
    return {
        "account_sid": workspace.account.sid,
        "date_created": iso_seconds(workspace.created),
        "date_updated": iso_seconds(workspace.updated),
        "default_activity_name": workspace.default_activity.friendly_name,
        "default_activity_sid": workspace.default_activity.sid,
        "event_callback_url": workspace.event_callback_url,
        "events_filter": workspace.events_filter,
        "friendly_name": workspace.friendly_name,
        "multi_task_enabled": workspace.multi_task_enabled,
        "prioritize_queue_order": workspace.prioritize_queue_order,
        "sid": workspace.sid,
        "timeout_activity_name": workspace.timeout_activity.friendly_name,
        "timeout_activity_sid": workspace.timeout_activity.sid,
        "url": here,
        "links": {
            "activities": f"{here}/Activities",
            "statistics": f"{here}/Statistics",
            "real_time_statistics": f"{here}/RealTimeStatistics",
            "cumulative_statistics": f"{here}/CumulativeStatistics",
            "task_queues": f"{here}/TaskQueues",
            "tasks": f"{here}/Tasks",
            "workers": f"{here}/Workers",
            "workflows": f"{here}/Workflows",
            "task_channels": f"{here}/TaskChannels",
            "events": f"{here}/Events",
        },
    }
