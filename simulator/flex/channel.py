"""An interaction's channel: its status, the result table of its update, its invites and transfers.

The result table is Twilio's
(https://www.twilio.com/docs/flex/developer/conversations/interactions-api/channels-subresource, November 2026).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.conversations.conversation import Conversation, State
from simulator.flex import errors
from simulator.flex.interaction_requests import Person
from simulator.flex.routing import Routing
from simulator.flex.staffing import Staffing, StaffingParticipant, enter
from simulator.flex.transfers import Transfer, TransferKind, TransferRequest, TransferStatus
from simulator.shared.dialect.flex import ClosedConversation, InviteContents, Leave, LostTransfer
from simulator.shared.dialect.flex import TransferStatus as TransferShows
from simulator.shared.errors import not_found
from simulator.shared.json_text import parse_json
from simulator.shared.shown import Shown, shown
from simulator.taskrouter.reservation import Reservation
from simulator.taskrouter.task import WAITING, Task

if TYPE_CHECKING:
    from simulator.flex.models import Interaction


class ChannelStatus(StrEnum):
    """An interaction channel's status."""

    SETUP = "setup"
    ACTIVE = "active"
    FAILED = "failed"
    CLOSED = "closed"
    INACTIVE = "inactive"
    PAUSE = "pause"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Invite:
    """An invite of an agent by a task. `shown` is the task as the list of invites shows it."""

    sid: str
    task: Task
    shown: Task


class Channel(Staffing):
    """An interaction's channel: one conversation and its tasks."""

    def __init__(self, interaction: Interaction, sid: str, channel_type: str, conversation: Conversation) -> None:
        super().__init__(interaction.flex, conversation)
        self.interaction = interaction
        self.sid = sid
        self.type = channel_type
        self.status = ChannelStatus.ACTIVE
        self.error_code: int | None = None
        self.error_message: str | None = None
        self.invites: list[Invite] = []
        self.transfers: dict[str, Transfer] = {}
        self._odd_status: Shown | None = None

    # -- status ----------------------------------------------------------------------------------------------------

    @property
    def shown_status(self) -> str:
        """The status as Twilio shows it."""
        waiting = any(task.status in WAITING and not task.purged for task in self.tasks)
        lost = self.status is ChannelStatus.TRANSFER and not waiting
        if lost and self.account.dialect.lost_transfer is LostTransfer.ACTIVE:
            return shown(ChannelStatus.ACTIVE.value, self._odd_status)
        return shown(self.status.value, self._odd_status)

    def show_status(self, status: str | None) -> None:
        """Show another status until the true one changes; None shows the true one."""
        self._odd_status = None if status is None else Shown(status, self.status.value)

    def update(self, status: str | None, routing: str | None) -> None:
        """Close the channel, or park it; Twilio's result table.

        Raises:
            TwilioError: 20001 for a status or routing that is not allowed.
        """
        wanted = _settable(status)
        finished = _routing_closed(routing)
        if wanted is ChannelStatus.INACTIVE and not finished:
            raise errors.routing_required()
        if wanted is ChannelStatus.INACTIVE and self.status is ChannelStatus.CLOSED:
            raise errors.channel_closed(self.sid)
        if self.conversation.over and self._fails_when_closed:
            self.fail(status, routing)
            return
        self.status = wanted
        self.error_code = self.error_message = None
        for task in self.tasks:
            if finished or task.status in WAITING:
                task.finish()
            else:
                task.wrap()
        if wanted is ChannelStatus.CLOSED:
            self.conversation.close_by_flex()
        else:
            self.left()

    def left(self) -> None:
        """Every agent leaves and the chat is kept.

        The channel becomes inactive, and in one dialect the conversation too.
        """
        self.remove_agents()
        self.status = ChannelStatus.INACTIVE
        if self.account.dialect.leave is Leave.SETS_INACTIVE:
            self.conversation.set_state_by_flex(State.INACTIVE)

    def fail(self, status: str | None, routing: str | None) -> None:
        """Fail with HTTP 200 and the status `failed`, as the platform may."""
        _settable(status)
        _routing_closed(routing)
        self.status = ChannelStatus.FAILED
        self.error_code = errors.FAILED_CODE
        self.error_message = "Failed to close or delete Conversation. Downstream error."

    # -- inviting and transferring ---------------------------------------------------------------------------------

    def invite(self, routing: Routing, described: dict[str, object] | None = None) -> Invite:
        """Invite an agent: create a task that names the chat.

        Args:
            routing: The task's way.
            described: What Flex adds to the attributes beside the SIDs; those of the routing win.

        Raises:
            TwilioError: 20001, 20404 for an invalid routing; 45354 when the conversation is closed.
        """
        self.require_open()
        sid = self.account.sids.new("KG")
        attributes: dict[str, object] = {
            **(described if described is not None else self._described()),
            **routing.attributes,
            "conversationSid": self.conversation.sid,
            "flexInteractionSid": self.interaction.sid,
            "flexInteractionChannelSid": self.sid,
            "flexChannelInviteSid": sid,
        }
        task = routing.create_task(self.flex.taskrouter, json.dumps(attributes, ensure_ascii=False), self.take)
        as_made = self.account.dialect.invite_contents is InviteContents.AS_MADE
        invite = Invite(sid, task, task.snapshot() if as_made else task)
        self.invites.append(invite)
        return invite

    def transfer(self, request: TransferRequest) -> Transfer:
        """Transfer the chat: a second task waits while the first is still assigned.

        Raises:
            TwilioError: as `invite`; 20404 for an unknown participant to transfer from.
        """
        if request.from_sid is not None:
            self.participant(request.from_sid)
        task = self.invite(request.routing).task
        now = self.account.clock.now
        transfer = Transfer(self.account.sids.new("UX"), request, task, now, now)
        self.transfers[transfer.sid] = transfer
        if request.kind is TransferKind.COLD:
            self.hand_over(task, request.from_sid)
        if self.account.dialect.transfer_status is TransferShows.TRANSFER:
            self.status = ChannelStatus.TRANSFER
        return transfer

    def update_transfer(self, sid: str, status: object) -> Transfer:
        """End a transfer by request: completed, or failed, which ends its waiting task.

        Raises:
            TwilioError: 20404, or 20001 for another status or a transfer that has ended.
        """
        transfer = self.find_transfer(sid)
        if status not in {TransferStatus.COMPLETED, TransferStatus.FAILED}:
            raise errors.invalid_transfer_status(status)
        if transfer.status is not TransferStatus.ACTIVE:
            raise errors.transfer_ended(sid, transfer.status)
        transfer.status, transfer.updated = TransferStatus(str(status)), self.account.clock.now
        if transfer.status is TransferStatus.FAILED and transfer.task.status in WAITING:
            transfer.task.finish()
        self._show_active()
        return transfer

    def find_transfer(self, sid: str) -> Transfer:
        """Find a transfer.

        Raises:
            TwilioError: 20404.
        """
        found = self.transfers.get(sid)
        if found is None:
            raise not_found(f"/Interactions/{self.interaction.sid}/Channels/{self.sid}/Transfers/{sid}")
        return found

    def accepted(self, reservation: Reservation) -> None:
        """An agent has joined: the channel is active, and their transfer is completed."""
        self._show_active()
        for transfer in self.transfers.values():
            if transfer.task is reservation.task and transfer.status is TransferStatus.ACTIVE:
                transfer.status, transfer.updated = TransferStatus.COMPLETED, self.account.clock.now

    # -- participants ----------------------------------------------------------------------------------------------

    def participant(self, sid: str) -> StaffingParticipant:
        """Find a participant.

        Raises:
            TwilioError: 20404.
        """
        for participant in self.participants:
            if participant.sid == sid:
                return participant
        raise not_found(f"/Interactions/{self.interaction.sid}/Channels/{self.sid}/Participants/{sid}")

    def let_in(self, person: Person) -> StaffingParticipant:
        """Add a participant without an invite.

        Raises:
            TwilioError: 45354 when the conversation is closed; the errors of adding a participant.
        """
        self.require_open()
        return self.add_participant(person.type, enter(self.conversation, person).sid)

    def update_participant(self, sid: str, status: str | None) -> StaffingParticipant:
        """Remove a participant: `closed` ends an agent's task, `wrapup` wraps it up; the conversation stays active.

        Raises:
            TwilioError: 20404, or 20001 for another status.
        """
        participant = self.participant(sid)
        if status not in {"closed", "wrapup"}:
            raise errors.invalid_participant_status(status or "")
        self.dismiss(participant, wrap=status == "wrapup")
        return participant

    def require_open(self) -> None:
        """Refuse what needs an open conversation.

        Raises:
            TwilioError: 45354 when the conversation is closed, 20001 when the channel is.
        """
        errors.require_open_conversation(self.conversation)
        if self.status is ChannelStatus.CLOSED:
            raise errors.channel_closed(self.sid)

    def _described(self) -> dict[str, object]:
        """The attributes of the newest task, for the task of a second agent."""
        return dict(json.loads(self.tasks[-1].attributes)) if self.tasks else {"channelType": self.type}

    @property
    def _fails_when_closed(self) -> bool:
        """Whether closing fails when the conversation is already closed."""
        return self.account.dialect.closed_conversation is ClosedConversation.FAILS

    def _show_active(self) -> None:
        if self.status is not ChannelStatus.CLOSED:
            self.status = ChannelStatus.ACTIVE


def _settable(status: str | None) -> ChannelStatus:
    if status not in {ChannelStatus.CLOSED, ChannelStatus.INACTIVE}:
        raise errors.invalid_channel_status(status or "")
    return ChannelStatus(status)


def _routing_closed(routing: str | None) -> bool:
    if routing is None:
        return False
    try:
        value = parse_json(routing)
    except ValueError:
        raise errors.invalid_routing(routing) from None
    if not isinstance(value, dict) or value.get("status") != "closed":
        raise errors.invalid_routing(routing)
    return True
