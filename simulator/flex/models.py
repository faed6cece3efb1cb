"""Flex of one account: its configuration, its interactions, and what it does when tasks are accepted or end."""

from __future__ import annotations

from dataclasses import replace

from simulator.conversations.conversation import Conversation
from simulator.conversations.models import Conversations
from simulator.conversations.service import Fields, Service
from simulator.conversations.webhooks import REST
from simulator.flex import errors
from simulator.flex.channel import Channel, ChannelStatus
from simulator.flex.configuration import FlexConfiguration
from simulator.flex.interaction_requests import ChannelRequest
from simulator.flex.routing import Routing
from simulator.flex.staffing import Staffing, enter
from simulator.shared.dialect.conversations import DefaultTimers
from simulator.shared.dialect.flex import FlexAttributes, InteractionReads
from simulator.shared.dialect.taskrouter import TaskCompletion
from simulator.shared.errors import TwilioError, invalid_parameter, not_found
from simulator.shared.sids import is_sid
from simulator.taskrouter.models import TaskRouter
from simulator.taskrouter.reservation import Reservation
from simulator.taskrouter.task import Task, TaskStatus


class Interaction:
    """An interaction with its one channel."""

    def __init__(
        self,
        flex: Flex,
        channel_type: str,
        conversation: Conversation,
        *,
        webhook_ttid: str | None = None,
        context_sid: str | None = None,
    ) -> None:
        self.flex = flex
        self.sid = flex.account.sids.new("KD")
        self.webhook_ttid = webhook_ttid
        self.context_sid = context_sid
        self.channel = Channel(self, flex.account.sids.new("UO"), channel_type, conversation)


class Flex:
    """Flex, as one account sees it."""

    def __init__(self, conversations: Conversations, taskrouter: TaskRouter) -> None:
        self.account = conversations.account
        self.conversations = conversations
        self.taskrouter = taskrouter
        self.configuration = FlexConfiguration(conversations, taskrouter)
        self.interactions: dict[str, Interaction] = {}
        self._channels: dict[str, Channel] = {}
        self._staffings: dict[str, Staffing] = {}
        taskrouter.on_accepted = self._accepted
        taskrouter.on_ended_by_request = self._task_ended_by_request

    @property
    def instance_sid(self) -> str:
        """The SID of this Flex."""
        return self.configuration.instance_sid

    def create_interaction(
        self,
        channel_type: str,
        conversation: Conversation,
        *,
        webhook_ttid: str | None = None,
        context_sid: str | None = None,
    ) -> Interaction:
        """Create an interaction over an existing conversation.

        Raises:
            TwilioError: 45354 when it is closed, 20409 when it already has an open interaction.
        """
        errors.require_open_conversation(conversation)
        before = self._channels.get(conversation.sid)
        if before is not None and before.status not in {ChannelStatus.CLOSED, ChannelStatus.FAILED}:
            raise errors.channel_exists(conversation.sid, before.interaction.sid)
        interaction = Interaction(self, channel_type, conversation, webhook_ttid=webhook_ttid, context_sid=context_sid)
        self.interactions[interaction.sid] = interaction
        self._channels[conversation.sid] = interaction.channel
        if self.account.dialect.flex_attributes is FlexAttributes.NAMED:
            named = {"flexInteractionSid": interaction.sid, "flexInteractionChannelSid": interaction.channel.sid}
            conversation.merge_attributes(named)
        return interaction

    def create_conversation(self, service: Service, fields: Fields) -> Conversation:
        """Create a conversation as Flex does; the dialect decides whether the account's default timers apply."""
        if self.account.dialect.default_timers is DefaultTimers.NOT_FLEX:
            fields = replace(fields, state="active", inactive="PT0S", closed="PT0S")
        return service.create_conversation(REST, fields)

    def start(
        self, request: ChannelRequest, routing: Routing | None, *, webhook_ttid: str | None, context_sid: str | None
    ) -> Interaction:
        """Start an interaction.

        Create a conversation with its participants unless it names one, and a task if it is routed.

        Raises:
            TwilioError: 20404 for an unknown conversation, 45354 for a closed one; the errors of adding a participant.
        """
        if context_sid and not is_sid("HQ", context_sid):
            raise invalid_parameter(f"Invalid InteractionContextSid value given: {context_sid}")
        if routing is not None:
            routing.resolve(self.taskrouter)
        service = self.conversations.default_service
        if request.conversation_sid is not None:
            conversation = service.conversation(request.conversation_sid)
            errors.require_open_conversation(conversation)
        else:
            conversation = self.create_conversation(service, Fields(friendly_name=request.people[0].name))
        try:
            people = [enter(conversation, person) for person in request.people]
            interaction = self.create_interaction(
                request.type, conversation, webhook_ttid=webhook_ttid, context_sid=context_sid or None
            )
        except TwilioError:
            if request.conversation_sid is None:
                service.delete_conversation(conversation.sid, REST)
            raise
        for participant in people or list(conversation.participants.values())[:1]:
            interaction.channel.add_participant(participant.kind or "customer", participant.sid)
        if routing is not None:
            interaction.channel.invite(routing, _described(request, interaction.channel))
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

    def channel_over(self, conversation_sid: str) -> Channel | None:
        """The newest interaction channel over a conversation."""
        return self._channels.get(conversation_sid)

    def require_readable(self) -> None:
        """Refuse to read interactions, in the dialect that does.

        Raises:
            TwilioError: HTTP 405.
        """
        if self.account.dialect.interaction_reads is InteractionReads.REFUSED:
            raise errors.not_readable()

    def expect(self, task: Task, staffing: Staffing) -> None:
        """Add whoever accepts this task to a staffing."""
        self._staffings[task.sid] = staffing

    def _accepted(self, reservation: Reservation) -> None:
        staffing = self._staffings.get(reservation.task.sid)
        if staffing is not None:
            staffing.admit(reservation)

    def _task_ended_by_request(self, task: Task) -> None:
        """TaskRouter's API ended a task; the dialect decides whether this closes the conversation."""
        if self.account.dialect.task_completion is not TaskCompletion.CLOSES_CONVERSATION:
            return
        for service in self.conversations.services.values():
            conversation = service.conversations.get(task.conversation_sid or "")
            if conversation is not None and task.status is TaskStatus.COMPLETED:
                conversation.close_by_flex()


def _described(request: ChannelRequest, channel: Channel) -> dict[str, object]:
    """The attributes that Flex gives the task of a new chat.

    Source: https://github.com/twilio/twilio-oai, twilio_flex_v1.json, example of a new interaction, 14 April 2026.
    """
    customer = next((person for person in request.people if person.type == "customer"), None)
    address = "" if customer is None else customer.address
    name = address if customer is None or customer.name is None else customer.name
    return {
        "channelType": request.type,
        "customerAddress": address,
        "customerName": name,
        "from": name,
        "customers": {"name": name, "phone" if "+" in address else "email" if "@" in address else "id": address},
        "conversations": {
            "initiated_by": request.initiated_by,
            "conversation_id": channel.interaction.sid,
            "media": [{"type": "ChatTranscript", "sid": channel.conversation.sid}],
        },
        "initiatedBy": request.initiated_by,
        "direction": "inbound" if request.initiated_by == "customer" else "outbound",
    }
