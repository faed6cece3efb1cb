"""Lost answers, lost races, lost processes: never a second notice, never a chat that stays open."""

import itertools
import json
import threading
from collections.abc import Callable

import pytest

from tests.world.driving import Chat, Reply, Twilio, eventually
from tests.world.running import RunningFunction

CALLS = {
    "read the conversation": (r"GET .*/Conversations/CH\w+$", 1),
    "read the messages": (r"GET .*/Messages", 1),
    "read the participants": (r"GET .*/Participants", 1),
    "read the task": (r"GET .*/Tasks/WT\w+$", 1),
    "read the channel": (r"GET .*/Channels/UO\w+$", 1),
    "claim": (r"POST .*/Tasks/WT\w+$", 1),
    "arm": (r"POST .*/Conversations/CH\w+$", 1),
    "look again": (r"GET .*/Messages", 2),
    "search": (r"GET .*/Tasks(\?|$)", 1),
    "notice": (r"POST .*/Messages$", 1),
    "outcome": (r"POST .*/Tasks/WT\w+$", 2),
    "close": (r"POST .*/Channels/UO\w+$", 1),
    "verify": (r"GET .*/Conversations/CH\w+$", 2),
}
FAULTS: dict[str, dict[str, object]] = {
    "reset before": {"kind": "reset", "when": "before"},
    "reset after": {"kind": "reset", "when": "after"},
    "429": {"kind": "status", "status": 429, "code": 20429},
    "500": {"kind": "status", "status": 500},
    "503 after": {"kind": "status", "status": 503, "when": "after"},
    "garbled": {"kind": "garbled"},
    "cut": {"kind": "cut"},
}


def warned(twilio: Twilio, **options: object) -> Chat:
    """Return a chat a moment before its end; the customer was warned two minutes ago."""
    chat = twilio.chat(**options)  # type: ignore[arg-type]
    chat.says("customer", "hello")
    chat.says("agent", "how can I help?")
    twilio.advance("PT10M", before=True)
    assert chat.ours == ["warning"]
    return chat


def slow(twilio: Twilio, match: str, meanwhile: Callable[[], object], *, nth: int = 1) -> None:
    """Let a second pass while one request is delayed and something else happens."""
    twilio.fault(match, nth=nth, kind="slow", seconds=0.6)
    clock = threading.Thread(target=twilio.advance, args=("PT1S",))
    clock.start()
    eventually(lambda: twilio.hits()[0])
    meanwhile()
    clock.join()


@pytest.mark.parametrize(("call", "fault"), itertools.product(CALLS, FAULTS))
def test_one_fault_at_any_call_of_an_end_does_no_harm(
    twilio: Twilio, function: RunningFunction, call: str, fault: str
) -> None:
    """With one delivery and no sweep, the timer brings another attempt: one notice, agent free, chat closed."""
    chat = warned(twilio)
    match, nth = CALLS[call]
    twilio.fault(match, nth=nth, **FAULTS[fault])

    twilio.advance("PT5M")

    assert chat.ours == ["warning", "closing"]
    assert (chat.state, chat.task_statuses) == ("closed", ["completed"])


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_at_the_warning_does_no_harm(twilio: Twilio, function: RunningFunction, fault: str) -> None:
    """One warning, and the end on time."""
    chat = twilio.chat()
    chat.says("customer")
    chat.says("agent")
    twilio.fault(r"POST .*/Messages$", **FAULTS[fault])

    twilio.advance("PT15M")

    assert chat.ours == ["warning", "closing"]
    assert chat.state == "closed"


def test_a_call_that_is_never_answered_leaves_time_for_another(twilio: Twilio, function: RunningFunction) -> None:
    """The close takes longer than Twilio waits for us; the answer is in time, and another attempt follows."""
    chat = warned(twilio)
    twilio.fault(r"POST .*/Channels/UO\w+$", kind="timeout", times=None, seconds=6)

    deliveries = twilio.advance("PT1S")
    twilio.clear_faults()
    twilio.advance("PT2M")

    assert [each.status for each in deliveries] == [503]
    assert deliveries[0].duration_ms < 5000
    assert chat.ours == ["warning", "closing"]
    assert (chat.state, chat.task_statuses) == ("closed", ["completed"])


def test_if_nothing_can_be_read_a_timer_is_set(twilio: Twilio, function: RunningFunction) -> None:
    """Every read uses up our time; half a second was reserved for setting the timer."""
    chat = warned(twilio)
    twilio.fault(r"GET .*/Conversations/CH\w+$", kind="timeout", times=None, seconds=6)

    deliveries = twilio.advance("PT1S")
    twilio.clear_faults()
    twilio.advance("PT1M")

    assert [each.status for each in deliveries] == [503]
    assert deliveries[0].duration_ms < 5000
    assert chat.ours == ["warning", "closing"]
    assert (chat.state, chat.task_statuses) == ("closed", ["completed"])


@pytest.mark.parametrize(("times", "expected"), [(1, 0), (2, 1), (None, 1)])
def test_a_channel_that_fails_to_close_is_tried_again_and_then_bypassed(
    twilio: Twilio, function: RunningFunction, times: int | None, expected: int
) -> None:
    """`failed` with HTTP 200, once: try again. Twice: complete the task and close the conversation directly."""
    chat = warned(twilio)
    twilio.fault(r"POST .*/Channels/UO\w+$", kind="failed", times=times)

    twilio.advance("PT1S")

    end = function.lines(conversation=chat.conversation, decision="end")[-1]
    assert [call["name"] for call in end["calls"]].count("complete_task") == expected
    assert (chat.state, chat.task_statuses) == ("closed", ["completed"])
    assert chat.ours == ["warning", "closing"]


def test_copies_of_one_delivery_post_once(twilio: Twilio, function: RunningFunction) -> None:
    """Four copies of each event arrive at the same time."""
    twilio.disturb(duplicate=3)
    chat = twilio.chat()
    chat.says("customer")
    chat.says("agent")

    deliveries = twilio.advance("PT10M")

    assert len(deliveries) == 8
    assert {each.status for each in deliveries} == {204}
    assert chat.ours == ["warning", "closing"]
    assert chat.state == "closed"


def test_two_instances_post_once(twilio: Twilio, function: RunningFunction, another_function: RunningFunction) -> None:
    """Copies of one event reach two processes, and the claim selects one of them."""
    chat = warned(twilio)
    twilio.configure("http://127.0.0.1:9/nobody", "PT8M")
    twilio.advance("PT1S")
    # Hold the first claim up until the second process wants to claim, too.
    twilio.fault(r"POST .*/Tasks/WT\w+$", kind="slow", seconds=0.3, times=2)
    replies: list[Reply] = []
    senders = [
        threading.Thread(target=lambda url=url: replies.append(twilio.send(url, twilio.event(chat))))
        for url in (function.url, another_function.url)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    lines = [
        each.lines(conversation=chat.conversation, decision="end")[-1]["outcome"]
        for each in (function, another_function)
    ]
    assert [reply.status for reply in replies] == [204, 204]
    assert sorted(lines) == ["claimed_elsewhere", "done"]
    assert chat.ours == ["warning", "closing"]


def test_a_customer_who_writes_before_the_last_check_is_not_ended(twilio: Twilio, function: RunningFunction) -> None:
    """The message arrives after the snapshot; nothing is posted, and the claim is withdrawn."""
    chat = warned(twilio)

    slow(twilio, r"GET .*/Messages", lambda: chat.says("customer", "I am here"), nth=2)

    line = function.lines(conversation=chat.conversation)[-1]
    assert (line["decision"], line["reason"]) == ("keep", "agent_silent")
    assert chat.ours == ["warning"]
    assert (chat.state, chat.task_statuses) == ("active", ["assigned"])
    assert "inactivityTimeout" not in chat.truth.tasks[0].attributes


def test_a_message_right_before_the_notice_stops_the_end(twilio: Twilio, function: RunningFunction) -> None:
    """The notice's index shows it: claim and outcome are withdrawn, and the agent keeps the chat."""
    chat = warned(twilio)

    slow(twilio, r"POST .*/Messages$", lambda: chat.says("customer", "I am here"))

    line = function.lines(conversation=chat.conversation)[-1]
    assert line["outcome"] == "late_reply"
    assert (chat.state, chat.task_statuses) == ("active", ["assigned"])
    assert {"inactivityTimeout", "conversations"}.isdisjoint(chat.truth.tasks[0].attributes)
    twilio.advance("PT1H")
    assert chat.ours == ["warning", "closing"]
    assert chat.task_statuses == ["assigned"]


def test_a_message_after_the_notice_is_reported(twilio: Twilio, function: RunningFunction) -> None:
    """No client can prevent it: the chat ends, and the log reports a late reply."""
    chat = warned(twilio)

    slow(twilio, r"POST .*/Channels/UO\w+$", lambda: chat.says("customer", "wait!"))

    line = function.lines(conversation=chat.conversation)[-1]
    assert (line["outcome"], line["severity"]) == ("late_reply", "WARNING")
    assert chat.state == "closed"


def test_a_task_that_somebody_else_changed_is_read_again(twilio: Twilio, function: RunningFunction) -> None:
    """`If-Match` fails; the change is not lost, and the attempt continues."""
    chat = warned(twilio)
    path = f"taskrouter/v1/Workspaces/{twilio.account.workspace_sid}/Tasks/{chat.task}"
    attributes = {**chat.truth.tasks[0].attributes, "theirs": True}

    slow(twilio, r"POST .*/Tasks/WT\w+$", lambda: twilio.rest("POST", path, Attributes=json.dumps(attributes)))

    task = chat.truth.tasks[0]
    statuses = [call["status"] for call in function.lines(conversation=chat.conversation)[-1]["calls"]]
    assert 412 in statuses
    assert (task.status, task.attributes["theirs"]) == ("completed", True)
    assert chat.ours == ["warning", "closing"]


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        ({"by": "somebody", "step": 2, "answeredIndex": 1, "leaseUntil": "2026-01-05T00:10:20Z"}, "claimed_elsewhere"),
        ({"by": "somebody", "step": 2, "answeredIndex": 1, "leaseUntil": "2026-01-05T00:09:59Z"}, "done"),
        ({"by": "somebody", "step": 2, "answeredIndex": 0, "leaseUntil": "2026-01-05T00:10:20Z"}, "done"),
        ({"by": "somebody"}, "done"),
    ],
    ids=["unexpired", "expired", "for another message", "no claim"],
)
def test_only_an_unexpired_claim_for_the_same_message_is_respected(
    twilio: Twilio, function: RunningFunction, claim: dict[str, object], outcome: str
) -> None:
    """Any other claim is of an attempt that died, or is about another message."""
    chat = warned(twilio)
    path = f"taskrouter/v1/Workspaces/{twilio.account.workspace_sid}/Tasks/{chat.task}"
    attributes = {**chat.truth.tasks[0].attributes, "inactivityTimeout": claim}
    twilio.rest("POST", path, Attributes=json.dumps(attributes))

    twilio.advance("PT1S")

    assert function.lines(conversation=chat.conversation)[-1]["outcome"] == outcome


@pytest.mark.parametrize(
    ("held", "said_before"),
    [(r"POST .*/Messages$", ["warning"]), (r"POST .*/Channels/UO\w+$", ["warning", "closing"])],
    ids=["between claim and notice", "between notice and close"],
)
def test_the_next_process_finishes_what_a_killed_one_left(
    twilio: Twilio, function: RunningFunction, another_function: RunningFunction, held: str, said_before: list[str]
) -> None:
    """Kill -9 in the middle of an end: the timer fires again, and nothing is posted twice."""
    chat = warned(twilio)
    twilio.configure(f"{another_function.url}/conversations", "PT8M")
    twilio.fault(held, kind="timeout", seconds=1)
    clock = threading.Thread(target=twilio.advance, args=("PT1S",))
    clock.start()
    eventually(lambda: twilio.hits()[0])
    another_function.kill()
    clock.join()
    left = chat.ours, chat.state

    twilio.configure(f"{function.url}/conversations", "PT8M")
    twilio.advance("PT2M")

    assert left == (said_before, "active")
    assert chat.ours == ["warning", "closing"]
    assert (chat.state, chat.task_statuses) == ("closed", ["completed"])


def test_a_late_event_for_a_chat_that_is_active_again_changes_nothing(
    twilio: Twilio, function: RunningFunction
) -> None:
    """The event is genuine, but the conversation as it is now decides."""
    chat = warned(twilio)
    chat.says("customer", "I am here")
    chat.says("agent", "good")
    before = chat.truth

    reply = twilio.send(function.url, twilio.event(chat))

    line = function.lines(conversation=chat.conversation)[-1]
    assert reply.status == 204
    assert (line["decision"], line["reason"]) == ("rearm", "not_yet")
    assert chat.truth.messages == before.messages
    assert chat.truth.tasks == before.tasks


def test_a_late_event_for_a_chat_whose_timer_is_right_writes_nothing(twilio: Twilio, function: RunningFunction) -> None:
    """The chat is active and its timer is right; once its SIDs are noted, nothing is written."""
    chat = twilio.chat()
    chat.says("customer")
    chat.says("agent")
    twilio.advance("PT1M")

    twilio.send(function.url, twilio.event(chat))
    twilio.send(function.url, twilio.event(chat))

    line = function.lines(conversation=chat.conversation)[-1]
    assert (line["decision"], line["outcome"]) == ("rearm", "kept")
    assert not [call for call in line["calls"] if not call["name"].startswith(("fetch", "list", "find"))]
