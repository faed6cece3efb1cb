"""Found by reading, as somebody whose account and data are others; each fails until the function is mended.

Each test's docstring says what is right, and why.
"""

import json

from tests.function.handling.test_two_agents import invite
from tests.function.handling.test_who_is_who import agent_of, roles
from tests.function.handling.test_whose_task import path_of
from tests.world.world import Chat, World

NAMED = {"flexAttributes": "named"}
"""Flex writes its interaction and channel on the conversation, so they are known when the task is gone."""


def alarms(world: World, chat: Chat) -> list[str]:
    """What a person was told of."""
    return [line["alarm"] for line in world.lines(conversation=chat.conversation) if line.get("alarm")]


def test_a_copied_note_lets_nobody_close_the_channel_of_another_chat() -> None:
    """A plugin copies the old chat's attributes to the new conversation: its customer still waits, and keeps waiting.

    Where nobody lets us read invites, our note is all that proves a channel, so it must say whose note it is.
    """
    with World() as world:
        other = world.twilio.answered()
        world.twilio.advance("PT8M")
        other.says("customer", "and my money?")
        chat = world.twilio.answered()
        world.twilio.rest("POST", chat.path, Attributes=world.twilio.rest("GET", other.path)["attributes"])
        world.twilio.fault(r"GET .*/Invites", kind="status", status=403, times=None)
        world.twilio.advance("PT10M")

        assert ("closed", "inactive") == (chat.state, other.state)


def test_a_bots_word_from_before_the_task_was_lost_is_no_answer() -> None:
    """Asked to wait for an agent, the customer waits; that the workflow cancels the task answers nothing."""
    with World() as world:
        chat = world.twilio.chat("queued")
        chat.says("customer", "hello?")
        chat.says("bot", "an agent will be with you shortly")
        world.twilio.advance("PT9M")
        chat.does("cancel")
        world.schedule_sweep()
        world.twilio.advance("PT30M")

        assert ([], True) == (chat.ours, chat.state != "closed")


def test_a_machines_word_while_an_agent_had_the_chat_is_no_answer_after_the_agents_task_was_lost() -> None:
    """The customer asked the agent; "thank you for waiting" is not the agent's answer, deleted task or not."""
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "but when does it come?")
        chat.says("bot", "thank you for waiting")
        world.twilio.advance("PT9M")
        chat.does("delete")
        world.schedule_sweep()
        world.twilio.advance("PT30M")

        assert ([], True) == (chat.ours, chat.state != "closed")


def test_the_fate_of_the_newest_task_is_not_another_tasks() -> None:
    """The first agent's task ended with the hand-over, the second's is lost, and its event is a minute late.

    That says nothing yet: it is asked again, and the silent customer of the second agent is released.
    """
    with World(dialect={**NAMED, "eventLag": "a_minute"}) as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT10S")
        chat.does("transfer")
        chat.does("accept")
        world.twilio.advance("PT10S")
        chat.says("agent", "I take over")
        world.twilio.advance("PT7M50S")
        chat.does("delete")
        world.schedule_sweep()
        world.twilio.advance("PT2H")

        assert ("closed", ["warning", "closing"]) == (chat.state, chat.ours)


def test_invites_that_nobody_took_do_not_hide_that_the_agent_finished() -> None:
    """Three colleagues were asked in and did not come, then the agent completed their own task: kept, not lost."""
    with World(dialect=NAMED) as world:
        chat = world.twilio.answered()
        for _ in range(3):
            world.twilio.advance("PT10S")
            invite(world, chat)
            chat.does("cancel")
        world.twilio.advance("PT10S")
        chat.says("agent", "I have sent it to you")
        world.twilio.rest("POST", path_of(world, chat.task), AssignmentStatus="completed", Reason="done")
        world.twilio.advance("PT30M")

        assert ("inactive", []) == (chat.state, chat.ours)
