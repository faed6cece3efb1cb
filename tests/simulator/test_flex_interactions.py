"""Interactions over REST: created, invited into, transferred, left; and the Flex configuration."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from simulator.running import RunningSimulator

from .conftest import Receiver, World, connect

SMS = {
    "type": "sms",
    "initiated_by": "customer",
    "participants": [{"address": "+15550123", "proxy_address": "+15550100", "name": "Ada"}],
}


def interactions(world: World) -> Any:
    """The SDK's interactions."""
    return world.twilio.flex_api.v1.interaction


def channel(world: World, chat: dict[str, str]) -> Any:
    """The SDK's context of a chat's interaction channel."""
    return interactions(world)(chat["interaction"]).channels(chat["channel"])


def refused(call: Any, *arguments: Any, **named: Any) -> tuple[int, int]:
    """Status and code of a refusal."""
    with pytest.raises(TwilioRestException) as caught:
        call(*arguments, **named)
    return caught.value.status, caught.value.code


def transfer(world: World, chat: dict[str, str], **body: str) -> dict[str, Any]:
    """Create a transfer; its body is JSON."""
    path = f"flex-api/v1/Interactions/{chat['interaction']}/Channels/{chat['channel']}/Transfers"
    answer: dict[str, Any] = world.call("POST", path, json=body).json()
    return answer


def queue_sid(world: World) -> str:
    """The SID of Flex's queue."""
    (queue,) = world.twilio.taskrouter.v1.workspaces(world.workspace_sid).task_queues.list(friendly_name="Everyone")
    sid: str = queue.sid
    return sid


# -- creating ----------------------------------------------------------------------------------------------------------


def test_an_interaction_creates_a_conversation_and_a_task(world: World) -> None:
    """The customer takes part by their address; the task names the chat."""
    made = interactions(world).create(
        channel=SMS,
        routing={"properties": {"attributes": {"topic": "sales"}, "priority": 4, "task_channel_unique_name": "sms"}},
        webhook_ttid="flex_interactionwebhook_01",
    )

    shown = json.loads(made.routing["properties"]["attributes"])
    conversation = world.conversations(shown["conversationSid"])
    (participant,) = conversation.participants.list()
    task = world.tasks(made.routing["properties"]["sid"]).fetch()
    assert (
        shown["flexInteractionSid"],
        shown["flexInteractionChannelSid"],
        shown["channelType"],
        shown["topic"],
        shown["customerName"],
        shown["customerAddress"],
        shown["direction"],
    ) == (made.sid, made.channel["sid"], "sms", "sales", "Ada", "+15550123", "inbound")
    assert shown["conversations"]["media"] == [{"type": "ChatTranscript", "sid": shown["conversationSid"]}]
    assert (
        task.assignment_status,
        task.priority,
        task.task_channel_unique_name,
        task.task_queue_friendly_name,
    ) == ("pending", 4, "sms", "Everyone")
    assert participant.messaging_binding["address"] == "+15550123"
    assert interactions(world)(made.sid).fetch().webhook_ttid == "flex_interactionwebhook_01"


def test_a_chat_created_over_rest_works_like_any_other(world: World) -> None:
    """Through the control plane, agents accept, and customers and agents write."""
    made = interactions(world).create(channel=SMS, routing={"properties": {"attributes": {}}})
    sid = json.loads(made.routing["properties"]["attributes"])["conversationSid"]
    chat = {"conversation": sid}
    world.do(chat, "accept")
    world.say(chat, "customer", "hello")
    world.say(chat, "agent", "hi")

    truth = world.truth(chat)
    assert [message["kind"] for message in truth["messages"]] == ["customer", "agent"]
    assert ([task["status"] for task in truth["tasks"]], truth["interaction"]) == (["assigned"], made.sid)


def test_an_interaction_can_use_an_existing_conversation(world: World) -> None:
    """Webchat does so; a conversation has one channel at a time, and needs no task."""
    conversation = world.conversations.create()
    conversation.participants.create(identity="visitor")
    over = {"type": "web", "initiated_by": "customer", "properties": {"media_channel_sid": conversation.sid}}
    made = interactions(world).create(channel=over)

    assert made.routing is None
    assert [one.type for one in interactions(world)(made.sid).channels(made.channel["sid"]).participants.list()] == [
        "customer"
    ]
    assert refused(interactions(world).create, channel=over) == (409, 20409)
    assert world.tasks.list() == []


def test_a_closed_conversation_gets_no_channel(world: World) -> None:
    """45354, for interactions and invites."""
    chat = world.chat(stage="assigned")
    world.conversation(chat).update(state="closed")
    over = {"type": "web", "initiated_by": "api", "properties": {"media_channel_sid": chat["conversation"]}}

    assert refused(interactions(world).create, channel=over) == (400, 45354)
    assert refused(channel(world, chat).invites.create, routing={"properties": {"priority": 1}}) == (400, 45354)


@pytest.mark.parametrize(
    "described",
    [
        "",
        "{",
        "[]",
        {"type": "pigeon", "participants": [{"address": "a"}]},
        {"type": "sms"},
        {"type": "sms", "participants": {}},
        {"type": "sms", "participants": [{}]},
        {"type": "sms", "participants": ["+1555"]},
        {"type": "sms", "participants": [{"address": 3}]},
        {"type": "sms", "initiated_by": "nobody", "participants": [{"address": "+15550123"}]},
        {"type": "web", "properties": {"media_channel_sid": 3}},
    ],
)
def test_an_invalid_channel_is_refused(world: World, described: object) -> None:
    """20001, and nothing is created."""
    text = described if isinstance(described, str) else json.dumps(described)

    answer = world.call("POST", "flex-api/v1/Interactions", {"Channel": text})

    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert world.conversations.list() == []


@pytest.mark.parametrize(
    ("routing", "refusal"),
    [
        ("{", (400, 20001)),
        ('{"properties": []}', None),
        ('{"properties": [1]}', (400, 20001)),
        ('{"properties": {"attributes": "["}}', (400, 20001)),
        ('{"properties": {"priority": true}}', (400, 20001)),
        ('{"properties": {"timeout": "never"}}', (400, 20001)),
        ('{"properties": {"workspace_sid": "WS00000000000000000000000000000000"}}', (404, 20404)),
        ('{"properties": {"workflow_sid": "WW00000000000000000000000000000000"}}', (404, 20404)),
        ('{"properties": {"queue_sid": "WQ00000000000000000000000000000000"}}', (404, 20404)),
        ('{"properties": {"worker_sid": "WK00000000000000000000000000000000"}}', (404, 20404)),
        ('{"properties": {"task_channel_unique_name": "pigeon"}}', (404, 20404)),
    ],
)
def test_an_invalid_routing_is_refused(world: World, routing: str, refusal: tuple[int, int] | None) -> None:
    """Nothing is created; without properties there is no task."""
    answer = world.call("POST", "flex-api/v1/Interactions", {"Channel": json.dumps(SMS), "Routing": routing})

    if refusal is None:
        assert (answer.status_code, answer.json()["routing"]) == (200, None)
    else:
        assert (answer.status_code, answer.json()["code"]) == refusal
        assert world.conversations.list() == []


def test_an_address_pair_that_is_taken_leaves_nothing_behind(world: World) -> None:
    """50416 from Conversations, and the conversation that was made for it is gone."""
    interactions(world).create(channel=SMS)

    assert refused(interactions(world).create, channel=SMS)[1] == 50416
    assert len(world.conversations.list()) == 1


def test_in_the_other_dialect_interactions_cannot_be_read(running: RunningSimulator) -> None:
    """405 for every GET; writing works."""
    world = connect(running, dialect={"interactionReads": "refused"})
    chat = world.chat(stage="assigned")
    context = channel(world, chat)

    path = f"flex-api/v1/Interactions/{chat['interaction']}"
    reads = ("", "/Channels", f"/Channels/{chat['channel']}", f"/Channels/{chat['channel']}/Participants")
    answers = [world.call("GET", path + read) for read in reads]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(405, 20004)}
    assert context.update(status="closed", routing={"status": "closed"}).status == "closed"


# -- invites and transfers ---------------------------------------------------------------------------------------------


def test_an_invite_is_a_second_task_and_the_first_agent_stays(world: World) -> None:
    """It names the chat as the first does; the agent who accepts joins the first one."""
    chat = world.chat(stage="assigned", attributes={"vip": True})
    invite = channel(world, chat).invites.create(
        routing={"properties": {"queue_sid": queue_sid(world), "attributes": {"why": "help"}}}
    )
    shown = json.loads(invite.routing["properties"]["attributes"])
    assert (
        shown["conversationSid"],
        shown["flexInteractionSid"],
        shown["flexInteractionChannelSid"],
        shown["flexChannelInviteSid"],
        shown["why"],
        shown["vip"],
    ) == (chat["conversation"], chat["interaction"], chat["channel"], invite.sid, "help", True)
    assert [task["status"] for task in world.truth(chat)["tasks"]] == ["assigned", "pending"]
    assert channel(world, chat).invites.list()[-1].sid == invite.sid

    world.do(chat, "accept")

    truth = world.truth(chat)
    assert [task["status"] for task in truth["tasks"]] == ["assigned", "assigned"]
    assert [one["type"] for one in truth["interactionChannel"]["participants"]] == ["customer", "agent", "agent"]


def test_an_invite_needs_a_routing(world: World) -> None:
    """20001 without one."""
    context = channel(world, world.chat(stage="assigned"))

    assert {refused(context.invites.create, routing=routing) for routing in ("", "{}", "[")} == {(400, 20001)}


@pytest.mark.parametrize(("kind", "left"), [("cold", ["agent 2"]), ("warm", ["agent", "agent 2"])])
def test_a_transfer_completes_when_it_is_accepted(world: World, kind: str, left: list[str]) -> None:
    """Cold: the first agent leaves and their task ends. Warm: they stay."""
    chat = world.chat(stage="assigned")
    agent = channel(world, chat).participants.list()[1]
    made = transfer(world, chat, type=kind, to=queue_sid(world), **{"from": agent.sid})
    during = channel(world, chat).fetch().status

    world.do(chat, "accept")

    path = f"flex-api/v1/Interactions/{chat['interaction']}/Channels/{chat['channel']}/Transfers/{made['sid']}"
    read = world.call("GET", path).json()
    assert (
        made["status"],
        during,
        read["status"],
        channel(world, chat).fetch().status,
    ) == ("active", "transfer", "completed", "active")
    assert [
        one["identity"].replace("_", " ") for one in world.truth(chat)["participants"] if one["kind"] == "agent"
    ] == left


def test_a_cold_transfer_removes_only_its_own_agent(world: World) -> None:
    """An agent who was invited stays."""
    chat = world.chat(stage="assigned")
    channel(world, chat).invites.create(routing={"properties": {"queue_sid": queue_sid(world)}})
    world.do(chat, "accept")
    first, second = channel(world, chat).participants.list()[1:]
    transfer(world, chat, type="cold", to=queue_sid(world), **{"from": second.sid})

    world.do(chat, "accept")

    left = [one.sid for one in channel(world, chat).participants.list() if one.type == "agent"]
    assert (first.sid in left, second.sid in left, len(left)) == (True, False, 2)
    assert [task["status"] for task in world.truth(chat)["tasks"]] == ["assigned", "completed", "assigned"]


def test_a_failed_transfer_ends_its_task(world: World) -> None:
    """The first agent keeps the chat; a transfer fails once."""
    chat = world.chat(stage="assigned")
    made = transfer(world, chat, type="cold", to=queue_sid(world))
    path = f"flex-api/v1/Interactions/{chat['interaction']}/Channels/{chat['channel']}/Transfers/{made['sid']}"

    answers = [world.call("POST", path, json={"status": status}) for status in ("nonsense", "failed", "completed")]

    assert [answer.status_code for answer in answers] == [400, 200, 400]
    assert (
        [task["status"] for task in world.truth(chat)["tasks"]],
        channel(world, chat).fetch().status,
    ) == (["assigned", "canceled"], "active")


@pytest.mark.parametrize(
    "body",
    [
        {"to": "nobody"},
        {"type": "lukewarm", "to": "WQ00000000000000000000000000000000"},
        {"to": 3},
        {"to": "WQ00000000000000000000000000000000", "note_sid": "x"},
        {},
    ],
)
def test_an_invalid_transfer_is_refused(world: World, body: dict[str, object]) -> None:
    """20001, and there is no second task."""
    chat = world.chat(stage="assigned")
    path = f"flex-api/v1/Interactions/{chat['interaction']}/Channels/{chat['channel']}/Transfers"

    answer = world.call("POST", path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert len(world.truth(chat)["tasks"]) == 1


# -- participants ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "task"), [("closed", "completed"), ("wrapup", "wrapping")])
def test_an_agent_can_be_removed_and_the_conversation_stays(
    world: World, receiver: Receiver, status: str, task: str
) -> None:
    """Their task ends or is wrapped up; the conversation is active, and no webhook fires."""
    world.listen(receiver.url, "onConversationStateUpdated", "onParticipantRemoved")
    chat = world.chat(stage="assigned")
    agent = channel(world, chat).participants.list()[1]

    channel(world, chat).participants(agent.sid).update(status=status)
    world.advance("PT0S")

    truth = world.truth(chat)
    assert (
        [each["status"] for each in truth["tasks"]],
        truth["state"],
        truth["interactionChannel"]["status"],
        [one["kind"] for one in truth["participants"]],
        receiver.events(),
    ) == ([task], "active", "active", ["customer"], [])
    assert refused(channel(world, chat).participants(agent.sid).update, status=status) == (404, 20404)


def test_a_participant_is_closed_or_wrapped_up(world: World) -> None:
    """No other status is accepted, and nobody is removed then."""
    chat = world.chat(stage="assigned")
    agent = channel(world, chat).participants.list()[1]

    assert refused(channel(world, chat).participants(agent.sid).update, status="paused") == (400, 20001)
    assert [task["status"] for task in world.truth(chat)["tasks"]] == ["assigned"]


def test_a_participant_can_be_added_without_an_invite(world: World) -> None:
    """Customers and others; they take part in the conversation too."""
    chat = world.chat(stage="assigned")
    made = channel(world, chat).participants.create(type="external", media_properties={"identity": "colleague"})

    assert (made.type, made.routing_properties) == ("external", None)
    assert "colleague" in [one["identity"] for one in world.truth(chat)["participants"]]
    for properties in ("", "{", "{}"):
        assert refused(channel(world, chat).participants.create, type="customer", media_properties=properties) == (
            400,
            20001,
        )


def test_a_closed_channel_is_closed(world: World) -> None:
    """It cannot be parked any more; closing it again is no error."""
    chat = world.chat(stage="assigned")
    context = channel(world, chat)
    context.update(status="closed", routing={"status": "closed"})

    assert refused(context.update, status="inactive", routing={"status": "closed"}) == (400, 20001)
    assert context.update(status="closed").status == "closed"


# -- configuration -----------------------------------------------------------------------------------------------------


def test_the_flex_configuration_keeps_what_is_written(world: World) -> None:
    """A JSON body; what is not in it stays, what Flex does not know is ignored."""
    written = {
        "account_sid": world.simulator.account_sid,
        "ui_attributes": {"theme": "dark"},
        "crm_enabled": True,
        "serverless_service_sids": ["ZS" + "0" * 32],
        "nonsense": 1,
    }
    answer = world.call("POST", "flex-api/v1/Configuration", json=written)
    world.call("POST", "flex-api/v1/Configuration", json={"public_attributes": {"a": 1}})

    read = world.call("GET", "flex-api/v1/Configuration").json()
    assert answer.status_code == 200
    assert (
        read["ui_attributes"],
        read["crm_enabled"],
        read["serverless_service_sids"],
        read["public_attributes"],
    ) == ({"theme": "dark"}, True, ["ZS" + "0" * 32], {"a": 1})
    assert "nonsense" not in read
    assert read["taskrouter_workspace_sid"] == world.workspace_sid


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"account_sid": "AC00000000000000000000000000000000"}, 400),
        ({"crm_enabled": "yes"}, 400),
        ({"serverless_service_sids": ["here"]}, 400),
        ({"ui_attributes": []}, 400),
        ({"taskrouter_workspace_sid": "here"}, 400),
        ({"taskrouter_workspace_sid": "WS00000000000000000000000000000000"}, 404),
        ({"chat_service_instance_sid": "IS00000000000000000000000000000000"}, 404),
    ],
)
def test_an_invalid_flex_configuration_changes_nothing(world: World, body: dict[str, object], status: int) -> None:
    """Types, SIDs and accounts are checked."""
    before = world.call("GET", "flex-api/v1/Configuration").json()

    assert world.call("POST", "flex-api/v1/Configuration", json=body).status_code == status
    assert world.call("GET", "flex-api/v1/Configuration").json() == before


def test_an_event_address_of_an_interaction_can_be_changed(world: World) -> None:
    """The interaction's own webhook is stored; its events are not simulated."""
    chat = world.chat(stage="assigned")

    assert (
        interactions(world)(chat["interaction"]).update(webhook_ttid="flex_interactionwebhook_02").webhook_ttid
        == "flex_interactionwebhook_02"
    )
