"""Which calls each step makes to Twilio, in which order, and what they write."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from sandbox.network import Call
from tests.world.world import PUBLIC_URL, Chat, World

OURS = ("inactivityTimeout", "conversations")


def spelled(call: Call) -> str:
    """Return the call without SIDs, with its parameters, and with our part of the attributes."""
    method, _, path = call.name.partition(" ")
    words = [method, re.sub(r"^(Services/IS|Workspaces/WS|Interactions/KD/Channels)/(Conversations/)?", "", path)]
    for name, value in sorted(parse_qsl(call.body)):
        if name == "Attributes":
            words += [json.dumps({key: of for key, of in json.loads(value).items() if key in OURS})]
        else:
            words += [f"{name}={value}"]
    text = re.sub(r'"by": "[0-9a-f]{32}"', '"by": "us"', " ".join(words))
    return re.sub(r"\b([A-Z]{2})[0-9a-f]{32}\b", r"\1", text)


def calls(world: World, after: str, chat: Chat) -> list[str]:
    """Return the calls that this chat's one event causes after that time."""
    before = len(world.instance.wire.calls)
    world.twilio.advance(after)
    assert len(world.lines(conversation=chat.conversation)) == 1
    return [spelled(call) for call in world.instance.wire.calls[before:]]


CHAT = ["GET CH", "GET CH/Messages", "GET CH/Participants"]
"""Read at once."""
FOUND = [*CHAT, "GET Roles", "GET Tasks (search)", "GET Tasks/WT"]
"""By a process that knows nothing."""
FIRST = [*FOUND, "GET UO", "GET UO/Invites"]
"""Likewise, of a chat with an interaction: its invites prove the task, once."""
WORKER = ["GET Tasks/WT/Reservations", "GET Workers/WK"]
"""Without an interaction the worker proves it."""
NOTE = '{"inactivityTimeout": {"of": "CH", "task": "WT", "interaction": "KD", "channel": "UO"}}'
NO_WARNING: Mapping[str, Any] = {"policy": {"warnings": []}}


def claim(step: int, until: str, answered_index: int = 1) -> str:
    """Return a task's claim."""
    lease = f'"leaseUntil": "2026-01-05T{until}Z"'
    return f'"by": "us", "step": {step}, "answeredIndex": {answered_index}, {lease}, "of": "WT"'


def notice(kind: str, step: int, text: str, answered_index: int = 1) -> str:
    """Return a message of ours."""
    marker = f'{{"inactivityTimeout": {{"kind": "{kind}", "step": {step}, "answeredIndex": {answered_index}}}}}'
    return f"POST CH/Messages {marker} Author=system Body={text}"


def the_end(step: int, until: str, text: str, answered_index: int = 1) -> list[str]:
    """Return the calls of an end: claim, notice, outcome."""
    claimed = claim(step, until, answered_index)
    return [
        f'POST Tasks/WT {{"inactivityTimeout": {{{claimed}}}}}',
        notice("closing", step, text, answered_index),
        f'POST Tasks/WT {{"inactivityTimeout": {{{claimed}}}, "conversations": {{"outcome": "inactivity_timeout"}}}}',
    ]


ARE_YOU_THERE = "Are you still there? If we do not hear from you, this chat ends in 2 min."
GOODBYE = "This chat has ended because we did not hear from you. Write to us again at any time."
SORRY = "We are sorry that nobody could answer you. This chat ends now; write to us again at any time."
VERIFY = ["GET CH", "GET CH/Messages"]
VERIFY_TASK = [*VERIFY, "GET Tasks/WT"]
"""Whether it is an agent's still."""
CLOSE = ["POST CH State=closed", "GET CH/Messages"]


def test_a_warning_is_claimed_then_posted_and_then_its_timer_is_checked() -> None:
    """The timer is set with the claim, and the SIDs are noted in the attributes that were just read."""
    with World() as world:
        assert calls(world, "PT8M", world.twilio.answered()) == [
            *FIRST,
            "GET CH/Messages",
            "POST CH State=active Timers.Inactive=PT2M",
            f'POST Tasks/WT {{"inactivityTimeout": {{{claim(1, "00:08:30")}}}}}',
            notice("warning", 1, ARE_YOU_THERE),
            "GET CH",
            f"POST CH {NOTE} State=active Timers.Inactive=PT2M",
        ]


def test_what_is_noted_already_is_not_noted_with_the_next_warning() -> None:
    """It is not proven again either."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT8M")
        chat.says("customer")
        chat.says("agent")
        world.twilio.advance("PT2M")
        world.clear_log()

        asked = calls(world, "PT6M", chat)
        assert asked[:6] == [*CHAT, "GET Tasks/WT", "GET UO", "GET CH/Messages"]
        assert asked[-2:] == [notice("warning", 1, ARE_YOU_THERE, 4), "GET CH"]


def test_the_end_of_a_known_chat_searches_with_the_claim_and_closes_its_channel() -> None:
    """There is no search before it and no note to write; the channel closes conversation and task."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT8M")
        world.clear_log()

        assert calls(world, "PT2M", chat) == [
            *CHAT,
            "GET Tasks/WT",
            "GET UO",
            "GET CH/Messages",
            "POST CH State=active Timers.Inactive=PT1M",
            "GET Tasks (search)",
            *the_end(2, "00:10:30", GOODBYE),
            'POST UO Routing={"status": "closed"} Status=closed',
            *VERIFY_TASK,
        ]


def test_a_task_that_is_left_to_its_agent_is_not_ended() -> None:
    """Flex puts the task into wrapping when the channel closes, as `taskEnding: wrap` asks."""
    with World({"policy": {"warnings": [], "taskEnding": "wrap"}}) as world:
        assert calls(world, "PT10M", world.twilio.answered())[-4:] == ["POST UO Status=closed", *VERIFY_TASK]


def test_without_an_interaction_the_task_is_completed_and_then_the_conversation_closed() -> None:
    """Then the messages are read again, because one may have been written in between."""
    with World(NO_WARNING) as world:
        assert calls(world, "PT10M", world.twilio.answered(interaction=False)) == [
            *FOUND,
            *WORKER,
            "GET CH/Messages",
            "POST CH State=active Timers.Inactive=PT1M",
            *the_end(1, "00:10:30", GOODBYE),
            "POST Tasks/WT AssignmentStatus=completed Reason=The customer went silent",
            *VERIFY_TASK,
            *CLOSE,
        ]


def test_without_an_interaction_a_task_may_be_left_to_its_agent_too() -> None:
    """It is put into wrapping."""
    with World({"policy": {"warnings": [], "taskEnding": "wrap"}}) as world:
        asked = calls(world, "PT10M", world.twilio.answered(interaction=False))

        assert asked[-6] == "POST Tasks/WT AssignmentStatus=wrapping Reason=The customer went silent"


def test_a_bots_chat_has_nothing_to_claim_and_nothing_to_note() -> None:
    """There is no task: the notice is posted and the conversation closed."""
    with World(NO_WARNING) as world:
        assert calls(world, "PT10M", world.twilio.answered("bot")) == [
            *FOUND[:-1],
            "GET CH/Messages",
            "POST CH State=active Timers.Inactive=PT1M",
            notice("closing", 1, GOODBYE),
            *VERIFY,
            *CLOSE,
        ]


QUEUED_FOR_NINE_MINUTES: Mapping[str, Any] = {"policy": {"warnings": [], "whenQueued": {"do": "end", "after": "PT9M"}}}


def test_a_task_that_nobody_accepted_ends_with_its_channel() -> None:
    """Afterwards the task is read to verify that."""
    with World(QUEUED_FOR_NINE_MINUTES) as world:
        chat = world.twilio.chat("queued")
        chat.says("customer")

        closed = 'POST UO Routing={"status": "closed"} Status=closed'
        assert calls(world, "PT9M", chat)[-7:] == [*the_end(1, "00:09:30", SORRY, 0), closed, "GET Tasks/WT", *VERIFY]


def test_a_task_that_may_be_another_chats_is_never_written_to() -> None:
    """Nobody accepted it and it has no interaction, so only the conversation is ended."""
    with World(QUEUED_FOR_NINE_MINUTES) as world:
        chat = world.twilio.chat("queued", interaction=False)
        chat.says("customer")

        assert calls(world, "PT9M", chat) == [
            *FOUND,
            "GET CH/Messages",
            "POST CH State=active Timers.Inactive=PT1M",
            notice("closing", 1, SORRY, 0),
            *VERIFY,
            *CLOSE,
        ]


def test_a_noted_task_that_nobody_accepted_is_canceled() -> None:
    """It cannot be completed; our note is the only proof."""
    with World(QUEUED_FOR_NINE_MINUTES) as world:
        chat = world.twilio.chat("queued", interaction=False)
        chat.says("customer")
        world.twilio.rest(
            "POST",
            chat.path,
            Attributes=json.dumps({"inactivityTimeout": {"of": chat.conversation, "task": chat.task}}),
        )

        canceled = "POST Tasks/WT AssignmentStatus=canceled Reason=The customer went silent"
        assert calls(world, "PT9M", chat)[-8:] == [*the_end(1, "00:09:30", SORRY, 0), canceled, *VERIFY, *CLOSE]


def test_an_agents_silence_is_claimed_posted_and_marked() -> None:
    """The mark replaces the claim, so the silence is reported once."""
    waits = {"whenAgentSilent": {"do": "notify", "after": "PT5M"}, "texts": {"agentSilent": "soon"}}
    with World({"policy": waits}) as world:
        chat = world.twilio.chat()
        chat.says("customer")

        since = '{"inactivityTimeout": {"agentSilent": {"answeredIndex": 0, "since": "2026-01-05T00:00:00Z"}}}'
        assert calls(world, "PT5M", chat) == [
            *FIRST,
            "GET CH/Messages",
            "POST CH State=active Timers.Inactive=PT8M",
            f'POST Tasks/WT {{"inactivityTimeout": {{{claim(0, "00:05:30", 0)}}}}}',
            notice("agent_silent", 0, "soon", 0),
            f"POST Tasks/WT {since}",
        ]


def test_a_chat_that_is_kept_is_only_read_and_noted_once() -> None:
    """The note is added to the attributes that were just read; afterwards nothing is written."""
    with World() as world:
        chat = world.twilio.chat()
        chat.says("customer")
        first = calls(world, "PT8M", chat)
        chat.says("customer")
        before = len(world.instance.wire.calls)
        world.twilio.advance("PT8M")

        assert first == [*FIRST, "GET CH", f"POST CH {NOTE}"]
        assert {call.method for call in world.instance.wire.calls[before:]} == {"GET"}


def test_setting_a_timer_takes_one_call_and_noting_another() -> None:
    """A transfer is checked again after a first step; the note uses the attributes in the answer to the first call."""
    with World() as world:
        chat = world.twilio.answered()
        chat.does("transfer")

        armed = "POST CH State=active Timers.Inactive=PT8M"
        noted = f"POST CH {NOTE} State=active Timers.Inactive=PT8M"
        assert [call for call in calls(world, "PT8M", chat) if not call.startswith("GET")] == [armed, noted]
        world.clear_log()
        assert [call for call in calls(world, "PT8M", chat) if not call.startswith("GET")] == [armed]


def test_the_task_of_a_closed_conversation_is_released_without_a_message() -> None:
    """Twilio's own timer closed it: ten minutes for the agent, ten of wrapping up, then the task is completed."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        world.twilio.rest("POST", chat.path, State="closed")
        asked: list[list[str]] = []
        for _ in range(3):
            before = len(world.instance.wire.calls)
            world.instance.receive(world.twilio.event(chat, StateTo="closed"))
            asked.append([spelled(call) for call in world.instance.wire.calls[before:]])
            world.twilio.advance("PT10M")

        mark = '{"inactivityTimeout": {"of": "WT", "wrappedAt": "2026-01-05T00:10:00Z"}}'
        wrapped, completed = (
            f"POST Tasks/WT AssignmentStatus={status} Reason=The customer went silent"
            for status in ("wrapping", "completed")
        )
        known = [*CHAT, "GET Tasks/WT"]
        assert asked[0] == [*FOUND, *WORKER]
        assert asked[1] == [*known, f"POST Tasks/WT {mark}", wrapped]
        assert asked[2] == [*known, "GET Tasks (search)", "GET Tasks/WT", completed]


def test_an_acceptance_reads_once_and_sets_the_timer() -> None:
    """There is no search and no reading of messages, because the event names the task."""
    with World(arm_on_accept=True) as world:
        world.twilio.listen(PUBLIC_URL)
        world.twilio.chat("queued").does("accept")

        asked = [spelled(call) for call in world.instance.wire.calls]
        assert set(asked[:-1]) == {"GET CH", "GET CH/Participants", "GET Tasks/WT", "GET UO", "GET UO/Invites"}
        assert (len(asked), asked[-1]) == (6, "POST CH Timers.Inactive=PT8M")
