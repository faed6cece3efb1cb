"""Unexpected content of an account: unknown statuses, foreign tasks, channels of other chats."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.client import SimulatorClient, SimulatorError

from .conftest import Receiver, World


@pytest.fixture
def client(world: World) -> SimulatorClient:
    """A client of an account after a reset."""
    return SimulatorClient(world.simulator)


def shown(world: World, chat: dict[str, str]) -> dict[str, str]:
    """Return the statuses of a chat as Twilio's API shows them."""
    channel = world.twilio.flex_api.v1.interaction(chat["interaction"]).channels(chat["channel"])
    return {
        "conversation": world.conversation(chat).fetch().state,
        "task": world.tasks(chat["task"]).fetch().assignment_status,
        "channel": channel.fetch().status,
    }


def answer(world: World, path: str) -> Any:
    """Return an answer that no document allows."""
    return world.unchecked("GET", path).json()


@pytest.mark.parametrize("of", ["conversation", "task", "channel"])
def test_an_unknown_status_is_shown_until_the_true_one_changes(world: World, client: SimulatorClient, of: str) -> None:
    """Of the conversation, the newest task or the channel; the true one stays the same."""
    chat = world.chat(stage="assigned")
    paths = {
        "conversation": f"conversations/v1/Conversations/{chat['conversation']}",
        "task": f"taskrouter/v1/Workspaces/{world.workspace_sid}/Tasks/{chat['task']}",
        "channel": f"flex-api/v1/Interactions/{chat['interaction']}/Channels/{chat['channel']}",
    }
    field = {"conversation": "state", "task": "assignment_status", "channel": "status"}[of]
    client.show_status(chat["conversation"], of, "levitating")

    truth = client.truth(chat["conversation"])
    assert answer(world, paths[of])[field] == "levitating"
    assert (truth.state, truth.task_statuses) == ("active", ["assigned"])

    world.do(chat, "complete")
    assert shown(world, chat) == {"conversation": "closed", "task": "completed", "channel": "closed"}


def test_an_unknown_status_is_removed(world: World, client: SimulatorClient) -> None:
    """Null removes it."""
    chat = world.chat(stage="assigned")
    for of in ("conversation", "task", "channel"):
        client.show_status(chat["conversation"], of, "levitating")
        client.show_status(chat["conversation"], of, None)

    assert shown(world, chat) == {"conversation": "active", "task": "assigned", "channel": "active"}


def test_lists_find_what_is_shown(world: World, client: SimulatorClient) -> None:
    """A conversation in an unknown state is in no list of a known one, and in the list of all."""
    chat = world.chat(stage="assigned")
    client.show_status(chat["conversation"], "conversation", "levitating")
    client.show_status(chat["conversation"], "task", "levitating")

    active = answer(world, "conversations/v1/Conversations?State=active")["conversations"]
    everything = answer(world, "conversations/v1/Conversations")["conversations"]
    tasks = f"taskrouter/v1/Workspaces/{world.workspace_sid}/Tasks"
    assert active == []
    assert [row["state"] for row in everything] == ["levitating"]
    assert answer(world, f"{tasks}?AssignmentStatus=assigned")["tasks"] == []
    assert [row["assignment_status"] for row in answer(world, tasks)["tasks"]] == ["levitating"]


def test_a_webhook_has_the_status_that_is_shown(world: World, client: SimulatorClient, receiver: Receiver) -> None:
    """This holds for Conversations and TaskRouter."""
    world.listen(receiver.url, "onConversationUpdated")
    world.twilio.taskrouter.v1.workspaces(world.workspace_sid).update(
        event_callback_url=receiver.url, events_filter="task.updated"
    )
    chat = world.chat(stage="assigned")
    client.show_status(chat["conversation"], "conversation", "levitating")
    client.show_status(chat["conversation"], "task", "levitating")
    tasks, aloud = f"taskrouter/v1/Workspaces/{world.workspace_sid}/Tasks", {"X-Twilio-Webhook-Enabled": "true"}
    world.unchecked("POST", f"{tasks}/{chat['task']}", {"Attributes": "{}"})
    path = f"conversations/v1/Conversations/{chat['conversation']}"
    world.unchecked("POST", path, {"FriendlyName": "x"}, headers=aloud)
    world.advance("PT0S")

    statuses = {got.value("State") or got.value("TaskAssignmentStatus") for got in receiver.got}
    assert (len(receiver.got), statuses) == (2, {"levitating"})


@pytest.mark.parametrize(
    ("status", "stages"),
    [
        ("sent", {"sent"}),
        ("delivered", {"sent", "delivered"}),
        ("read", {"sent", "delivered", "read"}),
        ("failed", {"failed"}),
        ("undelivered", {"sent", "undelivered"}),
    ],
)
def test_carriers_report_the_delivery_of_a_message(
    world: World, client: SimulatorClient, receiver: Receiver, status: str, stages: set[str]
) -> None:
    """The newest one has a receipt with the reason, a summary, and a webhook."""
    world.listen(receiver.url, "onDeliveryUpdated")
    chat = world.chat(channel="whatsapp", stage="assigned")
    for speaker in ("agent", "agent", "customer"):
        world.say(chat, speaker)
    before = world.truth(chat)["timers"]
    client.report_delivery(chat["conversation"], status, 63016)

    first, newest, theirs = world.conversation(chat).messages.list()
    (receipt,) = newest.delivery_receipts.list()
    (got,) = receiver.got
    assert (receipt.status, receipt.error_code) == (status, 63016)
    assert (newest.delivery["total"], {name for name, how in newest.delivery.items() if how == "all"}) == (1, stages)
    assert (first.delivery["delivered"], theirs.delivery) == ("all", None)
    assert tuple(got.value(name) for name in ("MessageSid", "DeliveryReceiptSid", "Status", "ErrorCode")) == (
        newest.sid,
        receipt.sid,
        status,
        "63016",
    )
    assert world.truth(chat)["timers"] == before


@pytest.mark.parametrize(
    ("stage", "status"), [("queued", "pending"), ("assigned", "assigned"), ("wrapping", "wrapping")]
)
def test_a_foreign_task_copies_the_chats_attributes_and_is_not_the_chats(
    world: World, client: SimulatorClient, stage: str, status: str
) -> None:
    """The search finds both; accepting it adds nobody, and no invite names it."""
    chat = world.chat(stage="assigned")
    before = client.truth(chat["conversation"])
    foreign = client.add_foreign_task(chat["conversation"], stage=stage, attributes={"callback": True})

    task = world.tasks(foreign).fetch()
    copied = json.loads(world.tasks(chat["task"]).fetch().attributes)
    found = world.tasks.list(evaluate_task_attributes=f'conversationSid=="{chat["conversation"]}"')
    invites = world.twilio.flex_api.v1.interaction(chat["interaction"]).channels(chat["channel"])
    named = answer(world, f"flex-api/v1/Interactions/{chat['interaction']}/Channels/{chat['channel']}/Invites")
    assert (task.assignment_status, json.loads(task.attributes)) == (status, {**copied, "callback": True})
    assert [each.sid for each in found] == [chat["task"], foreign]
    assert [row["routing"]["properties"]["sid"] for row in named["invites"]] == [chat["task"]]
    assert client.truth(chat["conversation"]).participants == before.participants
    assert len(client.truth(chat["conversation"]).tasks) == 1
    assert len(invites.participants.list()) == 2


def test_a_foreign_task_may_have_a_named_worker(world: World, client: SimulatorClient) -> None:
    """It may be the chat's own agent."""
    chat = world.chat(stage="assigned")
    foreign = client.add_foreign_task(chat["conversation"], stage="assigned", worker="agent")

    workers = [world.tasks(sid).reservations.list()[0].worker_name for sid in (chat["task"], foreign)]
    assert workers == ["agent", "agent"]


def test_a_chat_may_name_the_interaction_of_another(world: World, client: SimulatorClient) -> None:
    """Its task names them; the channel and its invites still belong to the other chat."""
    chat, other = world.chat(stage="assigned"), world.chat(stage="assigned")
    client.borrow_interaction(chat["conversation"], other["conversation"])

    attributes = json.loads(world.tasks(chat["task"]).fetch().attributes)
    named = answer(world, f"flex-api/v1/Interactions/{other['interaction']}/Channels/{other['channel']}/Invites")
    assert (
        attributes["conversationSid"],
        attributes["flexInteractionSid"],
        attributes["flexInteractionChannelSid"],
    ) == (chat["conversation"], other["interaction"], other["channel"])
    assert [row["routing"]["properties"]["sid"] for row in named["invites"]] == [other["task"]]


def test_an_agent_who_goes_offline_keeps_the_task(world: World, client: SimulatorClient) -> None:
    """It stays assigned, and the agent in the chat."""
    chat = world.chat(stage="assigned")
    before = client.truth(chat["conversation"]).participants
    world.do(chat, "offline")

    (reservation,) = world.tasks(chat["task"]).reservations.list()
    worker = world.twilio.taskrouter.v1.workspaces(world.workspace_sid).workers(reservation.worker_sid).fetch()
    assert (worker.activity_name, reservation.reservation_status) == ("Offline", "accepted")
    assert world.tasks(chat["task"]).fetch().assignment_status == "assigned"
    assert client.truth(chat["conversation"]).participants == before


@pytest.mark.parametrize(
    ("oddity", "status"),
    [
        ({"kind": "nonsense"}, 400),
        ({"kind": "status", "of": "message", "value": "x"}, 400),
        ({"kind": "status", "of": "task"}, 400),
        ({"kind": "delivery", "value": "lost"}, 400),
        ({"kind": "delivery", "value": "failed"}, 409),
        ({"kind": "foreignTask", "stage": "bot"}, 409),
        ({"kind": "foreignTask", "typo": 1}, 400),
        ({"kind": "borrowedInteraction", "of": "CH0"}, 404),
    ],
)
def test_an_invalid_oddity_is_refused(world: World, oddity: dict[str, object], status: int) -> None:
    """The message lists what is possible."""
    chat = world.chat(stage="queued")
    with pytest.raises(SimulatorError) as caught:
        world.control("POST", f"chats/{chat['conversation']}/oddities", oddity)
    assert caught.value.status == status
    assert "nonsense" not in str(caught.value) or "foreignTask" in str(caught.value)
