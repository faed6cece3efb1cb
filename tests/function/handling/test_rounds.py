"""How often one event is tried, and what happens afterwards."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from sandbox.network import Call, Fault
from tests.world.world import Chat, World


@pytest.fixture
def world() -> Iterator[World]:
    """Return the function and Twilio in this process."""
    with World() as world:
        yield world


def silent(world: World) -> Chat:
    """Return a chat a moment before its warning."""
    chat = world.twilio.answered()
    world.twilio.advance("PT8M", before=True)
    return chat


def reads(world: World, chat: Chat) -> int:
    """Return how often its newest event made us read the conversation from the start."""
    line = world.lines(conversation=chat.conversation)[-1]
    return [call["name"] for call in line["calls"]].count("list_participants")


def outcome(world: World, chat: Chat) -> tuple[str, str]:
    """Return the outcome of its newest event."""
    line = world.lines(conversation=chat.conversation)[-1]
    return str(line.get("outcome", line.get("reason"))), line.get("error", "")


def test_a_chat_that_keeps_changing_is_decided_four_times_and_left_to_its_timer(world: World) -> None:
    """Somebody writes to its task before each claim: that is no error of Twilio's, and nothing is posted."""
    chat = silent(world)
    task = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{chat.task}"
    written = iter(range(100))

    def write(call: Call) -> None:
        if call.name == "POST Workspaces/WS/Tasks/WT":
            attributes = f'{{"conversationSid":"{chat.conversation}","n":{next(written)}}}'
            world.twilio.rest("POST", task, Attributes=attributes)

    world.hooks.before = write
    world.twilio.advance("PT1S")

    assert outcome(world, chat) == ("called_back", "handle: the conversation keeps changing")
    assert (next(written), reads(world, chat), chat.ours) == (4, 4, [])


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.UNAVAILABLE, Fault.GARBLED])
def test_a_failed_read_is_tried_four_times(world: World, fault: Fault) -> None:
    """Then Twilio's timer fires again."""
    chat = silent(world)
    world.hooks.trouble = lambda call: fault if call.name == "GET Services/IS/Conversations/CH/Messages" else None
    world.twilio.advance("PT1S")

    assert (outcome(world, chat)[0], reads(world, chat)) == ("called_back", 4)


def test_a_read_that_works_the_fourth_time_is_in_time(world: World) -> None:
    """The customer is warned as usual."""
    chat = silent(world)
    failing = [Fault.GARBLED] * 3
    world.hooks.trouble = lambda call: failing.pop() if failing and call.name.endswith("CH/Messages") else None
    world.twilio.advance("PT1S")

    assert (outcome(world, chat)[0], reads(world, chat), chat.ours) == ("done", 4, ["warning"])


def test_two_404s_for_the_conversation_are_believed(world: World) -> None:
    """One proves nothing; there is no third read."""
    chat = silent(world)
    world.hooks.trouble = lambda call: Fault.MISSING if call.name == "GET Services/IS/Conversations/CH" else None
    world.twilio.advance("PT1S")

    assert (outcome(world, chat)[0], reads(world, chat)) == ("gone", 2)


@pytest.mark.parametrize(("seconds", "another"), [(2.9, True), (3.1, False)])
@pytest.mark.parametrize("fault", [Fault.GARBLED, Fault.MISSING])
def test_another_round_needs_a_second(world: World, fault: Fault, seconds: float, another: bool) -> None:
    """A webhook has four; a slow answer uses them up."""
    chat = silent(world)
    slow = [seconds - 6 * 0.02]

    def wait(call: Call) -> None:
        if call.name.endswith("CH/Messages") and slow:
            world.wall.sleep(slow.pop())

    world.hooks.before = wait
    world.hooks.trouble = lambda call: fault if call.name.endswith("CH/Messages") else None
    world.twilio.advance("PT1S")

    assert (reads(world, chat) > 1) == another


def test_setting_the_timer_has_time_of_its_own(world: World) -> None:
    """Everything else timed out; half a second was reserved."""
    chat = silent(world)
    world.hooks.trouble = lambda call: Fault.TIMEOUT_BEFORE if call.method == "GET" else None
    world.twilio.advance("PT1S")

    assert outcome(world, chat)[0] == "called_back"
    fires_at = datetime.fromisoformat(world.twilio.rest("GET", chat.path)["timers"]["date_inactive"])
    assert fires_at <= world.now + timedelta(minutes=1)
