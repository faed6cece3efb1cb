"""What may stand in an account that nobody expects: values of tomorrow, tasks and channels that are not a chat's own.

The control plane makes them; the models' rules go on behind them.
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
"""Who works on foreign tasks."""
OURS: Final = ("conversationSid", "flexInteractionSid", "flexInteractionChannelSid", "flexChannelInviteSid")
"""Attributes by which a task names its chat."""


KEYS: Final = ("kind", "of", "value", "code", "stage", "attributes", "worker")


class Kind(StrEnum):
    """Which oddity, as the control plane names it."""

    STATUS = "status"
    DELIVERY = "delivery"
    FOREIGN_TASK = "foreignTask"
    BORROWED_INTERACTION = "borrowedInteraction"


class Of(StrEnum):
    """Whose status is one that nobody knows."""

    CONVERSATION = "conversation"
    TASK = "task"
    CHANNEL = "channel"


def make_oddity(chats: Chats, chat: Chat, oddity: Mapping[str, Any]) -> dict[str, str | None]:
    """Do what the control plane's JSON says; the SID of the task that it made, if it made one.

    Raises:
        ValueError: what is wrong with it, and what there is.
        KeyError: a key is missing.
        LookupError: there is no such other chat.
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
    """Let Twilio show a status that nobody knows, until the true one changes; None takes it back.

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
    """Let carriers say how far the newest message has come that they were given, and with which error.

    Raises:
        ActionError: nothing was ever given to a carrier: webchat has none.
    """
    for message in reversed(chat.conversation.messages.values()):
        if message.receipts:
            chat.conversation.report_delivery(message, status, code)
            return
    raise ActionError("no message of the chat has gone to a carrier; sms and whatsapp have them")


def add_foreign_task(
    chat: Chat,
    *,
    stage: Stage = Stage.QUEUED,
    attributes: Mapping[str, object] | None = None,
    worker: str = FOREIGN_WORKER,
) -> Task:
    """Make a task that copies the attributes of the chat's newest task and is not the chat's: nobody comes in by it.

    Args:
        chat: Whose attributes.
        stage: How far the task has come: `queued`, `assigned` or `wrapping`.
        attributes: What it has besides, or instead.
        worker: By name, who takes it.

    Raises:
        ActionError: the chat has no task, or the stage is none of a task.
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
        ActionError: one of the two has no task, or the other none that names an interaction.
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
