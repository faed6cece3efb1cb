"""The decisions about a chat and their reasons, as values; `decisions.py` is the table that makes them."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from ..policy import Step, TaskEnding
from ..settings import Mode


class Reason(enum.StrEnum):
    """Why a decision was made; the values are in the log."""

    UNKNOWN_STATUS = "unknown_status"
    CLOSED = "closed"
    CLOSED_BY_TIMER = "closed_by_timer"
    LEFT = "left"
    PAUSED = "paused"
    PARKED = "parked"
    EMAIL = "email"
    EXEMPT = "exempt"
    DO_NOT_TIME_OUT = "do_not_time_out"
    CHANNEL_UNKNOWN = "channel_unknown"
    TRANSFER = "transfer"
    NOTICE_SENT = "notice_sent"
    NO_LIVE_TASK = "no_live_task"
    LEFT_OVER = "left_over"
    QUEUED = "queued"
    AGENT_SILENT = "agent_silent"
    NOT_YET = "not_yet"
    CUSTOMER_SILENT = "customer_silent"
    NEW_TASK = "new_task"
    NO_TIMER = "no_timer"
    ARMED_ALREADY = "armed_already"
    TASK_OVER = "task_over"
    FOREIGN_TASK = "foreign_task"


class NoTextReason(enum.StrEnum):
    """Why no text is sent to a customer; the values are in the log."""

    OUTSIDE_WINDOW = "outside_window"
    REFUSED = "refused"
    NEVER_WROTE = "never_wrote"
    FINISHED = "finished"


class DecisionKind(enum.StrEnum):
    """The kinds of decisions; the values are in the log."""

    KEEP = "keep"
    REARM = "rearm"
    WARN = "warn"
    NOTIFY = "notify"
    END = "end"
    FINISH = "finish"
    ARM = "arm"


@dataclass(frozen=True)
class Keep:
    """Leave everything as it is. If nobody writes, look again at `until`; with None no time changes the decision."""

    kind: ClassVar = DecisionKind.KEEP
    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True)
class Rearm:
    """Leave the chat alone, and make the timer fire at `target`."""

    kind: ClassVar = DecisionKind.REARM
    reason: Reason
    target: datetime


@dataclass(frozen=True)
class Warn:
    """Post the warning. If the silence continues, the next step is due at `then`."""

    kind: ClassVar = DecisionKind.WARN
    reason: Reason
    step: Step
    answered_index: int
    then: datetime


@dataclass(frozen=True)
class Notify:
    """Report an agent's silence once: in the log, on the task, and to the customer if there is a text for it."""

    kind: ClassVar = DecisionKind.NOTIFY
    reason: Reason
    step: Step
    answered_index: int
    since: datetime
    with_text: bool


@dataclass(frozen=True)
class End:
    """End the chat, with the closing notice unless it is there already or cannot reach the customer."""

    kind: ClassVar = DecisionKind.END
    reason: Reason
    step: Step
    answered_index: int
    notice: bool = True
    unsaid: NoTextReason | None = None
    task_ending: TaskEnding = TaskEnding.COMPLETE


class Share(enum.StrEnum):
    """How much of what is left over of a closed conversation is released."""

    WAITING = "waiting"
    """Tasks that nobody has accepted."""
    WRAP = "wrap"
    """Everything; assigned tasks are put into wrapping, with our mark."""
    ALL = "all"
    """Everything, as the policy says; tasks that we put into wrapping are completed."""


@dataclass(frozen=True)
class Finish:
    """Release what is left over of a closed conversation: interaction channel and tasks."""

    kind: ClassVar = DecisionKind.FINISH
    reason: Reason
    share: Share = Share.ALL
    task_ending: TaskEnding = TaskEnding.COMPLETE


@dataclass(frozen=True)
class Arm:
    """Set the conversation's timer because an agent accepted. Nothing else is written, because others write then.

    Attributes:
        reason: why the timer is set.
        timer: its length; it starts again with every message.
    """

    kind: ClassVar = DecisionKind.ARM
    reason: Reason
    timer: timedelta


Decision = Keep | Rearm | Warn | Notify | End | Finish


def allowed(mode: Mode, decision: Decision) -> bool:
    """Whether this mode allows a decision to be applied."""
    match mode:
        case Mode.OBSERVE:
            return False
        case Mode.WARN_ONLY:
            return not isinstance(decision, End | Finish)
        case Mode.ENFORCE:
            return True
