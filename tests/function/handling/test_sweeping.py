"""How a sweep goes through long lists, whom it puts off and whom it wakes, in virtual time."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from function.handling import Count, Handler, Report, Sweep
from function.settings import Mode
from function.twilio_api.budget import Limited
from function.twilio_api.errors import DeferredError
from function.twilio_api.visit import Visit
from tests.world.network import Call, Fault
from tests.world.order import workers
from tests.world.world import PUBLIC_URL, World

SILENT: dict[str, Any] = {"policy": {"warnings": []}}


def lose(world: World, after: str = "PT10M") -> None:
    """All events get lost, and a sweep comes a moment later."""
    world.configure(webhook=f"{PUBLIC_URL}/elsewhere")
    world.twilio.advance(after)
    world.clear_log()


def swept(world: World) -> dict[str, Any]:
    """What one more sweep of this process did."""
    world.sweeper.sweep()
    return world.sweeper.summaries[-1]


def calls(world: World, **fields: object) -> list[str]:
    """Names of what was called for the one line with these fields."""
    (line,) = world.lines(**fields)
    return [call["name"] for call in line["calls"]]


def test_whom_the_lists_tell_of_needs_no_search() -> None:
    """The list of tasks has said which task is whose, and that there is no other: a search that fails keeps nobody."""
    with World(SILENT) as world:
        chat = world.twilio.answered()
        lose(world)
        world.hooks.trouble = lambda call: Fault.ERROR if call.name.endswith("Tasks (search)") else None
        swept(world)

        assert "find_tasks" in calls(world, event="decision", conversation=chat.conversation)
        assert ("closed", ["completed"]) == (chat.state, chat.task_statuses)


def test_who_is_noted_on_a_conversation_needs_no_list_of_tasks() -> None:
    """What was noted when the customer was warned will do, where a list shows no attributes."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT8M")
        lose(world, "PT2M")
        world.hooks.trouble = lambda call: Fault.MISSING if call.name.endswith("Tasks (search)") else None
        swept(world)

        assert "closed" == chat.state


@pytest.mark.parametrize(
    ("times", "ended", "deferred"), [(1, 1, 0), (2, 1, 0), (3, 0, 1)], ids=["once", "twice", "three times"]
)
def test_a_chat_for_which_there_is_no_room_is_put_off_twice(times: int, ended: int, deferred: int) -> None:
    """Behind the others; the third time it is left to the next sweep."""
    asked: list[str] = []

    class Crowded(Handler):
        """Finds no room for the first chat, so many times."""

        def handle(self, visit: Visit, conversation_sid: str, **options: Any) -> Report:
            asked.append(conversation_sid)
            if conversation_sid == first.conversation and asked.count(conversation_sid) <= times:
                raise DeferredError("find_tasks", Limited.TASK_SEARCH)
            return super().handle(visit, conversation_sid, **options)

    with World(SILENT) as world:
        first, second = world.twilio.answered(), world.twilio.answered()
        lose(world)
        api, settings = world.sweeper.function.api, world.settings
        sweep = Sweep(Crowded(settings, api, chance=Random(0)), max_ends=9, clock=world.wall, workers=workers)
        counts = sweep.run(lambda *_: None).counts

        assert (ended + 1, deferred, 0) == (counts[Count.ENDED], counts[Count.DEFERRED], counts[Count.ERRORS])
        assert (min(times + 1, 3), 1) == (asked.count(first.conversation), asked.count(second.conversation))
        assert ("closed" if ended else "inactive", "closed") == (first.state, second.state)


def test_each_way_in_which_a_chat_comes_out_is_counted() -> None:
    """Under its own name."""
    waits = {"whenAgentSilent": {"do": "notify", "after": "PT5M"}, "texts": {"agentSilent": "soon"}, "warnings": []}
    with World({"policy": waits}) as world:
        moving, waiting, left = world.twilio.answered(), world.twilio.chat(), world.twilio.chat("queued")
        moving.does("transfer")
        waiting.says("customer")
        world.twilio.rest("POST", left.path, State="closed")
        lose(world, "PT6M")
        summary = swept(world)

        counted = {name: summary.get(name) for name in ("rearmed", "notified", "finished")}
        assert {"rearmed": 1, "notified": 1, "finished": 1} == counted


def lose_many(world: World) -> None:
    """250 silent chats: three pages of a list."""
    for _ in range(250):
        world.twilio.chat("bot").says("bot")
    lose(world)


def slow_second_page(world: World) -> Callable[[Call], None]:
    """The second page of the inactive conversations takes more than half of a sweep's time."""
    pages = iter(range(1_000))

    def wait(call: Call) -> None:
        if call.name == "GET Services/IS/Conversations" and "State=inactive" in call.path and next(pages) == 1:
            world.wall.sleep(26)

    return wait


def test_a_list_that_is_too_long_goes_on_in_the_next_sweep() -> None:
    """Half of the time is for the list; then it begins again."""
    with World(SILENT) as world:
        lose_many(world)
        world.hooks.before = slow_second_page(world)

        listed = [swept(world)["listed"] for _ in range(3)]

        assert [200, 50] == listed[:2]
        assert listed[2] > 50


def test_where_a_list_cannot_go_on_it_begins_again() -> None:
    """Twilio has forgotten that page, or refuses it."""
    with World(SILENT) as world:
        lose_many(world)
        forgotten = [Fault.MISSING]

        def trouble(call: Call) -> Fault | None:
            going_on = "PageToken" in call.path and len(world.sweeper.summaries) == 1
            return forgotten.pop() if going_on and forgotten else None

        world.hooks.before, world.hooks.trouble = slow_second_page(world), trouble
        first, second = swept(world), swept(world)

        assert (200, 2) == (first["listed"], len(world.sweeper.summaries))
        assert second["listed"] > 50


@pytest.mark.parametrize(("mode", "timers"), [(Mode.ENFORCE, ["date_inactive"]), (Mode.OBSERVE, [])])
def test_a_sweep_gives_a_waiting_chat_without_a_timer_one(mode: Mode, timers: list[str]) -> None:
    """Somebody took it away, and no event would ever tell of this chat again; in observe nothing is written."""
    with World(mode=mode) as world:
        world.twilio.configure(f"{PUBLIC_URL}/conversations", "PT0S")
        chat = world.twilio.chat()
        chat.says("customer")

        assert [1, 0] == [swept(world)["candidates"] for _ in range(2)]
        assert timers == [*world.twilio.rest("GET", chat.path)["timers"]]


def test_a_timer_that_cannot_be_given_is_tried_again_after_an_hour() -> None:
    """By the next sweep that looks at active chats, and not by each of this process."""
    with World() as world:
        world.twilio.configure(f"{PUBLIC_URL}/conversations", "PT0S")
        chat = world.twilio.chat()
        chat.says("customer")
        world.hooks.trouble = lambda call: Fault.ERROR if call.name == "POST Services/IS/Conversations/CH" else None
        world.sweeper.sweep()
        world.hooks.trouble = lambda _: None
        timers = []
        for minutes in (30, 29, 15):
            world.twilio.advance(f"PT{minutes}M")
            world.sweeper.sweep()
            timers.append([*world.twilio.rest("GET", chat.path)["timers"]])

        assert [[], [], ["date_inactive"]] == timers
