"""Flex's configuration: one object for each account, which names its workspace and service."""

from __future__ import annotations

from simulator.conversations.models import Conversations
from simulator.shared.errors import invalid_parameter
from simulator.shared.sids import is_sid
from simulator.taskrouter.models import TaskRouter

Json = dict[str, object]


_SIDS = {
    "taskrouter_workspace_sid": "WS",
    "taskrouter_target_workflow_sid": "WW",
    "taskrouter_target_taskqueue_sid": "WQ",
    "taskrouter_offline_activity_sid": "WA",
    "messaging_service_instance_sid": "MG",
    "chat_service_instance_sid": "IS",
    "flex_service_instance_sid": "IS",
}


class FlexConfiguration:
    """The settings of the configuration."""

    def __init__(self, conversations: Conversations, taskrouter: TaskRouter) -> None:
        self._conversations = conversations
        self._taskrouter = taskrouter
        account, workspace = conversations.account, taskrouter.default_workspace
        self.created = self.updated = account.clock.now
        self.instance_sid = account.default_sid("GO", "Flex")
        self.settings: Json = {
            "attributes": {},
            "taskrouter_workspace_sid": workspace.sid,
            "taskrouter_target_workflow_sid": workspace.workflow.sid,
            "taskrouter_target_taskqueue_sid": workspace.queues.ensure("Everyone").sid,
            "taskrouter_taskqueues": None,
            "taskrouter_skills": [],
            "taskrouter_worker_channels": {},
            "taskrouter_worker_attributes": {},
            "taskrouter_offline_activity_sid": workspace.default_activity.sid,
            "messaging_service_instance_sid": conversations.configuration.default_messaging_service_sid,
            "chat_service_instance_sid": conversations.default_service.sid,
            "flex_service_instance_sid": account.default_sid("IS", "Flex Sync"),
            "ui_language": "en",
            "ui_attributes": {},
            "ui_dependencies": {},
            "ui_version": "2.14.0",
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

    def update(self, changes: Json) -> None:
        """Change what is given; an unknown key is ignored, as the platform ignores unknown parameters.

        Raises:
            TwilioError: 20001 for another account or a value of another type, 20404 for an unknown workspace or
                service.
        """
        account = self._conversations.account
        if changes.get("account_sid", account.sid) != account.sid:
            raise invalid_parameter(f"Invalid account_sid value given: {changes['account_sid']}")
        known = {name: value for name, value in changes.items() if name in self.settings}
        for name, value in known.items():
            if value is not None and type(value) is not _type_of(self.settings[name]):
                raise invalid_parameter(f"Invalid {name} value given: it is not of its type")
        for name, prefix in _SIDS.items():
            if known.get(name) is not None and not is_sid(prefix, str(known[name])):
                raise invalid_parameter(f"Invalid {name} value given: {known[name]}")
        if not all(is_sid("ZS", str(sid)) for sid in _listed(known.get("serverless_service_sids"))):
            raise invalid_parameter("Invalid serverless_service_sids value given")
        if (workspace_sid := known.get("taskrouter_workspace_sid")) is not None:
            self._taskrouter.workspace(str(workspace_sid))
        if (service_sid := known.get("chat_service_instance_sid")) is not None:
            self._conversations.service(str(service_sid))
        self.settings.update(known)
        self.updated = account.clock.now


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _type_of(value: object) -> type:
    return str if value is None else type(value)
