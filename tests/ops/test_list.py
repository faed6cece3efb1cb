"""`inactivity list`: what is next for each open chat, and how many wait for whom."""

import json
from pathlib import Path

from tests.ops.test_command import run, silent
from tests.world.driving import Twilio


def test_what_is_due_first_stands_first(twilio: Twilio, outputs: Path) -> None:
    """A warning that is due, one that comes, and a chat that waits for its agent."""
    late = silent(twilio)
    twilio.advance("PT9M")
    waits = twilio.chat()
    waits.says("customer")
    soon = silent(twilio)
    twilio.advance("PT1M")

    found = json.loads(run(outputs, "list", "--json").output)

    assert [(each["conversation"], each["step"], each["dueIn"]) for each in found["chats"]] == [
        (late.conversation, "warning 1", "-PT2M"),
        (soon.conversation, "warning 1", "PT7M"),
        (waits.conversation, "", None),
    ]
    assert found["totals"] == {"the customer": 2, "an agent's answer": 1}


def test_a_line_has_state_step_queue_rule_and_agent(twilio: Twilio, outputs: Path) -> None:
    """In columns, with the totals below."""
    chat = silent(twilio)
    twilio.advance("PT3M")

    head, line, totals = run(outputs, "list").output.splitlines()

    assert head.split("  ")[0] == "conversation"
    assert [each.strip() for each in line.split("  ") if each.strip()] == [
        chat.conversation,
        "active",
        "warning 1",
        "in 5 min",
        "3 min",
        "not_yet",
        "Everyone",
        "default",
        "agent",
    ]
    assert totals == "1 open: 1 waiting for the customer."


def test_those_who_wait_and_those_who_were_set_aside_are_counted(twilio: Twilio, outputs: Path) -> None:
    """Queued and paused."""
    twilio.chat("queued").says("customer")
    silent(twilio).does("pause")

    assert run(outputs, "list").output.splitlines()[-1] == "2 open: 1 waiting for an agent to accept, 1 paused."


def test_without_a_chat_the_list_is_one_line(twilio: Twilio, outputs: Path) -> None:
    """Nothing to do is no failure."""
    said = run(outputs, "list")

    assert (said.exit_code, said.output) == (0, "0 open.\n")


def test_a_chat_that_cannot_be_read_is_named_and_the_others_are_listed(twilio: Twilio, outputs: Path) -> None:
    """Status 1."""
    broken, whole = silent(twilio), silent(twilio)
    twilio.fault(
        f"GET /conversations/v1/Services/[^/]+/Conversations/{broken.conversation}$", "status", status=403, times=None
    )

    said = run(outputs, "list")

    assert said.exit_code == 1
    assert whole.conversation in said.output
    assert f"{broken.conversation} could not be read: fetch_conversation: HTTP 403" in said.output
