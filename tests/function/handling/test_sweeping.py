"""How a sweep reads long lists, which chats it puts off, and which timers it sets, in virtual time."""

import json
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta
from itertools import count, pairwise
from random import Random
from typing import Any

import pytest

from function.handling import Count, Handler, Report, Sweep
from function.handling.lists import TASKS_FRESH
from function.handling.sweep_run import CROWD, WORKERS
from function.twilio_api.api import TASK_PAGE_SIZE
from function.twilio_api.attempt import Attempt
from function.twilio_api.errors import DeferredError
from function.twilio_api.rate_limiter import RateLimit
from sandbox.network import Call, Fault
from sandbox.order import workers
from tests.world.world import PUBLIC_URL, Instance, World

SILENT: dict[str, Any] = {"policy": {"warnings": []}}


def lose(world: World, after: str = "PT10M") -> None:
    """Let all events be lost, and sweep a moment later."""
    world.configure(webhook=f"{PUBLIC_URL}/elsewhere")
    world.twilio.advance(after)
    world.clear_log()


def many_workers(world: World, before: Callable[[Call], object] = lambda _: None) -> Instance:
    """Return a process whose workers take 0.2 s for a call, all at the same time: there is no room for searches.

    Twilio's time follows the wall's.
    """
    began_at, passed = world.wall.monotonic(), 0

    def follow(call: Call) -> None:
        nonlocal passed
        before(call)
        behind = int(world.wall.monotonic() - began_at) - passed
        if behind:
            passed += behind
            world.twilio.advance(timedelta(seconds=behind))

    world.hooks.before = follow
    return world.another_instance(round_trip=0.2 / WORKERS, at_a_time=WORKERS)


def swept(world: World) -> dict[str, Any]:
    """Return what one more sweep of this process did."""
    world.sweeper.sweep()
    return world.sweeper.summaries[-1]


def calls(world: World, **fields: object) -> list[str]:
    """Return the names of the calls in the one line with these fields."""
    (line,) = world.lines(**fields)
    return [call["name"] for call in line["calls"]]


def test_a_task_that_the_lists_show_needs_no_search() -> None:
    """The lists of tasks show which task is whose and that there is no other, so a failing search keeps nobody."""
    with World(SILENT) as world:
        chat = world.twilio.answered()
        lose(world)
        world.hooks.trouble = lambda call: Fault.ERROR if call.name.endswith("Tasks (search)") else None
        swept(world)

        made = calls(world, event="decision", conversation=chat.conversation)
        assert ("newest_tasks" in made, "find_tasks" in made) == (True, False)
        assert (chat.state, chat.task_statuses) == ("closed", ["completed"])


def test_a_task_that_is_noted_on_the_conversation_needs_no_list() -> None:
    """The note of the warning is enough if a list has no attributes."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT8M")
        lose(world, "PT2M")
        world.hooks.trouble = lambda call: Fault.MISSING if call.name.endswith("Tasks (search)") else None
        swept(world)

        assert chat.state == "closed"


@pytest.mark.parametrize(
    ("times", "ended", "deferred"), [(1, 1, 0), (2, 1, 0), (3, 0, 1)], ids=["once", "twice", "three times"]
)
def test_a_chat_for_which_there_is_no_room_is_put_off_twice(times: int, ended: int, deferred: int) -> None:
    """It is tried after the others; the third time it is left to the next sweep."""
    asked: list[str] = []

    class Crowded(Handler):
        """A rate limiter without room for the first chat, some times."""

        def handle(self, attempt: Attempt, conversation_sid: str, **options: Any) -> Report:
            asked.append(conversation_sid)
            if conversation_sid == first.conversation and asked.count(conversation_sid) <= times:
                raise DeferredError("find_tasks", RateLimit.TASK_SEARCH)
            return super().handle(attempt, conversation_sid, **options)

    with World(SILENT) as world:
        first, second = world.twilio.answered(), world.twilio.answered()
        lose(world)
        api, settings = world.sweeper.function.api, world.settings
        sweep = Sweep(Crowded(settings, api, chance=Random(0)), max_ends=9, clock=world.wall, workers=workers)
        counts = sweep.run(lambda *_: None).counts

        assert (counts[Count.ENDED], counts[Count.DEFERRED], counts[Count.ERRORS]) == (ended + 1, deferred, 0)
        assert (asked.count(first.conversation), asked.count(second.conversation)) == (min(times + 1, 3), 1)
        assert (first.state, second.state) == ("closed" if ended else "inactive", "closed")


def test_each_outcome_of_a_chat_is_counted() -> None:
    """Each has its own count."""
    waits = {"whenAgentSilent": {"do": "notify", "after": "PT5M"}, "texts": {"agentSilent": "soon"}, "warnings": []}
    with World({"policy": waits}) as world:
        moving, waiting, left = world.twilio.answered(), world.twilio.chat(), world.twilio.chat("queued")
        moving.does("transfer")
        waiting.says("customer")
        world.twilio.rest("POST", left.path, State="closed")
        lose(world, "PT6M")
        summary = swept(world)

        counted = {name: summary.get(name) for name in ("rearmed", "notified", "finished")}
        assert counted == {"rearmed": 1, "notified": 1, "finished": 1}


def lose_many(world: World) -> None:
    """Return 250 silent chats, which are three pages of a list."""
    for _ in range(250):
        world.twilio.chat("bot").says("bot")
    lose(world)


def slow_second_page(world: World) -> Callable[[Call], None]:
    """Let the second page of the inactive conversations take more than half of a sweep's time."""
    pages = iter(range(1_000))

    def wait(call: Call) -> None:
        if call.name == "GET Services/IS/Conversations" and "State=inactive" in call.path and next(pages) == 1:
            world.wall.sleep(31)

    return wait


A_MINUTE = timedelta(minutes=1)
WARNING = 2
"""Index of the first message after the customer's and the agent's."""


def test_a_list_that_is_too_long_goes_on_in_the_next_pass() -> None:
    """Half of a pass is for the lists; a sweep has as many passes as its time allows, and then everything was read."""
    with World(SILENT) as world:
        lose_many(world)
        world.hooks.before = slow_second_page(world)

        summary = swept(world)

        assert (summary["ending"], summary["listed"], summary["read"]) == ("done", 250, 250)
        assert "partial" not in summary


def test_a_list_that_is_too_long_goes_on_in_the_next_sweep() -> None:
    """There is time for one pass only; the line says what was not read, and the next sweep continues there."""
    with World(SILENT, sweep_every=A_MINUTE) as world:
        lose_many(world)
        world.hooks.before = slow_second_page(world)

        first, second, third = (swept(world) for _ in range(3))

        assert [first["listed"], second["listed"]] == [200, 50]
        assert first["partial"] == ["inactive_cut", "left_overs_unchecked"]
        assert "partial" not in third


def test_a_list_that_cannot_continue_begins_again() -> None:
    """Twilio no longer knows that page, or refuses it."""
    with World(SILENT, sweep_every=A_MINUTE) as world:
        lose_many(world)
        forgotten = [Fault.MISSING]

        def trouble(call: Call) -> Fault | None:
            going_on = "PageToken" in call.path and len(world.sweeper.summaries) == 1
            return forgotten.pop() if going_on and forgotten else None

        world.hooks.before, world.hooks.trouble = slow_second_page(world), trouble
        first, second = swept(world), swept(world)

        assert (first["listed"], len(world.sweeper.summaries)) == (200, 2)
        assert second["listed"] > 50


def test_pages_that_repeat_end_the_list() -> None:
    """A page that names itself as the next would loop; what was read until then is handled."""
    with World(SILENT) as world:
        lose_many(world)

        def spoil(body: bytes) -> bytes:
            page = json.loads(body)
            if page.get("meta", {}).get("page_size") != TASK_PAGE_SIZE:
                return body
            rows = [{**row, "attributes": 7} if row["sid"] == new else row for row in page["tasks"]]
            return json.dumps({**page, "tasks": rows}).encode()

        world.hooks.rewrite = spoil
        summary = swept(world)

        assert summary["partial"] == ["rows_left_out"]
        assert chat.state != "closed"


@pytest.mark.parametrize("by_sweep", [True, False], ids=["sweep", "webhooks"])
def test_a_task_that_lists_show_and_that_cannot_be_fetched_keeps_nobody(by_sweep: bool) -> None:
    """It answers 404 each time: it is gone, whatever lists say."""
    with World(SILENT) as world:
        chat = world.twilio.answered()
        gone = world.twilio.add_foreign_task(chat.conversation, stage="queued")
        world.hooks.trouble = lambda call: Fault.MISSING if f"Tasks/{gone}" in call.path else None
        if by_sweep:
            lose(world)
            swept(world)
        else:
            world.twilio.advance("PT10M")

        assert chat.state == "closed"


def test_a_crowd_of_the_sweep_before_is_ended_though_the_lists_show_nothing() -> None:
    """The live tasks are listed for it, because there is no room to search the tasks of each chat."""
    with World(rate_limits=True, sweep_every=A_MINUTE) as world:
        chats = [world.twilio.answered() for _ in range(2 * CROWD)]
        lose(world, "PT12M")
        began_at = world.wall.monotonic()
        sweeper = many_workers(world)
        sweeper.sweep()
        world.wall.sleep(began_at + 50 - world.wall.monotonic())
        sweeper.sweep()

        assert sweeper.summaries[-1]["listed"] == 0
        assert {chat.state for chat in chats} == {"closed"}


def test_a_crowd_has_as_many_workers_as_there_may_be() -> None:
    """Though few of it are ready when they begin."""
    with World() as world:
        for _ in range(2 * CROWD):
            world.twilio.answered()
        lose(world, "PT12M")
        asked: list[int] = []
        warnings = count()

        def delay(call: Call) -> None:
            """Let the first pass end before the last chat."""
            if call.name == "POST Services/IS/Conversations/CH/Messages" and next(warnings) == 2 * CROWD - 2:
                world.wall.sleep(45)

        def pool(number: int) -> Executor:
            asked.append(number)
            return workers(number)

        handler = many_workers(world, delay).function.handler
        Sweep(handler, max_ends=999, clock=world.wall, workers=pool, lasts=5 * A_MINUTE).run(lambda *_: None)

        assert asked[:2] == [WORKERS, WORKERS]


def test_a_list_of_conversations_is_read_on_before_the_sweep_waits_for_a_crowd() -> None:
    """Who is on its later pages has waited longest."""
    with World() as world:
        chats = [world.twilio.answered() for _ in range(5 * CROWD)]
        lose(world, "PT12M")
        began_at = world.now
        many_workers(world, lambda call: world.wall.sleep(9) if "?State=inactive" in call.path else None).sweep()
        warned_at = [message.at for chat in chats for message in chat.truth.messages if message.index == WARNING]

        assert len(warned_at) == 5 * CROWD
        assert max(warned_at) < began_at + timedelta(seconds=110)


def test_a_sweep_waits_for_a_crowd_and_not_for_those_that_it_warned_after_it() -> None:
    """A chat that is warned a minute would otherwise keep every sweep at work for all of its time."""
    with World(sweep_every=A_MINUTE) as world:
        for _ in range(CROWD):
            world.twilio.answered()
        lose(world, "PT12M")
        endings = []
        for _ in range(4):
            world.twilio.answered()
            endings.append(swept(world)["ending"])
            world.twilio.advance("PT9M")

        assert endings == ["cut_short", "done", "done", "done"]


def test_a_sweep_that_waits_for_the_crowd_that_it_warned_lists_the_tasks_when_it_goes_on() -> None:
    """Their ends are due in a minute; until then the lists show nothing new."""
    with World() as world:
        for _ in range(CROWD + 20):
            world.twilio.answered()
        lose(world, "PT12M")
        listed: list[float] = []
        world.hooks.before = lambda call: (
            listed.append(world.wall.monotonic()) if call.path.endswith(f"&PageSize={TASK_PAGE_SIZE}") else None
        )
        summary = swept(world)

        assert summary["warned"] == CROWD + 20
        waited = [later - earlier for earlier, later in pairwise(listed)]
        assert len([pause for pause in waited if pause > TASKS_FRESH + 1]) == 1
        assert all(pause >= TASKS_FRESH for pause in waited)


@pytest.mark.parametrize("silent", [CROWD, 4 * CROWD])
def test_a_crowd_that_one_sweep_warned_is_ended_by_the_next_before_its_new_timers_fire(silent: int) -> None:
    """A warning makes a chat active again, so the list of inactive ones does not show it for a while."""
    with World(sweep_every=A_MINUTE) as world:
        chats = [world.twilio.answered() for _ in range(silent)]
        lose(world, "PT12M")
        first = swept(world)
        world.twilio.advance("PT50S")
        active = sum(chat.state == "active" for chat in chats)
        reads = count()
        world.hooks.before = lambda call: (
            world.twilio.advance("PT20S")
            if call.name == "GET Services/IS/Conversations/CH" and next(reads) == 0
            else None
        )
        second = swept(world)

        assert (active, first["ended"]) == (first["warned"], 0)
        assert second["listed"] == silent - active
        assert second["ended"] == sum(chat.state == "closed" for chat in chats) >= 40


def test_a_few_that_one_sweep_warned_are_not_read_by_the_next_before_their_timers_fire() -> None:
    """Their webhooks come, most likely; where they do not, the list shows those chats as inactive again."""
    with World(sweep_every=A_MINUTE) as world:
        for _ in range(5):
            world.twilio.answered()
        lose(world, "PT12M")
        swept(world)
        world.wall.sleep(70)
        world.twilio.advance("PT50S")

        assert swept(world)["read"] == 0


def test_a_crowd_that_has_answered_since_the_sweep_before_is_not_read() -> None:
    """Its timers would have fired by now, and the list shows none of it as inactive."""
    with World(sweep_every=A_MINUTE) as world:
        chats = [world.twilio.answered() for _ in range(CROWD)]
        lose(world, "PT12M")
        warned = swept(world)["warned"]
        for chat in chats:
            chat.says("customer")
        world.wall.sleep(60)

        assert (warned, swept(world)["read"]) == (CROWD, 0)
