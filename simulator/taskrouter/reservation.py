"""One reservation: a task offered to a worker, and the changes of its status that are allowed."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.taskrouter import errors
from simulator.taskrouter.events import reservation_event

if TYPE_CHECKING:
    from simulator.taskrouter.task import Task
    from simulator.taskrouter.workers import Worker


class ReservationStatus(StrEnum):
    """A reservation's status."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    RESCINDED = "rescinded"
    WRAPPING = "wrapping"
    COMPLETED = "completed"


_LIVE = frozenset({ReservationStatus.PENDING, ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING})
_LEGAL = {
    ReservationStatus.ACCEPTED: {ReservationStatus.PENDING},
    ReservationStatus.REJECTED: {ReservationStatus.PENDING},
    ReservationStatus.WRAPPING: {ReservationStatus.ACCEPTED},
    ReservationStatus.COMPLETED: {ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING},
}
"""The statuses that a request may set, with those that they may follow."""
_EVENTS = {
    ReservationStatus.ACCEPTED: ("accepted", "accepted by"),
    ReservationStatus.REJECTED: ("rejected", "rejected by"),
    ReservationStatus.TIMEOUT: ("timeout", "timed out for"),
    ReservationStatus.CANCELED: ("canceled", "canceled for"),
    ReservationStatus.RESCINDED: ("rescinded", "rescinded from"),
    ReservationStatus.WRAPPING: ("wrapup", "being wrapped up by"),
    ReservationStatus.COMPLETED: ("completed", "completed by"),
}


class Reservation:
    """An offer of a task to a worker. Every change increases its revision, which is its ETag."""

    __slots__ = ("_timer", "created", "revision", "sid", "status", "task", "updated", "worker")

    def __init__(self, task: Task, worker: Worker) -> None:
        account = task.workspace.account
        self.sid = account.sids.new("WR")
        self.task = task
        self.worker = worker
        self.status = ReservationStatus.PENDING
        self.revision = 0
        self.created = self.updated = account.clock.now
        self._timer = account.clock.timer(self._timed_out)
        worker.reservations[self.sid] = self
        reservation_event(self, "created", f"Reservation {self.sid} created for {worker.friendly_name}")

    @property
    def live(self) -> bool:
        """Whether it counts against the worker's capacity."""
        return self.status in _LIVE

    def wait(self, length: timedelta) -> None:
        """Start the worker's time to answer."""
        self._timer.arm(self.created + length)

    def update(self, *, status: str | None, activity_sid: str | None, if_match: str | None) -> None:
        """Change the status by request: accept, reject, wrap up, complete.

        Raises:
            TwilioError: 412 when `if_match` is another revision; 20001 for a status that cannot be set now.
        """
        errors.require_revision(self.sid, if_match, self.revision)
        workspace = self.task.workspace
        activity = None if activity_sid is None else workspace.activities.get(activity_sid)
        if status is not None:
            if status not in _LEGAL:
                raise errors.cannot_set_reservation(self.sid, status)
            wanted = ReservationStatus(status)
            if self.status not in _LEGAL[wanted]:
                raise errors.illegal_reservation(self.sid, status, self.status)
            self.task.follow(self, wanted)
        if activity is not None:
            workspace.workers.set_activity(self.worker, activity)

    def go(self, status: ReservationStatus) -> None:
        """Change the status and report it; the task decides what this means for it."""
        if self.status is status:
            return
        self.status = status
        self.revision += 1
        self.updated = self.task.workspace.account.clock.now
        self._timer.disarm()
        event, words = _EVENTS[status]
        reservation_event(self, event, f"Reservation {self.sid} {words} {self.worker.friendly_name}")

    def _timed_out(self) -> None:
        """The worker did not answer: the task waits again, and the worker gets the workspace's timeout activity."""
        workspace = self.task.workspace
        self.task.release(self, ReservationStatus.TIMEOUT, offer=False)
        workspace.workers.set_activity(self.worker, workspace.timeout_activity)
        workspace.offer_tasks()
