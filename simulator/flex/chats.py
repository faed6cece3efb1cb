"""A Flex chat: what customer, bot and agent do, through the models and under their rules.

These are the actions of Flex's UI, its webchat and its channels; the control plane calls them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from simulator.conversations.contents import Binding, Message, Participant
from simulator.conversations.conversation import Conversation
from simulator.conversations.service import Fields
from simulator.conversations.webhooks import MESSAGING, REST, Actor, sdk
from simulator.flex.channel import ChannelStatus
from simulator.flex.models import Interaction
from simulator.flex.routing import Routing
from simulator.flex.staffing import Staffing
from simulator.shared.dialect.flex import TransferStatus
from simulator.taskrouter.task import LIVE, WAITING, Task, TaskStatus

if TYPE_CHECKING:
    from simulator.flex.models import Flex

BOUND = frozenset({"sms", "whatsapp", "messenger", "gbm", "email"})
"""Channels whose customers have a messaging binding; webchat's customers have an identity."""
CHANNELS = BOUND | {"web", "chat"}


class Stage(StrEnum):
    """The stage at which a chat is created."""

    BOT = "bot"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    WRAPPING = "wrapping"


class Speaker(StrEnum):
    """Who writes a message; the bot does so over REST without being a participant."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"


class ActionError(Exception):
    """The action is not possible in this chat now."""


@dataclass(slots=True)
class Chat:
    """One chat, with its customer and agents."""

    flex: Flex
    conversation: Conversation
    channel_type: str
    customer: Participant
    queue: str
    task_attributes: dict[str, object]
    interaction: Interaction | None = None
    customer_actor: Actor = MESSAGING
    _staffing: Staffing | None = None

    @property
    def staffing(self) -> Staffing:
        """Its agents: the interaction's channel, or a staffing without an interaction."""
        if self.interaction is not None:
            return self.interaction.channel
        if self._staffing is None:
            self._staffing = Staffing(self.flex, self.conversation)
        return self._staffing

    @property
    def tasks(self) -> list[Task]:
        """Its tasks, oldest first."""
        return self.staffing.tasks

    # -- speaking ------------------------------------------------------------------------------------------------

    def say(self, speaker: Speaker, body: str, attributes: str = "{}") -> Message:
        """Write a message; a customer's message in a chat that the agent left creates a new task.

        Attributes are those that the speaker sends: chat clients can send any.

        Raises:
            ActionError: the chat has no agent.
            TwilioError: 50377 when the conversation is closed.
        """
        match speaker:
            case Speaker.BOT:
                return self.conversation.add_message(REST, author="Bot", body=body, attributes=attributes)
            case Speaker.AGENT:
                participant = self._agent()
                return self.conversation.add_message(
                    sdk(participant.identity or ""), body=body, attributes=attributes, participant=participant
                )
            case Speaker.CUSTOMER:
                message = self.conversation.add_message(
                    self.customer_actor, body=body, attributes=attributes, participant=self.customer
                )
                if self.interaction is not None and self.interaction.channel.status is ChannelStatus.INACTIVE:
                    self.interaction.channel.status = ChannelStatus.ACTIVE
                    self.enqueue()
                return message

    def _agent(self) -> Participant:
        for agent in reversed(self.staffing.agents):
            participant = self.conversation.participants.get(agent.conversation_participant_sid)
            if participant is not None:
                return participant
        raise ActionError(f"no agent is in chat {self.conversation.sid}")

    # -- doing ---------------------------------------------------------------------------------------------------

    def do(self, action: str) -> None:
        """Carry out an action of Flex's UI, or an end of the task.

        Raises:
            ActionError: an unknown action, or one that is not possible now; the message has the reason.
        """
        if action not in ACTIONS:
            raise ActionError(f"no action {action!r}; there are {', '.join(ACTIONS)}")
        ACTIONS[action](self)

    def start_interaction(self) -> None:
        """Send the chat to Flex: create an interaction over this conversation."""
        self.interaction = self.flex.create_interaction(
            "web" if self.channel_type == "chat" else self.channel_type, self.conversation
        )
        self.interaction.channel.add_participant("customer", self.customer.sid)

    def enqueue(self) -> Task:
        """Create a task for an agent, with the attributes that Flex gives it."""
        workspace = self.flex.taskrouter.default_workspace
        routing = Routing(
            queue_sid=workspace.queues.ensure(self.queue).sid,
            channel=workspace.channels.ensure("chat" if self.channel_type == "web" else self.channel_type).sid,
        )
        if self.interaction is not None:
            return self.interaction.channel.invite(routing, self.task_attributes).task
        attributes = {"conversationSid": self.conversation.sid, **self.task_attributes}
        return routing.create_task(self.flex.taskrouter, json.dumps(attributes, ensure_ascii=False), self.staffing.take)

    def accept(self) -> None:
        """An agent accepts the newest waiting task; after a transfer the first agent leaves and their task ends."""
        task = self._newest(WAITING, "accept")
        self.conversation.refuse_if_closed()
        number = len(self.tasks)
        workers = self.flex.taskrouter.default_workspace.workers
        task.accept(workers.summon("agent" if number == 1 else f"agent {number}"))

    def reject(self) -> None:
        """The agent declines the reservation: the task waits for the next."""
        task = self._newest({TaskStatus.RESERVED}, "reject")
        if task.reservation is not None:
            task.reservation.update(status="rejected", activity_sid=None, if_match=None)

    def reserve(self) -> None:
        """The newest waiting task is offered to an agent, who has the workflow's timeout to answer."""
        task = self._newest({TaskStatus.PENDING}, "reserve")
        number = len(self.tasks)
        workers = self.flex.taskrouter.default_workspace.workers
        reservation = task.reserve(workers.summon("agent" if number == 1 else f"agent {number}"))
        reservation.wait(timedelta(seconds=task.workflow.task_reservation_timeout))

    def transfer(self) -> None:
        """The agent transfers the chat: a second task waits while the first is still theirs."""
        self._newest({TaskStatus.ASSIGNED}, "transfer")
        task = self.enqueue()
        self.staffing.hand_over(task)
        if self.interaction is not None and self.flex.account.dialect.transfer_status is TransferStatus.TRANSFER:
            self.interaction.channel.status = ChannelStatus.TRANSFER

    def wrap(self) -> None:
        """The agent goes into wrap-up; the conversation stays as it is."""
        self._newest({TaskStatus.ASSIGNED}, "wrap").wrap()

    def complete(self) -> None:
        """The agent completes: Flex ends the task, removes the agent, closes channel and conversation."""
        self._newest({TaskStatus.ASSIGNED, TaskStatus.WRAPPING}, "complete").finish()
        self.staffing.remove_agents()
        if self.interaction is not None:
            self.interaction.channel.status = ChannelStatus.CLOSED
        self.conversation.close_by_flex()

    def leave(self) -> None:
        """The agent leaves and the conversation stays open: their task ends, the channel is inactive."""
        self._newest({TaskStatus.ASSIGNED, TaskStatus.WRAPPING}, "leave").finish()
        if self.interaction is None:
            self.staffing.remove_agents()
        else:
            self.interaction.channel.left()

    def pause(self) -> None:
        """The agent pauses the conversation: the channel has the status, the task stays."""
        self._channel_from(ChannelStatus.ACTIVE, ChannelStatus.PAUSE, "pause")

    def resume(self) -> None:
        """The agent resumes a paused conversation."""
        self._channel_from(ChannelStatus.PAUSE, ChannelStatus.ACTIVE, "resume")

    def offline(self) -> None:
        """The agent goes offline and their task stays assigned, as Twilio leaves it."""
        reservation = self._newest({TaskStatus.ASSIGNED, TaskStatus.WRAPPING}, "offline").reservation
        workspace = self.flex.taskrouter.default_workspace
        if reservation is not None:
            workspace.workers.set_activity(reservation.worker, workspace.activities.ensure("Offline", available=False))

    def cancel(self) -> None:
        """Nobody took the newest task in the workflow's timeouts: the workflow cancels it, and the chat stays open."""
        self._newest(WAITING, "cancel").run_out_of_targets()

    def expire(self) -> None:
        """The newest task's own timeout passes: a waiting task is canceled, an assigned one is deleted."""
        self._newest(LIVE | {TaskStatus.WRAPPING}, "expire").run_out_of_time()

    def delete(self) -> None:
        """Somebody deletes the newest task by TaskRouter's API."""
        task = self._newest(set(TaskStatus), "delete")
        task.workspace.delete_task(task.sid, None)

    def _channel_from(self, before: ChannelStatus, after: ChannelStatus, action: str) -> None:
        if self.interaction is None:
            raise ActionError(f"cannot {action}: the chat has no interaction")
        if self.interaction.channel.status is not before:
            raise ActionError(f"cannot {action}: the interaction channel is {self.interaction.channel.status}")
        self.interaction.channel.status = after

    def _newest(self, statuses: frozenset[TaskStatus] | set[TaskStatus], action: str) -> Task:
        for task in reversed(self.tasks):
            if task.status in statuses and not task.purged:
                return task
        having = ", ".join("gone" if task.purged else task.status for task in self.tasks) or "none"
        raise ActionError(f"cannot {action}: it needs a task that is {' or '.join(sorted(statuses))}; tasks: {having}")


ACTIONS: Final[Mapping[str, Callable[[Chat], object]]] = {
    "reserve": Chat.reserve,
    "reject": Chat.reject,
    "accept": Chat.accept,
    "transfer": Chat.transfer,
    "wrap": Chat.wrap,
    "complete": Chat.complete,
    "leave": Chat.leave,
    "pause": Chat.pause,
    "resume": Chat.resume,
    "offline": Chat.offline,
    "cancel": Chat.cancel,
    "expire": Chat.expire,
    "delete": Chat.delete,
}
"""The actions of Flex's UI, and the ends of a task, by name."""


class Chats:
    """All chats of one account, by conversation."""

    def __init__(self, flex: Flex) -> None:
        self._flex = flex
        self._number = 0
        self.by_conversation: dict[str, Chat] = {}

    def find(self, conversation_sid: str) -> Chat | None:
        """The chat of a conversation.

        One that the Interactions API created is added here when it is first requested.
        """
        known = self.by_conversation.get(conversation_sid)
        channel = None if known is not None else self._flex.channel_over(conversation_sid)
        if channel is None:
            return known
        customer = next((each for each in channel.participants if each.type == "customer"), None)
        sid = None if customer is None else customer.conversation_participant_sid
        participant = channel.conversation.participants.get(sid or "")
        if participant is None:
            return None
        chat = Chat(
            flex=self._flex,
            conversation=channel.conversation,
            channel_type=channel.type,
            customer=participant,
            queue="Everyone",
            task_attributes={"channelType": channel.type, "customerAddress": participant.name},
            interaction=channel.interaction,
            customer_actor=MESSAGING if participant.identity is None else sdk(participant.identity),
        )
        self.by_conversation[conversation_sid] = chat
        return chat

    def create(
        self,
        *,
        channel: str = "web",
        stage: str = "queued",
        language: str | None = None,
        queue: str = "Everyone",
        attributes: Mapping[str, object] | None = None,
        interaction: bool = True,
        service_sid: str | None = None,
    ) -> Chat:
        """Create a chat at a stage, without messages.

        Raises:
            ActionError: an unknown channel or stage.
        """
        if channel not in CHANNELS:
            raise ActionError(f"no channel {channel!r}; there are {', '.join(sorted(CHANNELS))}")
        if stage not in set(Stage):
            raise ActionError(f"no stage {stage!r}; there are {', '.join(Stage)}")
        self._number += 1
        flex, product = self._flex, self._flex.conversations
        service = product.default_service if service_sid is None else product.service(service_sid)
        name = f"Customer {self._number}"
        identity = flex.account.sids.new("FX")
        address = _address(channel, self._number)
        described: dict[str, object] = {"channel_type": channel, "from": name, "senderId": address or identity}
        if language is not None:
            described["language"] = language
        described.update(attributes or {})
        conversation = flex.create_conversation(
            service, Fields(friendly_name=name, attributes=json.dumps(described, ensure_ascii=False))
        )
        customer = conversation.add_participant(
            REST,
            identity=None if address else identity,
            binding=None if address is None else Binding(channel, address, _address(channel, 0)),
            role_sid=service.roles["customer"].sid,
            kind="customer",
        )
        chat = Chat(
            flex=flex,
            conversation=conversation,
            channel_type=channel,
            customer=customer,
            queue=queue,
            task_attributes=_task_attributes(channel, name, address or identity, language, attributes or {}),
            customer_actor=MESSAGING if address else sdk(identity),
        )
        self.by_conversation[conversation.sid] = chat
        self._bring_to(chat, Stage(stage), interaction=interaction)
        return chat

    @staticmethod
    def _bring_to(chat: Chat, stage: Stage, *, interaction: bool) -> None:
        if stage is Stage.BOT:
            return
        if interaction:
            chat.start_interaction()
        chat.enqueue()
        if stage in {Stage.ASSIGNED, Stage.WRAPPING}:
            chat.accept()
        if stage is Stage.WRAPPING:
            chat.wrap()


def _address(channel: str, number: int) -> str | None:
    """An address in the range of fictional numbers; None for channels whose customers have an identity."""
    if channel not in BOUND:
        return None
    if channel == "email":
        return f"customer{number}@example.com"
    phone = f"+1555{number:07d}"
    return phone if channel == "sms" else f"{channel}:{phone}"


def _task_attributes(
    channel: str, name: str, address: str, language: str | None, attributes: Mapping[str, object]
) -> dict[str, object]:
    described: dict[str, object] = {
        "channelType": channel,
        "customerName": name,
        "customerAddress": address,
        "from": name,
        "direction": "inbound",
        "initiatedBy": "customer",
    }
    if language is not None:
        described["language"] = language
    return {**described, **attributes}
