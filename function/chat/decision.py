"""What may be decided about a chat, and why; the table that decides is `decisions.py`."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from ..policy import Step, TaskEnding
from ..settings import Mode


class Reason(enum.StrEnum):
    """Why; the values stand in the log."""

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


class Unsaid(enum.StrEnum):
    """Why a customer is not told; the values stand in the log."""

    OUTSIDE_WINDOW = "outside_window"
    REFUSED = "refused"
    NEVER_WROTE = "never_wrote"
    FINISHED = "finished"


class DecisionKind(enum.StrEnum):
    """What the log calls a decision."""

    KEEP = "keep"
    REARM = "rearm"
    WARN = "warn"
    NOTIFY = "notify"
    END = "end"
    FINISH = "finish"
    ARM = "arm"


@dataclass(frozen=True)
class Keep:
    """Leave everything as it is; if nothing is said, look again at `until` (None: no time changes this decision)."""

    kind: ClassVar = DecisionKind.KEEP
    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True)
class Rearm:
    """Leave the chat alone and see to it that the timer fires at `target`."""

    kind: ClassVar = DecisionKind.REARM
    reason: Reason
    target: datetime


@dataclass(frozen=True)
class Warn:
    """Post the warning; if the silence goes on, the next step is due at `then`."""

    kind: ClassVar = DecisionKind.WARN
    reason: Reason
    step: Step
    answered_index: int
    then: datetime


@dataclass(frozen=True)
class Notify:
    """Tell of an agent's silence, once: in the log, on the task, and to the customer if there is a text for that."""

    kind: ClassVar = DecisionKind.NOTIFY
    reason: Reason
    step: Step
    answered_index: int
    since: datetime
    say: bool


@dataclass(frozen=True)
class End:
    """End the chat, with the closing notice unless it stands there already or cannot reach the customer."""

    kind: ClassVar = DecisionKind.END
    reason: Reason
    step: Step
    answered_index: int
    notice: bool = True
    unsaid: Unsaid | None = None
    task_ending: TaskEnding = TaskEnding.COMPLETE


class Share(enum.StrEnum):
    """How much of what a closed conversation has left over is released."""

    WAITING = "waiting"
    """Tasks that nobody has accepted."""
    WRAP = "wrap"
    """All; assigned tasks are put into wrapping, with a mark of ours."""
    ALL = "all"
    """All, as the policy says; tasks that we put into wrapping are completed."""


@dataclass(frozen=True)
class Finish:
    """The conversation is closed; release what is left over: interaction channel, tasks."""

    kind: ClassVar = DecisionKind.FINISH
    reason: Reason
    share: Share = Share.ALL
    task_ending: TaskEnding = TaskEnding.COMPLETE


@dataclass(frozen=True)
class Arm:
    """An agent accepted: give the conversation a timer, and nothing else: others write attributes in those seconds.

    Attributes:
        reason: why.
        timer: its length; it starts again with every message.
    """

    kind: ClassVar = DecisionKind.ARM
    reason: Reason
    timer: timedelta


Decision = Keep | Rearm | Warn | Notify | End | Finish


def allowed(mode: Mode, decision: Decision) -> bool:
    """Whether this mode lets a decision be carried out."""
    match mode:
        case Mode.OBSERVE:
            return False
        case Mode.WARN_ONLY:
            return not isinstance(decision, End | Finish)
        case Mode.ENFORCE:
            return True
