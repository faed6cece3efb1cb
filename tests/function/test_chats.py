"""Whole chats through the function as it ships: what becomes of silent customers and of those who wait."""

from tests.function.driving import Twilio
from tests.function.running import RunningFunction


def test_a_silent_customer_is_warned_and_then_released(twilio: Twilio, function: RunningFunction) -> None:
    """After eight minutes the warning, after ten the notice, the task completed, the conversation closed."""
    chat = twilio.chat()
    chat.says("customer", "hello")
    chat.says("agent", "how can I help?")

    twilio.advance("PT8M")
    warned = chat.ours, chat.state
    twilio.advance("PT2M")

    assert (["warning"], "active") == warned
    assert ["warning", "closing"] == chat.ours
    assert "closed" == chat.state
    assert ["completed"] == chat.task_statuses
