"""What the platform does not document, one switch for each; only models read it.

The default is the best reading of what is public. A promise about timeouts has to hold in each answer. The page
`docs/simulator-dialects.md` is made from this file: a class's docstring is the question, a member's its answer, and the
fields of `Dialect` say what is known and whom it matters to.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Self


class TimerOrigin(Enum):
    """From when do the inactive and closed timers count?

    An instant that has passed already fires a second later.
    """

    LATEST_ACTIVITY = "latest_activity"
    """The newest of: creation, message, new participant, re-activation, update of the timer itself."""
    MESSAGE_OR_REACTIVATION = "message_or_reactivation"
    """As above, but an update of a timer changes its length only."""
    MESSAGE = "message"
    """The newest message, or the creation: a re-activation without a message does not move it."""


class TimerPrecision(Enum):
    """How late does a timer fire?"""

    EXACT = "exact"
    """At the instant that the API announces."""
    LATE = "late"
    """Up to 20 seconds later, each conversation by a time of its own."""


class AttributeUpdate(Enum):
    """Does an update of a conversation's attributes restart its timers?"""

    QUIET = "quiet"
    """No: it is no communication."""
    RESTARTS_TIMERS = "restarts_timers"
    """Yes, as a message does; it re-activates nothing."""


class RestReactivation(Enum):
    """Does the automatic re-activation by a message over REST fire onConversationStateUpdated?"""

    SILENT = "silent"
    """No: it is part of a REST change, and those fire nothing unless asked to."""
    ECHOED = "echoed"
    """Yes: it is the platform's own change (Reason=EVENT)."""


class RestStateChange(Enum):
    """Does a change of state over REST fire onConversationStateUpdated without being asked to?"""

    SILENT = "silent"
    """No, as every REST change."""
    ECHOED = "echoed"
    """Yes, with Reason=API."""


class FlexStateChange(Enum):
    """Does onConversationStateUpdated fire when Flex changes the state, by its UI or by an interaction channel?"""

    SILENT = "silent"
    """No."""
    TOLD = "told"
    """Yes, with Reason=API."""


class TaskCompletion(Enum):
    """Does completing a task through TaskRouter's API also close its conversation?"""

    LEAVES_CONVERSATION = "leaves_conversation"
    """No: only Flex closes, by its UI or the interaction channel."""
    CLOSES_CONVERSATION = "closes_conversation"
    """Yes."""


class TransferStatus(Enum):
    """What is an interaction channel's status while a transfer waits to be accepted?"""

    TRANSFER = "transfer"
    """`transfer`."""
    ACTIVE = "active"
    """`active`: only the second task tells."""


class LostTransfer(Enum):
    """What is an interaction channel's status when nobody took a transfer and its task is gone?"""

    TRANSFER = "transfer"
    """`transfer`, as before."""
    ACTIVE = "active"
    """`active` again."""


class Leave(Enum):
    """Does an agent's leaving change the state of the conversation?"""

    KEEPS_STATE = "keeps_state"
    """No: only the interaction channel becomes inactive."""
    SETS_INACTIVE = "sets_inactive"
    """Yes: the conversation becomes inactive with it."""


class CreationTimers(Enum):
    """Can timers be given at creation without State?"""

    ACCEPTED_WITHOUT_STATE = "accepted_without_state"
    """Yes."""
    REFUSED_WITHOUT_STATE = "refused_without_state"
    """No: 50382."""


class DefaultTimers(Enum):
    """Do the account's default timers apply to conversations that Flex creates?"""

    EVERY_CONVERSATION = "every_conversation"
    """Yes, to every new conversation of the account."""
    NOT_FLEX = "not_flex"
    """No: those have no timers until they are given some."""


class UnsetTimers(Enum):
    """How does the account's configuration show a default timer that was never set?"""

    NULL = "null"
    """As null."""
    EMPTY = "empty"
    """As an empty text."""
    ZERO = "zero"
    """As PT0S."""


class DocumentType(Enum):
    """How does a workflow show the type of its document?"""

    JSON = "json"
    """As application/json."""
    EMPTY = "empty"
    """As an empty text."""


class RoleNames(Enum):
    """How long may the name of a role be?"""

    DOCUMENTED = "documented"
    """64 characters, as the API's description has it."""
    LONGER = "longer"
    """256 characters."""


class ClosedConversation(Enum):
    """Can an interaction channel be closed whose conversation is closed already, or gone?"""

    CLOSES = "closes"
    """Yes; its tasks end as always."""
    FAILS = "fails"
    """No: HTTP 200 with the status failed and error 45360, and its tasks stay as they are."""


class InviteContents(Enum):
    """What does the list of a channel's invites show of their tasks?"""

    AS_MADE = "as_made"
    """The task as it was when the invite was made."""
    AS_IS = "as_is"
    """The task as it is now."""


class FlexAttributes(Enum):
    """Do a conversation's attributes name its interaction and its channel?"""

    MISSING = "missing"
    """No: only the task's attributes do."""
    NAMED = "named"
    """Yes: flexInteractionSid and flexInteractionChannelSid."""


class AttributeSearch(Enum):
    """Does a search of tasks by attributes know of a change at once?"""

    IMMEDIATE = "immediate"
    """Yes."""
    LAGS = "lags"
    """No: it is two seconds of virtual time behind."""


class InteractionReads(Enum):
    """Can interactions, their channels and participants be read?"""

    ALLOWED = "allowed"
    """Yes, by SID."""
    REFUSED = "refused"
    """No: GET is answered with HTTP 405."""


class TaskRefusal(Enum):
    """Which HTTP status has the refusal of an illegal change of a task's status (20001)?"""

    BAD_REQUEST = "bad_request"
    """400."""
    CONFLICT = "conflict"
    """409."""


class TaskDeletion(Enum):
    """When is the deletion of a task by the platform told as task.system-deleted?"""

    TOLD_WHEN_OVERDUE = "told_when_overdue"
    """Only when a task has been assigned for 24 hours without an end."""
    TOLD_ALWAYS = "told_always"
    """Also five minutes after a task was completed or canceled."""


class EventLag(Enum):
    """When can an event be read in TaskRouter's log?"""

    AT_ONCE = "at_once"
    """As soon as it has happened."""
    A_MINUTE = "a_minute"
    """A minute of virtual time later; the event callback is told at once all the same."""


class EventLimit(Enum):
    """How often may TaskRouter's events be read, where limits are switched on?"""

    NONE = "none"
    """As often as anybody likes."""
    AS_SEARCH = "as_search"
    """Three times a second, as tasks may be searched by their attributes."""


class LimitCode(Enum):
    """Which code does a refusal by a rate limit have in its body?"""

    GENERAL = "general"
    """20429, Too Many Requests."""
    PRODUCT = "product"
    """The product's own from the error catalogue: 45780 of Interactions, 50074 of Conversations."""


class RetryAfter(Enum):
    """Does a refusal by a rate limit say how long to wait?"""

    MISSING = "missing"
    """No; clients choose their own pause."""
    SENT = "sent"
    """Yes: Retry-After, in seconds."""


class WebhookIdempotency(Enum):
    """Do webhooks carry I-Twilio-Idempotency-Token?"""

    MISSING = "missing"
    """No."""
    SENT = "sent"
    """Yes; copies and retries of one webhook carry the same."""


class ChatWebhook(Enum):
    """Is the webhook of a Chat v2 service the webhook of the Conversations service behind the same SID?"""

    SHARED = "shared"
    """Yes, one with two faces: URLs, method, filters and retry counts are the same wherever they are written."""
    SEPARATE = "separate"
    """No: Chat's fires for channels of Chat, which are not simulated."""


def _about(*, known: str, matters: str) -> dict[str, str]:
    """What is public about a question, and to whom its answer matters."""
    return {"known": known, "matters": matters}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One answer to each open question."""

    timer_origin: TimerOrigin = field(
        default=TimerOrigin.LATEST_ACTIVITY,
        metadata=_about(
            known="Public statements agree on the last message; none says what an update of the timer, or a "
            "re-activation without a message, does. Both timers are counted from one instant in the API's example.",
            matters="whoever sets a conversation's timer to what remains of a silence",
        ),
    )
    timer_precision: TimerPrecision = field(
        default=TimerPrecision.EXACT,
        metadata=_about(
            known="Nothing is documented about precision.",
            matters="whoever promises how long a silence lasts, and whoever looks for timers that should have fired",
        ),
    )
    attribute_update: AttributeUpdate = field(
        default=AttributeUpdate.QUIET,
        metadata=_about(
            known="Nothing is documented; messages are named as what timers count from.",
            matters="whoever keeps notes in a conversation's attributes while its timer runs",
        ),
    )
    rest_reactivation: RestReactivation = field(
        default=RestReactivation.SILENT,
        metadata=_about(
            known="Changes over REST fire nothing without X-Twilio-Webhook-Enabled; a re-activation has Reason=EVENT, "
            "which is neither API nor TIMER.",
            matters="whoever posts a message to an inactive conversation and hears its own echo",
        ),
    )
    rest_state_change: RestStateChange = field(
        default=RestStateChange.SILENT,
        metadata=_about(
            known="Changes over REST fire nothing without X-Twilio-Webhook-Enabled, yet the event knows Reason=API.",
            matters="whoever closes or re-activates conversations and listens to their states",
        ),
    )
    flex_state_change: FlexStateChange = field(
        default=FlexStateChange.SILENT,
        metadata=_about(
            known="Not documented; a public client reports that closing by the Interactions API fires no state event.",
            matters="whoever takes the event as the only sign of a chat's end",
        ),
    )
    task_completion: TaskCompletion = field(
        default=TaskCompletion.LEAVES_CONVERSATION,
        metadata=_about(
            known="An agent's completing in Flex closes the conversation; of TaskRouter's API nothing is said but that "
            "interaction channels are the way.",
            matters="whoever ends a chat by its task: the conversation may be closed already",
        ),
    )
    transfer_status: TransferStatus = field(
        default=TransferStatus.TRANSFER,
        metadata=_about(
            known="The API lists the status transfer and does not say when a channel has it.",
            matters="whoever must not end a chat on its way to another agent",
        ),
    )
    lost_transfer: LostTransfer = field(
        default=LostTransfer.TRANSFER,
        metadata=_about(
            known="An invite that is declined or times out ends its task, say the docs, and nothing of the channel.",
            matters="whoever leaves a chat alone that is on its way to another agent: for how long?",
        ),
    )
    leave: Leave = field(
        default=Leave.KEEPS_STATE,
        metadata=_about(
            known="The docs speak of the channel's state only.",
            matters="whoever takes an inactive conversation for a silent customer",
        ),
    )
    creation_timers: CreationTimers = field(
        default=CreationTimers.ACCEPTED_WITHOUT_STATE,
        metadata=_about(
            known="Error 50382 exists for it; an experiment on the live service passed.",
            matters="whoever creates conversations with timers",
        ),
    )
    default_timers: DefaultTimers = field(
        default=DefaultTimers.EVERY_CONVERSATION,
        metadata=_about(
            known="The docs say all conversations created in the account; nobody reports it of Flex's own.",
            matters="whoever relies on the account's default timers instead of setting each conversation's",
        ),
    )
    unset_timers: UnsetTimers = field(
        default=UnsetTimers.NULL,
        metadata=_about(
            known="The API's example shows both timers set; acceptance tests of others saw something other than null.",
            matters="whoever decides by that whether somebody else has set a timer",
        ),
    )
    document_type: DocumentType = field(
        default=DocumentType.JSON,
        metadata=_about(
            known="The API's example has the type; acceptance tests of others saw none.",
            matters="whoever compares workflows field by field",
        ),
    )
    role_names: RoleNames = field(
        default=RoleNames.DOCUMENTED,
        metadata=_about(
            known="The API's description says 64; acceptance tests of others passed with 256.",
            matters="whoever makes roles",
        ),
    )
    closed_conversation: ClosedConversation = field(
        default=ClosedConversation.CLOSES,
        metadata=_about(
            known="Error 45360 exists for channels whose conversation cannot be closed; when it comes is not said.",
            matters="whoever cleans up behind a conversation that somebody else has closed",
        ),
    )
    invite_contents: InviteContents = field(
        default=InviteContents.AS_MADE,
        metadata=_about(
            known="The list is documented with the task's properties; whether they are refreshed is not.",
            matters="whoever proves by invites which tasks are a chat's, or reads a status there",
        ),
    )
    flex_attributes: FlexAttributes = field(
        default=FlexAttributes.MISSING,
        metadata=_about(
            known="Not documented; public clients read them there, and a public template overwrites them.",
            matters="whoever needs the interaction of a conversation that has no task",
        ),
    )
    attribute_search: AttributeSearch = field(
        default=AttributeSearch.IMMEDIATE,
        metadata=_about(
            known="Nothing is documented about the index behind EvaluateTaskAttributes.",
            matters="whoever looks for a conversation's task right after it was made or changed",
        ),
    )
    interaction_reads: InteractionReads = field(
        default=InteractionReads.ALLOWED,
        metadata=_about(
            known="The API has GET operations; Flex's limits page says that they are not accessible.",
            matters="whoever asks whether a channel is inactive or paused before ending a chat",
        ),
    )
    task_refusal: TaskRefusal = field(
        default=TaskRefusal.BAD_REQUEST,
        metadata=_about(
            known="Public clients report code 20001 and its messages, and no status.",
            matters="whoever takes a task that is done already for a success",
        ),
    )
    task_deletion: TaskDeletion = field(
        default=TaskDeletion.TOLD_WHEN_OVERDUE,
        metadata=_about(
            known="The event is described as a task's that reached its time; a public connector describes it as the "
            "purge of any task that has ended.",
            matters="whoever takes the event for a sign that a chat has lost its task",
        ),
    )
    event_lag: EventLag = field(
        default=EventLag.AT_ONCE,
        metadata=_about(
            known="Nothing is documented about how soon events can be read.",
            matters="whoever asks what has become of a task right after it went missing",
        ),
    )
    event_limit: EventLimit = field(
        default=EventLimit.NONE,
        metadata=_about(
            known="Limits are documented for the search by attributes, and not for events.",
            matters="whoever asks for many chats what has become of their tasks",
        ),
    )
    limit_code: LimitCode = field(
        default=LimitCode.GENERAL,
        metadata=_about(
            known="The error catalogue has the product's codes beside the general one; which comes is not said.",
            matters="whoever tells a limit from another refusal by its code",
        ),
    )
    retry_after: RetryAfter = field(
        default=RetryAfter.MISSING,
        metadata=_about(
            known="Not documented.",
            matters="whoever waits before the next try",
        ),
    )
    webhook_idempotency: WebhookIdempotency = field(
        default=WebhookIdempotency.MISSING,
        metadata=_about(
            known="Documented for webhooks in general, not for these.",
            matters="whoever tells a copy of a webhook from a new one",
        ),
    )
    chat_webhook: ChatWebhook = field(
        default=ChatWebhook.SHARED,
        metadata=_about(
            known="Both APIs show one service; only Chat's has retry counts, and nothing says whether they reach "
            "Conversations' events.",
            matters="whoever sets retry counts, or restores a service's webhook as it was",
        ),
    )

    @classmethod
    def parse(cls, values: dict[str, str]) -> Self:
        """Read a dialect from names such as {"timerOrigin": "message"}; what is not named has its default.

        Raises:
            ValueError: an unknown switch or answer; the message lists what there is.
        """
        known = {switch.name: switch for switch in switches()}
        chosen: dict[str, Enum] = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"dialect: no switch {name!r}; there are {', '.join(known)}")
            answers = [str(answer.value) for answer in known[name].answers]
            if value not in answers:
                raise ValueError(f"dialect: {name} cannot be {value!r}; it is one of {', '.join(answers)}")
            chosen[known[name].attribute] = known[name].answers(value)
        return replace(cls(), **chosen)  # type: ignore[arg-type]  # each switch is read as its own enum

    def as_json(self) -> dict[str, str]:
        """The switches and their answers, as `parse` reads them."""
        return {switch.name: getattr(self, switch.attribute).value for switch in switches()}


@dataclass(frozen=True, slots=True)
class Switch:
    """One open question: its name in the control plane, its answers, what is public, and to whom it matters."""

    name: str
    attribute: str
    answers: type[Enum]
    default: Enum
    known: str
    matters: str


def switches() -> list[Switch]:
    """All switches."""
    return [
        Switch(_camel(each.name), each.name, type(each.default), each.default, **each.metadata)
        for each in fields(Dialect)
        if isinstance(each.default, Enum)
    ]


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
