"""Flex resources as JSON, in the shapes of Twilio's OpenAPI document flex_v1."""

from __future__ import annotations

from simulator.flex.channel import Channel, Invite
from simulator.flex.models import Flex, Interaction
from simulator.flex.staffing import StaffingParticipant
from simulator.flex.transfers import Transfer
from simulator.shared.clock import iso_seconds
from simulator.taskrouter.task import Task

Json = dict[str, object]


def configuration_json(flex: Flex, base: str) -> Json:
    """The Flex configuration: its settings, and what the account determines."""
    account, configuration = flex.account, flex.configuration
    queues = configuration.settings["taskrouter_taskqueues"]
    if queues is None:
        queues = [{"sid": queue.sid, "targettable": True} for queue in flex.taskrouter.default_workspace.queues]
    return {
        **configuration.settings,
        "taskrouter_taskqueues": queues,
        "account_sid": account.sid,
        "date_created": iso_seconds(configuration.created),
        "date_updated": iso_seconds(configuration.updated),
        "status": "ok",
        "runtime_domain": base,
        "flex_instance_sid": configuration.instance_sid,
        "service_version": "1.0",
        "url": f"{base}/v1/Configuration",
    }


def interaction_json(interaction: Interaction, base: str) -> Json:
    """An interaction, with its first task."""
    url = f"{base}/v1/Interactions/{interaction.sid}"
    invites = interaction.channel.invites
    return {
        "sid": interaction.sid,
        "channel": {"type": interaction.channel.type, "sid": interaction.channel.sid},
        "routing": _routing_json(invites[0].task) if invites else None,
        "interaction_context_sid": interaction.context_sid,
        "webhook_ttid": interaction.webhook_ttid,
        "url": url,
        "links": {"channels": f"{url}/Channels"},
    }


def channel_json(channel: Channel, base: str) -> Json:
    """An interaction's channel."""
    url = channel_url(channel, base)
    return {
        "sid": channel.sid,
        "interaction_sid": channel.interaction.sid,
        "type": channel.type,
        "status": channel.shown_status,
        "error_code": channel.error_code,
        "error_message": channel.error_message,
        "url": url,
        "links": {
            "participants": f"{url}/Participants",
            "invites": f"{url}/Invites",
            "transfers": f"{url}/Transfers",
        },
    }


def channel_url(channel: Channel, base: str) -> str:
    """A channel's address."""
    return f"{base}/v1/Interactions/{channel.interaction.sid}/Channels/{channel.sid}"


def participant_json(channel: Channel, participant: StaffingParticipant, base: str) -> Json:
    """A participant; an agent has the task by which they joined."""
    reservation = participant.reservation
    return {
        "sid": participant.sid,
        "channel_sid": channel.sid,
        "interaction_sid": channel.interaction.sid,
        "type": participant.type,
        "routing_properties": None
        if reservation is None
        else {
            "task_sid": reservation.task.sid,
            "worker_sid": reservation.worker.sid,
            "reservation_sid": reservation.sid,
        },
        "url": f"{channel_url(channel, base)}/Participants/{participant.sid}",
    }


def invite_json(channel: Channel, invite: Invite, base: str) -> Json:
    """An invite, with its task."""
    return {
        "sid": invite.sid,
        "channel_sid": channel.sid,
        "interaction_sid": channel.interaction.sid,
        "routing": _routing_json(invite.shown),
        "url": f"{channel_url(channel, base)}/Invites/{invite.sid}",
    }


def transfer_json(channel: Channel, transfer: Transfer, base: str) -> Json:
    """A transfer."""
    flex = channel.flex
    return {
        "sid": transfer.sid,
        "instance_sid": flex.instance_sid,
        "account_sid": channel.account.sid,
        "interaction_sid": channel.interaction.sid,
        "channel_sid": channel.sid,
        "execution_sid": None,
        "type": transfer.request.kind.value,
        "status": transfer.status.value,
        "from": transfer.request.from_sid,
        "to": transfer.request.to,
        "note_sid": transfer.request.note_sid,
        "summary_sid": transfer.request.summary_sid,
        "date_created": iso_seconds(transfer.created),
        "date_updated": iso_seconds(transfer.updated),
        "url": f"{channel_url(channel, base)}/Transfers/{transfer.sid}",
    }


def _routing_json(task: Task) -> Json:
    """A task as interactions and invites show it: other names than TaskRouter's, and instants in seconds."""
    workspace, queue = task.workspace, task.queue
    now = workspace.account.clock.now
    entered = int(task.queue_entered.timestamp())
    return {
        "reservation": None,
        "properties": {
            "account_sid": workspace.account.sid,
            "workspace_sid": workspace.sid,
            "sid": task.sid,
            "date_created": int(task.created.timestamp()),
            "date_updated": int(task.updated.timestamp()),
            "attributes": task.attributes,
            "assignment_status": task.shown_status,
            "workflow_sid": task.workflow.sid,
            "workflow_name": task.workflow.friendly_name,
            "queue_sid": None if queue is None else queue.sid,
            "queue_name": None if queue is None else queue.friendly_name,
            "priority": task.priority,
            "age": int((now - task.created).total_seconds()),
            "reason": task.reason or "",
            "timeout": int(task.timeout.total_seconds()),
            "assignmentCounter": len(task.reservations),
            "task_channel_sid": task.channel.sid,
            "task_channel_unique_name": task.channel.unique_name,
            "routing_target": task.routing_target,
            "task_queue_entered_date": entered,
            "age_in_queue": int(now.timestamp()) - entered,
            "addons": "{}",
        },
    }
