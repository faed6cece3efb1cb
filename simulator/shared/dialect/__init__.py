"""One answer to each question that Twilio's documents leave open; only models read it.

Each default is the best reading of what is public. The questions are in the files beside this one, by product, and
`docs/simulator-dialects.md` is made from them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import Self

from simulator.shared.dialect.conversations import (
    AttributeUpdate,
    ChatWebhook,
    CreationTimers,
    DefaultTimers,
    RestReactivation,
    RestStateChange,
    RoleNames,
    TimerOrigin,
    TimerPrecision,
    UnsetTimers,
)
from simulator.shared.dialect.flex import (
    ClosedConversation,
    FlexAttributes,
    FlexStateChange,
    InteractionReads,
    InviteContents,
    Leave,
    LostTransfer,
    TransferStatus,
)
from simulator.shared.dialect.platform import LimitCode, RetryAfter, WebhookIdempotency
from simulator.shared.dialect.question import Question
from simulator.shared.dialect.taskrouter import (
    AttributeSearch,
    DocumentType,
    EventLag,
    EventLimit,
    TaskCompletion,
    TaskDeletion,
    TaskRefusal,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One answer to each open question."""

    timer_origin: TimerOrigin = TimerOrigin.LATEST_ACTIVITY
    timer_precision: TimerPrecision = TimerPrecision.EXACT
    attribute_update: AttributeUpdate = AttributeUpdate.QUIET
    rest_reactivation: RestReactivation = RestReactivation.SILENT
    rest_state_change: RestStateChange = RestStateChange.SILENT
    flex_state_change: FlexStateChange = FlexStateChange.SILENT
    task_completion: TaskCompletion = TaskCompletion.LEAVES_CONVERSATION
    transfer_status: TransferStatus = TransferStatus.TRANSFER
    lost_transfer: LostTransfer = LostTransfer.TRANSFER
    leave: Leave = Leave.KEEPS_STATE
    creation_timers: CreationTimers = CreationTimers.ACCEPTED_WITHOUT_STATE
    default_timers: DefaultTimers = DefaultTimers.EVERY_CONVERSATION
    unset_timers: UnsetTimers = UnsetTimers.NULL
    document_type: DocumentType = DocumentType.JSON
    role_names: RoleNames = RoleNames.DOCUMENTED
    closed_conversation: ClosedConversation = ClosedConversation.CLOSES
    invite_contents: InviteContents = InviteContents.AS_MADE
    flex_attributes: FlexAttributes = FlexAttributes.MISSING
    attribute_search: AttributeSearch = AttributeSearch.IMMEDIATE
    interaction_reads: InteractionReads = InteractionReads.ALLOWED
    task_refusal: TaskRefusal = TaskRefusal.BAD_REQUEST
    task_deletion: TaskDeletion = TaskDeletion.TOLD_WHEN_OVERDUE
    event_lag: EventLag = EventLag.AT_ONCE
    event_limit: EventLimit = EventLimit.NONE
    limit_code: LimitCode = LimitCode.GENERAL
    retry_after: RetryAfter = RetryAfter.MISSING
    webhook_idempotency: WebhookIdempotency = WebhookIdempotency.MISSING
    chat_webhook: ChatWebhook = ChatWebhook.SHARED

    @classmethod
    def parse(cls, values: dict[str, str]) -> Self:
        """Read a dialect from names such as {"timerOrigin": "message"}; a switch that is not named has its default.

        Raises:
            ValueError: an unknown switch or answer; the message lists those that exist.
        """
        known = {switch.name: switch for switch in switches()}
        chosen: dict[str, Question] = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"dialect: no switch {name!r}; there are {', '.join(known)}")
            answers = [str(answer.value) for answer in known[name].answers]
            if value not in answers:
                raise ValueError(f"dialect: {name} cannot be {value!r}; it is one of {', '.join(answers)}")
            chosen[known[name].attribute] = known[name].answers(value)
        return replace(cls(), **chosen)  # type: ignore[arg-type]  # each switch is read as its own enum

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a file: a JSON object whose `dialect` is what `parse` reads, e.g. what was seen on a live account.

        Raises:
            ValueError: it is something else, or `parse` refuses it.
        """
        try:
            document = json.loads(text)
        except ValueError:
            raise ValueError("dialect: the file is not JSON") from None
        values = document.get("dialect") if isinstance(document, dict) else None
        if not isinstance(values, dict):
            example = '{"dialect": {"timerOrigin": "message"}}'
            raise ValueError(f"dialect: the file is not an object such as {example}")  # noqa: TRY004 -- a bad value
        return cls.parse(values)

    def as_json(self) -> dict[str, str]:
        """The switches and their answers, as `parse` reads them."""
        return {switch.name: getattr(self, switch.attribute).value for switch in switches()}


@dataclass(frozen=True, slots=True)
class Switch:
    """A question as a switch: its name in the control plane, its attribute of a dialect, its answers, the default."""

    name: str
    attribute: str
    answers: type[Question]
    default: Question


def switches() -> list[Switch]:
    """All switches."""
    return [
        Switch(_camel(each.name), each.name, type(each.default), each.default)
        for each in fields(Dialect)
        if isinstance(each.default, Question)
    ]


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
