"""What Twilio does not document about Flex: what it does to conversations, and what its interaction channels show."""

from __future__ import annotations

from simulator.shared.dialect.question import (
    CONVERSATIONS_WEBHOOKS,
    FLEX_TEMPLATE,
    INTERACTION_CHANNELS,
    INTERACTION_INVITES,
    Question,
    error,
    openapi,
)


class FlexStateChange(
    Question,
    known="Not documented. A public client (July 2026) reports that closing by the Interactions API fires no state "
    "event.",
    matters="whoever takes the event as the only sign of a chat's end",
    sources=(CONVERSATIONS_WEBHOOKS,),
):
    """Does onConversationStateUpdated fire when Flex changes the state, by its UI or by an interaction channel?"""

    SILENT = "silent"
    """No."""
    TOLD = "told"
    """Yes, with Reason=API."""


class TransferStatus(
    Question,
    known="The API lists the status transfer and does not say when a channel has it.",
    matters="whoever must not end a chat on its way to another agent",
    sources=(openapi("flex_v1"),),
):
    """What is an interaction channel's status while a transfer waits to be accepted?"""

    TRANSFER = "transfer"
    """`transfer`."""
    ACTIVE = "active"
    """`active`: only the second task shows the transfer."""


class LostTransfer(
    Question,
    known="The documents say that an invite that is declined or times out ends its task. They say nothing about the "
    "channel.",
    matters="whoever leaves a chat alone that is on its way to another agent, and needs to know for how long",
    sources=(INTERACTION_INVITES,),
):
    """What is an interaction channel's status when nobody took a transfer and its task is gone?"""

    TRANSFER = "transfer"
    """`transfer`, as before."""
    ACTIVE = "active"
    """`active` again."""


class Leave(
    Question,
    known="The documents describe the channel's state only.",
    matters="whoever takes an inactive conversation for a silent customer",
    sources=(INTERACTION_CHANNELS,),
):
    """Does the conversation's state change when the agent leaves?"""

    KEEPS_STATE = "keeps_state"
    """No: only the interaction channel becomes inactive."""
    SETS_INACTIVE = "sets_inactive"
    """Yes: the conversation becomes inactive with it."""


class ClosedConversation(
    Question,
    known="Error 45360 exists for channels whose conversation cannot be closed. When it occurs is not documented.",
    matters="whoever cleans up after a conversation that somebody else has closed",
    sources=(error(45360),),
):
    """Can an interaction channel be closed when its conversation is already closed or deleted?"""

    CLOSES = "closes"
    """Yes, and its tasks end as always."""
    FAILS = "fails"
    """No: HTTP 200 with the status failed and error 45360, and its tasks stay as they are."""


class InviteContents(
    Question,
    known="The list is documented with the task's properties, not whether they are refreshed.",
    matters="whoever proves by invites which tasks belong to a chat, or reads a status there",
    sources=(openapi("flex_v1"), INTERACTION_INVITES),
):
    """What does the list of a channel's invites show of their tasks?"""

    AS_MADE = "as_made"
    """The task as it was when the invite was created."""
    AS_IS = "as_is"
    """The task as it is now."""


class FlexAttributes(
    Question,
    known="Not documented. Public clients read them there, and a public template overwrites them.",
    matters="whoever needs the interaction of a conversation that has no task",
    sources=(FLEX_TEMPLATE,),
):
    """Do a conversation's attributes name its interaction and its channel?"""

    MISSING = "missing"
    """No: only the task's attributes do."""
    NAMED = "named"
    """Yes: flexInteractionSid and flexInteractionChannelSid."""


class InteractionReads(
    Question,
    known="The API has GET operations. Flex's limits page says that they are not accessible.",
    matters="whoever asks whether a channel is inactive or paused before ending a chat",
    sources=(openapi("flex_v1"),),
):
    """Can interactions, their channels and participants be read?"""

    ALLOWED = "allowed"
    """Yes, by SID."""
    REFUSED = "refused"
    """No: GET is answered with HTTP 405."""
