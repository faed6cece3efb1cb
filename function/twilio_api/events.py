"""Makes a typed event of a request's body, or the reason why the event is ignored.

`signature.py` decides whether the request is genuine.
"""

import binascii
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from ..chat import ConversationState, read_object, sid_or_none
from ..contract import EventType
from ..settings import Settings

MAX_PARAMETERS = 120
"""Maximum parameters of an event: twice as many as TaskRouter's longest event has
(https://www.twilio.com/docs/taskrouter/api/event/reference, November 2026)."""

Parameters = Sequence[tuple[str, str]]

_QUOTED = bytes.maketrans(b"+%", b" =")


class IgnoreReason(enum.StrEnum):
    """Why an event is ignored; the values are logged as reasons."""

    OTHER_EVENT = "other_event"
    OTHER_ACCOUNT = "other_account"
    OTHER_SERVICE = "other_service"
    NOT_BY_TIMER = "not_by_timer"
    OTHER_STATE = "other_state"
    OTHER_WORKSPACE = "other_workspace"
    NO_CONVERSATION = "no_conversation"
    TIMERS_ELSEWHERE = "timers_elsewhere"
    GONE = "gone"


@dataclass(frozen=True)
class ConversationStateUpdated:
    """Twilio's timer changed the state of a conversation of our service.

    Source: https://www.twilio.com/docs/conversations-classic/conversations-webhooks, November 2026.
    """

    conversation_sid: str
    state_to: ConversationState


@dataclass(frozen=True)
class ReservationAccepted:
    """An agent accepted a task of our workspace.

    Everything but the task's SID is from its attributes at that time, which only show where to look.
    Source: https://www.twilio.com/docs/taskrouter/api/event/reference, November 2026.
    """

    task_sid: str
    conversation_sid: str
    interaction: str | None
    channel: str | None


@dataclass(frozen=True)
class Ignored:
    """A genuine event that we do not act on."""

    reason: IgnoreReason
    conversation_sid: str = ""


Event = ConversationStateUpdated | ReservationAccepted | Ignored


class MalformedEventError(ValueError):
    """A genuine request without what every such event has. The message names the parameter, never its value."""


def parse_form(body: bytes) -> Parameters | None:
    """Parse a form into its parameters, in order, blank and repeated ones included; None if it is no form.

    This is fast for any input, because strangers choose it. Malformed input, such as a percent sign that escapes
    nothing, may be parsed differently than elsewhere: Twilio never signs such a form.
    """
    if body.count(b"&") >= MAX_PARAMETERS or body.count(b"=") > 2 * MAX_PARAMETERS:
        return None
    pairs = (field.partition(b"=") for field in body.split(b"&") if field)
    try:
        return [(_unescaped(name), _unescaped(value)) for name, _, value in pairs]
    except ValueError:
        return None


def _unescaped(text: bytes) -> str:
    if text.isalnum():  # most names and values
        return text.decode()
    # Quoted-printable differs only in its escape character, and its decoder takes microseconds; `unquote` takes ms.
    quoted = text.replace(b"=", b"%3D").translate(_QUOTED)
    return binascii.a2b_qp(quoted).decode("utf-8")


def parse_event(parameters: Parameters, settings: Settings) -> Event:
    """Parse an event of the Conversations webhook.

    Raises:
        MalformedEventError: a parameter is missing, has two different values, or is not a SID.
    """
    event_type = _one(parameters, "EventType")
    if event_type != EventType.CONVERSATION_STATE_UPDATED:
        return Ignored(IgnoreReason.OTHER_EVENT)
    if _one(parameters, "AccountSid") != settings.account_sid:
        return Ignored(IgnoreReason.OTHER_ACCOUNT)
    if _one(parameters, "ChatServiceSid") != settings.service_sid:
        return Ignored(IgnoreReason.OTHER_SERVICE)
    conversation_sid = sid_or_none(_one(parameters, "ConversationSid"), "CH")
    if conversation_sid is None:
        raise MalformedEventError("ConversationSid is no SID of a conversation")
    if _one(parameters, "Reason") != "TIMER":
        return Ignored(IgnoreReason.NOT_BY_TIMER, conversation_sid)
    state_to = _one(parameters, "StateTo")
    if state_to not in {ConversationState.INACTIVE, ConversationState.CLOSED}:
        return Ignored(IgnoreReason.OTHER_STATE, conversation_sid)
    return ConversationStateUpdated(conversation_sid, ConversationState(state_to))


def parse_task_event(parameters: Parameters, settings: Settings) -> ReservationAccepted | Ignored:
    """Parse an event of the workspace's event callback.

    Raises:
        MalformedEventError: a parameter is missing, has two different values, or is not a SID.
    """
    if _one(parameters, "EventType") != EventType.RESERVATION_ACCEPTED:
        return Ignored(IgnoreReason.OTHER_EVENT)
    if _one(parameters, "AccountSid") != settings.account_sid:
        return Ignored(IgnoreReason.OTHER_ACCOUNT)
    if _one(parameters, "WorkspaceSid") != settings.workspace_sid:
        return Ignored(IgnoreReason.OTHER_WORKSPACE)
    task_sid = sid_or_none(_one(parameters, "TaskSid"), "WT")
    if task_sid is None:
        raise MalformedEventError("TaskSid is no SID of a task")
    attributes = read_object(_one(parameters, "TaskAttributes")) or {}
    conversation_sid = sid_or_none(attributes.get("conversationSid"), "CH")
    if conversation_sid is None:
        return Ignored(IgnoreReason.NO_CONVERSATION)  # a call, a callback, ...
    if not settings.arm_on_accept:
        return Ignored(IgnoreReason.TIMERS_ELSEWHERE, conversation_sid)  # the callback may still exist after a change
    interaction = sid_or_none(attributes.get("flexInteractionSid"), "KD")
    return ReservationAccepted(
        task_sid, conversation_sid, interaction, sid_or_none(attributes.get("flexInteractionChannelSid"), "UO")
    )


def _one(parameters: Parameters, name: str) -> str:
    values = {value for key, value in parameters if key == name}
    if len(values) != 1:
        raise MalformedEventError(f"{name} is missing" if not values else f"{name} is given twice")
    return values.pop()
