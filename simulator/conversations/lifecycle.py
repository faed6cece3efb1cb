"""A conversation's lifecycle: its states, its two timers, and what changes them.

The rules: closed is final; a message or a new participant re-activates and re-arms; a change by a timer has
Reason=TIMER, an automatic re-activation Reason=EVENT, a request Reason=API
(https://www.twilio.com/docs/conversations-classic/states-timers and .../conversations-webhooks, November 2026).
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
    """A conversation's state."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a state changed, as webhooks name it; FLEX is our own, for a change by Flex that fires no webhook."""

    API = "API"
    TIMER = "TIMER"
    EVENT = "EVENT"
    FLEX = "FLEX"


@dataclass(frozen=True, slots=True)
class StateChange:
    """One change of a conversation's state."""

    at: datetime
    state_from: State
    state_to: State
    reason: Reason


class Lifecycle:
    """The state and timers of a conversation, which overrides `changed` and `ended`."""

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
        """Whether it is closed or deleted."""
        return self.deleted or self.state is State.CLOSED

    @property
    def shown_state(self) -> str:
        """The state as Twilio shows it."""
        return shown(self.state.value, self._odd_state)

    def show_state(self, state: str | None) -> None:
        """Show another state until the true one changes; None shows the true one."""
        self._odd_state = None if state is None else Shown(state, self.state.value)

    def changed(self, change: StateChange, actor: Actor) -> None:
        """The state has changed."""

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
        """Set the lengths of the timers; None leaves one unchanged. Call `set_state` afterwards."""
        for timer, length in ((self.inactive_timer, inactive), (self.closed_timer, closed)):
            if length is not None:
                timer.length = length
                timer.note(Activity.TIMER_UPDATE)

    def set_state(self, state: State, actor: Actor, reason: Reason = Reason.API) -> None:
        """Change the state by request, and arm the timers; the same state again fires nothing."""
        if state is State.ACTIVE and self.state is State.INACTIVE:
            self._note(Activity.REACTIVATION)
        echoed = self._account.dialect.rest_state_change is RestStateChange.ECHOED
        self._change_state(state, PLATFORM if echoed and not actor.fires else actor, reason)
        self._arm()

    def note_attributes(self) -> None:
        """The attributes have changed, which counts as activity in one dialect."""
        if self._account.dialect.attribute_update is AttributeUpdate.RESTARTS_TIMERS:
            self._note(Activity.ATTRIBUTE_UPDATE)
            self._arm()

    def close_by_flex(self) -> None:
        """Close, because Flex closes the interaction or an agent completes.

        The dialect decides whether a webhook fires.
        """
        self.set_state_by_flex(State.CLOSED)

    def set_state_by_flex(self, state: State) -> None:
        """Change the state as Flex does, without a request from a client."""
        if self.over:
            return
        fires = self._account.dialect.flex_state_change is FlexStateChange.TOLD
        self._change_state(state, PLATFORM if fires else REST, Reason.API if fires else Reason.FLEX)
        self._arm()

    def retire(self) -> None:
        """The conversation was deleted: disarm its timers."""
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
