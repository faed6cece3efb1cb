"""Found by reading, as somebody whose account and data are others; each fails until the function is mended.

Each test's docstring says what is right, and why.
"""

from tests.world.world import World


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
