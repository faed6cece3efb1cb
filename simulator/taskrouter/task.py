"""One task: the legal changes of its status, its way through the queues, its revision, and its deletion."""

from __future__ import annotations

import json
from copy import copy
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.shared.dialect.taskrouter import TaskDeletion, TaskRefusal
from simulator.shared.errors import invalid_parameter
from simulator.shared.json_text import parse_json
from simulator.shared.shown import Shown, shown
from simulator.taskrouter import errors
from simulator.taskrouter.events import queue_event, task_event
from simulator.taskrouter.reservation import Reservation, ReservationStatus

if TYPE_CHECKING:
    from simulator.taskrouter.queues import TaskChannel, TaskQueue
    from simulator.taskrouter.workers import Worker
    from simulator.taskrouter.workflows import Target, Workflow
    from simulator.taskrouter.workspace import Workspace

PURGE_AFTER = timedelta(minutes=5)
"""A task that ended is deleted this much later (https://www.twilio.com/docs/taskrouter/lifecycle-task-state, November
2026)."""
ASSIGNED_LIMIT = timedelta(hours=24)
"""A task that has been assigned for this long is deleted (same source)."""
DEFAULT_TIMEOUT = timedelta(hours=24)
"""How long a task may wait before it is assigned."""
TTL_EXCEEDED = "Task TTL Exceeded"
WORKFLOW_TIMEOUT = "Workflow Timeout"
NO_MATCH = "Task matched no filter of its workflow"


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


class Task:
    """One task. Every change increases its revision, which is its ETag."""

    def __init__(
        self,
        workspace: Workspace,
        sequence: int,
        *,
        attributes: str,
        channel: TaskChannel,
        workflow: Workflow,
        priority: int = 0,
        timeout: timedelta = DEFAULT_TIMEOUT,
        virtual_start: datetime | None = None,
        routing_target: str | None = None,
        ignore_capacity: bool = False,
    ) -> None:
        clock = workspace.account.clock
        self.workspace: Workspace = workspace
        self.sequence = sequence
        self.sid = workspace.account.sids.new("WT")
        self.attributes = attributes
        self.conversation_sid = conversation_in(attributes)
        self.channel = channel
        self.workflow = workflow
        self.queue: TaskQueue | None = None
        self.status = TaskStatus.PENDING
        self.reason: str | None = None
        self.priority = priority
        self.timeout = timeout
        self.routing_target = routing_target
        self.ignore_capacity = ignore_capacity
        self.revision = 0
        self.created = self.updated = self.queue_entered = clock.now
        self.virtual_start = virtual_start or clock.now
        self.reservations: list[Reservation] = []
        self.purged = False
        self._odd_status: Shown | None = None
        self._targets: tuple[Target, ...] = ()
        self._next_target = clock.timer(self._target_timed_out)
        self._limit = clock.timer(self._limit_reached)
        self._limit.arm(clock.now + timeout)

    @property
    def live(self) -> bool:
        """Whether it waits for an agent or has one."""
        return self.status in LIVE

    @property
    def shown_status(self) -> str:
        """The status as Twilio shows it."""
        return shown(self.status.value, self._odd_status)

    def show_status(self, status: str | None) -> None:
        """Show another status until the true one changes; None shows the true one."""
        self._odd_status = None if status is None else Shown(status, self.status.value)

    def snapshot(self) -> Task:
        """A copy of the task as it is now, for showing."""
        taken = copy(self)
        taken.reservations = [*self.reservations]
        return taken

    @property
    def reservation(self) -> Reservation | None:
        """The newest reservation."""
        return self.reservations[-1] if self.reservations else None

    def described(self) -> dict[str, object]:
        """The values of a workflow's expressions: the attributes, and the time of day under `taskrouter.`."""
        now = self.workspace.account.clock.now
        clock: dict[str, object] = {
            "currentTime": now.hour * 100 + now.minute,
            "currentHour": now.hour,
            "currentMin": now.minute,
            "dayOfWeek": now.strftime("%a"),
        }
        return {"taskrouter": clock, **json.loads(self.attributes)}

    # -- the way through workflow and queues -----------------------------------------------------------------------

    def route(self, targets: tuple[Target, ...]) -> None:
        """Follow the steps of a workflow; without any the task is canceled."""
        self._targets = targets
        if not targets:
            self._change_status(TaskStatus.CANCELED, NO_MATCH)
            self._changed()
            return
        self._follow_target()

    def enter(self, queue: TaskQueue) -> None:
        """Start waiting in a queue."""
        self.queue = queue
        self.queue_entered = self.workspace.account.clock.now
        queue_event(self, "workflow.entered", f"Task {self.sid} entered workflow {self.workflow.friendly_name}")
        queue_event(self, "task-queue.entered", f"Task {self.sid} entered queue {queue.friendly_name}")

    def _follow_target(self) -> None:
        target = self._targets[0]
        queue_event(self, "workflow.target-matched", f"Task {self.sid} matched a target of its workflow")
        if target.priority is not None:
            self.priority = target.priority
        self.enter(self.workspace.queues.get(target.queue_sid))
        if target.timeout is not None:
            self._next_target.arm(self.queue_entered + target.timeout)

    def _target_timed_out(self) -> None:
        """Nobody took the task in this step's time: go to the next step, or cancel it after the last."""
        if self.status not in WAITING or self.queue is None:
            return
        queue_event(self, "task-queue.timeout", f"Task {self.sid} timed out of queue {self.queue.friendly_name}")
        if self.reservation is not None and self.reservation.live:
            self.release(self.reservation, ReservationStatus.RESCINDED, offer=False)
        self._targets = self._targets[1:]
        if self._targets:
            self._follow_target()
            self._changed()
            self.workspace.offer(self)
            return
        queue_event(self, "workflow.timeout", f"Task {self.sid} timed out of workflow {self.workflow.friendly_name}")
        self._change_status(TaskStatus.CANCELED, WORKFLOW_TIMEOUT)
        self._changed()

    def run_out_of_targets(self) -> None:
        """Skip the remaining steps: the workflow cancels the task now."""
        self._targets = self._targets[:1]
        self._target_timed_out()

    def run_out_of_time(self) -> None:
        """The task's timeout passes now: a waiting task is canceled, an assigned one is deleted."""
        self._limit_reached()

    # -- changes by request ----------------------------------------------------------------------------------------

    def update(
        self,
        *,
        status: str | None = None,
        reason: str | None = None,
        attributes: str | None = None,
        priority: int | None = None,
        channel: TaskChannel | None = None,
        virtual_start: datetime | None = None,
        if_match: str | None = None,
    ) -> None:
        """Change a task by request, completely or not at all.

        Raises:
            TwilioError: 412 when `if_match` is another revision; 20001 for an illegal status or bad attributes.
        """
        errors.require_revision(self.sid, if_match, self.revision)
        if status is not None and attributes is not None:
            raise errors.two_requests(self.sid)
        if attributes is not None:
            self.attributes = valid_attributes(attributes)
            self.conversation_sid = conversation_in(attributes)
            self.workspace.index.put(self)
        if status is not None:
            self._change_status(status, reason)
        elif reason is not None:
            self.reason = reason
        self.priority = self.priority if priority is None else priority
        self.channel = channel or self.channel
        self.virtual_start = virtual_start or self.virtual_start
        self._changed()
        if status is None:
            task_event(self, "updated", f"Task {self.sid} updated")
        elif self.status in ENDED:
            self.workspace.product.on_ended_by_request(self)
        self.workspace.offer_tasks()

    # -- reservations ----------------------------------------------------------------------------------------------

    def reserve(self, worker: Worker) -> Reservation:
        """Offer the task to a worker."""
        reservation = Reservation(self, worker)
        self.reservations.append(reservation)
        self.status = TaskStatus.RESERVED
        self._changed()
        return reservation

    def accept(self, worker: Worker) -> Reservation:
        """Let a worker accept the task; a worker who has a reservation for it comes first."""
        reservation = self.reservation if self.status is TaskStatus.RESERVED else None
        reservation = reservation or self.reserve(worker)
        self.follow(reservation, ReservationStatus.ACCEPTED)
        return reservation

    def follow(self, reservation: Reservation, status: ReservationStatus) -> None:
        """Change the status with the worker's reservation."""
        match status:
            case ReservationStatus.ACCEPTED:
                self.status = TaskStatus.ASSIGNED
                self._next_target.disarm()
                self._limit.arm(self.workspace.account.clock.now + ASSIGNED_LIMIT)
                reservation.go(status)
                self._changed()
                self.workspace.product.on_accepted(reservation)
            case ReservationStatus.REJECTED:
                self.release(reservation, status)
            case ReservationStatus.WRAPPING:
                self.wrap()
            case _:
                self.finish()

    def release(self, reservation: Reservation, status: ReservationStatus, *, offer: bool = True) -> None:
        """Wait again after a reservation without acceptance."""
        self.status = TaskStatus.PENDING
        reservation.go(status)
        self._changed()
        if offer:
            self.workspace.offer(self)

    def wrap(self) -> None:
        """Go from assigned to wrapping; any other status, and a deleted task, stay as they are."""
        if self.status is TaskStatus.ASSIGNED and not self.purged:
            self._change_status(TaskStatus.WRAPPING)
            self._changed()

    def finish(self, reason: str | None = None) -> None:
        """End the task as the platform does: complete it if an agent had it, else cancel it.

        A deleted task stays as it is.
        """
        if self.status in ENDED or self.purged:
            return
        self._change_status(TaskStatus.CANCELED if self.status in WAITING else TaskStatus.COMPLETED, reason)
        self._changed()
        self.workspace.offer_tasks()

    def retire(self, event: str | None) -> None:
        """Delete the task, and report this event if one is given."""
        self.purged = True
        self._limit.disarm()
        self._next_target.disarm()
        for reservation in self.reservations:
            if reservation.status is ReservationStatus.PENDING:
                reservation.go(ReservationStatus.CANCELED)
            reservation.worker.reservations.pop(reservation.sid, None)
        if event is not None:
            task_event(self, event, f"Task {self.sid} deleted")

    # -- inside ----------------------------------------------------------------------------------------------------

    @property
    def _refusal(self) -> int:
        """The HTTP status of the refusal of an illegal change."""
        return 409 if self.workspace.account.dialect.task_refusal is TaskRefusal.CONFLICT else 400

    def _change_status(self, status: str, reason: str | None = None) -> None:
        match status:
            case TaskStatus.CANCELED:
                if self.status not in WAITING:
                    raise errors.cannot_cancel(self.sid, self.status, self._refusal)
                reservation, event = ReservationStatus.CANCELED, "canceled"
            case TaskStatus.COMPLETED:
                if self.status not in {TaskStatus.ASSIGNED, TaskStatus.WRAPPING}:
                    raise errors.cannot_complete(self.sid, self.status, self._refusal)
                reservation, event = ReservationStatus.COMPLETED, "completed"
            case TaskStatus.WRAPPING:
                if self.status is not TaskStatus.ASSIGNED:
                    raise errors.cannot_wrap_up(self.sid, self.status, self._refusal)
                reservation, event = ReservationStatus.WRAPPING, "wrapup"
            case _:
                raise errors.cannot_set_status(self.sid, status)
        self.status = TaskStatus(status)
        self.reason = reason if reason is not None else self.reason
        if self.status in ENDED:
            self._next_target.disarm()
            self._limit.arm(self.workspace.account.clock.now + PURGE_AFTER)
        if self.reservation is not None and self.reservation.live:
            self.reservation.go(reservation)
        task_event(self, event, self.reason or f"Task {self.sid} {event}")

    def _limit_reached(self) -> None:
        """The task waited or was assigned for too long, or ended long enough ago to be purged."""
        if self.sid not in self.workspace.tasks:
            return
        if self.status in WAITING:
            self._change_status(TaskStatus.CANCELED, TTL_EXCEEDED)
            self._changed()
        else:
            always = self.workspace.account.dialect.task_deletion is TaskDeletion.TOLD_ALWAYS
            reported = always or self.status not in ENDED
            self.workspace.forget(self, "system-deleted" if reported else None)

    def _changed(self) -> None:
        self.revision += 1
        self.updated = self.workspace.account.clock.now


def valid_attributes(text: str) -> str:
    """Check attributes: a JSON object in a string.

    Raises:
        TwilioError: 20001.
    """
    try:
        value = parse_json(text)
    except ValueError:
        raise invalid_parameter("Attributes are not valid JSON") from None
    if not isinstance(value, dict):
        raise invalid_parameter("Attributes are not a JSON object")
    return text


def conversation_in(attributes: str) -> str | None:
    """The conversation SID in these attributes."""
    value = json.loads(attributes).get("conversationSid")
    return value if isinstance(value, str) else None
