"""Two agents in one chat: whose message counts, and from when a silence counts."""

import json

import pytest

from simulator.faults import REMOVED
from tests.function.handling.test_whose_task import path_of
from tests.world.world import Chat, World


def invite(world: World, chat: Chat) -> None:
    """Let the agent invite a colleague, and stay."""
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


def test_a_silence_after_a_colleague_joined_counts_from_then() -> None:
    """Both are present and the colleague writes nothing: warned eight minutes after they joined, ended after ten."""
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

        assert (early, warned, chat.ours) == ([], ["warning"], ["warning", "closing"])
        assert (chat.state, chat.task_statuses) == ("closed", ["completed", "completed"])


def test_a_customer_who_wrote_waits_for_either_of_them() -> None:
    """Nobody is warned, however long it takes."""
    with World() as world:
        chat = world.twilio.answered()
        invite(world, chat)
        chat.does("accept")
        chat.says("customer")
        world.twilio.advance("PT2H")

        assert (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"]) == ([], "agent_silent")


def test_after_a_transfer_the_first_agents_messages_do_not_count() -> None:
    """The first agent left, and the customer waits for the second."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        chat.does("transfer")
        chat.does("accept")
        world.twilio.advance("PT2H")

        assert (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"]) == ([], "agent_silent")


def test_a_message_after_the_invite_does_not_count_once_the_agents_own_task_is_over() -> None:
    """They invite a colleague, write "my colleague comes", and are done once the colleague joins.

    They still take part, as in a chat without an interaction, but the customer waits for the colleague: their message
    is newer than the colleague's task and older than the joining.
    """
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        invite(world, chat)
        world.twilio.advance("PT5S")
        chat.says("agent", "my colleague comes")
        world.twilio.advance("PT5S")
        chat.does("accept")
        world.twilio.rest("POST", path_of(world, chat.task), AssignmentStatus="completed", Reason="passed on")
        world.twilio.advance("PT2H")

        assert (chat.ours, chat.task_statuses[-1]) == ([], "assigned")


def test_a_transfer_that_the_channel_shows_counts_without_a_search() -> None:
    """The chat is older than `pendingInvite` and its transfer is not: nobody is warned meanwhile."""
    with World() as world:
        chat = world.twilio.answered()
        for _ in range(13):
            world.twilio.advance("PT5M")
            chat.says("customer", "...")
            chat.says("agent", "...")
        world.twilio.advance("PT7M30S")
        chat.says("agent", "my colleague takes over")
        chat.does("transfer")
        world.twilio.fault(r"GET .*/Tasks\?.*Evaluate", kind="status", status=503, times=None)
        world.twilio.advance("PT20M")

        assert chat.ours == []


@pytest.mark.parametrize("made", [REMOVED, "0001-01-01T00:00:00Z"], ids=["never", "in the year 1"])
def test_an_invite_without_a_time_still_counts(made: object) -> None:
    """Half an hour after the transfer began nobody is warned or ended."""
    with World() as world:
        chat = world.twilio.answered()
        chat.does("transfer")
        world.twilio.fault(r"(GET|POST) .*/Tasks/WT\w+$", kind="odd", at="date_created", value=made, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT30M")

        assert (chat.ours, chat.task_statuses) == ([], ["assigned", "pending"])
