"""Workers, their activities, and how many tasks of each channel they take at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from simulator.shared.errors import invalid_parameter, missing_parameter
from simulator.shared.sids import derived_sid
from simulator.taskrouter import errors
from simulator.taskrouter.collection import Collection
from simulator.taskrouter.events import activity_event, worker_event

if TYPE_CHECKING:
    from simulator.taskrouter.queues import TaskChannel
    from simulator.taskrouter.reservation import Reservation

DEFAULT_CAPACITY = 1
MAXIMUM_CAPACITY_DIGITS = 3


@dataclass(slots=True)
class Activity:
    """An activity of workers, and whether they are available in it, which never changes."""

    sid: str
    friendly_name: str
    available: bool
    created: datetime
    updated: datetime


@dataclass(slots=True)
class Capacity:
    """How many tasks of one channel a worker takes; none while the channel is not available."""

    configured: int = DEFAULT_CAPACITY
    available: bool = True


@dataclass(slots=True)
class Worker:
    """A worker. `contact_uri` in the attributes is the agent's chat identity."""

    sid: str
    friendly_name: str
    attributes: str
    activity: Activity
    created: datetime
    updated: datetime
    status_changed: datetime
    revision: int = 0
    reservations: dict[str, Reservation] = field(default_factory=dict)
    capacities: dict[str, Capacity] = field(default_factory=dict)
    by_hand: bool = False
    """The control plane assigns tasks to this worker, so TaskRouter offers none by itself."""

    @property
    def identity(self) -> str:
        """Their identity in conversations."""
        uri = self._parsed().get("contact_uri")
        if isinstance(uri, str) and uri.startswith("client:"):
            return uri.removeprefix("client:")
        return self.friendly_name.replace(" ", "_")

    @property
    def takes_offers(self) -> bool:
        """Whether TaskRouter offers this worker tasks by itself."""
        return self.activity.available and not self.by_hand

    @property
    def live_reservations(self) -> Iterator[Reservation]:
        """The reservations that count against their capacity."""
        return (reservation for reservation in self.reservations.values() if reservation.live)

    def capacity(self, channel: TaskChannel) -> Capacity:
        """How many tasks of a channel they take."""
        return self.capacities.setdefault(channel.sid, Capacity())

    def assigned(self, channel: TaskChannel) -> int:
        """How many tasks of a channel they have, including offered ones."""
        return sum(reservation.task.channel is channel for reservation in self.live_reservations)

    def has_room(self, channel: TaskChannel) -> bool:
        """Whether they are available and can take one more task of a channel."""
        capacity = self.capacity(channel)
        return self.takes_offers and capacity.available and self.assigned(channel) < capacity.configured

    def described(self) -> dict[str, object]:
        """The values of expressions about workers.

        The attributes, and the worker's fields with and without `worker.`.
        """
        itself: dict[str, object] = {
            "sid": self.sid,
            "friendly_name": self.friendly_name,
            "activity_sid": self.activity.sid,
            "activity_name": self.activity.friendly_name,
        }
        return {**itself, **self._parsed(), "worker": {**self._parsed(), **itself}}

    def _parsed(self) -> dict[str, object]:
        parsed: dict[str, object] = json.loads(self.attributes)
        return parsed


def flex_attributes(friendly_name: str) -> str:
    """The attributes that Flex gives an agent of this name."""
    identity = friendly_name.replace(" ", "_")
    return json.dumps({"contact_uri": f"client:{identity}", "full_name": friendly_name})


class Activities(Collection[Activity]):
    """A workspace's activities."""

    path = "Activities"
    kind = "activity"

    def create(self, friendly_name: str | None, *, available: bool = False, sid: str | None = None) -> Activity:
        """Add one.

        Raises:
            TwilioError: 20001 without a name, 20409 for one in use.
        """
        if not friendly_name:
            raise missing_parameter("FriendlyName")
        self.require_free(friendly_name)
        account = self.workspace.account
        now = account.clock.now
        activity = Activity(sid or account.sids.new("WA"), friendly_name, available, now, now)
        activity_event(self.workspace, self.add(activity), "created")
        return activity

    def ensure(self, friendly_name: str, *, available: bool) -> Activity:
        """The activity of this name, created if it does not exist; its SID is the same after every start."""
        sid = derived_sid("WA", f"{self.workspace.sid}/{friendly_name}")
        return self.named(friendly_name) or self.create(friendly_name, available=available, sid=sid)

    def update(self, sid: str, friendly_name: str | None) -> Activity:
        """Rename."""
        activity = self.get(sid)
        if friendly_name:
            self.require_free(friendly_name, activity)
            activity.friendly_name = friendly_name
        activity.updated = self.workspace.account.clock.now
        activity_event(self.workspace, activity, "updated")
        return activity

    def delete(self, sid: str) -> None:
        """Remove one that no worker has and that is not a default of the workspace.

        Raises:
            TwilioError: 20404, or 20001 while it is in use.
        """
        activity, workspace = self.get(sid), self.workspace
        if activity in (workspace.default_activity, workspace.timeout_activity):
            raise errors.in_use("activity", sid, "the workspace falls back to it")
        if any(worker.activity is activity for worker in workspace.workers):
            raise errors.in_use("activity", sid, "workers are in it")
        self.remove(activity)
        activity_event(workspace, activity, "deleted")


class Workers(Collection[Worker]):
    """A workspace's workers."""

    path = "Workers"
    kind = "worker"

    def create(
        self,
        friendly_name: str | None,
        *,
        activity: Activity | None = None,
        attributes: str = "{}",
        sid: str | None = None,
        by_hand: bool = False,
    ) -> Worker:
        """Add a worker; the default activity is the workspace's.

        Raises:
            TwilioError: 20001 without a name, 20409 for one in use.
        """
        if not friendly_name:
            raise missing_parameter("FriendlyName")
        self.require_free(friendly_name)
        account = self.workspace.account
        now = account.clock.now
        worker = Worker(
            sid=sid or account.sids.new("WK"),
            friendly_name=friendly_name,
            attributes=attributes,
            activity=activity or self.workspace.default_activity,
            created=now,
            updated=now,
            status_changed=now,
            by_hand=by_hand,
        )
        self.add(worker)
        worker_event(self.workspace, worker, "created", f"Worker {friendly_name} created")
        self.workspace.offer_tasks()
        return worker

    def ensure(self, friendly_name: str) -> Worker:
        """The worker of this name for the control plane, created if it does not exist."""
        return self.named(friendly_name) or self.create(
            friendly_name,
            activity=self.workspace.activities.ensure("Unavailable", available=False),
            attributes=flex_attributes(friendly_name),
            sid=derived_sid("WK", f"{self.workspace.sid}/{friendly_name}"),
            by_hand=True,
        )

    def summon(self, friendly_name: str) -> Worker:
        """The same worker, made available: TaskRouter offers no task to others."""
        worker = self.ensure(friendly_name)
        if not worker.activity.available:
            self.set_activity(worker, self.workspace.activities.ensure("Available", available=True))
        return worker

    def update(
        self,
        sid: str,
        *,
        friendly_name: str | None,
        attributes: str | None,
        activity_sid: str | None,
        reject_pending: bool,
        if_match: str | None,
    ) -> Worker:
        """Change what is given; everything is checked before anything is changed.

        Raises:
            TwilioError: 412 when `if_match` is another revision, 20001, 20404, 20409.
        """
        worker = self.get(sid)
        errors.require_revision(sid, if_match, worker.revision)
        activity = None if activity_sid is None else self.workspace.activities.get(activity_sid)
        if friendly_name:
            self.require_free(friendly_name, worker)
            worker.friendly_name = friendly_name
        if attributes is not None:
            worker.attributes = attributes
            worker_event(self.workspace, worker, "attributes.update", f"Worker {worker.friendly_name} updated")
        worker.revision += 1
        worker.updated = self.workspace.account.clock.now
        if activity is not None:
            worker.by_hand = False
            self.set_activity(worker, activity)
        if reject_pending:
            for reservation in [each for each in worker.live_reservations if each.status == "pending"]:
                reservation.update(status="rejected", activity_sid=None, if_match=None)
        self.workspace.offer_tasks()
        return worker

    def set_activity(self, worker: Worker, activity: Activity) -> None:
        """Set a worker's activity; one who becomes available gets offers."""
        if worker.activity is activity:
            return
        before, worker.activity = worker.activity, activity
        worker.revision += 1
        worker.updated = worker.status_changed = self.workspace.account.clock.now
        worker_event(
            self.workspace,
            worker,
            "activity.update",
            f"Worker {worker.friendly_name} updated to {activity.friendly_name} Activity",
            WorkerPreviousActivitySid=before.sid,
            WorkerPreviousActivityName=before.friendly_name,
        )
        self.workspace.offer_tasks()

    def set_capacity(self, worker: Worker, channel: TaskChannel, capacity: str | None, available: str | None) -> None:
        """Set how many tasks of a channel a worker takes, and whether it is available for them.

        Raises:
            TwilioError: 20001 for a capacity that is not a number.
        """
        kept = worker.capacity(channel)
        if capacity is not None:
            if not capacity.isdecimal() or len(capacity) > MAXIMUM_CAPACITY_DIGITS:
                raise invalid_parameter(f"Invalid Capacity value given: {capacity}")
            kept.configured = int(capacity)
            worker_event(self.workspace, worker, "capacity.update", f"Worker {worker.friendly_name} updated")
        if available is not None:
            kept.available = available.lower() == "true"
            worker_event(
                self.workspace, worker, "channel.availability.update", f"Worker {worker.friendly_name} updated"
            )
        self.workspace.offer_tasks()

    def delete(self, sid: str, if_match: str | None) -> None:
        """Remove a worker who is not available and has no tasks.

        Raises:
            TwilioError: 20404, 412, or 20001 while they work.
        """
        worker = self.get(sid)
        errors.require_revision(sid, if_match, worker.revision)
        if worker.activity.available:
            raise errors.in_use("worker", sid, "their activity is an available one")
        if any(worker.live_reservations):
            raise errors.in_use("worker", sid, "they have reservations")
        self.remove(worker)
        worker_event(self.workspace, worker, "deleted", f"Worker {worker.friendly_name} deleted")
