"""The events of a workspace: their types, what is logged of each, and what the event callback gets.

The callback is a signed form POST with fifteen seconds to answer; the URL's fragment may ask for retries
(https://www.twilio.com/docs/taskrouter/api/event/reference and
https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, November 2026).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from simulator.shared.connection_overrides import parse_overrides
from simulator.shared.errors import invalid_parameter
from simulator.shared.outbox import OutgoingCall

if TYPE_CHECKING:
    from simulator.taskrouter.reservation import Reservation
    from simulator.taskrouter.task import Task
    from simulator.taskrouter.workers import Activity, Worker
    from simulator.taskrouter.workspace import Workspace

_NAMES: Final = {
    "activity": "created updated deleted",
    "reservation": "created accepted rejected timeout canceled rescinded completed failed wrapup",
    "task": "created updated canceled wrapup completed deleted system-deleted transfer-initiated"
    " transfer-attempt-failed transfer-failed transfer-canceled transfer-completed",
    "task-channel": "created updated deleted",
    "task-queue": "created deleted entered timeout moved expression.updated",
    "worker": "created activity.update attributes.update capacity.update channel.availability.update deleted",
    "workflow": "created updated deleted target-matched entered timeout skipped",
    "workspace": "created updated deleted",
}
EVENTS: Final = frozenset(f"{group}.{name}" for group, names in _NAMES.items() for name in names.split())

Params = dict[str, str]


def parse_filter(text: str) -> frozenset[str] | None:
    """Read `EventsFilter`, a comma-separated list of events; empty means every event.

    Raises:
        TwilioError: 20001 for an event that does not exist.
    """
    names = frozenset(name for part in text.split(",") if (name := part.strip()))
    unknown = sorted(names - EVENTS)
    if unknown:
        raise invalid_parameter(f"Invalid EventsFilter value given: {', '.join(unknown)}")
    return names or None


def valid_callback_url(name: str, text: str) -> str:
    """Check the URL of a callback; it may be empty.

    Raises:
        TwilioError: 20001.
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if text and not (parts.scheme in {"http", "https"} and parts.hostname and not re.search(r"\s", text)):
        raise invalid_parameter(f"Invalid {name} value given: {text}")
    return text


def report(
    workspace: Workspace,
    event: str,
    *,
    description: str,
    resource: tuple[str, str],
    details: Params,
    conversation_sid: str | None = None,
) -> None:
    """Log an event, and call the workspace's event callback if it listens.

    Args:
        workspace: The workspace of the event.
        event: The type, one of `EVENTS`.
        description: One sentence for people.
        resource: Type and SID of the resource that it is about.
        details: More parameters.
        conversation_sid: The conversation of the task, for the log of deliveries.
    """
    kept = workspace.event_log.add(event, description=description, resource=resource, details=details)
    if not workspace.listens_to(event):
        return
    named = {
        "EventType": event,
        "AccountSid": workspace.account.sid,
        "WorkspaceSid": workspace.sid,
        "WorkspaceName": workspace.friendly_name,
        "EventDescription": description,
        "ResourceType": resource[0],
        "ResourceSid": resource[1],
        "Timestamp": str(int(kept.at.timestamp())),
        "TimestampMs": str(int(kept.at.timestamp() * 1000)),
        "Sid": kept.sid,
    }
    workspace.account.outbox.put(
        OutgoingCall(
            url=workspace.event_callback_url,
            method="POST",
            params=(*named.items(), *details.items()),
            event=event,
            conversation_sid=conversation_sid,
            overrides=parse_overrides(workspace.event_callback_url),
        )
    )


def task_event(task: Task, event: str, description: str) -> None:
    """Report a task."""
    report(
        task.workspace,
        f"task.{event}",
        description=description,
        resource=("task", task.sid),
        details=task_params(task),
        conversation_sid=task.conversation_sid,
    )


def queue_event(task: Task, event: str, description: str) -> None:
    """Report a task's way through its workflow and queues: `workflow.entered`, `task-queue.entered`, ..."""
    report(
        task.workspace,
        event,
        description=description,
        resource=("task", task.sid),
        details=task_params(task),
        conversation_sid=task.conversation_sid,
    )


def reservation_event(reservation: Reservation, event: str, description: str) -> None:
    """Report a reservation, with its task and its worker."""
    report(
        reservation.task.workspace,
        f"reservation.{event}",
        description=description,
        resource=("reservation", reservation.sid),
        details={
            **task_params(reservation.task),
            **worker_params(reservation.worker),
            "ReservationSid": reservation.sid,
        },
        conversation_sid=reservation.task.conversation_sid,
    )


def worker_event(workspace: Workspace, worker: Worker, event: str, description: str, **more: str) -> None:
    """Report a worker."""
    report(
        workspace,
        f"worker.{event}",
        description=description,
        resource=("worker", worker.sid),
        details={**worker_params(worker), **more},
    )


def workspace_event(workspace: Workspace, event: str) -> None:
    """Report a change of the workspace."""
    report(
        workspace,
        f"workspace.{event}",
        description=f"Workspace {workspace.friendly_name} {event}",
        resource=("workspace", workspace.sid),
        details={},
    )


def activity_event(workspace: Workspace, activity: Activity, event: str) -> None:
    """Report an activity."""
    report(
        workspace,
        f"activity.{event}",
        description=f"Activity {activity.friendly_name} {event}",
        resource=("activity", activity.sid),
        details={
            "ActivitySid": activity.sid,
            "ActivityName": activity.friendly_name,
            "ActivityAvailable": str(activity.available).lower(),
        },
    )


def named_event(workspace: Workspace, kind: str, event: str, sid: str, name: str) -> None:
    """Report a workflow, a task queue or a task channel, with its SID and name under parameters of their own."""
    words = "".join(part.title() for part in kind.split("-"))
    report(
        workspace,
        f"{kind}.{event}",
        description=f"{words} {name} {event}",
        resource=(kind, sid),
        details={f"{words}Sid": sid, f"{words}Name": name},
    )


def task_params(task: Task) -> Params:
    """The parameters of a task."""
    age = int((task.workspace.account.clock.now - task.created).total_seconds())
    params = {
        "TaskSid": task.sid,
        "TaskAttributes": task.attributes,
        "TaskAge": str(age),
        "TaskPriority": str(task.priority),
        "TaskAssignmentStatus": task.shown_status,
        "TaskDateCreated": str(int(task.created.timestamp())),
        "TaskVersion": str(task.revision),
        "TaskChannelSid": task.channel.sid,
        "TaskChannelUniqueName": task.channel.unique_name,
        "WorkflowSid": task.workflow.sid,
        "WorkflowName": task.workflow.friendly_name,
    }
    if task.queue is not None:
        params["TaskQueueSid"] = task.queue.sid
        params["TaskQueueName"] = task.queue.friendly_name
        params["TaskQueueEnteredDate"] = str(int(task.queue_entered.timestamp()))
    if task.reason is not None:
        named = {"canceled": "TaskCanceledReason", "completed": "TaskCompletedReason"}
        params[named.get(task.status.value, "Reason")] = task.reason
    return params


def worker_params(worker: Worker) -> Params:
    """The parameters of a worker."""
    return {
        "WorkerSid": worker.sid,
        "WorkerName": worker.friendly_name,
        "WorkerAttributes": worker.attributes,
        "WorkerActivitySid": worker.activity.sid,
        "WorkerActivityName": worker.activity.friendly_name,
        "WorkerVersion": str(worker.revision),
    }
