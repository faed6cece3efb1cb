"""A request's body becomes a typed event, or the reason why it is none of our business.

Decides which events concern us; whether the request is genuine was `signature.py`'s question.
"""

import binascii
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from ..chat import ConversationState, read_object, sid_or_none
from ..contract import EventType
from ..settings import Settings

MAX_PARAMETERS = 120
"""Of an event: twice what TaskRouter's longest have (Twilio docs, TaskRouter events reference)."""

Parameters = Sequence[tuple[str, str]]

_QUOTED = bytes.maketrans(b"+%", b" =")


class NotOurs(enum.StrEnum):
    """Why an event is answered at once; the values stand in the log."""

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
    """Twilio's timer changed the state of a conversation of ours (Twilio docs, conversations webhooks)."""

    conversation_sid: str
    state_to: ConversationState


@dataclass(frozen=True)
class ReservationAccepted:
    """An agent accepted a task of our workspace (Twilio docs, TaskRouter events reference).

    All but the task is what its attributes said then: a hint where to look.
    """

    task_sid: str
    conversation_sid: str
    interaction: str | None
    channel: str | None


@dataclass(frozen=True)
class Ignored:
    """A genuine event that we do not act on."""

    reason: NotOurs
    conversation_sid: str = ""


Event = ConversationStateUpdated | ReservationAccepted | Ignored


class MalformedEventError(ValueError):
    """A genuine request that lacks what every such event has; the message names the parameter, never its value."""


def parse_form(body: bytes) -> Parameters | None:
    """The parameters of a form, in order, blank and repeated ones included; None when it is no form.

    Costs a stranger's request no more than ours: what is written in a form that nobody would write, such as a percent
    sign that escapes nothing, need not come out as it went in, for its signature is nobody's.
    """
    if body.count(b"&") >= MAX_PARAMETERS or body.count(b"=") > 2 * MAX_PARAMETERS:
        return None
    pairs = (field.partition(b"=") for field in body.split(b"&") if field)
    try:
        return [(_unescaped(name), _unescaped(value)) for name, _, value in pairs]
    except ValueError:
        return None


def _unescaped(text: bytes) -> str:
    # Quoted-printable differs in its sign alone, and what reads it takes microseconds where `unquote` takes ms.
    quoted = text.replace(b"=", b"%3D").translate(_QUOTED)
    return binascii.a2b_qp(quoted).decode("utf-8")


def parse_event(parameters: Parameters, settings: Settings) -> Event:
    """Type an event of the Conversations webhook.

    Raises:
        MalformedEventError: a parameter is missing, given twice with different values, or no SID.
    """
    event_type = _one(parameters, "EventType")
    if event_type != EventType.CONVERSATION_STATE_UPDATED:
        return Ignored(NotOurs.OTHER_EVENT)
    if _one(parameters, "AccountSid") != settings.account_sid:
        return Ignored(NotOurs.OTHER_ACCOUNT)
    if _one(parameters, "ChatServiceSid") != settings.service_sid:
        return Ignored(NotOurs.OTHER_SERVICE)
    conversation_sid = sid_or_none(_one(parameters, "ConversationSid"), "CH")
    if conversation_sid is None:
        raise MalformedEventError("ConversationSid is no SID of a conversation")
    if _one(parameters, "Reason") != "TIMER":
        return Ignored(NotOurs.NOT_BY_TIMER, conversation_sid)
    state_to = _one(parameters, "StateTo")
    if state_to not in {ConversationState.INACTIVE, ConversationState.CLOSED}:
        return Ignored(NotOurs.OTHER_STATE, conversation_sid)
    return ConversationStateUpdated(conversation_sid, ConversationState(state_to))


def parse_task_event(parameters: Parameters, settings: Settings) -> ReservationAccepted | Ignored:
    """Type an event of the workspace's callback.

    Raises:
        MalformedEventError: a parameter is missing, given twice with different values, or no SID.
    """
    if _one(parameters, "EventType") != EventType.RESERVATION_ACCEPTED:
        return Ignored(NotOurs.OTHER_EVENT)
    if _one(parameters, "AccountSid") != settings.account_sid:
        return Ignored(NotOurs.OTHER_ACCOUNT)
    if _one(parameters, "WorkspaceSid") != settings.workspace_sid:
        return Ignored(NotOurs.OTHER_WORKSPACE)
    task_sid = sid_or_none(_one(parameters, "TaskSid"), "WT")
    if task_sid is None:
        raise MalformedEventError("TaskSid is no SID of a task")
    attributes = read_object(_one(parameters, "TaskAttributes")) or {}
    conversation_sid = sid_or_none(attributes.get("conversationSid"), "CH")
    if conversation_sid is None:
        return Ignored(NotOurs.NO_CONVERSATION)  # a call, a callback, ...
    if not settings.arm_on_accept:
        return Ignored(NotOurs.TIMERS_ELSEWHERE, conversation_sid)  # a callback may outlive a change of config
    interaction = sid_or_none(attributes.get("flexInteractionSid"), "KD")
    return ReservationAccepted(
        task_sid, conversation_sid, interaction, sid_or_none(attributes.get("flexInteractionChannelSid"), "UO")
    )


def _one(parameters: Parameters, name: str) -> str:
    values = {value for key, value in parameters if key == name}
    if len(values) != 1:
        raise MalformedEventError(f"{name} is missing" if not values else f"{name} is given twice")
    return values.pop()
