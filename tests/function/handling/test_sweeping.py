"""How a sweep reads long lists, which chats it puts off, and which timers it sets, in virtual time."""

import json
import re
from collections.abc import Callable, Collection
from concurrent.futures import Executor, Future
from datetime import timedelta
from itertools import count, pairwise
from random import Random
from typing import Any

import pytest

from function.handling import Count, Ending, Handler, Part, Report, Summary, Sweep
from function.handling.lists import TASKS_FRESH
from function.handling.sweep_run import CROWD, WORKERS
from function.settings import Mode
from function.twilio_api.api import NEWEST_TASKS, TASK_PAGE_SIZE
from function.twilio_api.attempt import Attempt
from function.twilio_api.errors import DeferredError
from function.twilio_api.rate_limiter import RateLimit
from sandbox.network import Call, Fault
from sandbox.order import workers
from tests.world.world import PUBLIC_URL, Chat, Instance, World

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
        world.hooks.rewrite = lambda body: re.sub(
            rb'("next_page_url": *"[^"]*)Page=\d+&PageToken=\d+', rb"\1Page=1&PageToken=100", body
        )
        summary = swept(world)

        assert summary["read"] >= 100
        assert "inactive_repeats" in summary["partial"]
        assert world.lines(event="sweep")[-1]["severity"] == "WARNING"


def test_left_over_tasks_are_found_however_long_the_lists_are() -> None:
    """Each sweep has time for a page or two; once both lists were read completely, the left-over task is found."""
    with World(SILENT, sweep_every=A_MINUTE) as world:
        world.configure(webhook=f"{PUBLIC_URL}/elsewhere")
        left = world.twilio.chat("queued")
        world.twilio.rest("POST", left.path, State="closed")
        for _ in range(950):
            world.twilio.chat("bot").says("customer")
        world.hooks.before = lambda call: world.wall.sleep(12 if "State=active" in call.path else 0)
        summaries = []
        while left.task_statuses == ["pending"] and len(summaries) < 12:
            summaries.append(swept(world))

        assert left.task_statuses == ["canceled"]
        assert len(summaries) > 1
        assert all("left_overs_unchecked" in each["partial"] for each in summaries[:-1])
        assert "left_overs_unchecked" not in summaries[-1].get("partial", [])


# -- one bad item never stops the others -------------------------------------------------------------------------------


def garbled(world: World, chats: Collection[Chat]) -> None:
    """Let Twilio's answers about these conversations be malformed."""
    bad = {chat.conversation for chat in chats}

    def trouble(call: Call) -> Fault | None:
        fetched = call.name == "GET Services/IS/Conversations/CH" and call.path.rpartition("/")[2] in bad
        return Fault.GARBLED if fetched else None

    world.hooks.trouble = trouble


def test_chats_that_fail_do_not_stop_the_others() -> None:
    """Each failing one is named once, put off, and released when it is readable, even if all newest ones fail."""
    with World(SILENT) as world:
        others = [world.twilio.answered() for _ in range(5)]
        bad = [world.twilio.answered() for _ in range(20)]
        lose(world)
        garbled(world, bad)
        first, second = swept(world), swept(world)
        named = [line["conversation"] for line in world.lines(event="failed")]
        world.hooks.trouble = lambda _call: None
        world.twilio.advance("PT2M")
        third = swept(world)

        assert tuple(first[key] for key in ("ending", "ended", "errors", "aside")) == ("done", 5, 20, 20)
        assert (second["read"], second["aside"]) == (0, 20)
        assert sorted(named) == sorted(chat.conversation for chat in bad)
        assert (third["ended"], third.get("aside")) == (20, None)
        assert {chat.state for chat in (*others, *bad)} == {"closed"}


def test_chats_for_which_twilio_fails_are_last_in_the_next_sweep() -> None:
    """Such failures end a sweep, so the next one handles the others first."""
    with World(SILENT) as world:
        others = [world.twilio.answered() for _ in range(5)]
        bad = {world.twilio.answered().conversation for _ in range(5)}
        lose(world)
        world.hooks.trouble = lambda call: Fault.ERROR if any(sid in call.path for sid in bad) else None
        statuses = [world.sweeper.sweep() for _ in range(2)]

        assert statuses == [503, 200]
        assert {chat.state for chat in others} == {"closed"}


ODD_ROWS = {
    "conversations": "list_inactive",
    "tasks": "list_live_tasks",
    "participants": "list_participants",
    "messages": "list_messages",
    "roles": "list_roles",
}


@pytest.mark.parametrize("row", ["null", "42", '"text"', "[]"])
@pytest.mark.parametrize("rows", ODD_ROWS)
def test_a_malformed_row_is_skipped_and_named(rows: str, row: str) -> None:
    """The other rows are read, and the log names list and row.

    A malformed message may be the customer's, who then waits, and a malformed task may be one that they wait for.
    """
    with World(SILENT) as world:
        chat = world.twilio.answered()
        lose(world)
        odd = f'"{rows}": [{row}, '.encode()
        world.hooks.rewrite = lambda body: re.sub(rf'"{rows}": *\[(?=\{{)'.encode(), odd, body)
        summary = swept(world)

        ended = rows not in {"messages", "tasks"}
        assert (summary["ended"], summary["errors"]) == (int(ended), int(rows == "tasks"))
        assert (chat.state == "closed") is ended
        named = [each for line in world.lines() for each in line.get("leftOut", [])]
        assert any(each.startswith(f"{ODD_ROWS[rows]}: row 0") for each in named)


def test_a_row_of_a_list_is_named_once() -> None:
    """Later sweeps only count it."""
    with World(SILENT) as world:
        world.twilio.answered()
        lose(world)
        world.hooks.rewrite = lambda body: re.sub(rb'"conversations": *\[(?=\{)', b'"conversations": [42, ', body)
        world.twilio.chat().says("customer")
        world.configure()
        world.twilio.advance("PT11M")
        summaries = [swept(world) for _ in range(2)]

        assert ["leftOut" in each for each in summaries] == [True, False]
        assert all("rows_left_out" in each["partial"] for each in summaries)


# -- a sweep that hangs ------------------------------------------------------------------------------------------------


def test_a_sweep_that_hangs_does_not_block_others_for_long() -> None:
    """While it may still work, others report it; after its maximum time the next one sweeps anyway."""
    with World(SILENT) as world:
        chat = world.twilio.answered()
        lose(world)
        sweep = world.sweeper.function.sweeping
        seen: list[Summary] = []

        def hang(*_: object) -> None:
            for seconds in (100, 300):
                world.wall.sleep(seconds)
                seen.append(sweep.run(lambda *_: None))

        sweep.run(hang)

        assert [each.ending for each in seen] == [Ending.RUNNING_ALREADY, Ending.DONE]
        assert timedelta(seconds=100) <= (seen[0].running_for or timedelta()) < timedelta(seconds=102)
        assert Part.HUNG_BEFORE in seen[1].partial
        assert chat.state == "closed"


def test_a_thread_that_never_returns_is_reported_and_abandoned() -> None:
    """The sweep ends, and its line says so."""

    class Stuck(Executor):
        """An executor whose threads never end."""

        def submit(self, _call: Callable[..., Any], /, *_: Any, **__: Any) -> Future[Any]:
            return Future()

    with World(SILENT) as world:
        world.twilio.answered()
        lose(world)
        function = world.sweeper.function
        sweep = Sweep(function.handler, max_ends=9, clock=world.wall, workers=lambda _: Stuck())
        world.hooks.after = lambda call, _: world.wall.sleep(9.5 if "State=active" in call.path else 0)
        summary = sweep.run(lambda *_: None, 1)

        assert (summary.ending, summary.partial & {Part.HUNG}) == (Ending.CUT_SHORT, {Part.HUNG})


@pytest.mark.parametrize(("mode", "timers"), [(Mode.ENFORCE, ["date_inactive"]), (Mode.OBSERVE, [])])
def test_a_sweep_sets_the_missing_timer_of_a_waiting_chat(mode: Mode, timers: list[str]) -> None:
    """Somebody removed it, so no event would follow; in observe nothing is written."""
    with World(mode=mode) as world:
        world.twilio.configure(f"{PUBLIC_URL}/conversations", "PT0S")
        chat = world.twilio.chat()
        chat.says("customer")

        assert [swept(world)["candidates"] for _ in range(2)] == [1, 0]
        assert [*world.twilio.rest("GET", chat.path)["timers"]] == timers


def test_a_timer_that_cannot_be_set_is_tried_again_after_an_hour() -> None:
    """The next sweep that reads active chats tries it, not every sweep of this process."""
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

        assert timers == [[], [], ["date_inactive"]]


def test_an_outage_between_two_passes_ends_the_sweep_with_a_summary() -> None:
    """Only the first list of a sweep makes it an error if it cannot be read."""
    with World(SILENT) as world:
        lose_many(world)
        slow = slow_second_page(world)
        world.hooks.before = slow
        world.hooks.trouble = lambda call: Fault.UNAVAILABLE if "Page=2" in call.path else None
        status = world.sweeper.sweep()
        line = world.lines(event="sweep")[-1]

        assert (status, line["ending"], line["ended"]) == (503, "twilio_down", 200)
        assert "inactive_unread" in line["partial"]


# -- very many ---------------------------------------------------------------------------------------------------------


def test_a_chat_that_a_sweep_warned_is_ended_in_the_same_sweep() -> None:
    """Both steps are overdue, and the chat need not wait for the next sweep."""
    with World(rate_limits=True) as world:
        chats = [world.twilio.answered() for _ in range(CROWD + 20)]
        lose(world, "PT12M")
        sweeper = many_workers(world)
        sweeper.sweep()
        summary = sweeper.summaries[-1]

        assert (summary["warned"], summary["ended"]) == (CROWD + 20, CROWD + 20)
        assert {chat.state for chat in chats} == {"closed"}


def test_ends_and_warnings_alternate() -> None:
    """Warnings are limited by reads of channels and ends by changes of them, so neither waits for the other."""
    with World() as world:
        ending = [world.twilio.answered() for _ in range(5)]
        world.twilio.advance("PT8M")
        warning = [world.twilio.answered() for _ in range(5)]
        lose(world)
        swept(world)
        decided = [line["decision"] for line in world.lines(event="decision", by="sweep")]

        assert decided == ["end", "warn"] * 5
        assert [chat.state for chat in ending] == ["closed"] * 5
        assert [chat.ours for chat in warning] == [["warning"]] * 5


@pytest.mark.parametrize(("sweep_every", "newer"), [(A_MINUTE, 0), (5 * A_MINUTE, 2 * NEWEST_TASKS)])
def test_a_transfer_since_the_tasks_were_listed_keeps_the_chat(sweep_every: timedelta, newer: int) -> None:
    """The channel does not show it in this dialect; nor does the page of the newest tasks if there are too many."""
    with World(dialect={"transferStatus": "active"}, sweep_every=sweep_every, rate_limits=True) as world:
        chats = [world.twilio.answered() for _ in range(CROWD)]
        lose(world, "PT12M")
        began_at = world.wall.monotonic()
        transferred: list[Chat] = []

        def transfer(_: Call) -> None:
            """A few seconds after the lists of the second minute, and before the crowd may be ended."""
            if not transferred and world.wall.monotonic() >= began_at + 64:
                transferred.extend(chat for chat in chats if chat.state != "closed")
                for chat in transferred:
                    chat.does("transfer")
                for _ in range(newer):
                    world.twilio.chat("queued")

        sweeper = many_workers(world, transfer)
        for minute in range(4):
            world.wall.sleep(max(0.0, began_at + 60 * minute - world.wall.monotonic()))
            sweeper.sweep()

        assert len(transferred) > CROWD / 2
        assert {chat.state for chat in transferred} <= {"active", "inactive"}


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.MISSING, Fault.TIMEOUT_BEFORE, Fault.GARBLED])
def test_if_the_newest_tasks_cannot_be_listed_a_search_does_as_well(fault: Fault) -> None:
    """The chat is released."""
    with World(SILENT) as world:
        chat = world.twilio.answered()
        lose(world)
        world.hooks.trouble = lambda call: fault if "Ordering=" in call.path else None
        swept(world)

        assert chat.state == "closed"


def test_a_task_that_the_list_of_all_tasks_leaves_out_is_searched_for() -> None:
    """Its row cannot be read, and so many tasks are newer that it is not among the newest."""
    with World(SILENT, dialect={"transferStatus": "active"}) as world:
        chat = world.twilio.answered()
        lose(world)
        chat.does("transfer")
        new = chat.truth.tasks[-1].sid
        for _ in range(2 * NEWEST_TASKS):
            world.twilio.chat("queued")

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
        chats = [world.twilio.answered() for _ in range(CROWD + 20)]
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
        for _ in range(CROWD + 20):
            world.twilio.answered()
        lose(world, "PT12M")
        asked: list[int] = []
        warnings = count()

        def delay(call: Call) -> None:
            """Let the first pass end before the last chat."""
            if call.name == "POST Services/IS/Conversations/CH/Messages" and next(warnings) == CROWD + 20 - 2:
                world.wall.sleep(45)

        def pool(number: int) -> Executor:
            asked.append(number)
            return workers(number)

        handler = many_workers(world, delay).function.handler
        Sweep(handler, max_ends=999, clock=world.wall, workers=pool, lasts=5 * A_MINUTE).run(lambda *_: None)

        assert asked[:2] == [WORKERS, WORKERS]


def test_a_list_of_conversations_is_read_on_before_the_sweep_waits_for_a_crowd() -> None:
    """Who is on its later pages has waited longest."""
    with World(sweep_every=timedelta(seconds=130)) as world:
        chats = [world.twilio.answered() for _ in range(2 * CROWD + 5)]
        lose(world, "PT12M")
        many_workers(world, lambda call: world.wall.sleep(16) if "?State=inactive" in call.path else None).sweep()
        warned = [message for chat in chats for message in chat.truth.messages if message.index == WARNING]

        assert len(warned) == len(chats)


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


@pytest.mark.parametrize(("stage", "reads"), [("bot", 1), ("assigned", 13)])
def test_an_exempt_chat_without_a_task_is_read_once_a_day(stage: str, reads: int) -> None:
    """Nothing but a change that the list shows can end its exemption; each read costs one of three searches a second.

    With a task it is read every hour, because no list shows that the task's attributes have changed.
    """
    with World({"policy": {"exempt": {"conversation": {"tier": "gold"}}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.chat(stage)
        world.twilio.rest("POST", chat.path, Attributes=json.dumps({"tier": "gold"}))
        chat.says("customer", "hello?")
        world.configure(webhook=f"{PUBLIC_URL}/elsewhere")
        world.twilio.advance("PT12H15M")

        path = re.compile(rf"GET .*/{chat.conversation}/Participants")
        read = [call for call in world.sweeper.wire.calls if path.fullmatch(f"{call.method} {call.path.split('?')[0]}")]
        assert len(read) == reads
