"""Flex of one account: its configuration, interactions, their channels and who takes part in them.

The result table of a channel's update is Twilio's (docs, interaction channels subresource).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.conversations.conversation import Conversation, State
from simulator.conversations.webhooks import REST
from simulator.dialect import TaskCompletion
from simulator.errors import not_found
from simulator.flex import errors
from simulator.sids import derived_sid
from simulator.taskrouter.task import Reservation, Task, TaskStatus

if TYPE_CHECKING:
    from simulator.account import Account


class ChannelStatus(StrEnum):
    """An interaction channel's status."""

    SETUP = "setup"
    ACTIVE = "active"
    FAILED = "failed"
    CLOSED = "closed"
    INACTIVE = "inactive"
    PAUSE = "pause"
    TRANSFER = "transfer"


@dataclass(slots=True)
class ChannelParticipant:
    """Who takes part in an interaction: `type` says as what; an agent's reservation says by which task."""

    sid: str
    type: str
    conversation_participant_sid: str
    reservation: Reservation | None = None


class Channel:
    """An interaction's channel: one conversation, and the tasks that were made for it."""

    def __init__(self, interaction: Interaction, sid: str, channel_type: str, conversation: Conversation) -> None:
        self.interaction = interaction
        self.sid = sid
        self.type = channel_type
        self.conversation = conversation
        self.status = ChannelStatus.ACTIVE
        self.error_code: int | None = None
        self.error_message: str | None = None
        self.tasks: list[Task] = []
        self.participants: list[ChannelParticipant] = []

    def update(self, status: str | None, routing: str | None) -> None:
        """Close the channel, or park it; Twilio's result table.

        Raises:
            TwilioError: 20001 for a status or routing that is not allowed.
        """
        wanted = _settable(status)
        finished = _routing_closed(routing)
        if wanted is ChannelStatus.INACTIVE and not finished:
            raise errors.routing_required()
        for task in self.tasks:
            if finished or task.status in {TaskStatus.PENDING, TaskStatus.RESERVED}:
                task.finish()
            else:
                task.wrap()
        self.status = wanted
        self.error_code = self.error_message = None
        if wanted is ChannelStatus.CLOSED:
            self.conversation.close_by_flex()
        else:
            self.remove_agents()

    def fail(self, status: str | None, routing: str | None) -> None:
        """Answer like `update`, and do nothing: the platform may say `failed` with HTTP 200."""
        _settable(status)
        _routing_closed(routing)
        self.status = ChannelStatus.FAILED
        self.error_code = errors.FAILED_CODE
        self.error_message = "Failed to close or delete Conversation. Downstream error."

    def add_participant(
        self, participant_type: str, conversation_participant_sid: str, reservation: Reservation | None = None
    ) -> ChannelParticipant:
        """Let somebody take part."""
        participant = ChannelParticipant(
            self.interaction.account.sids.new("UT"), participant_type, conversation_participant_sid, reservation
        )
        self.participants.append(participant)
        return participant

    def remove_agents(self) -> None:
        """Take every agent out of the channel and its conversation."""
        for participant in [member for member in self.participants if member.type == "agent"]:
            self.participants.remove(participant)
            sid = participant.conversation_participant_sid
            if sid in self.conversation.participants and self.conversation.state is not State.CLOSED:
                self.conversation.remove_participant(sid, REST)


class Interaction:
    """An interaction with its one channel."""

    def __init__(self, account: Account, channel_type: str, conversation: Conversation) -> None:
        self.account = account
        self.sid = account.sids.new("KD")
        self.channel = Channel(self, account.sids.new("UO"), channel_type, conversation)


class Flex:
    """The product as one account sees it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.created = account.clock.now
        self.instance_sid = derived_sid("GO", "Flex")
        self.interactions: dict[str, Interaction] = {}
        self._channels: dict[str, Channel] = {}
        account.taskrouter.default_workspace.on_ended_by_request = self._task_ended_by_request

    def create_interaction(self, channel_type: str, conversation: Conversation) -> Interaction:
        """Start an interaction over a conversation that exists."""
        interaction = Interaction(self.account, channel_type, conversation)
        self.interactions[interaction.sid] = interaction
        self._channels[conversation.sid] = interaction.channel
        return interaction

    def interaction(self, sid: str) -> Interaction:
        """Find an interaction.

        Raises:
            TwilioError: 20404.
        """
        found = self.interactions.get(sid)
        if found is None:
            raise not_found(f"/Interactions/{sid}")
        return found

    def channel(self, interaction_sid: str, sid: str) -> Channel:
        """Find an interaction's channel.

        Raises:
            TwilioError: 20404.
        """
        channel = self.interaction(interaction_sid).channel
        if channel.sid != sid:
            raise not_found(f"/Interactions/{interaction_sid}/Channels/{sid}")
        return channel

    def channel_participants(self, channel: Channel) -> Iterator[tuple[int, ChannelParticipant]]:
        """Who takes part, numbered."""
        return iter(enumerate(channel.participants))

    def _task_ended_by_request(self, task: Task) -> None:
        """TaskRouter's API ended a task behind the interaction's back; whether that closes is the dialect's."""
        if self.account.dialect.task_completion is not TaskCompletion.CLOSES_CONVERSATION:
            return
        conversation_sid = json.loads(task.attributes).get("conversationSid")
        for service in self.account.conversations.services.values():
            conversation = service.conversations.get(conversation_sid)
            if conversation is not None and task.status is TaskStatus.COMPLETED:
                conversation.close_by_flex()


def _settable(status: str | None) -> ChannelStatus:
    if status not in {ChannelStatus.CLOSED, ChannelStatus.INACTIVE}:
        raise errors.invalid_channel_status(status or "")
    return ChannelStatus(status)


def _routing_closed(routing: str | None) -> bool:
    if routing is None:
        return False
    try:
        value = json.loads(routing)
    except ValueError:
        raise errors.invalid_routing(routing) from None
    if not isinstance(value, dict) or value.get("status") != "closed":
        raise errors.invalid_routing(routing)
    return True
