"""From a form to a typed event."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.chat import ConversationState
from function.policy import parse_policy
from function.settings import Settings
from function.twilio_api.events import (
    ConversationStateUpdated,
    Ignored,
    IgnoreReason,
    MalformedEventError,
    ReservationAccepted,
    parse_event,
    parse_form,
    parse_task_event,
)
from tests.function.reaching import Reached, reaching

ACCOUNT, SERVICE, CONVERSATION = "AC" + "a" * 32, "IS" + "b" * 32, "CH" + "0f" * 16
SETTINGS = Settings(
    account_sid=ACCOUNT,
    auth_token="token",
    service_sid=SERVICE,
    workspace_sid="WS" + "c" * 32,
    public_url="https://example.com",
    policy=parse_policy({}),
)


def form(**overrides: str | None) -> list[tuple[str, str]]:
    """Return a timer's event; None leaves a parameter out."""
    event: dict[str, str | None] = {
        "EventType": "onConversationStateUpdated",
        "AccountSid": ACCOUNT,
        "ChatServiceSid": SERVICE,
        "ConversationSid": CONVERSATION,
        "StateFrom": "active",
        "StateTo": "inactive",
        "Reason": "TIMER",
        "SomethingNew": "",
        **overrides,
    }
    return [(name, value) for name, value in event.items() if value is not None]


@pytest.mark.parametrize("state", [ConversationState.INACTIVE, ConversationState.CLOSED])
def test_a_timers_event_is_ours(state: ConversationState) -> None:
    """Inactive, or closed by Twilio's own timer; unknown parameters are tolerated."""
    assert parse_event(form(StateTo=state.value), SETTINGS) == ConversationStateUpdated(CONVERSATION, state)


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"EventType": "onMessageAdded", "ChatServiceSid": None}, IgnoreReason.OTHER_EVENT),
        ({"AccountSid": "AC" + "9" * 32}, IgnoreReason.OTHER_ACCOUNT),
        ({"ChatServiceSid": "IS" + "9" * 32}, IgnoreReason.OTHER_SERVICE),
        ({"Reason": "API"}, IgnoreReason.NOT_BY_TIMER),
        ({"Reason": "EVENT"}, IgnoreReason.NOT_BY_TIMER),
        ({"StateTo": "active"}, IgnoreReason.OTHER_STATE),
        ({"StateTo": "initializing"}, IgnoreReason.OTHER_STATE),
    ],
)
def test_an_ignored_event_has_a_reason(overrides: dict[str, str | None], reason: IgnoreReason) -> None:
    """It is genuine, but needs no action."""
    event = parse_event(form(**overrides), SETTINGS)

    assert isinstance(event, Ignored)
    assert event.reason == reason


@pytest.mark.parametrize(
    ("overrides", "sid"),
    [
        ({"EventType": "onMessageAdded"}, ""),
        ({"ChatServiceSid": "IS" + "9" * 32}, ""),
        ({"Reason": "API"}, CONVERSATION),
        ({"StateTo": "active"}, CONVERSATION),
    ],
)
def test_an_ignored_event_names_the_conversation_if_it_is_ours(overrides: dict[str, str], sid: str) -> None:
    """It is for the log; nothing of another service's is kept."""
    event = parse_event(form(**overrides), SETTINGS)

    assert isinstance(event, Ignored)
    assert event.conversation_sid == sid


@pytest.mark.parametrize(
    "parameters",
    [
        [],
        form(EventType=None),
        form(AccountSid=None),
        form(ChatServiceSid=None),
        form(ConversationSid=None),
        form(Reason=None),
        form(StateTo=None),
        form(ConversationSid=""),
        form(ConversationSid='CH" || "1"=="1'),
        form(ConversationSid="CH" + "é" * 32),
        form(ConversationSid=CONVERSATION + "\n"),
        form(ConversationSid="IS" + "0f" * 16),
        [*form(), ("ConversationSid", "CH" + "1" * 32)],
    ],
)
def test_an_event_that_no_timer_would_send_is_malformed(parameters: list[tuple[str, str]]) -> None:
    """A parameter is missing, ambiguous or no SID: it must not reach a request of ours."""
    with pytest.raises(MalformedEventError):
        parse_event(parameters, SETTINGS)


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        (form(ConversationSid="a secret"), "ConversationSid is no SID of a conversation"),
        (form(Reason=None), "Reason is missing"),
        ([*form(), ("ConversationSid", "a secret")], "ConversationSid is given twice"),
    ],
)
def test_the_error_names_the_parameter_and_not_its_value(parameters: list[tuple[str, str]], complaint: str) -> None:
    """Values can be anything, and the error is logged."""
    with pytest.raises(MalformedEventError) as caught:
        parse_event(parameters, SETTINGS)

    assert str(caught.value) == complaint


def test_a_parameter_that_is_repeated_with_the_same_value_counts_once() -> None:
    """It is not ambiguous."""
    expected = ConversationStateUpdated(CONVERSATION, ConversationState.INACTIVE)

    assert parse_event([*form(), ("ConversationSid", CONVERSATION)], SETTINGS) == expected


WORKSPACE, TASK = SETTINGS.workspace_sid, "WT" + "0e" * 16
INTERACTION, CHANNEL = "KD" + "0d" * 16, "UO" + "0c" * 16
ARMING = replace(SETTINGS, arm_on_accept=True)


def accepted(attributes: object = None, **overrides: str | None) -> list[tuple[str, str]]:
    """Return the event of an accepted task; None leaves a parameter out."""
    of_flex = {
        "conversationSid": CONVERSATION,
        "flexInteractionSid": INTERACTION,
        "flexInteractionChannelSid": CHANNEL,
    }
    event: dict[str, str | None] = {
        "EventType": "reservation.accepted",
        "AccountSid": ACCOUNT,
        "WorkspaceSid": WORKSPACE,
        "TaskSid": TASK,
        "TaskAttributes": json.dumps(of_flex if attributes is None else attributes),
        "ResourceSid": "WR" + "0" * 32,
        **overrides,
    }
    return [(name, value) for name, value in event.items() if value is not None]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (None, ReservationAccepted(TASK, CONVERSATION, INTERACTION, CHANNEL)),
        ({"conversationSid": CONVERSATION}, ReservationAccepted(TASK, CONVERSATION, None, None)),
        (
            {"conversationSid": CONVERSATION, "flexInteractionSid": CHANNEL, "flexInteractionChannelSid": 7},
            ReservationAccepted(TASK, CONVERSATION, None, None),
        ),
    ],
)
def test_an_accepted_task_names_its_conversation(attributes: object, expected: ReservationAccepted) -> None:
    """It may name the interaction too; one kind of SID under the name of another is ignored."""
    assert parse_task_event(accepted(attributes), ARMING) == expected


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        (accepted(EventType="task.created"), IgnoreReason.OTHER_EVENT),
        (accepted(AccountSid="AC" + "9" * 32), IgnoreReason.OTHER_ACCOUNT),
        (accepted(WorkspaceSid="WS" + "9" * 32), IgnoreReason.OTHER_WORKSPACE),
        (accepted({"call_sid": "CA1"}), IgnoreReason.NO_CONVERSATION),
        (accepted({"conversationSid": CHANNEL}), IgnoreReason.NO_CONVERSATION),
        (accepted([CONVERSATION]), IgnoreReason.NO_CONVERSATION),
        (accepted(TaskAttributes="{"), IgnoreReason.NO_CONVERSATION),
    ],
)
def test_a_task_that_is_no_chat_of_ours_has_a_reason(parameters: list[tuple[str, str]], reason: IgnoreReason) -> None:
    """Calls, other workspaces, other events."""
    event = parse_task_event(parameters, ARMING)

    assert isinstance(event, Ignored)
    assert event.reason == reason


def test_without_timers_on_accept_an_acceptance_is_ignored() -> None:
    """The callback may still be set for a moment after the setting changed."""
    assert parse_task_event(accepted(), SETTINGS) == Ignored(IgnoreReason.TIMERS_ELSEWHERE, CONVERSATION)


@pytest.mark.parametrize(
    "parameters",
    [
        [],
        accepted(EventType=None),
        accepted(AccountSid=None),
        accepted(WorkspaceSid=None),
        accepted(TaskSid=None),
        accepted(TaskSid="WR" + "0" * 32),
        accepted(TaskAttributes=None),
        [*accepted(), ("TaskSid", "WT" + "1" * 32)],
    ],
)
def test_an_event_that_no_workspace_would_send_is_malformed(parameters: list[tuple[str, str]]) -> None:
    """A parameter is missing, ambiguous or no SID: it must not reach a request of ours."""
    with pytest.raises(MalformedEventError):
        parse_task_event(parameters, ARMING)


def test_a_malformed_task_is_named_without_its_value() -> None:
    """The same holds for a conversation."""
    with pytest.raises(MalformedEventError) as caught:
        parse_task_event(accepted(TaskSid="a secret"), ARMING)

    assert str(caught.value) == "TaskSid is no SID of a task"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b"a=1&b=&a=2", [("a", "1"), ("b", ""), ("a", "2")]),
        (b"a=%2B+b&%C3%BC=%E2%98%82", [("a", "+ b"), ("ü", "☂")]),
        (b"alone", [("alone", "")]),
        (b"a=%FF", None),
        (b"\xff=1", None),
        (b"&".join([b"a=1"] * 120), [("a", "1")] * 120),
        (b"&".join([b"a=1"] * 121), None),
        (b"a" + b"=" * 241, None),
        (b"a=b=c&&d", [("a", "b=c"), ("d", "")]),
    ],
)
def test_a_form_keeps_blank_and_repeated_parameters(body: bytes, expected: list[tuple[str, str]] | None) -> None:
    """They are part of the signature; a body that is no form is None."""
    assert parse_form(body) == expected


parts = st.sampled_from([b"a", b"=", b"&", b"+", b"%", b"%41", b"\xc3\xbc", b"%FF", b"\xff"])


@reaching(a_form=0.1, none=0.1)
@given(st.binary(max_size=200) | st.lists(parts, max_size=20).map(b"".join) | st.text(max_size=50).map(str.encode))
def test_no_bytes_make_it_fail(reached: Reached, body: bytes) -> None:
    """The result is a form or None."""
    parameters = parse_form(body)

    if reached("a_form", parameters is not None):
        assert isinstance(parameters, list)
    reached("none", parameters is None)


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=200)), max_size=20))
def test_whatever_a_client_writes_is_read_as_the_standard_library_reads_it(form: list[tuple[str, str]]) -> None:
    """Any text, escaped as forms are."""
    body = urlencode(form, errors="ignore")

    assert parse_form(body.encode()) == parse_qsl(body, keep_blank_values=True)
