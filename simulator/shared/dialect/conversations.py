"""What Twilio does not document about Conversations: timers, states, webhooks, settings."""

from __future__ import annotations

from simulator.shared.dialect.question import (
    CONVERSATIONS_WEBHOOKS,
    STATES_AND_TIMERS,
    TERRAFORM,
    Question,
    error,
    openapi,
)


class TimerOrigin(
    Question,
    known="Public statements agree on the last message. None says what an update of the timer does, or a re-activation "
    "without a message. The API's example counts both timers from one instant.",
    matters="whoever sets a conversation's timer to what remains of a silence",
    sources=(STATES_AND_TIMERS, openapi("conversations_v1")),
):
    """From when do the inactive and closed timers count?

    A timer that is due in the past fires a second later.
    """

    LATEST_ACTIVITY = "latest_activity"
    """The newest of: creation, message, new participant, re-activation, update of the timer itself."""
    MESSAGE_OR_REACTIVATION = "message_or_reactivation"
    """As above, but an update of a timer changes its length only."""
    MESSAGE = "message"
    """The newest message, or the creation. A re-activation without a message does not move it."""


class TimerPrecision(
    Question,
    known="Nothing is documented about precision.",
    matters="whoever promises how long a silence lasts, and whoever looks for timers that should have fired",
    sources=(STATES_AND_TIMERS,),
):
    """How late does a timer fire?"""

    EXACT = "exact"
    """At the instant that the API announces."""
    LATE = "late"
    """Up to 20 seconds later. Each conversation has a delay of its own."""


class AttributeUpdate(
    Question,
    known="Nothing is documented about attributes. Timers are said to count from messages.",
    matters="whoever keeps notes in a conversation's attributes while its timer runs",
    sources=(STATES_AND_TIMERS,),
):
    """Does an update of a conversation's attributes restart its timers?"""

    QUIET = "quiet"
    """No."""
    RESTARTS_TIMERS = "restarts_timers"
    """Yes, as a message does, but it re-activates nothing."""


class RestReactivation(
    Question,
    known="Changes over REST fire nothing without X-Twilio-Webhook-Enabled. A re-activation has Reason=EVENT, which is "
    "neither API nor TIMER.",
    matters="whoever posts a message to an inactive conversation and receives the webhook of its own change",
    sources=(CONVERSATIONS_WEBHOOKS,),
):
    """Does the automatic re-activation by a message over REST fire onConversationStateUpdated?"""

    SILENT = "silent"
    """No: it is part of a REST change, and those fire nothing unless the request asks for it."""
    ECHOED = "echoed"
    """Yes: it is the platform's own change (Reason=EVENT)."""


class RestStateChange(
    Question,
    known="Changes over REST fire nothing without X-Twilio-Webhook-Enabled, yet the event has the value Reason=API.",
    matters="whoever closes or re-activates conversations and listens to their states",
    sources=(CONVERSATIONS_WEBHOOKS,),
):
    """Does a change of state over REST fire onConversationStateUpdated without being asked to?"""

    SILENT = "silent"
    """No, as with every change over REST."""
    ECHOED = "echoed"
    """Yes, with Reason=API."""


class CreationTimers(
    Question,
    known="Error 50382 exists for it. An experiment on the live service (June 2026) passed.",
    matters="whoever creates conversations with timers",
    sources=(error(50382),),
):
    """Can a conversation be created with timers but without State?"""

    ACCEPTED_WITHOUT_STATE = "accepted_without_state"
    """Yes."""
    REFUSED_WITHOUT_STATE = "refused_without_state"
    """No: 50382."""


class DefaultTimers(
    Question,
    known="The documents say that they apply to all conversations created in the account. No public report confirms "
    "this for those that Flex creates.",
    matters="whoever relies on the account's default timers instead of setting each conversation's",
    sources=(STATES_AND_TIMERS,),
):
    """Do the account's default timers apply to conversations that Flex creates?"""

    EVERY_CONVERSATION = "every_conversation"
    """Yes, to every new conversation of the account."""
    NOT_FLEX = "not_flex"
    """No: those have no timers until they are given some."""


class UnsetTimers(
    Question,
    known="The API's example has both timers set. Acceptance tests of a Terraform provider saw something other than "
    "null.",
    matters="whoever decides by that whether somebody else has set a timer",
    sources=(openapi("conversations_v1"), TERRAFORM),
):
    """What does the account's configuration show for a default timer that was never set?"""

    NULL = "null"
    """Null."""
    EMPTY = "empty"
    """An empty string."""
    ZERO = "zero"
    """PT0S."""


class RoleNames(
    Question,
    known="The API's description says 64. Acceptance tests of a Terraform provider passed with 256.",
    matters="whoever creates roles",
    sources=(openapi("conversations_v1"), TERRAFORM),
):
    """How long may the name of a role be?"""

    DOCUMENTED = "documented"
    """64 characters, as the API's description says."""
    LONGER = "longer"
    """256 characters."""


class ChatWebhook(
    Question,
    known="Both APIs show one service. Only Chat's has retry counts, and nothing says whether they apply to "
    "Conversations' events.",
    matters="whoever sets retry counts, or restores a service's webhook as it was",
    sources=(openapi("chat_v2"), openapi("conversations_v1")),
):
    """Is the webhook of a Chat v2 service the webhook of the Conversations service with the same SID?"""

    SHARED = "shared"
    """Yes: URLs, method, filters and retry counts are the same in both APIs."""
    SEPARATE = "separate"
    """No: Chat's fires for channels of Chat, which are not simulated."""
