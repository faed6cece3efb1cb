"""Cases that the campaigns found: a message or a fault at one exact call, in virtual time."""

import re
from collections.abc import Callable, Iterator

import pytest

from sandbox.network import Call, Fault
from tests.world.verdicts import ended_well
from tests.world.world import PUBLIC_URL, Chat, World


@pytest.fixture
def world() -> Iterator[World]:
    """Return the function and Twilio in this process."""
    with World() as world:
        yield world


def due(world: World, *, interaction: bool = True) -> Chat:
    """Return a chat a moment before its end."""
    chat = world.twilio.chat(interaction=interaction)
    chat.says("customer")
    chat.says("agent")
    world.twilio.advance("PT10M", before=True)
    return chat


def spelled(call: Call) -> str:
    """Return the call with the state or status that it asks for."""
    asked = re.search(r"(?:^|&)(?:State|AssignmentStatus)=(closed|completed)", call.body)
    return call.name + (f" {asked[1]}" if asked else "")


def once_before(call_name: str, act: Callable[[], object]) -> Callable[[Call], None]:
    """Do something before the first call of that name."""
    waiting = [act]

    def before(call: Call) -> None:
        if waiting and re.search(call_name, spelled(call)):
            waiting.pop()()

    return before


def once(call_name: str, fault: Fault, times: int = 1) -> Callable[[Call], Fault | None]:
    """Let the first call or calls of that name fail."""
    waiting = [fault] * times
    return lambda call: waiting.pop() if waiting and re.search(call_name, spelled(call)) else None


def test_a_message_before_a_direct_close_is_a_late_reply(world: World) -> None:
    """Without an interaction the conversation is closed last, and the messages are read after that."""
    chat = due(world, interaction=False)
    world.hooks.before = once_before("POST .*/CH closed$", lambda: chat.says("customer", "wait!"))

    world.twilio.advance("PT1S")

    assert world.lines(conversation=chat.conversation)[-1]["outcome"] == "late_reply"
    assert chat.state == "closed"


@pytest.mark.parametrize(("word", "outcome"), [(True, "late_reply"), (False, "done")], ids=["word", "no word"])
def test_a_lost_answer_to_the_close_hides_no_late_reply(world: World, word: bool, outcome: str) -> None:
    """The next round finds the conversation closed by us, before or after the customer's last message."""
    chat = due(world)
    if word:
        world.hooks.before = once_before("POST .*/Channels/UO$", lambda: chat.says("customer", "wait!"))
    world.hooks.trouble = once("POST .*/Channels/UO$", Fault.RESET_AFTER)

    world.twilio.advance("PT1S")

    line = world.lines(conversation=chat.conversation)[-1]
    assert (line["decision"], line["outcome"]) == ("end", outcome)


@pytest.mark.parametrize(
    "call",
    ["GET .*/CH$", "GET .*/Messages$", "GET .*/Participants$", "POST .*/CH$", "POST .*/Messages$", "POST .*/UO$"],
)
def test_a_chat_that_twilio_cannot_find_for_a_moment_is_ended_all_the_same(world: World, call: str) -> None:
    """Twilio has just returned it, so one 404 proves nothing."""
    chat = due(world)
    world.hooks.trouble = once(call, Fault.MISSING)

    world.twilio.advance("PT1S")

    assert ended_well(chat.truth)


def test_a_channel_that_is_not_found_right_after_it_was_read_is_no_reason_to_leave_it_open(world: World) -> None:
    """The chat is handled again, and closed through its channel, or without it if it is gone by then."""
    chat = due(world)
    world.hooks.trouble = once("POST .*/UO$", Fault.MISSING, times=2)

    world.twilio.advance("PT1S")
    world.twilio.advance("PT5M")

    assert ended_well(chat.truth)


def test_a_task_that_twilio_cannot_find_for_a_moment_is_ended_all_the_same(world: World) -> None:
    """The chat has no interaction, so nothing else would end the task."""
    chat = due(world, interaction=False)
    world.hooks.trouble = once("POST .*/WT completed$", Fault.MISSING)

    world.twilio.advance("PT1S")

    assert ended_well(chat.truth)


def test_a_chat_that_an_agent_is_finishing_is_theirs(world: World) -> None:
    """Only a bot wrote after the agent had begun to wrap up: the customer is neither warned nor ended."""
    chat = world.twilio.chat("wrapping")
    chat.says("bot")

    world.twilio.advance("PT20M")

    assert (chat.ours, chat.state, chat.task_statuses) == ([], "inactive", ["wrapping"])


def test_a_chat_that_is_closed_while_its_timer_is_set_stays_closed() -> None:
    """It is closed between the last read and the write; TaskRouter need not try again."""
    with World(arm_on_accept=True) as world:
        world.twilio.listen(PUBLIC_URL)
        chat = world.twilio.chat("queued")
        world.hooks.before = once_before("POST .*/CH$", lambda: chat.does("complete"))

        chat.does("accept")

        line = world.lines(event="accepted", conversation=chat.conversation)[-1]
        assert (line["decision"], line["reason"], chat.state) == ("keep", "closed", "closed")


def test_an_agents_message_that_fails_right_before_our_claim_is_no_answer() -> None:
    """The carrier reports it after the first read and before the one with the claim: the customer waits."""
    with World({"warnBefore": "PT0S"}) as world:
        chat = world.twilio.answered(channel="sms")

        def fail() -> None:
            world.twilio.report_delivery(chat.conversation, "undelivered", 63016)

        def fail_before_the_next_look() -> None:
            world.hooks.before = once_before("GET .*/Messages$", fail)

        world.hooks.before = once_before("GET .*/Messages$", fail_before_the_next_look)
        world.twilio.advance("PT20M")

        assert (chat.ours, chat.task_statuses) == ([], ["assigned"])


@pytest.mark.parametrize("times", [2, 4])
@pytest.mark.parametrize("part", [r"CH\w+$", r"CH\w+/Messages", r"CH\w+/Participants"])
def test_a_chat_that_the_list_shows_is_not_gone_because_it_is_not_found(part: str, times: int) -> None:
    """The customer waits for an answer and the task has our mark from a warning: it is not ended as an orphan."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT9M")
        chat.says("customer", "yes, I am here")
        world.twilio.advance("PT10M")
        world.schedule_sweep()
        world.twilio.fault(rf"GET .*/Conversations/{part}", kind="status", status=404, times=times)
        world.twilio.advance("PT20M")

        assert (chat.task_statuses, world.lines(event="orphans")) == (["assigned"], [])
