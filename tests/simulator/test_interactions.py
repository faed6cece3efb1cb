"""Flex: the result table of interaction channels, and what agents and customers do in its UI."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException

from simulator.client import SimulatorError
from simulator.running import RunningSimulator

from .conftest import Receiver, World, connect


def channel(world: World, chat: dict[str, str]) -> object:
    """The SDK's context of a chat's interaction channel."""
    return world.twilio.flex_api.v1.interaction(chat["interaction"]).channels(chat["channel"])


def outcome(world: World, chat: dict[str, str]) -> tuple[object, ...]:
    """Return the true state of tasks, channel, conversation and participants."""
    truth = world.truth(chat)
    return (
        [task["status"] for task in truth["tasks"]],
        truth["interactionChannel"]["status"],
        truth["state"],
        [one["kind"] for one in truth["participants"]],
    )


@pytest.mark.parametrize(
    ("stage", "update", "expected"),
    [
        ("assigned", {"status": "closed"}, (["wrapping"], "closed", "closed", ["customer", "agent"])),
        (
            "assigned",
            {"status": "closed", "routing": {"status": "closed"}},
            (["completed"], "closed", "closed", ["customer", "agent"]),
        ),
        (
            "wrapping",
            {"status": "closed", "routing": {"status": "closed"}},
            (["completed"], "closed", "closed", ["customer", "agent"]),
        ),
        (
            "queued",
            {"status": "closed", "routing": {"status": "closed"}},
            (["canceled"], "closed", "closed", ["customer"]),
        ),
        (
            "assigned",
            {"status": "inactive", "routing": {"status": "closed"}},
            (["completed"], "inactive", "active", ["customer"]),
        ),
    ],
)
def test_the_result_table_of_a_channels_update(
    world: World, receiver: Receiver, stage: str, update: dict[str, object], expected: tuple[object, ...]
) -> None:
    """Tasks, channel, conversation, participants; and no onConversationStateUpdated for it."""
    world.listen(receiver.url, "onConversationStateUpdated")
    chat = world.chat(stage=stage)

    answered = channel(world, chat).update(**update)  # type: ignore[attr-defined]
    world.advance("PT0S")

    assert answered.status == update["status"]
    assert outcome(world, chat) == expected
    assert receiver.got == []


@pytest.mark.parametrize(
    "form",
    [
        {"Status": "active"},
        {},
        {"Status": "inactive"},
        {"Status": "closed", "Routing": "{"},
        {"Status": "closed", "Routing": '{"status":"open"}'},
    ],
)
def test_a_channels_update_that_is_not_allowed_changes_nothing(world: World, form: dict[str, str]) -> None:
    """Inactive needs routing; routing knows closed only."""
    chat = world.chat(stage="assigned")
    path = f"flex-api/v1/Interactions/{chat['interaction']}/Channels/{chat['channel']}"

    assert world.call("POST", path, form).status_code == 400
    assert outcome(world, chat) == (["assigned"], "active", "active", ["customer", "agent"])


def test_all_tasks_of_a_channel_end_with_it(world: World) -> None:
    """In the middle of a transfer one is assigned and one waits."""
    chat = world.chat(stage="assigned")
    world.do(chat, "transfer")

    channel(world, chat).update(status="closed", routing={"status": "closed"})  # type: ignore[attr-defined]

    assert outcome(world, chat)[0] == ["completed", "canceled"]


def test_a_channel_may_fail_with_http_200(world: World) -> None:
    """A fault: the answer says failed, nothing is closed, the next try works."""
    chat = world.chat(stage="assigned")
    world.control("POST", "faults", {"match": "POST .*/Channels/UO", "kind": "failed"})
    context = channel(world, chat)

    first = context.update(status="closed", routing={"status": "closed"})  # type: ignore[attr-defined]
    before = outcome(world, chat)
    second = context.update(status="closed", routing={"status": "closed"})  # type: ignore[attr-defined]

    assert (first.status, second.status) == ("failed", "closed")
    assert first.error_code
    assert before == (["assigned"], "failed", "active", ["customer", "agent"])


def test_closing_a_channel_whose_conversation_is_closed_ends_the_tasks(world: World) -> None:
    """This cleans up after a conversation that somebody else closed."""
    chat = world.chat(stage="assigned")
    world.conversation(chat).update(state="closed")
    assert outcome(world, chat)[0] == ["assigned"]

    channel(world, chat).update(status="closed", routing={"status": "closed"})  # type: ignore[attr-defined]

    assert outcome(world, chat)[0] == ["completed"]


def test_a_channels_participants_show_who_is_an_agent(world: World) -> None:
    """Agents have task, worker and reservation."""
    chat = world.chat(stage="assigned")
    customer, agent = channel(world, chat).participants.list()  # type: ignore[attr-defined]
    (reservation,) = world.tasks(chat["task"]).reservations.list()

    assert (customer.type, customer.routing_properties) == ("customer", None)
    assert (
        agent.type,
        agent.routing_properties,
    ) == (
        "agent",
        {"task_sid": chat["task"], "worker_sid": reservation.worker_sid, "reservation_sid": reservation.sid},
    )


def test_the_flex_configuration_names_workspace_and_service(world: World) -> None:
    """Infrastructure tools start there."""
    read = world.twilio.flex_api.v1.configuration().fetch()

    assert (read.taskrouter_workspace_sid, read.chat_service_instance_sid) == (world.workspace_sid, world.service_sid)


def test_interactions_of_others_are_not_found(world: World) -> None:
    """Neither by a wrong interaction nor by a channel of another one."""
    one, other = world.chat(), world.chat()
    for interaction, sid in (("KD" + "0" * 32, one["channel"]), (one["interaction"], other["channel"])):
        with pytest.raises(TwilioRestException) as caught:
            world.twilio.flex_api.v1.interaction(interaction).channels(sid).fetch()
        assert (caught.value.status, caught.value.code) == (404, 20404)


def test_accepting_adds_the_agent_to_the_conversation(world: World) -> None:
    """The task is assigned, the agent takes part, and the timer restarts, as with any new participant."""
    world.default_timers(inactive="PT10M")
    chat = world.chat(stage="queued")
    world.advance("PT4M")
    world.do(chat, "accept")

    assert outcome(world, chat) == (["assigned"], "active", "active", ["customer", "agent"])
    assert world.truth(chat)["timers"]["inactive"] == "2026-01-05T00:14:00Z"


def test_a_transfer_has_two_live_tasks_until_it_is_accepted(world: World) -> None:
    """Then the first agent is removed and their task has ended; each message keeps its participant."""
    chat = world.chat(stage="assigned")
    world.say(chat, "agent", "first")
    world.do(chat, "transfer")
    during = outcome(world, chat)
    world.do(chat, "accept")
    world.say(chat, "agent", "second")

    assert during == (["assigned", "pending"], "transfer", "active", ["customer", "agent"])
    assert outcome(world, chat) == (["completed", "assigned"], "active", "active", ["customer", "agent"])
    first, second = world.truth(chat)["messages"]
    assert first["author"] != second["author"]
    assert [first["kind"], second["kind"]] == ["agent", "agent"]


def test_in_the_other_dialect_a_transfer_does_not_show_in_the_channel(running: RunningSimulator) -> None:
    """Nothing public says when the status `transfer` is used."""
    world = connect(running, dialect={"transferStatus": "active"})
    chat = world.chat(stage="assigned")
    world.do(chat, "transfer")

    assert outcome(world, chat)[1] == "active"


def test_completing_in_flex_closes_the_conversation_without_an_event(world: World, receiver: Receiver) -> None:
    """Task completed, agent removed, channel and conversation closed."""
    world.listen(receiver.url, "onConversationStateUpdated")
    chat = world.chat(stage="assigned")
    world.do(chat, "complete")

    assert outcome(world, chat) == (["completed"], "closed", "closed", ["customer"])
    assert receiver.got == []


def test_leaving_keeps_the_conversation_and_the_next_message_creates_a_task(world: World) -> None:
    """The channel is inactive until the customer writes."""
    chat = world.chat(stage="assigned")
    world.do(chat, "leave")
    left = outcome(world, chat)
    world.say(chat, "customer", "I am back")

    assert left == (["completed"], "inactive", "active", ["customer"])
    assert outcome(world, chat) == (["completed", "pending"], "active", "active", ["customer"])


def test_pausing_shows_in_the_channel_until_it_is_resumed(world: World) -> None:
    """Task and conversation stay."""
    chat = world.chat(stage="assigned")
    world.do(chat, "pause")
    paused = outcome(world, chat)
    world.do(chat, "resume")

    assert paused == (["assigned"], "pause", "active", ["customer", "agent"])
    assert outcome(world, chat)[1] == "active"


def test_wrapping_up_keeps_the_conversation(world: World) -> None:
    """The agent finishes the notes."""
    chat = world.chat(stage="assigned")
    world.do(chat, "wrap")

    assert outcome(world, chat) == (["wrapping"], "active", "active", ["customer", "agent"])


def test_a_bots_chat_has_neither_task_nor_interaction(world: World) -> None:
    """It has not reached Flex yet."""
    chat = world.chat(stage="bot")
    world.say(chat, "bot", "How can I help?")

    assert [chat["task"], chat["interaction"], chat["channel"]] == [None, None, None]
    assert [message["participant"] for message in world.truth(chat)["messages"]] == [None]


@pytest.mark.parametrize("action", ["accept", "resume", "nonsense"])
def test_an_impossible_action_is_refused(world: World, action: str) -> None:
    """409 with the reason."""
    chat = world.chat(stage="assigned")
    with pytest.raises(SimulatorError) as caught:
        world.do(chat, action)
    assert caught.value.status == 409


def test_an_agent_who_is_not_in_the_chat_cannot_write(world: World) -> None:
    """Before accepting, and after the channel removed them."""
    chat = world.chat(stage="queued")
    with pytest.raises(SimulatorError, match="no agent"):
        world.say(chat, "agent")
    world.do(chat, "accept")
    channel(world, chat).update(status="inactive", routing={"status": "closed"})  # type: ignore[attr-defined]

    with pytest.raises(SimulatorError, match="no agent"):
        world.say(chat, "agent")


def test_a_chat_client_can_send_any_attributes(world: World) -> None:
    """This includes attributes by which other software marks its messages."""
    chat = world.chat()
    path = f"chats/{chat['conversation']}/messages"
    world.control("POST", path, {"from": "customer", "body": "hi", "attributes": {"mark": {"kind": "x"}}})

    assert world.truth(chat)["messages"][0]["attributes"] == {"mark": {"kind": "x"}}
