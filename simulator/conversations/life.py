"""A conversation's life: its states, its two timers, and what moves them.

The rules: closed is final; a message or a new participant re-activates and re-arms; a timer's change has Reason=TIMER,
an automatic re-activation Reason=EVENT, a request Reason=API (Twilio docs, conversations states and timers).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.conversations import errors
from simulator.conversations.timers import Activity, StateTimer
from simulator.conversations.webhooks import PLATFORM, REST, Actor
from simulator.shared.dialect.conversations import AttributeUpdate, RestReactivation, RestStateChange
from simulator.shared.dialect.flex import FlexStateChange
from simulator.shared.shown import Shown, shown

if TYPE_CHECKING:
    from simulator.shared.account import Account


class State(StrEnum):
    """Where a conversation is in its life."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a state changed, as webhooks name it; FLEX is ours, for a change by Flex that no webhook hears of."""

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


class Life:
    """See the module; what a change means to others is the conversation's own: `changed` and `ended`."""

    __slots__ = (
        "_account",
        "_odd_state",
        "closed_timer",
        "created",
        "deleted",
        "history",
        "inactive_timer",
        "state",
        "updated",
    )

    def __init__(self, account: Account, state: State, *, inactive: timedelta, closed: timedelta) -> None:
        clock, dialect = account.clock, account.dialect
        self._account = account
        self.state = state
        self.deleted = False
        self._odd_state: Shown | None = None
        self.created = self.updated = clock.now
        self.history: list[StateChange] = []
        self.inactive_timer = StateTimer(clock, dialect, self._inactive_timer_fired)
        self.closed_timer = StateTimer(clock, dialect, self._closed_timer_fired)
        self.inactive_timer.length = inactive
        self.closed_timer.length = closed
        self._arm()

    @property
    def over(self) -> bool:
        """Whether it is closed for good, or gone."""
        return self.deleted or self.state is State.CLOSED

    @property
    def shown_state(self) -> str:
        """The state as Twilio shows it."""
        return shown(self.state.value, self._odd_state)

    def show_state(self, state: str | None) -> None:
        """Show another state until the true one changes; None shows the true one again."""
        self._odd_state = None if state is None else Shown(state, self.state.value)

    def changed(self, change: StateChange, actor: Actor) -> None:
        """The state is another."""

    def ended(self) -> None:
        """It is closed, or deleted."""

    def refuse_if_closed(self) -> None:
        """Closed is final.

        Raises:
            TwilioError: 50377.
        """
        if self.state is State.CLOSED:
            raise errors.final_closed_state()

    def set_timers(self, *, inactive: timedelta | None, closed: timedelta | None) -> None:
        """Give the timers new lengths; None leaves one as it is. `set_state` comes after it."""
        for timer, length in ((self.inactive_timer, inactive), (self.closed_timer, closed)):
            if length is not None:
                timer.length = length
                timer.note(Activity.TIMER_UPDATE)

    def set_state(self, state: State, actor: Actor, reason: Reason = Reason.API) -> None:
        """Change the state by request; the same state again changes nothing but keeps the timers right."""
        if state is State.ACTIVE and self.state is State.INACTIVE:
            self._note(Activity.REACTIVATION)
        echoed = self._account.dialect.rest_state_change is RestStateChange.ECHOED
        self._change_state(state, PLATFORM if echoed and not actor.fires else actor, reason)
        self._arm()

    def note_attributes(self) -> None:
        """The attributes have changed: no activity, or the dialect's."""
        if self._account.dialect.attribute_update is AttributeUpdate.RESTARTS_TIMERS:
            self._note(Activity.ATTRIBUTE_UPDATE)
            self._arm()

    def close_by_flex(self) -> None:
        """Close with an interaction or by an agent's completing; whether a webhook hears of it, the dialect says."""
        self.set_state_by_flex(State.CLOSED)

    def set_state_by_flex(self, state: State) -> None:
        """Change the state as Flex does, which is no request of a client."""
        if self.over:
            return
        told = self._account.dialect.flex_state_change is FlexStateChange.TOLD
        self._change_state(state, PLATFORM if told else REST, Reason.API if told else Reason.FLEX)
        self._arm()

    def retire(self) -> None:
        """Nothing fires any more: the conversation was deleted."""
        self.deleted = True
        self.inactive_timer.disarm()
        self.closed_timer.disarm()
        self.ended()

    def _activity(self, activity: Activity, actor: Actor) -> None:
        self._note(activity)
        if self.state is State.INACTIVE:
            echoed = self._account.dialect.rest_reactivation is RestReactivation.ECHOED
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
        change = StateChange(self._account.clock.now, self.state, state, reason)
        self.history.append(change)
        self.state = state
        self.updated = change.at
        if state is State.CLOSED:
            self.ended()
        self.changed(change, actor)
