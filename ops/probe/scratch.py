"""What a probe creates at Twilio to experiment on, and how all of it is removed again.

Everything has the same name, so what a killed probe left is found by it, from any machine. The first thing created is
a Conversations service, and the last removed.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from infra.twilio_resources.client import same_timer
from ops.probe.api import TwilioApi, attributes
from ops.probe.errors import UnexpectedError, explained

NAME: Final = "inactivity-probe"
"""The name of everything that a probe creates."""

DEFAULT_TIMER: Final = "PT61M"
"""The default timer that a probe sets for a moment where there is none; nobody else chooses this length."""

NO_TIMER: Final = "PT0S"
"""Removes a timer (https://support.twilio.com, "Default Inactive Timer in Twilio Conversations Classic", 2026)."""

EXPIRES_AFTER: Final = 30
"""Seconds after which the workflow `expiring` cancels a task."""

CONFIGURATION: Final = "conversations/v1/Configuration"
SERVICES: Final = "conversations/v1/Services"
WORKSPACES: Final = "taskrouter/v1/Workspaces"
INTERACTIONS: Final = "flex-api/v1/Interactions"

_AGENT: Final = "agent"
_ATTRIBUTE: Final = "inactivityProbe"


@dataclass(frozen=True)
class Scratch:
    """What there is to experiment on.

    Attributes:
        service: a Conversations service of our own, IS...
        default_service: the account's, in which Flex has its conversations.
        workspace: Flex's, or one of our own on an account without Flex, WS...
        waiting: a workflow whose tasks nobody takes, WW...
        expiring: a workflow that cancels its tasks after `EXPIRES_AFTER`.
        staffed: a workflow whose tasks are offered to the worker; empty without Flex.
        has_flex: whether the account has Flex.
    """

    service: str
    default_service: str
    workspace: str
    waiting: str
    expiring: str
    staffed: str
    has_flex: bool

    @property
    def conversations(self) -> str:
        """The path of our own conversations."""
        return f"{SERVICES}/{self.service}/Conversations"

    @property
    def flex_conversations(self) -> str:
        """The path of Flex's conversations."""
        return f"{SERVICES}/{self.default_service}/Conversations"

    @property
    def in_workspace(self) -> str:
        """The path of the workspace."""
        return f"{WORKSPACES}/{self.workspace}"


def create(api: TwilioApi) -> Scratch:
    """Create what the experiments need.

    Raises:
        ProbeError: Twilio refuses, or does not answer; what was created is there all the same.
    """
    configuration = api.require("read the Conversations configuration", "GET", CONFIGURATION)
    service = api.require("create a Conversations service", "POST", SERVICES, {"FriendlyName": NAME}).text("sid")
    flex = api.ask("GET", "flex-api/v1/Configuration")
    workspace = flex.text("taskrouter_workspace_sid") if flex.ok else ""
    has_flex = bool(workspace)
    if not has_flex:
        form = {"FriendlyName": NAME}
        workspace = api.require("create a TaskRouter workspace", "POST", WORKSPACES, form).text("sid")
    path = f"{WORKSPACES}/{workspace}"
    nobody = _queue(api, path, "nobody")
    return Scratch(
        service=service,
        default_service=configuration.text("default_chat_service_sid"),
        workspace=workspace,
        waiting=_workflow(api, path, "waiting", {"default_filter": {"queue": nobody}}),
        expiring=_workflow(api, path, "expiring", {"filters": [_expiring(nobody)]}),
        staffed=_staff(api, path) if has_flex else "",
        has_flex=has_flex,
    )


def _queue(api: TwilioApi, path: str, who: str) -> str:
    form = {"FriendlyName": f"{NAME}-{who}", "TargetWorkers": f'{_ATTRIBUTE} == "{who}"'}
    return api.require("create a task queue", "POST", f"{path}/TaskQueues", form).text("sid")


def _workflow(api: TwilioApi, path: str, what: str, routing: Mapping[str, object]) -> str:
    form = {"FriendlyName": f"{NAME}-{what}", "Configuration": json.dumps({"task_routing": routing})}
    return api.require("create a workflow", "POST", f"{path}/Workflows", form).text("sid")


def _expiring(queue: str) -> Mapping[str, object]:
    targets = [{"queue": queue, "timeout": EXPIRES_AFTER}]
    return {"filter_friendly_name": NAME, "expression": "1==1", "targets": targets}


def _staff(api: TwilioApi, path: str) -> str:
    """A worker who is available for ten chats, and the workflow of their tasks."""
    queue = _queue(api, path, _AGENT)
    workflow = _workflow(api, path, "staffed", {"default_filter": {"queue": queue}})
    activity = next(api.rows(f"{path}/Activities", "activities", {"Available": "true"}), None)
    if activity is None:
        raise UnexpectedError("the workspace has no activity in which a worker is available: create one in the Console")
    described = json.dumps({_ATTRIBUTE: _AGENT, "contact_uri": f"client:{NAME}-{_AGENT}"})
    form = {"FriendlyName": NAME, "ActivitySid": activity["sid"], "Attributes": described}
    worker = api.require("create a worker", "POST", f"{path}/Workers", form).text("sid")
    channels = api.rows(f"{path}/Workers/{worker}/Channels", "channels")
    chat = next((each["sid"] for each in channels if each["task_channel_unique_name"] == "chat"), None)
    if chat is None:
        raise UnexpectedError("the workspace has no task channel named chat: create one in the Console")
    api.require("set a capacity", "POST", f"{path}/Workers/{worker}/Channels/{chat}", {"Capacity": 10})
    return workflow


# -- removing ----------------------------------------------------------------------------------------------------------


def left_by_a_probe(api: TwilioApi) -> list[str]:
    """The services of a probe that runs, or that was killed."""
    return [service["sid"] for service in api.rows(SERVICES, "services") if service["friendly_name"] == NAME]


def remove(api: TwilioApi) -> list[str]:
    """Remove everything that any probe has created in the account, as far as Twilio lets us.

    Returns:
        What is still there, and why; one line for each.
    """
    left: list[str] = []
    with _noting(left, "the account"):
        services = left_by_a_probe(api)
        if services:
            _remove_all(api, services, left)
    return left


def _remove_all(api: TwilioApi, services: list[str], left: list[str]) -> None:
    configuration = api.require("read the Conversations configuration", "GET", CONFIGURATION)
    with _noting(left, "the account's default inactive timer"):
        if same_timer(configuration.text("default_inactive_timer"), DEFAULT_TIMER):
            api.require("remove the default timer", "POST", CONFIGURATION, {"DefaultInactiveTimer": NO_TIMER})
    for workspace, own in _workspaces(api):
        with _noting(left, f"workspace {workspace}"):
            _clear_workspace(api, f"{WORKSPACES}/{workspace}", left)
        if own:
            _delete(api, f"{WORKSPACES}/{workspace}", left)
    default = f"{SERVICES}/{configuration.text('default_chat_service_sid')}/Conversations"
    with _noting(left, "conversations of the default service"):
        for sid in _conversations(api, default, services):
            _delete(api, f"{default}/{sid}", left)
    for service in [] if left else services:  # by which another attempt finds what is left
        _delete(api, f"{SERVICES}/{service}", left)


def _workspaces(api: TwilioApi) -> Iterator[tuple[str, bool]]:
    """Flex's workspace, and those of our own."""
    flex = api.ask("GET", "flex-api/v1/Configuration")
    if flex.ok and flex.text("taskrouter_workspace_sid"):
        yield flex.text("taskrouter_workspace_sid"), False
    for workspace in list(api.rows(WORKSPACES, "workspaces", {"FriendlyName": NAME})):
        if workspace["friendly_name"] == NAME:
            yield workspace["sid"], True


def _clear_workspace(api: TwilioApi, path: str, left: list[str]) -> None:
    workflows = _named(api, f"{path}/Workflows", "workflows")
    for workflow in workflows:
        for task in list(api.rows(f"{path}/Tasks", "tasks", {"WorkflowSid": workflow})):
            _close_channel(api, attributes(task))
            _delete(api, f"{path}/Tasks/{task['sid']}", left)
    workers = _named(api, f"{path}/Workers", "workers")
    offline = next(api.rows(f"{path}/Activities", "activities", {"Available": "false"}), None) if workers else None
    for worker in workers:
        if offline is not None:
            api.ask("POST", f"{path}/Workers/{worker}", {"ActivitySid": offline["sid"]})
        _delete(api, f"{path}/Workers/{worker}", left)
    for workflow in workflows:
        _delete(api, f"{path}/Workflows/{workflow}", left)
    for queue in _named(api, f"{path}/TaskQueues", "task_queues"):
        _delete(api, f"{path}/TaskQueues/{queue}", left)


def _close_channel(api: TwilioApi, described: Mapping[str, Any]) -> None:
    """Let Flex end the chat of a task with these attributes; one that has ended is refused, which does no harm."""
    interaction, channel = described.get("flexInteractionSid"), described.get("flexInteractionChannelSid")
    if interaction and channel:
        form = {"Status": "closed", "Routing": json.dumps({"status": "closed"})}
        api.ask("POST", f"{INTERACTIONS}/{interaction}/Channels/{channel}", form)


def _conversations(api: TwilioApi, path: str, services: list[str]) -> list[str]:
    """Ours in the default service: none is older than our own service."""
    created = min(api.require("read a service", "GET", f"{SERVICES}/{sid}").text("date_created") for sid in services)
    rows = api.rows(path, "conversations", {"StartDate": created[:10]})
    return [each["sid"] for each in rows if each["friendly_name"] == NAME]


def _named(api: TwilioApi, path: str, key: str) -> list[str]:
    return [each["sid"] for each in api.rows(path, key) if each["friendly_name"].startswith(NAME)]


def _delete(api: TwilioApi, path: str, left: list[str]) -> None:
    with _noting(left, path):
        answer = api.ask("DELETE", path)
        if not answer.ok and answer.status != 404:
            left.append(f"{path}: Twilio answered {answer.refusal}")


@contextmanager
def _noting(left: list[str], what: str) -> Iterator[None]:
    """Note what could not be removed, and go on with the rest."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- the rest is removed whatever happens to this
        left.append(f"{what}: {explained(error)}")
