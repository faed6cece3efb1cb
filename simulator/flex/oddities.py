"""Unexpected content of an account: unknown statuses, tasks and channels of another chat.

The control plane adds it; the models' rules stay the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from simulator.conversations.contents import DeliveryStatus
from simulator.flex.chats import ActionError, Stage

if TYPE_CHECKING:
    from simulator.flex.chats import Chat, Chats
    from simulator.taskrouter.task import Task

E = TypeVar("E", bound=StrEnum)
FOREIGN_WORKER: Final = "somebody else"
"""The worker of foreign tasks."""
OURS: Final = ("conversationSid", "flexInteractionSid", "flexInteractionChannelSid", "flexChannelInviteSid")
"""Attributes by which a task names its chat."""


KEYS: Final = ("kind", "of", "value", "code", "stage", "attributes", "worker")


class Kind(StrEnum):
    """The kinds of oddities, by their names in the control plane."""

    STATUS = "status"
    DELIVERY = "delivery"
    FOREIGN_TASK = "foreignTask"
    BORROWED_INTERACTION = "borrowedInteraction"


class Of(StrEnum):
    """What has an unknown status."""

    CONVERSATION = "conversation"
    TASK = "task"
    CHANNEL = "channel"


def make_oddity(chats: Chats, chat: Chat, oddity: Mapping[str, Any]) -> dict[str, str | None]:
    """Add the oddity in the control plane's JSON; returns the SID of the task that it created, if any.

    Raises:
        ValueError: an invalid value; the message lists what is possible.
        KeyError: a key is missing.
        LookupError: the other chat does not exist.
        ActionError: as the functions below.
    """
    match _one_of(Kind, "kind", oddity["kind"]):
        case Kind.STATUS:
            show_status(chat, _one_of(Of, "of", oddity["of"]), oddity["value"])
        case Kind.DELIVERY:
            report_delivery(chat, _one_of(DeliveryStatus, "value", oddity["value"]), int(oddity.get("code", 0)))
        case Kind.FOREIGN_TASK:
            task = add_foreign_task(
                chat,
                stage=_one_of(Stage, "stage", oddity.get("stage", Stage.QUEUED)),
                attributes=oddity.get("attributes"),
                worker=oddity.get("worker", FOREIGN_WORKER),
            )
            return {"task": task.sid}
        case Kind.BORROWED_INTERACTION:
            other = chats.find(oddity["of"])
            if other is None:
                raise LookupError(f"no chat {oddity['of']}")
            borrow_interaction(chat, other)
    return {"task": None}


def show_status(chat: Chat, of: Of, status: str | None) -> None:
    """Let Twilio show an unknown status until the true one changes; None removes it.

    Raises:
        ActionError: the chat has no task, or no interaction.
    """
    match of:
        case Of.CONVERSATION:
            chat.conversation.show_state(status)
        case Of.TASK:
            _newest_task(chat).show_status(status)
        case Of.CHANNEL:
            if chat.interaction is None:
                raise ActionError("the chat has no interaction, so no channel")
            chat.interaction.channel.show_status(status)


def report_delivery(chat: Chat, status: DeliveryStatus, code: int = 0) -> None:
    """Set the status and error code of the newest delivery by a carrier.

    Raises:
        ActionError: no message has a carrier; webchat has none.
    """
    for message in reversed(chat.conversation.messages.values()):
        if message.receipts:
            chat.conversation.report_delivery(message, status, code)
            return
    raise ActionError("no message of the chat was sent by a carrier; use the channel sms or whatsapp")


def add_foreign_task(
    chat: Chat,
    *,
    stage: Stage = Stage.QUEUED,
    attributes: Mapping[str, object] | None = None,
    worker: str = FOREIGN_WORKER,
) -> Task:
    """Create a task that copies the attributes of the chat's newest task, but does not belong to the chat.

    Args:
        chat: The chat whose attributes are copied.
        stage: The task's stage: `queued`, `assigned` or `wrapping`.
        attributes: Attributes to add or replace.
        worker: The name of the worker who accepts it.

    Raises:
        ActionError: the chat has no task, or a task cannot have this stage.
    """
    if stage is Stage.BOT:
        raise ActionError("stage: a task is queued, assigned or wrapping")
    copied = {**json.loads(_newest_task(chat).attributes), **(attributes or {})}
    workspace = chat.flex.taskrouter.default_workspace
    task = workspace.create_task(attributes=json.dumps(copied, ensure_ascii=False), workflow_sid=workspace.workflow.sid)
    if stage is not Stage.QUEUED:
        task.accept(workspace.workers.summon(worker))
    if stage is Stage.WRAPPING:
        task.wrap()
    return task


def borrow_interaction(chat: Chat, other: Chat) -> None:
    """Let the chat's tasks name the interaction, channel and invite of another chat's newest task.

    Raises:
        ActionError: one of the two has no task, or the other has no interaction.
    """
    theirs = json.loads(_newest_task(other).attributes)
    borrowed = {name: theirs[name] for name in OURS[1:] if name in theirs}
    if not borrowed:
        raise ActionError(f"the chat {other.conversation.sid} has no interaction to borrow")
    _newest_task(chat)
    for task in chat.tasks:
        if not task.purged:
            task.update(attributes=json.dumps({**json.loads(task.attributes), **borrowed}, ensure_ascii=False))


def _one_of(words: type[E], key: str, value: object) -> E:
    found = next((word for word in words if word == value), None)
    if found is None:
        raise ValueError(f"oddity: {key} cannot be {value!r}; it is one of {', '.join(words)}")
    return found


def _newest_task(chat: Chat) -> Task:
    if not chat.tasks:
        raise ActionError(f"the chat {chat.conversation.sid} has no task")
    return chat.tasks[-1]
