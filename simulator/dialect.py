"""What the platform does not document, one switch for each; only models read it.

The default is the best reading of what is public. A promise about timeouts has to hold in each answer.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import Self


class TimerOrigin(Enum):
    """From when the inactive and closed timers count.

    Public statements agree on "the last message"; none says what an update of the timer or a re-activation without a
    message does. An instant that has passed already fires a second later.
    """

    LATEST_ACTIVITY = "latest_activity"
    """The newest of: creation, message, new participant, re-activation, update of the timer itself."""
    MESSAGE_OR_REACTIVATION = "message_or_reactivation"
    """As above, but an update of a timer changes its length only."""
    MESSAGE = "message"
    """The newest message, or the creation: a re-activation without a message does not move it."""


class RestReactivation(Enum):
    """Whether the automatic re-activation by a message over REST fires onConversationStateUpdated."""

    SILENT = "silent"
    """It is part of a REST change, and those fire nothing unless asked to."""
    ECHOED = "echoed"
    """It is the platform's own change (Reason=EVENT), and fires."""


class TaskCompletion(Enum):
    """Whether completing a task through TaskRouter's API also closes its conversation."""

    LEAVES_CONVERSATION = "leaves_conversation"
    """Only Flex closes: its UI, or the interaction channel."""
    CLOSES_CONVERSATION = "closes_conversation"
    """The conversation closes with its last live task."""


class TransferStatus(Enum):
    """What an interaction channel's status is while a transfer waits to be accepted."""

    TRANSFER = "transfer"
    ACTIVE = "active"


class CreationTimers(Enum):
    """Whether timers can be given at creation without State: error 50382 exists, an experiment passed."""

    ACCEPTED_WITHOUT_STATE = "accepted_without_state"
    REFUSED_WITHOUT_STATE = "refused_without_state"


class LimitCode(Enum):
    """Which code a refusal by a rate limit has in its body."""

    GENERAL = "general"
    """20429, Too Many Requests."""
    PRODUCT = "product"
    """The product's own from the error catalogue: 45780 of Interactions, 50074 of Conversations."""


class RetryAfter(Enum):
    """Whether a refusal by a rate limit says how long to wait."""

    MISSING = "missing"
    """No header; clients choose their own pause."""
    SENT = "sent"
    """Retry-After, in seconds."""


class AttributeSearch(Enum):
    """Whether a search of tasks by attributes knows of a change at once."""

    IMMEDIATE = "immediate"
    LAGS = "lags"
    """It is two seconds of virtual time behind."""


class InteractionReads(Enum):
    """Whether interactions, their channels and participants can be read: the API has it, Flex's limits page denies it."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    """GET is answered with HTTP 405."""


class ChatWebhook(Enum):
    """Whether the webhook of a Chat v2 service is the webhook of the Conversations service behind the same SID.

    Both APIs show one service; only Chat's has retry counts, and nothing says whether they reach Conversations' events.
    """

    SHARED = "shared"
    """One webhook with two faces: URLs, method, filters and retry counts are the same wherever they are written."""
    SEPARATE = "separate"
    """Each has its own; Chat's fires for channels of Chat, which are not simulated."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One answer to each open question."""

    timer_origin: TimerOrigin = TimerOrigin.LATEST_ACTIVITY
    rest_reactivation: RestReactivation = RestReactivation.SILENT
    task_completion: TaskCompletion = TaskCompletion.LEAVES_CONVERSATION
    transfer_status: TransferStatus = TransferStatus.TRANSFER
    creation_timers: CreationTimers = CreationTimers.ACCEPTED_WITHOUT_STATE
    limit_code: LimitCode = LimitCode.GENERAL
    retry_after: RetryAfter = RetryAfter.MISSING
    chat_webhook: ChatWebhook = ChatWebhook.SHARED
    attribute_search: AttributeSearch = AttributeSearch.IMMEDIATE
    interaction_reads: InteractionReads = InteractionReads.ALLOWED

    @classmethod
    def parse(cls, values: dict[str, str]) -> Self:
        """Read a dialect from names such as {"timerOrigin": "message"}; what is not named has its default.

        Raises:
            ValueError: an unknown switch or answer; the message lists what there is.
        """
        default = cls()
        enums: dict[str, type[Enum]] = {_camel(f.name): type(getattr(default, f.name)) for f in fields(cls)}
        chosen: dict[str, Enum] = {}
        for name, value in values.items():
            if name not in enums:
                raise ValueError(f"dialect: no switch {name!r}; there are {', '.join(enums)}")
            answers = [str(member.value) for member in enums[name]]
            if value not in answers:
                raise ValueError(f"dialect: {name} cannot be {value!r}; it is one of {', '.join(answers)}")
            chosen[name] = enums[name](value)
        return cls(**{f.name: chosen.get(_camel(f.name), getattr(default, f.name)) for f in fields(cls)})

    def as_json(self) -> dict[str, str]:
        """The switches and their answers, as `parse` reads them."""
        return {_camel(f.name): getattr(self, f.name).value for f in fields(self)}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
