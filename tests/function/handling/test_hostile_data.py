"""Whatever Twilio's data contains, a silent customer is warned and released in time."""

import json
import time

import pytest

from simulator.faults import REMOVED
from tests.world.world import Chat, World

LEASE = {"by": "somebody", "step": 1, "answeredIndex": 1, "leaseUntil": "2099-01-01T00:00:00Z"}
HOSTILE = {
    "half an emoji": '{"customerName": "Ann \\ud83d"}',
    "a hold of the year 1": '{"doNotTimeOutUntil": "0001-01-01T00:00:00Z"}',
    "a hold before the calendar": '{"doNotTimeOutUntil": "0001-01-01T00:00:00+14:00"}',
    "a number beyond floats": '{"customers": {"score": 1e400}, "price": 1.10}',
    "a number of 5,000 digits": '{"number": ' + "9" * 3000 + "}",
    "a language tag of many parts": '{"language": "' + "aa" + "-b" * 1500 + '"}',
    "a lease until 2099": json.dumps({"inactivityTimeout": LEASE}),
    "a lease of the year 1": json.dumps({"inactivityTimeout": LEASE | {"leaseUntil": "0001-01-01T00:00:00+14:00"}}),
    "a marker of another form": '{"inactivityTimeout": {"by": [1], "step": {}, "agentSilent": 7}}',
    "a repeated name": '{"a": 1, "a": 2, "inactivityTimeout": 1, "inactivityTimeout": null}',
    "odd spaces": ' {\n "a" :\t1 ,"b": [ ] } ',
    "no object": "[1]",
}


def write(world: World, chat: Chat, where: str, attributes: str) -> None:
    """Add these to the attributes that Flex needs."""
    path = chat.path
    if where == "task":
        path = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{chat.task}"
        flex = json.loads(world.twilio.rest("GET", path)["attributes"])
        inside = attributes.strip()[1:-1].strip() if attributes.strip().startswith("{") and len(attributes) > 1 else ""
        attributes = json.dumps(flex)[:-1] + (f", {inside}" if inside else "") + "}"
    world.twilio.rest("POST", path, Attributes=attributes)


@pytest.mark.parametrize("where", ["conversation", "task"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_silent_customer_is_warned_and_released_in_time(kind: str, where: str) -> None:
    """No value takes more than a few milliseconds to compute."""
    with World() as world:
        chat = world.twilio.answered()
        write(world, chat, where, HOSTILE[kind])
        began = time.process_time()
        world.twilio.advance("PT8M")
        warned = chat.ours
        world.twilio.advance("PT2M")

        assert time.process_time() - began < 2
        assert world.lines(event="failed") == []
        assert (warned, chat.ours, chat.state) == (["warning"], ["warning", "closing"], "closed")


@pytest.mark.parametrize("where", ["conversation", "task"])
def test_other_attributes_keep_every_letter(where: str) -> None:
    """Numbers, escapes and names stay while our notes are added and removed."""
    theirs = '"price":1.10,"score":1e400,"name":"Ann \\ud83d","tab":"\\u0009"'
    with World() as world:
        chat = world.twilio.answered()
        write(world, chat, where, "{" + theirs + "}")
        world.twilio.advance("PT8M")
        path = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{chat.task}"
        attributes = world.twilio.rest("GET", chat.path if where == "conversation" else path)["attributes"]

        assert "inactivityTimeout" in attributes
        assert [member for member in theirs.split(",") if member not in attributes.replace(": ", ":")] == []


def test_an_unknown_status_keeps_the_chat_and_is_checked_after_growing_pauses() -> None:
    """The pauses grow up to an hour."""
    with World() as world:
        chat = world.twilio.answered()
        world.hooks.rewrite = lambda body: body.replace(b'"assigned"', b'"on_stage"')
        world.schedule_sweep()
        world.twilio.advance("PT10H")
        lines = world.lines(conversation=chat.conversation)

        assert (
            chat.ours,
            {(line["decision"], line["reason"]) for line in lines},
        ) == ([], {("keep", "unknown_status"), ("rearm", "unknown_status")})
        assert {line["facts"]["unknownStatus"] for line in lines} == {"on_stage"}
        assert 2 <= len(lines) <= 14


TASK, TASKS = r"(GET|POST) .*/Tasks/WT\w+$", r"GET .*/Tasks$"


def show_attributes(world: World, attributes: object) -> None:
    """Let every answer about tasks have these attributes."""
    world.twilio.fault(TASK, kind="odd", at="attributes", value=attributes, times=None)
    world.twilio.fault(TASKS, kind="odd", at="tasks.*.attributes", value=attributes, times=None)


def nested(chat: Chat, depth: int) -> str:
    """Return the task's own attributes with a member that is nested this deeply."""
    return json.dumps(chat.truth.tasks[0].attributes)[:-1] + ', "preEngagement": ' + "[" * depth + "]" * depth + "}"


@pytest.mark.parametrize("interaction", [True, False])
def test_a_task_with_deep_attributes_is_seen(interaction: bool) -> None:
    """Who waits for it in the queue is not told that they are silent, and a silent customer's agent is released."""
    for stage, author, expected in (("queued", "bot", []), ("assigned", "agent", ["warning", "closing"])):
        with World() as world:
            world.schedule_sweep()
            chat = world.twilio.chat(stage, interaction=interaction)
            chat.says("customer", "hello?")
            chat.says(author, "please hold")
            show_attributes(world, nested(chat, 1400))
            world.twilio.advance("PT1H")

            assert (chat.ours, world.lines(event="failed")) == (expected, [])


@pytest.mark.parametrize("attributes", [{"conversationSid": "x"}, None, 7, REMOVED], ids=str)
@pytest.mark.parametrize("interaction", [True, False])
def test_a_task_whose_attributes_cannot_be_read_may_be_the_chats(interaction: bool, attributes: object) -> None:
    """The customer who waits for it in the queue is not told that they are silent."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.chat("queued", interaction=interaction)
        chat.says("customer", "hello?")
        chat.says("bot", "please hold")
        show_attributes(world, attributes)
        world.twilio.advance("PT1H")

        assert (chat.ours, chat.task_statuses) == ([], ["pending"])


@pytest.mark.parametrize("date", ["2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("name", ["askedAt", "madeAt"])
def test_a_note_with_an_absurd_date_keeps_nobody_waiting(name: str, date: str) -> None:
    """The policy ends a chat that waits in the queue, and its task was cancelled."""
    with World({"policy": {"whenQueued": {"do": "end", "after": "PT30M"}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.chat("queued")
        chat.says("customer", "hello?")
        world.twilio.advance("PT2M")
        last = {"task": chat.task, "fate": "lost" if name == "madeAt" else "unknown", "accepted": False, name: date}
        note = {"of": chat.conversation, "task": chat.task, "lastTask": last}
        write(world, chat, "conversation", json.dumps({"inactivityTimeout": note}))
        chat.does("cancel")
        world.twilio.advance("PT2H")

        assert (chat.state, world.lines(event="failed")) == ("closed", [])


@pytest.mark.parametrize("date", ["2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_mark_with_an_absurd_date_is_the_agents(date: str) -> None:
    """We have not put this task into wrapping, so its agent completes it; nothing fails."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        write(world, chat, "task", json.dumps({"inactivityTimeout": {"of": chat.task, "wrappedAt": date}}))
        chat.does("wrap")
        world.twilio.rest("POST", chat.path, State="closed")
        world.twilio.advance("PT2H")

        assert (chat.task_statuses, world.lines(event="failed")) == (["wrapping"], [])
