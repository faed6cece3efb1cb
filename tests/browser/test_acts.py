"""What a person does on the page: chats, time, decisions, faults."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from laptop.decision_feed import decision_feed
from tests.browser.conftest import Open
from tests.browser.person import Person
from tests.world.driving import Twilio
from tests.world.running import RunningFunction

SILENT = [
    "✗ unknown status",
    "✗ closed (inactive)",
    "✗ set aside (active)",
    "✗ exempt",
    "✗ on hold",
    "✗ channel unknown (active)",
    "✗ transfer (active)",
    "✗ notice sent",
    "✗ left over",
    "✗ no live task (assigned)",
    "✗ queued (assigned)",
    "✗ agent silent (last word: agent)",
    "✗ not yet (8:00)",
    "✓ warning due (8:00)",
]
"""What the page shows of the decision to warn."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_silent_customer_is_warned_and_the_chat_ends(
    scheme: str,
    twilio: Twilio,
    function: RunningFunction,
    open_page: Open,
    picture: Callable[[Person, str], None],
) -> None:
    """A person plays the whole chat on the page; the function that ships does its part."""
    for stage in ("queued", "assigned", "assigned"):
        other = twilio.create_chat(stage=stage, channel="whatsapp").conversation
        twilio.say(other, "customer", "Hello, can you help me?")
        twilio.advance("PT40S")
    person = open_page(twilio, scheme)
    person.creates("web", "queued")
    person.writes("customer", "My parcel has not arrived.")
    person.does("Accept")
    person.sees(person.chat.get_by_role("cell"), "assigned")
    person.advances(30, "seconds")
    person.writes("agent", "I am sorry to hear that. What is the order number?")
    person.sees(person.chats.filter(has_text="Customer 4"), "inactive in 8:00")

    with decision_feed(twilio, function.log):
        for _ in range(4):  # those of the other chats fire first
            person.jumps()
        person.sees(person.timeline, "Are you still there?")
        person.sees(person.decision, "✓ warning due (8:00)")
        assert person.texts(person.decision)[1:] == SILENT
        person.page.get_by_label("only of this chat").check()
        picture(person, f"simulator-page-{scheme}")
        person.jumps()
        person.sees(person.timeline, "This chat has ended")
        person.sees(person.chats.filter(has_text="Customer 4"), "closed")
        person.sees(person.chat.get_by_role("cell"), "completed")
