"""A Flex chat as experiments need it: a conversation with an interaction over it, a task, and an agent who accepts it.

Creating an interaction is asynchronous, and an agent is a worker whose reservation is accepted over REST
(https://www.twilio.com/docs/flex/developer/conversations/interactions-api/interactions and
https://www.twilio.com/docs/taskrouter/api/worker-reservation, November 2026).
"""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from ops.probe.api import Answer, attributes
from ops.probe.errors import UnexpectedError
from ops.probe.experiments.experiment import Lab
from ops.probe.scratch import INTERACTIONS, NAME

SETTLES: Final = timedelta(seconds=5)
"""How long Flex gets to carry out what it has accepted."""

FOLLOWS: Final = timedelta(seconds=20)
"""How long a change of a conversation gets to follow from another change."""

CUSTOMER: Final = f"{NAME}-customer"
"""One identity for all chats, because Twilio charges for each active one."""

CLOSED: Final = json.dumps({"status": "closed"})
"""The only routing status that a channel's update takes; it ends the tasks."""

_LOOKS: Final = 10
_PAUSE: Final = timedelta(seconds=2)


@dataclass(frozen=True)
class FlexChat:
    """One chat.

    Attributes:
        conversation: its path.
        interaction: its path.
        channel: its path.
        task: its path.
        task_attributes: as Flex wrote them.
    """

    conversation: str
    interaction: str
    channel: str
    task: str
    task_attributes: Mapping[str, Any]


def start(lab: Lab, workflow: str) -> FlexChat:
    """Start a chat over a conversation of ours, as a web chat does.

    Raises:
        UnexpectedError: Twilio refuses.
    """
    path = lab.scratch.flex_conversations
    sid = lab.api.require("create a conversation", "POST", path, {"FriendlyName": NAME}).text("sid")
    lab.api.require("add a customer", "POST", f"{path}/{sid}/Participants", {"Identity": CUSTOMER})
    return _interaction(lab, workflow, {"properties": {"media_channel_sid": sid}}, sid)


def start_without_conversation(lab: Lab, workflow: str) -> FlexChat:
    """Start a chat whose conversation Flex creates, and name that conversation.

    Raises:
        UnexpectedError: Twilio refuses, or does not say which conversation it is.
    """
    chat = _interaction(lab, workflow, {"participants": [{"identity": CUSTOMER, "name": NAME}]}, None)
    lab.api.require("name a conversation", "POST", chat.conversation, {"FriendlyName": NAME})
    return chat


def accept(lab: Lab, chat: FlexChat) -> Generator[timedelta, None, None]:
    """Let our worker accept the chat's task.

    Raises:
        UnexpectedError: no reservation is created, or the acceptance does not assign the task.
    """
    for _ in range(_LOOKS):
        rows = lab.api.rows(f"{chat.task}/Reservations", "reservations")
        pending = next((row["sid"] for row in rows if row["reservation_status"] == "pending"), None)
        if pending is not None:
            form = {"ReservationStatus": "accepted"}
            lab.api.require("accept a reservation", "POST", f"{chat.task}/Reservations/{pending}", form)
            yield SETTLES
            status = task_status(lab, chat)
            if status != "assigned":
                raise UnexpectedError(f"an acceptance over REST left the task {status}: a person must accept in Flex")
            return
        yield _PAUSE
    raise UnexpectedError("the probe's worker was offered no task")


def state(lab: Lab, chat: FlexChat) -> str:
    """The state of the chat's conversation."""
    return lab.api.require("read a conversation", "GET", chat.conversation).text("state")


def task_status(lab: Lab, chat: FlexChat) -> str:
    """The assignment status of the chat's task."""
    return lab.api.require("read a task", "GET", chat.task).text("assignment_status")


def channel_status(lab: Lab, chat: FlexChat) -> tuple[str, Answer]:
    """The status of the chat's channel, empty if it cannot be read, and the answer."""
    answer = lab.api.ask("GET", chat.channel)
    return (answer.text("status") if answer.ok else "", answer)


def _interaction(lab: Lab, workflow: str, channel: Mapping[str, object], conversation: str | None) -> FlexChat:
    routing = {
        "properties": {
            "workspace_sid": lab.scratch.workspace,
            "workflow_sid": workflow,
            "task_channel_unique_name": "chat",
            "attributes": {"customerName": NAME},
        }
    }
    wanted = {"type": "web", "initiated_by": "customer", **channel}
    form = {"Channel": json.dumps(wanted), "Routing": json.dumps(routing)}
    made = lab.api.require("create an interaction", "POST", INTERACTIONS, form)
    task = (made.body.get("routing") or {}).get("properties") or {}
    channel_sid = (made.body.get("channel") or {}).get("sid")
    described = attributes(task)
    conversation = conversation or described.get("conversationSid")
    if not (task.get("sid") and channel_sid and conversation):
        raise UnexpectedError("Twilio's answer to a new interaction names no channel, task or conversation")
    interaction = f"{INTERACTIONS}/{made.text('sid')}"
    return FlexChat(
        conversation=f"{lab.scratch.flex_conversations}/{conversation}",
        interaction=interaction,
        channel=f"{interaction}/Channels/{channel_sid}",
        task=f"{lab.scratch.in_workspace}/Tasks/{task['sid']}",
        task_attributes=described,
    )
