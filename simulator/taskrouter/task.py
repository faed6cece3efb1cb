"""One task: which change of its status is legal, its revision, its reservations, and when it is gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.errors import invalid_parameter
from simulator.taskrouter import errors

if TYPE_CHECKING:
    from simulator.taskrouter.models import Workspace

PURGE_AFTER = timedelta(minutes=5)
"""A task that ended is deleted this much later (Twilio docs, TaskRouter lifecycle)."""


class TaskStatus(StrEnum):
    """A task's assignment status."""

    PENDING = "pending"
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    WRAPPING = "wrapping"
    COMPLETED = "completed"
    CANCELED = "canceled"


WAITING = frozenset({TaskStatus.PENDING, TaskStatus.RESERVED})
LIVE = WAITING | {TaskStatus.ASSIGNED}
ENDED = frozenset({TaskStatus.COMPLETED, TaskStatus.CANCELED})


@dataclass(slots=True)
class Worker:
    """An agent as TaskRouter knows them."""

    sid: str
    friendly_name: str
    created: datetime

    @property
    def identity(self) -> str:
        """How they take part in conversations."""
        return self.friendly_name.replace(" ", "_")

    @property
    def attributes(self) -> str:
        """What Flex keeps about them: `contact_uri` names their chat identity."""
        return json.dumps({"contact_uri": f"client:{self.identity}", "full_name": self.friendly_name})


@dataclass(slots=True)
class Named:
    """A task queue, a workflow or a task channel: a SID and a name are all that a chat needs of it."""

    sid: str
    friendly_name: str


@dataclass(slots=True)
class Reservation:
    """A task offered to a worker."""

    sid: str
    task: Task
    worker: Worker
    status: str
    created: datetime
    updated: datetime


class Task:
    """One task. Every change raises its revision, which is its ETag."""

    def __init__(self, workspace: Workspace, sequence: int, *, attributes: str, channel: str, queue: Named) -> None:
        clock = workspace.account.clock
        self.workspace = workspace
        self.sequence = sequence
        self.sid = workspace.account.sids.new("WT")
        self.attributes = valid_attributes(attributes)
        self.channel = channel
        self.queue = queue
        self.status = TaskStatus.PENDING
        self.reason: str | None = None
        self.priority = 0
        self.timeout = 86400
        self.revision = 0
        self.created = self.updated = clock.now
        self.reservations: list[Reservation] = []
        self.purged = False
        self._purge = clock.timer(lambda: workspace.purge(self))

    @property
    def live(self) -> bool:
        """Whether it holds or waits for an agent."""
        return self.status in LIVE

    @property
    def reservation(self) -> Reservation | None:
        """The newest reservation."""
        return self.reservations[-1] if self.reservations else None

    def update(
        self,
        *,
        status: str | None = None,
        reason: str | None = None,
        attributes: str | None = None,
        priority: str | None = None,
        if_match: str | None = None,
    ) -> None:
        """Change a task by request.

        Raises:
            TwilioError: 412 when `if_match` is another revision; 20001 for an illegal status or bad attributes.
        """
        self.require_revision(if_match)
        if status is not None and attributes is not None:
            raise errors.two_requests(self.sid)
        if priority is not None and not priority.isdigit():
            raise invalid_parameter(f"Invalid Priority value given: {priority}")
        if attributes is not None:
            self.workspace.reindex(self, valid_attributes(attributes))
        if priority is not None:
            self.priority = int(priority)
        if status is not None:
            self._change_status(status)
        if reason is not None:
            self.reason = reason
        self._changed()
        if self.status in ENDED and status is not None:
            self.workspace.ended_by_request(self)

    def require_revision(self, if_match: str | None) -> None:
        """Refuse a change that was made for another revision.

        Raises:
            TwilioError: HTTP 412.
        """
        if if_match is not None and if_match.strip() != "*" and if_match.strip().strip('"') != str(self.revision):
            raise errors.revision_mismatch(self.sid, if_match, self.revision)

    def reserve(self, worker: Worker) -> Reservation:
        """Offer the task to a worker."""
        now = self.workspace.account.clock.now
        reservation = Reservation(self.workspace.account.sids.new("WR"), self, worker, "pending", now, now)
        self.reservations.append(reservation)
        self.status = TaskStatus.RESERVED
        self._changed()
        return reservation

    def accept(self, worker: Worker) -> Reservation:
        """Let a worker take the task."""
        reservation = self.reservation if self.status is TaskStatus.RESERVED else None
        reservation = reservation or self.reserve(worker)
        self.status = TaskStatus.ASSIGNED
        self._set_reservation("accepted")
        self._changed()
        return reservation

    def wrap(self) -> None:
        """Go from assigned to wrapping; leaves any other status alone."""
        if self.status is TaskStatus.ASSIGNED:
            self._change_status(TaskStatus.WRAPPING)
            self._changed()

    def finish(self) -> None:
        """End by the platform's own hand: complete what an agent had, cancel what waited."""
        if self.status in ENDED:
            return
        self._change_status(TaskStatus.CANCELED if self.status in WAITING else TaskStatus.COMPLETED)
        self._changed()

    def _change_status(self, status: str) -> None:
        match status:
            case TaskStatus.CANCELED:
                if self.status not in WAITING:
                    raise errors.cannot_cancel(self.sid, self.status)
                self._set_reservation("rescinded")
            case TaskStatus.COMPLETED:
                if self.status not in {TaskStatus.ASSIGNED, TaskStatus.WRAPPING}:
                    raise errors.cannot_complete(self.sid, self.status)
                self._set_reservation("completed")
            case TaskStatus.WRAPPING:
                if self.status is not TaskStatus.ASSIGNED:
                    raise errors.cannot_wrap_up(self.sid, self.status)
                self._set_reservation("wrapping")
            case _:
                raise errors.cannot_set_status(self.sid, status)
        self.status = TaskStatus(status)
        if self.status in ENDED:
            self._purge.arm(self.workspace.account.clock.now + PURGE_AFTER)

    def _set_reservation(self, status: str) -> None:
        if self.reservation is not None:
            self.reservation.status = status
            self.reservation.updated = self.workspace.account.clock.now

    def _changed(self) -> None:
        self.revision += 1
        self.updated = self.workspace.account.clock.now


def valid_attributes(text: str) -> str:
    """Check attributes: a JSON object in a string.

    Raises:
        TwilioError: 20001.
    """
    try:
        value = json.loads(text)
    except ValueError:
        raise invalid_parameter("Attributes are not valid JSON") from None
    if not isinstance(value, dict):
        raise invalid_parameter("Attributes are not a JSON object")
    return text
