"""Flex resources as JSON, in the shapes of Twilio's OpenAPI document flex_v1."""

from __future__ import annotations

from simulator.clock import iso_seconds
from simulator.flex.models import Channel, ChannelParticipant, Flex, Interaction
from simulator.sids import derived_sid

Json = dict[str, object]


def configuration_json(flex: Flex, base: str) -> Json:
    """The Flex configuration: where an infrastructure tool finds workspace and service."""
    account = flex.account
    workspace = account.taskrouter.default_workspace
    return {
        "account_sid": account.sid,
        "date_created": iso_seconds(flex.created),
        "date_updated": iso_seconds(flex.created),
        "attributes": {},
        "status": "ok",
        "taskrouter_workspace_sid": workspace.sid,
        "taskrouter_target_workflow_sid": workspace.workflow.sid,
        "taskrouter_target_taskqueue_sid": workspace.queue("Everyone").sid,
        "taskrouter_taskqueues": [{"sid": queue.sid, "targettable": True} for queue in workspace.queues.values()],
        "taskrouter_skills": [],
        "taskrouter_worker_channels": {},
        "taskrouter_worker_attributes": {},
        "taskrouter_offline_activity_sid": workspace.offline_activity.sid,
        "runtime_domain": base,
        "messaging_service_instance_sid": account.conversations.configuration.default_messaging_service_sid,
        "chat_service_instance_sid": account.conversations.default_service.sid,
        "flex_service_instance_sid": derived_sid("IS", "Flex Sync"),
        "flex_instance_sid": flex.instance_sid,
        "ui_language": "en",
        "ui_attributes": {},
        "ui_dependencies": {},
        "ui_version": "2.14.0",
        "service_version": "1.0",
        "call_recording_enabled": False,
        "call_recording_webhook_url": None,
        "crm_enabled": False,
        "crm_type": None,
        "crm_callback_url": None,
        "crm_fallback_url": None,
        "crm_attributes": {},
        "public_attributes": {},
        "plugin_service_enabled": True,
        "plugin_service_attributes": {},
        "integrations": [],
        "outbound_call_flows": {},
        "serverless_service_sids": [],
        "queue_stats_configuration": {},
        "notifications": {},
        "markdown": {},
        "url": f"{base}/v1/Configuration",
        "flex_insights_hr": {},
        "flex_insights_drilldown": False,
        "flex_url": None,
        "channel_configs": [],
        "debugger_integration": {},
        "flex_ui_status_report": {},
        "agent_conv_end_methods": {},
        "citrix_voice_vdi": {},
        "offline_config": {},
    }


def interaction_json(interaction: Interaction, base: str) -> Json:
    """An interaction."""
    url = f"{base}/v1/Interactions/{interaction.sid}"
    return {
        "sid": interaction.sid,
        "channel": {"type": interaction.channel.type, "sid": interaction.channel.sid},
        "routing": None,
        "interaction_context_sid": None,
        "webhook_ttid": None,
        "url": url,
        "links": {"channels": f"{url}/Channels"},
    }


def channel_json(channel: Channel, base: str) -> Json:
    """An interaction's channel."""
    url = f"{base}/v1/Interactions/{channel.interaction.sid}/Channels/{channel.sid}"
    return {
        "sid": channel.sid,
        "interaction_sid": channel.interaction.sid,
        "type": channel.type,
        "status": channel.status.value,
        "error_code": channel.error_code,
        "error_message": channel.error_message,
        "url": url,
        "links": {
            "participants": f"{url}/Participants",
            "invites": f"{url}/Invites",
            "transfers": f"{url}/Transfers",
        },
    }


def participant_json(channel: Channel, participant: ChannelParticipant, base: str) -> Json:
    """Who takes part; agents carry the task by which they do."""
    reservation = participant.reservation
    url = f"{base}/v1/Interactions/{channel.interaction.sid}/Channels/{channel.sid}/Participants/{participant.sid}"
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
        "url": url,
    }
