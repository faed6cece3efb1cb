"""The questions that Twilio's documents leave open, their possible answers, and what was found about each.

Names and answers are those of the simulator's dialect (docs/simulator-dialects.md), which has what is public about
them. They are written again here because the operator's command imports nothing of the simulator; a test compares both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Question(StrEnum):
    """An open question, by the name of its switch in the simulator."""

    TIMER_ORIGIN = "timerOrigin"
    TIMER_PRECISION = "timerPrecision"
    ATTRIBUTE_UPDATE = "attributeUpdate"
    REST_REACTIVATION = "restReactivation"
    REST_STATE_CHANGE = "restStateChange"
    FLEX_STATE_CHANGE = "flexStateChange"
    TASK_COMPLETION = "taskCompletion"
    TRANSFER_STATUS = "transferStatus"
    LOST_TRANSFER = "lostTransfer"
    LEAVE = "leave"
    CREATION_TIMERS = "creationTimers"
    DEFAULT_TIMERS = "defaultTimers"
    UNSET_TIMERS = "unsetTimers"
    DOCUMENT_TYPE = "documentType"
    ROLE_NAMES = "roleNames"
    CLOSED_CONVERSATION = "closedConversation"
    INVITE_CONTENTS = "inviteContents"
    FLEX_ATTRIBUTES = "flexAttributes"
    ATTRIBUTE_SEARCH = "attributeSearch"
    INTERACTION_READS = "interactionReads"
    TASK_REFUSAL = "taskRefusal"
    TASK_DELETION = "taskDeletion"
    EVENT_LAG = "eventLag"
    EVENT_LIMIT = "eventLimit"
    LIMIT_CODE = "limitCode"
    RETRY_AFTER = "retryAfter"
    WEBHOOK_IDEMPOTENCY = "webhookIdempotency"
    CHAT_WEBHOOK = "chatWebhook"


ANSWERS: Final[Mapping[Question, tuple[str, ...]]] = {
    Question.TIMER_ORIGIN: ("latest_activity", "message_or_reactivation", "message"),
    Question.TIMER_PRECISION: ("exact", "late"),
    Question.ATTRIBUTE_UPDATE: ("quiet", "restarts_timers"),
    Question.REST_REACTIVATION: ("silent", "echoed"),
    Question.REST_STATE_CHANGE: ("silent", "echoed"),
    Question.FLEX_STATE_CHANGE: ("silent", "told"),
    Question.TASK_COMPLETION: ("leaves_conversation", "closes_conversation"),
    Question.TRANSFER_STATUS: ("transfer", "active"),
    Question.LOST_TRANSFER: ("transfer", "active"),
    Question.LEAVE: ("keeps_state", "sets_inactive"),
    Question.CREATION_TIMERS: ("accepted_without_state", "refused_without_state"),
    Question.DEFAULT_TIMERS: ("every_conversation", "not_flex"),
    Question.UNSET_TIMERS: ("null", "empty", "zero"),
    Question.DOCUMENT_TYPE: ("json", "empty"),
    Question.ROLE_NAMES: ("documented", "longer"),
    Question.CLOSED_CONVERSATION: ("closes", "fails"),
    Question.INVITE_CONTENTS: ("as_made", "as_is"),
    Question.FLEX_ATTRIBUTES: ("missing", "named"),
    Question.ATTRIBUTE_SEARCH: ("immediate", "lags"),
    Question.INTERACTION_READS: ("allowed", "refused"),
    Question.TASK_REFUSAL: ("bad_request", "conflict"),
    Question.TASK_DELETION: ("told_when_overdue", "told_always"),
    Question.EVENT_LAG: ("at_once", "a_minute"),
    Question.EVENT_LIMIT: ("none", "as_search"),
    Question.LIMIT_CODE: ("general", "product"),
    Question.RETRY_AFTER: ("missing", "sent"),
    Question.WEBHOOK_IDEMPOTENCY: ("missing", "sent"),
    Question.CHAT_WEBHOOK: ("shared", "separate"),
}
"""The answers to each question, the simulator's default first."""


@dataclass(frozen=True)
class Finding:
    """What an experiment found about one question.

    Attributes:
        question: which.
        answer: one of its answers; None if it is not settled.
        why: what was seen, or why it is not settled; one line.
    """

    question: Question
    answer: str | None
    why: str

    def __post_init__(self) -> None:
        if self.answer is not None and self.answer not in ANSWERS[self.question]:
            raise ValueError(f"{self.question}: {self.answer!r} is not one of {', '.join(ANSWERS[self.question])}")


def settled(question: Question, answer: str, seen: str) -> Finding:
    """A question that was settled, with what was seen."""
    return Finding(question, answer, seen)


def not_settled(question: Question, why: str) -> Finding:
    """A question that was not settled, and why."""
    return Finding(question, None, why)
