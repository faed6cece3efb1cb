"""Somebody else closed the conversation: its agent has `timeout` to finish the task."""

import json

import pytest

from tests.world.world import Chat, World


def close(world: World, chat: Chat) -> None:
    """Close the conversation over REST, as the customer's site does."""
    world.twilio.rest("POST", chat.path, State="closed")


@pytest.mark.parametrize("interaction", [True, False])
def test_an_assigned_task_is_its_agents_for_timeout_then_wrapping_then_completed(interaction: bool) -> None:
    """Each stage takes ten minutes, the policy's timeout; the sweep runs every five."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered(interaction=interaction)
        world.twilio.advance("PT9M")
        chat.says("agent", "anything else?")  # so the task is known to be the chat's
        close(world, chat)
        seen = []
        for _ in range(11):
            world.twilio.advance("PT5M")
            seen += chat.task_statuses

        assert seen[:1] == ["assigned"]
        assert sorted(seen, key=["assigned", "wrapping", "completed"].index) == seen
        assert set(seen) == {"assigned", "wrapping", "completed"}
        assert chat.ours == ["warning"]


def test_with_task_ending_wrap_it_is_left_wrapping() -> None:
    """The agent completes it."""
    with World({"policy": {"taskEnding": "wrap"}}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        close(world, chat)
        world.twilio.advance("PT2H")

        assert chat.task_statuses == ["wrapping"]


def test_a_task_that_the_agent_wraps_up_is_left_to_them() -> None:
    """This holds however long it takes."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        close(world, chat)
        chat.does("wrap")
        world.twilio.advance("PT2H")

        assert chat.task_statuses == ["wrapping"]


@pytest.mark.parametrize("where", ["exempt", "held"])
def test_exemptions_and_holds_count_here_too(where: str) -> None:
    """The task stays assigned."""
    with World({"policy": {"exempt": {"task": {"doNotClose": True}}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        path = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{chat.task}"
        attributes = json.loads(world.twilio.rest("GET", path)["attributes"])
        more = {"doNotClose": True} if where == "exempt" else {"doNotTimeOutUntil": "2026-12-31T00:00:00Z"}
        world.twilio.rest("POST", path, Attributes=json.dumps({**attributes, **more}))
        close(world, chat)
        world.twilio.advance("PT2H")

        assert chat.task_statuses == ["assigned"]


def test_a_task_that_nobody_accepted_is_cancelled_at_once() -> None:
    """No agent should be invited to a closed conversation."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.chat("queued")
        close(world, chat)
        world.twilio.advance("PT20M")

        assert chat.task_statuses in (["canceled"], ["completed"])


def test_twilios_own_closed_timer_leaves_the_task_to_its_agent_too() -> None:
    """Its event is handled at once."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.rest("POST", chat.path, **{"Timers.Closed": "PT10M", "Timers.Inactive": "PT0S", "State": "active"})
        world.twilio.advance("PT11M")
        first = (chat.state, chat.task_statuses)
        world.schedule_sweep()
        world.twilio.advance("PT21M")

        assert (first, chat.task_statuses) == (("closed", ["assigned"]), ["wrapping"])


def test_if_we_closed_it_the_task_is_ended_at_once() -> None:
    """The process died between closing the conversation and ending the task."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        world.twilio.advance("PT9M59S")
        world.twilio.fault(r"POST .*/Tasks/WT\w+$", kind="status", status=503, nth=3, times=4)
        world.twilio.advance("PT5S")
        close(world, chat)
        world.twilio.advance("PT1M")
        world.schedule_sweep()
        world.twilio.advance("PT46M")

        assert chat.task_statuses == ["completed"]


def test_a_channel_that_cannot_be_closed_any_more_is_finished_agent_by_agent() -> None:
    """Flex answers 45360: the participant is closed, the task wraps up and is completed."""
    with World(dialect={"closedConversation": "fails"}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        close(world, chat)
        world.twilio.advance("PT1H")

        assert chat.task_statuses == ["completed"]
        assert any("/Participants/UT" in call.path for call in world.sweeper.wire.calls if call.method == "POST")
