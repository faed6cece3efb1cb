"""A workspace's events, which TaskRouter keeps for thirty days, with or without an event callback.

Fields and filters are those of the event resource (https://github.com/twilio/twilio-oai, twilio_taskrouter_v1.json, 14
April 2026; https://www.twilio.com/docs/taskrouter/api/event, November 2026).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from simulator.shared.dialect.taskrouter import EventLag
from simulator.shared.errors import not_found

if TYPE_CHECKING:
    from simulator.shared.account import Account

KEPT: Final = timedelta(days=30)
"""How long events can be read (https://www.twilio.com/docs/taskrouter/api/event, November 2026)."""
LAG: Final = timedelta(minutes=1)
"""The delay until an event can be read, in the dialect that has one. No figure is public."""
DEFAULT_PERIOD: Final = timedelta(minutes=15)
"""The period of a list that asks for none (parameter Minutes of the OpenAPI document)."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event, with its details at that time, by the names of the event callback's parameters."""

    sequence: int
    sid: str
    type: str
    description: str
    resource_type: str
    resource_sid: str
    at: datetime
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events a list shows; None matches any value. `since` and `until` are inclusive."""

    since: datetime
    until: datetime | None = None
    before: int | None = None
    """Only events of a lower sequence number: where a page begins."""
    sid: str | None = None
    type: str | None = None
    task: str | None = None
    task_channel: str | None = None
    task_queue: str | None = None
    reservation: str | None = None
    worker: str | None = None
    workflow: str | None = None

    def lets_through(self, event: Event) -> bool:
        """Whether an event matches, except for `since`."""
        details = event.details
        return (
            (self.before is None or event.sequence < self.before)
            and (self.until is None or event.at <= self.until)
            and self.sid in (None, event.sid)
            and self.type in (None, event.type)
            and self.task in (None, details.get("TaskSid"))
            and self.task_channel in (None, details.get("TaskChannelSid"), details.get("TaskChannelUniqueName"))
            and self.task_queue in (None, details.get("TaskQueueSid"))
            and self.reservation in (None, details.get("ReservationSid"))
            and self.worker in (None, details.get("WorkerSid"))
            and self.workflow in (None, details.get("WorkflowSid"))
        )


class EventLog:
    """The events of one workspace, also indexed by task."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lag = LAG if account.dialect.event_lag is EventLag.A_MINUTE else timedelta()
        self._events: deque[Event] = deque()
        self._by_task: dict[str, deque[Event]] = {}
        self._sequence = 0

    def add(self, event_type: str, *, description: str, resource: tuple[str, str], details: Mapping[str, str]) -> Event:
        """Log an event at the present time."""
        account = self._account
        now = account.clock.now
        self._sequence += 1
        event = Event(self._sequence, account.sids.new("EV"), event_type, description, *resource, now, details)
        self._events.append(event)
        task = details.get("TaskSid")
        if task is not None:
            self._by_task.setdefault(task, deque()).append(event)
        self._forget_older_than(now - KEPT)
        return event

    def get(self, sid: str) -> Event:
        """Find an event.

        Raises:
            TwilioError: 20404, also after thirty days.
        """
        found = next((event for event in self._visible(self._events) if event.sid == sid), None)
        if found is None:
            raise not_found(f"/Events/{sid}")
        return found

    def newest_first(self, wanted: EventFilter) -> Iterator[Event]:
        """The events that match a filter."""
        events = self._events if wanted.task is None else self._by_task.get(wanted.task, ())
        for event in self._visible(events):
            if event.at < wanted.since:
                return
            if wanted.lets_through(event):
                yield event

    def _visible(self, events: deque[Event] | tuple[()]) -> Iterator[Event]:
        """The events that can be read now, newest first."""
        now = self._account.clock.now
        return (event for event in reversed(events) if now - KEPT <= event.at <= now - self._lag)

    def _forget_older_than(self, oldest: datetime) -> None:
        events = self._events
        while events and events[0].at < oldest:
            task = events.popleft().details.get("TaskSid")
            if task is not None:
                kept = self._by_task[task]
                kept.popleft()
                if not kept:
                    del self._by_task[task]
