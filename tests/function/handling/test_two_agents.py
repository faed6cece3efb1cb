"""Two agents in one chat: whose word counts, and from when a silence is counted."""

import json

from tests.world.world import Chat, World


def invite(world: World, chat: Chat) -> None:
    """The agent asks a colleague into the chat, and stays."""
    workspace = world.twilio.account.workspace_sid
    task = world.twilio.rest("GET", f"taskrouter/v1/Workspaces/{workspace}/Tasks/{chat.task}")
    attributes = json.loads(task["attributes"])
    channel = f"Interactions/{attributes['flexInteractionSid']}/Channels/{attributes['flexInteractionChannelSid']}"
    routing = {
        "workspace_sid": workspace,
        "workflow_sid": task["workflow_sid"],
        "task_channel_unique_name": task["task_channel_unique_name"],
        "attributes": attributes,
    }
    world.twilio.rest("POST", f"flex-api/v1/{channel}/Invites", Routing=json.dumps({"properties": routing}))


def test_a_silence_after_a_colleague_came_is_counted_from_their_coming() -> None:
    """Both are here, and the colleague writes nothing: warned eight minutes after they joined, ended at ten."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        invite(world, chat)
        chat.does("accept")
        world.twilio.advance("PT7M50S")
        early = chat.ours
        world.twilio.advance("PT10S")
        warned = chat.ours
        world.twilio.advance("PT2M")

        assert ([], ["warning"], ["warning", "closing"]) == (early, warned, chat.ours)
        assert ("closed", ["completed", "completed"]) == (chat.state, chat.task_statuses)


def test_a_customer_who_wrote_waits_for_either_of_them() -> None:
    """Nobody is warned, however long it takes."""
    with World() as world:
        chat = world.twilio.answered()
        invite(world, chat)
        chat.does("accept")
        chat.says("customer")
        world.twilio.advance("PT2H")

        assert ([], "agent_silent") == (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"])


def test_after_a_hand_over_the_first_agents_words_do_not_count() -> None:
    """They have gone, and the customer waits for the second."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        chat.does("transfer")
        chat.does("accept")
        world.twilio.advance("PT2H")

        assert ([], "agent_silent") == (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"])
