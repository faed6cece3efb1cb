"""One conversation: its messages and participants, its state and timers, and what it tells webhooks.

The rules: closed is final; a message or a new participant re-activates and re-arms; a timer's change has Reason=TIMER,
an automatic re-activation Reason=EVENT, a request Reason=API (Twilio docs, conversations states and timers).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.conversations import errors, payloads
from simulator.conversations.contents import (
    BODY_LIMIT,
    SMALL_ATTRIBUTES_LIMIT,
    Binding,
    Message,
    Participant,
    valid_attributes,
)
from simulator.conversations.timers import Activity, StateTimer
from simulator.conversations.webhooks import PLATFORM, Actor
from simulator.dialect import RestReactivation
from simulator.errors import invalid_parameter, not_found

if TYPE_CHECKING:
    from simulator.conversations.models import Service


class State(StrEnum):
    """Where a conversation is in its life."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a state changed, as webhooks name it; FLEX is ours: Flex closes without telling."""

    API = "API"
    TIMER = "TIMER"
    EVENT = "EVENT"
    FLEX = "FLEX"


@dataclass(frozen=True, slots=True)
class StateChange:
    """One step of a conversation's life."""

    at: datetime
    state_from: State
    state_to: State
    reason: Reason


class Conversation:
    """See the module."""

    __slots__ = (
        "_indexes",
        "attributes",
        "closed_timer",
        "created",
        "friendly_name",
        "history",
        "inactive_timer",
        "messages",
        "messaging_service_sid",
        "participants",
        "sequence",
        "service",
        "sid",
        "state",
        "unique_name",
        "updated",
    )

    def __init__(
        self,
        service: Service,
        sequence: int,
        *,
        state: State = State.ACTIVE,
        friendly_name: str | None = None,
        unique_name: str | None = None,
        messaging_service_sid: str | None = None,
        attributes: str = "{}",
        inactive: timedelta = timedelta(0),
        closed: timedelta = timedelta(0),
    ) -> None:
        account = service.account
        clock = account.clock
        self.service = service
        self.sequence = sequence
        self.sid = account.sids.new("CH")
        self.state = state
        self.friendly_name = friendly_name
        self.unique_name = unique_name
        self.messaging_service_sid = messaging_service_sid
        self.attributes = attributes
        self.created = self.updated = clock.now
        self.messages: dict[str, Message] = {}
        self.participants: dict[str, Participant] = {}
        self.history: list[StateChange] = []
        self._indexes = 0
        self.inactive_timer = StateTimer(clock, account.dialect.timer_origin, self._inactive_timer_fired)
        self.closed_timer = StateTimer(clock, account.dialect.timer_origin, self._closed_timer_fired)
        self.inactive_timer.length = inactive
        self.closed_timer.length = closed
        self._arm()

    # -- messages ------------------------------------------------------------------------------------------------

    def add_message(
        self,
        actor: Actor,
        *,
        author: str | None = None,
        body: str | None = None,
        attributes: str = "{}",
        participant: Participant | None = None,
    ) -> Message:
        """Publish a message; whoever writes it, it re-activates and re-arms.

        Raises:
            TwilioError: 50377 when the conversation is closed, 20001 for a bad body or attributes.
        """
        self.refuse_if_closed()
        valid_attributes(attributes, SMALL_ATTRIBUTES_LIMIT)
        if body is not None and len(body.encode()) > BODY_LIMIT:
            raise invalid_parameter(f"Body exceeds {BODY_LIMIT} bytes")
        if participant is None and author:
            participant = self.participant_named(author)
        account = self.service.account
        now = account.clock.now
        message = Message(
            sid=account.sids.new("IM"),
            index=self._indexes,
            author=author or (participant.name if participant else None) or "system",
            body=body,
            attributes=attributes,
            participant_sid=participant.sid if participant else None,
            created=now,
            updated=now,
        )
        self._indexes += 1
        self.messages[message.sid] = message
        self.updated = now
        if actor.fires:
            self._tell("onMessageAdded", actor, lambda: payloads.message_params(self, message))
        self._activity(Activity.MESSAGE, actor)
        return message

    def update_message(
        self,
        sid: str,
        actor: Actor,
        *,
        body: str | None = None,
        attributes: str | None = None,
        author: str | None = None,
    ) -> Message:
        """Edit a message; an edit is no activity."""
        self.refuse_if_closed()
        message = self.message(sid)
        if attributes is not None:
            message.attributes = valid_attributes(attributes, SMALL_ATTRIBUTES_LIMIT)
        if body is not None:
            message.body = body
        if author is not None:
            message.author = author
        message.updated = self.service.account.clock.now
        self._tell("onMessageUpdated", actor, lambda: payloads.message_params(self, message))
        return message

    def delete_message(self, sid: str, actor: Actor) -> None:
        """Remove a message; indexes of the others stay."""
        self.refuse_if_closed()
        message = self.message(sid)
        del self.messages[sid]
        self._tell("onMessageRemoved", actor, lambda: payloads.message_params(self, message))

    def message(self, sid: str) -> Message:
        """Find a message.

        Raises:
            TwilioError: 20404.
        """
        message = self.messages.get(sid)
        if message is None:
            raise not_found(f"/Conversations/{self.sid}/Messages/{sid}")
        return message

    # -- participants --------------------------------------------------------------------------------------------

    def add_participant(
        self,
        actor: Actor,
        *,
        identity: str | None = None,
        binding: Binding | None = None,
        role_sid: str | None = None,
        attributes: str = "{}",
        kind: str | None = None,
    ) -> Participant:
        """Let somebody in; a new participant re-activates and re-arms, as a message does.

        Raises:
            TwilioError: 50377 when closed, 50433 when it takes part already, 20001 when it is nobody.
        """
        self.refuse_if_closed()
        valid_attributes(attributes, SMALL_ATTRIBUTES_LIMIT)
        name = identity or (binding.address if binding else None)
        if not name:
            raise invalid_parameter("A participant needs Identity or MessagingBinding.Address")
        if self.participant_named(name):
            raise errors.participant_exists(name)
        account = self.service.account
        now = account.clock.now
        participant = Participant(
            sid=account.sids.new("MB"),
            identity=identity,
            binding=binding,
            role_sid=role_sid or self.service.default_conversation_role_sid,
            attributes=attributes,
            created=now,
            updated=now,
            kind=kind,
        )
        self.participants[participant.sid] = participant
        self.updated = now
        self._tell("onParticipantAdded", actor, lambda: payloads.participant_params(self, participant))
        self._activity(Activity.REACTIVATION, actor)
        return participant

    def update_participant(
        self, sid: str, actor: Actor, *, attributes: str | None = None, role_sid: str | None = None
    ) -> Participant:
        """Change a participant; that is no activity."""
        self.refuse_if_closed()
        participant = self.participant(sid)
        if attributes is not None:
            participant.attributes = valid_attributes(attributes, SMALL_ATTRIBUTES_LIMIT)
        if role_sid is not None:
            participant.role_sid = role_sid
        participant.updated = self.service.account.clock.now
        self._tell("onParticipantUpdated", actor, lambda: payloads.participant_params(self, participant))
        return participant

    def remove_participant(self, sid: str, actor: Actor) -> None:
        """Let somebody out; that is no activity.

        Raises:
            TwilioError: 20404, or 50377 when the conversation is closed.
        """
        participant = self.participant(sid)
        self.refuse_if_closed()
        del self.participants[sid]
        self._tell("onParticipantRemoved", actor, lambda: payloads.participant_params(self, participant))

    def participant(self, sid: str) -> Participant:
        """Find a participant by SID or identity.

        Raises:
            TwilioError: 20404.
        """
        found = self.participants.get(sid) or next((p for p in self.participants.values() if p.identity == sid), None)
        if found is None:
            raise not_found(f"/Conversations/{self.sid}/Participants/{sid}")
        return found

    def participant_named(self, name: str) -> Participant | None:
        """Who takes part under this identity or address."""
        return next((p for p in self.participants.values() if p.name == name), None)

    # -- state and timers ----------------------------------------------------------------------------------------

    def refuse_if_closed(self) -> None:
        """Closed is final.

        Raises:
            TwilioError: 50377.
        """
        if self.state is State.CLOSED:
            raise errors.final_closed_state()

    def set_timers(self, *, inactive: timedelta | None, closed: timedelta | None) -> None:
        """Give the timers new lengths; None leaves one as it is. `set_state` or `rearm` comes after it."""
        for timer, length in ((self.inactive_timer, inactive), (self.closed_timer, closed)):
            if length is not None:
                timer.length = length
                timer.note(Activity.TIMER_UPDATE)

    def set_state(self, state: State, actor: Actor, reason: Reason = Reason.API) -> None:
        """Change the state by request; the same state again changes nothing but keeps the timers right."""
        if state is State.ACTIVE and self.state is State.INACTIVE:
            self._note(Activity.REACTIVATION)
        self._change_state(state, actor, reason)
        self._arm()

    def touch(self, actor: Actor) -> None:
        """Fields have changed: note when, and tell."""
        self.updated = self.service.account.clock.now
        self._tell("onConversationUpdated", actor, lambda: payloads.conversation_params(self))

    def close_by_flex(self) -> None:
        """Close with an interaction or by an agent's completing: onConversationStateUpdated does not fire for it."""
        if self.state is not State.CLOSED:
            self._change_state(State.CLOSED, Actor("API", fires=False), Reason.FLEX)
            self._arm()

    def retire(self) -> None:
        """Nothing fires any more: the conversation was deleted."""
        self.inactive_timer.disarm()
        self.closed_timer.disarm()

    def _activity(self, activity: Activity, actor: Actor) -> None:
        self._note(activity)
        if self.state is State.INACTIVE:
            echoed = self.service.account.dialect.rest_reactivation is RestReactivation.ECHOED
            self._change_state(State.ACTIVE, PLATFORM if echoed and not actor.fires else actor, Reason.EVENT)
        self._arm()

    def _note(self, activity: Activity) -> None:
        self.inactive_timer.note(activity)
        self.closed_timer.note(activity)

    def _arm(self) -> None:
        if self.state is State.ACTIVE:
            self.inactive_timer.arm()
        else:
            self.inactive_timer.disarm()
        if self.state is State.CLOSED:
            self.closed_timer.disarm()
        else:
            self.closed_timer.arm()

    def _inactive_timer_fired(self) -> None:
        self._change_state(State.INACTIVE, PLATFORM, Reason.TIMER)

    def _closed_timer_fired(self) -> None:
        self._change_state(State.CLOSED, PLATFORM, Reason.TIMER)
        self._arm()

    def _change_state(self, state: State, actor: Actor, reason: Reason) -> None:
        if state is self.state:
            return
        now = self.service.account.clock.now
        change = StateChange(now, self.state, state, reason)
        self.history.append(change)
        self.state = state
        self.updated = now
        self._tell("onConversationStateUpdated", actor, lambda: payloads.state_params(self, change))

    def _tell(self, event: str, actor: Actor, params: Callable[[], dict[str, str]]) -> None:
        if actor.fires:
            self.service.tell(event, actor, self.sid, params)
