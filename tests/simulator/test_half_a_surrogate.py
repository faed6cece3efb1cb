"""Text that has half of a surrogate pair, which JSON can contain and UTF-8 cannot."""

from tests.world.world import World

HALF = "half \ud83d of it"


def test_half_a_surrogate_is_answered_escaped_as_json_allows() -> None:
    """A client that parses the answer has it again; all other text is as it was."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(r"GET .*/Conversations/CH\w+$", kind="odd", at="friendly_name", value=HALF)

        assert world.twilio.rest("GET", chat.path)["friendly_name"] == HALF


def test_the_function_names_a_status_with_half_a_surrogate() -> None:
    """The chat is kept, and the line in the log can be written."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(r"GET .*/Tasks/WT\w+$", kind="odd", at="assignment_status", value=HALF, times=None)
        world.twilio.advance("PT1H")
        lines = world.lines(conversation=chat.conversation)

        assert {line["facts"]["unknownStatus"] for line in lines} == {HALF}
        assert (chat.ours, world.lines(event="failed")) == ([], [])
