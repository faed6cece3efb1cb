"""`timers: on-accept`: an agent accepts, and the conversation gets the timer of its own policy."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from function.chat import (
    Arm,
    Channel,
    ChannelStatus,
    Conversation,
    ConversationState,
    Keep,
    Reason,
    Snapshot,
    Task,
    TaskStatus,
)
from function.policy import parse_policy
from tests.function.deciding import decide_on_accept
from tests.world.driving import Chat, Twilio, eventually
from tests.world.running import RunningFunction, free_port, running_function, settings_for

T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NOW = T0 + timedelta(minutes=20)
WT, KD, UO = "WT" + "1" * 32, "KD" + "2" * 32, "UO" + "3" * 32
TASK = Task(WT, TaskStatus.ASSIGNED, T0, '"1"', '{"conversationSid":"CH"}', KD, UO, queue=("WQ1", "Billing"))
NOTE = {"task": WT, "interaction": KD, "channel": UO}
POLICY = parse_policy({"policy": {"rules": [{"match": {"queue": "Slow"}, "timeout": "PT1H"}]}})


def chat(
    state: ConversationState = ConversationState.ACTIVE,
    *,
    fires: float | None = None,
    note: dict[str, str] | None = None,
    task: Task | None = TASK,
    channel: ChannelStatus = ChannelStatus.ACTIVE,
    kind: str = "web",
) -> Snapshot:
    """Return a chat that an agent has just accepted, with a timer that fires in some minutes and with this note."""
    inactive_at = NOW + timedelta(minutes=fires) if fires is not None else None
    attributes = json.dumps({"theirs": 1} | ({"inactivityTimeout": {"of": "CH"} | note} if note else {}))
    return Snapshot(
        Conversation("CH", state, T0, inactive_at, attributes),
        (),
        (task,) if task else (),
        Channel(KD, UO, channel, kind),
    )


@pytest.mark.parametrize(
    ("snapshot", "reason", "minutes"),
    [
        (chat(), Reason.NEW_TASK, 8),
        (chat(fires=60), Reason.NEW_TASK, 8),
        (chat(fires=3), Reason.NEW_TASK, 8),
        (chat(ConversationState.INACTIVE), Reason.NEW_TASK, 8),
        (chat(note=NOTE | {"task": "WT" + "9" * 32}, fires=8), Reason.NEW_TASK, 8),
        (chat(note=NOTE), Reason.NO_TIMER, 8),
        (chat(note=NOTE, fires=60), Reason.NO_TIMER, 8),
        (chat(task=replace(TASK, queue=("WQ2", "Slow"))), Reason.NEW_TASK, 58),
    ],
)
def test_a_chat_gets_the_timer_of_its_own_rule(snapshot: Snapshot, reason: Reason, minutes: int) -> None:
    """Any timer is replaced, because the API does not show its length; attributes are not written."""
    assert decide_on_accept(snapshot, WT, POLICY, NOW) == Arm(reason, timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (chat(), Arm(Reason.NO_TIMER, timedelta(minutes=8))),
        (chat(fires=60), Arm(Reason.NO_TIMER, timedelta(minutes=8))),
        (chat(fires=8), Keep(Reason.ARMED_ALREADY)),
        (chat(ConversationState.INACTIVE), Keep(Reason.ARMED_ALREADY)),
    ],
)
def test_a_process_remembers_the_timer_that_it_set(snapshot: Snapshot, expected: Arm | Keep) -> None:
    """No note was written; a copy of the event writes only if the timer is gone."""
    assert decide_on_accept(snapshot, WT, POLICY, NOW, armed=True) == expected


def test_a_task_that_cannot_be_proven_yet_still_sets_the_timer() -> None:
    """Without an interaction the agent is only now being added to the conversation, and a timer does no harm."""
    alone = replace(TASK, interaction=None, channel=None, queue=("WQ2", "Slow"))
    hinted = replace(chat(task=None), hints=(alone,), channel=None)

    assert decide_on_accept(hinted, WT, POLICY, NOW) == Arm(Reason.NEW_TASK, timedelta(minutes=8))


def test_a_task_that_cannot_be_proven_yet_gets_the_earliest_timer_of_all_rules() -> None:
    """Its rule is not known yet, and a timer that fires early leads to another decision."""
    quick = parse_policy({"policy": {"rules": [{"match": {"queue": "Quick"}, "timeout": "PT3M", "warnings": []}]}})
    hinted = replace(chat(task=None), hints=(replace(TASK, interaction=None, channel=None),), channel=None)

    assert decide_on_accept(hinted, WT, quick, NOW) == Arm(Reason.NEW_TASK, timedelta(minutes=3))


@pytest.mark.parametrize("task", [None, replace(TASK, sid="WT" + "9" * 32)])
def test_a_task_that_only_mentions_the_conversation_gives_it_no_timer(task: Task | None) -> None:
    """For example, a callback with copied attributes."""
    snapshot = replace(chat(task=task), foreign=(WT,))

    assert decide_on_accept(snapshot, WT, POLICY, NOW) == Keep(Reason.FOREIGN_TASK)


OVER = [replace(TASK, status=status) for status in (TaskStatus.WRAPPING, TaskStatus.COMPLETED, TaskStatus.CANCELED)]


@pytest.mark.parametrize(
    ("snapshot", "reason"),
    [
        (chat(note=NOTE, fires=8), Reason.ARMED_ALREADY),
        (chat(note=NOTE, fires=2), Reason.ARMED_ALREADY),
        (chat(ConversationState.INACTIVE, note=NOTE), Reason.ARMED_ALREADY),
        (chat(ConversationState.CLOSED), Reason.CLOSED),
        (chat(task=None), Reason.TASK_OVER),
        *((chat(task=task), Reason.TASK_OVER) for task in OVER),
        (chat(task=replace(TASK, sid="WT" + "9" * 32)), Reason.TASK_OVER),
        (chat(channel=ChannelStatus.INACTIVE), Reason.LEFT),
        (chat(channel=ChannelStatus.PAUSE), Reason.PAUSED),
        (chat(kind="email"), Reason.EXEMPT),
    ],
)
def test_a_late_or_repeated_acceptance_writes_nothing(snapshot: Snapshot, reason: Reason) -> None:
    """The timer was set for this task already, the task is over, the chat was set aside, or no policy applies."""
    assert decide_on_accept(snapshot, WT, POLICY, NOW) == Keep(reason)


@pytest.fixture
def listening(twilio: Twilio, function: RunningFunction) -> RunningFunction:
    """Return the function with an account that reports accepted tasks and has no default timer."""
    twilio.listen(function.url)
    return function


def queued(twilio: Twilio, **options: object) -> Chat:
    """Return a chat whose customer waits for an agent."""
    chat = twilio.chat("queued", **options)
    chat.says("customer")
    return chat


def conversation(twilio: Twilio, chat: Chat, service_sid: str = "") -> dict[str, Any]:
    """Return the conversation as the API shows it."""
    path = f"conversations/v1/Services/{service_sid or twilio.account.service_sid}/Conversations/{chat.conversation}"
    found: dict[str, Any] = twilio.rest("GET", path)
    return found


def fires_at(conversation: dict[str, Any]) -> datetime:
    """Return when its inactive timer fires."""
    return datetime.fromisoformat(conversation["timers"]["date_inactive"])


def written(twilio: Twilio, chat: Chat) -> list[str]:
    """Return what was written to the conversation itself since the log was cleared."""
    calls = [call for call in twilio.requests() if call.method == "POST"]
    return [call.path for call in calls if call.path.endswith(f"Conversations/{chat.conversation}")]


def test_a_chat_has_no_timer_until_an_agent_accepts(twilio: Twilio, listening: RunningFunction) -> None:
    """Then it gets the timer of its own policy, and nothing else is written; the answer is what TaskRouter expects."""
    chat = queued(twilio)
    assert conversation(twilio, chat)["timers"] == {}

    chat.does("accept")

    found = conversation(twilio, chat)
    assert fires_at(found) - datetime.fromisoformat(found["date_created"]) == timedelta(minutes=8)
    assert "inactivityTimeout" not in json.loads(found["attributes"])
    line = listening.lines(event="accepted", conversation=chat.conversation)[-1]
    assert (
        *(line[key] for key in ("decision", "reason", "rule")),
        line["facts"]["timer"],
        line["outcome"],
    ) == ("arm", "new_task", "default", "PT8M", "done")


def test_from_then_on_a_silent_customer_is_warned_and_released(twilio: Twilio, listening: RunningFunction) -> None:
    """Every message restarts the timer."""
    chat = queued(twilio)
    twilio.advance("PT45M")
    chat.does("accept")
    twilio.advance("PT1M")
    chat.says("agent")

    twilio.advance("PT8M")
    assert chat.ours == ["warning"]
    twilio.advance("PT2M")

    assert (chat.ours, chat.state, chat.task_statuses) == (["warning", "closing"], "closed", ["completed"])


def test_twenty_transfers_leave_one_timer_and_no_webhook(twilio: Twilio, listening: RunningFunction) -> None:
    """A timer is one value, and no webhook is created."""
    chat = queued(twilio)
    chat.does("accept")
    for _ in range(20):
        chat.does("transfer")
        chat.does("accept")

    path = f"conversations/v1/Conversations/{chat.conversation}/Webhooks"
    assert twilio.rest("GET", path)["webhooks"] == []
    assert len(listening.lines(event="accepted", decision="arm", conversation=chat.conversation)) == 21
    chat.says("agent")
    fired = [one for one in twilio.advance("PT8M") if one.kind == "onConversationStateUpdated"]
    assert (len(fired), chat.ours) == (1, ["warning"])
    assert json.loads(conversation(twilio, chat)["attributes"])["inactivityTimeout"]["task"] == chat.truth.tasks[-1].sid


@pytest.mark.parametrize("copies", [1, 5])
def test_copies_of_an_acceptance_write_once(twilio: Twilio, listening: RunningFunction, copies: int) -> None:
    """The platform delivers the event again, at once or later."""
    twilio.disturb(duplicate=copies)
    chat = queued(twilio)
    chat.does("accept")
    twilio.advance("PT3M")
    event = twilio.accepted(chat)

    assert twilio.send(listening.url, event, route="tasks").status == 204
    assert len(written(twilio, chat)) == 1


def test_a_late_acceptance_does_not_wake_a_chat_that_is_kept(twilio: Twilio, listening: RunningFunction) -> None:
    """A chat that is inactive because the agent is silent stays inactive, and is not logged a second time."""
    chat = queued(twilio)
    chat.does("accept")
    twilio.advance("PT9M")
    assert chat.state == "inactive"

    assert twilio.send(listening.url, twilio.accepted(chat), route="tasks").status == 204

    timer, note = written(twilio, chat)
    assert (chat.state, note) == ("inactive", timer), "one for the first acceptance, one for the attempt that noted"


@pytest.mark.parametrize("action", ["complete", "leave", "wrap"])
def test_an_acceptance_of_an_ended_chat_writes_nothing(twilio: Twilio, listening: RunningFunction, action: str) -> None:
    """The chat is closed, left or wrapping; the task may be deleted by now."""
    chat = queued(twilio)
    chat.does("accept")
    chat.does(action)
    twilio.clear_log()

    for minutes in (0, 6):
        twilio.advance(f"PT{minutes}M")
        assert twilio.send(listening.url, twilio.accepted(chat), route="tasks").status == 204

    assert written(twilio, chat) == []


def test_an_event_that_names_another_conversation_than_its_task_does_nothing(
    twilio: Twilio, listening: RunningFunction
) -> None:
    """Anybody can write attributes, so the task itself must name the conversation."""
    one, other = queued(twilio), queued(twilio)
    one.does("accept")
    twilio.clear_log()

    event = twilio.accepted(other, TaskSid=one.task)
    assert twilio.send(listening.url, event, route="tasks").status == 204

    assert written(twilio, other) == []
    assert conversation(twilio, other)["timers"] == {}


@pytest.mark.parametrize(
    "fault",
    [
        {"match": r"GET .*/Tasks/WT\w+$", "kind": "status", "times": 2},
        {"match": r"POST .*/Conversations/CH\w+$", "kind": "status"},
        {"match": r"POST .*/Conversations/CH\w+$", "kind": "reset", "when": "after"},
    ],
    ids=["reading", "writing", "answering"],
)
def test_a_fault_is_answered_503_and_taskrouter_tries_again(
    twilio: Twilio, listening: RunningFunction, fault: dict[str, object]
) -> None:
    """The callback's URL asks for retries; the second delivery sets the timer."""
    chat = queued(twilio)
    twilio.fault(**fault)

    chat.does("accept")

    assert "date_inactive" in conversation(twilio, chat)["timers"]
    assert len(listening.lines(event="failed", conversation=chat.conversation)) == 1
    assert len(listening.lines(event="accepted", conversation=chat.conversation)) == 1


def test_strangers_are_refused_and_so_is_a_signature_of_the_other_route(
    twilio: Twilio, listening: RunningFunction
) -> None:
    """Each route has its own URL, and signatures cover the URL."""
    chat = queued(twilio)
    event = twilio.accepted(chat)
    twilio.clear_log()

    statuses = [
        twilio.send(listening.url, event, route="tasks", token="foreign").status,
        twilio.send(listening.url, event, route="tasks", signed_url=f"{listening.url}/conversations").status,
        twilio.send(listening.url, twilio.event(chat), signed_url=f"{listening.url}/tasks").status,
        twilio.send(listening.url, event, route="conversations").status,
    ]

    assert statuses == [403, 403, 403, 204]
    assert twilio.requests() == []


def test_the_answer_has_the_type_that_taskrouter_expects(twilio: Twilio, listening: RunningFunction) -> None:
    """204 with application/json."""
    reply = twilio.send(listening.url, twilio.accepted(queued(twilio)), route="tasks")

    assert (reply.status, reply.headers["Content-Type"]) == (204, "application/json")


@pytest.fixture
def other_environment(twilio: Twilio, tmp_path: Path) -> Iterator[RunningFunction]:
    """Return another stack in the same account: its own service and workspace, and a longer timeout."""
    service = twilio.rest("POST", "conversations/v1/Services", FriendlyName="Staging")["sid"]
    workspace = twilio.rest("POST", "taskrouter/v1/Workspaces", FriendlyName="Staging", Template="FIFO")["sid"]
    port = free_port()
    slow = parse_policy({"timeout": "PT30M"})
    settings = replace(settings_for(twilio, port, slow), service_sid=service, workspace_sid=workspace)
    with running_function(tmp_path, settings, port) as function:
        yield function


def test_two_stacks_in_one_account_do_not_interfere(
    twilio: Twilio, listening: RunningFunction, other_environment: RunningFunction
) -> None:
    """Each sets timers only in its own service, by its own policy."""
    other = other_environment.settings
    twilio.rest(
        "POST",
        f"taskrouter/v1/Workspaces/{other.workspace_sid}",
        EventCallbackUrl=f"{other_environment.url}/tasks",
        EventsFilter="reservation.accepted",
    )
    ours = queued(twilio)
    theirs = queued(twilio, service=other.service_sid)
    ours.does("accept")
    theirs.does("accept")

    assert "date_inactive" in conversation(twilio, ours)["timers"]
    assert conversation(twilio, theirs, other.service_sid)["timers"] == {}
    assert listening.lines(event="ignored", reason="gone", conversation=theirs.conversation)
    assert other_environment.lines(conversation=theirs.conversation) == []

    task = twilio.rest(
        "POST",
        f"taskrouter/v1/Workspaces/{other.workspace_sid}/Tasks",
        Attributes=json.dumps({"conversationSid": theirs.conversation}),
    )["sid"]
    event = twilio.accepted(theirs, TaskSid=task, WorkspaceSid=other.workspace_sid)
    assert twilio.send(listening.url, event, route="tasks").status == 204
    assert conversation(twilio, theirs, other.service_sid)["timers"] == {}
    assert twilio.send(other_environment.url, event, route="tasks").status == 204

    eventually(lambda: other_environment.lines(event="accepted"))
    line = other_environment.lines(event="accepted")[-1]
    assert (line["facts"]["timer"], line["rule"]) == ("PT28M", "default")


def test_an_agent_who_leaves_without_a_message_has_left(twilio: Twilio, listening: RunningFunction) -> None:
    """The task is gone, but the process remembers the channel; a bot's messages since then end nothing."""
    chat = twilio.chat("queued")
    chat.says("customer", "please call me")
    chat.does("accept")
    chat.does("leave")
    assert twilio.send(listening.url, twilio.accepted(chat), route="tasks").status == 204

    for _ in range(3):
        chat.says("bot", "We have your number.")
        twilio.advance("PT1H")

        assert (chat.ours, chat.state) == ([], "inactive")
        assert listening.lines(conversation=chat.conversation, event="decision")[-1]["reason"] == "left"
