"""How a sweep goes through a list that is long, a memory that is fresh and limits that are reached, in virtual time."""

from typing import Any

import pytest

from benchmarks.campaigns.network import Call, Fault
from benchmarks.campaigns.world import PUBLIC_URL, Chat, World
from function.budget import Limited
from function.handling import Handler
from function.transport import DeferredError

SILENT: dict[str, Any] = {"policy": {"warnings": []}}


def answered(world: World, **options: Any) -> Chat:
    """A chat in which it is the customer's turn."""
    chat = world.twilio.chat(**options)
    chat.says("customer")
    chat.says("agent")
    return chat


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
        chat = answered(world)
        lose(world)
        world.hooks.trouble = lambda call: Fault.ERROR if call.name.endswith("Tasks (search)") else None
        swept(world)

        assert "find_tasks" in calls(world, event="decision", conversation=chat.conversation)
        assert ("closed", ["completed"]) == (chat.state, chat.task_statuses)


def test_who_is_noted_on_a_conversation_needs_no_list_of_tasks() -> None:
    """What was noted when the customer was warned will do, where a list shows no attributes."""
    with World() as world:
        chat = answered(world)
        world.twilio.advance("PT8M")
        lose(world, "PT2M")
        world.hooks.trouble = lambda call: Fault.MISSING if call.name.endswith("Tasks (search)") else None
        swept(world)

        assert "closed" == chat.state


@pytest.mark.parametrize(
    ("times", "ended", "deferred"), [(1, 1, 0), (2, 1, 0), (3, 0, 1)], ids=["once", "twice", "three times"]
)
def test_a_chat_for_which_there_is_no_room_is_put_off_twice(
    monkeypatch: pytest.MonkeyPatch, times: int, ended: int, deferred: int
) -> None:
    """Behind the others; the third time it is left to the next sweep."""
    asked: list[str] = []
    handle = Handler.handle

    def no_room(self: Handler, visit: Any, conversation_sid: str, **options: Any) -> Any:
        asked.append(conversation_sid)
        if conversation_sid == first.conversation and asked.count(conversation_sid) <= times:
            raise DeferredError("find_tasks", Limited.TASK_SEARCH)
        return handle(self, visit, conversation_sid, **options)

    with World(SILENT) as world:
        first, second = answered(world), answered(world)
        lose(world)
        monkeypatch.setattr(Handler, "handle", no_room)
        summary = swept(world)

        assert (ended + 1, deferred, 0) == (summary["ended"], summary["deferred"], summary["errors"])
        assert (min(times + 1, 3), 1) == (asked.count(first.conversation), asked.count(second.conversation))
        assert ("closed" if ended else "inactive", "closed") == (first.state, second.state)


def test_each_way_in_which_a_chat_comes_out_is_counted() -> None:
    """Under its own name."""
    waits = {"whenAgentSilent": {"do": "notify", "after": "PT5M"}, "texts": {"agentSilent": "soon"}, "warnings": []}
    with World({"policy": waits}) as world:
        moving, waiting, left = answered(world), world.twilio.chat(), answered(world, interaction=False)
        moving.does("transfer")
        waiting.says("customer")
        path = f"conversations/v1/Services/{world.twilio.service_sid}/Conversations/{left.conversation}"
        world.twilio.rest("POST", path, State="closed")
        lose(world, "PT6M")
        summary = swept(world)

        counted = {name: summary.get(name) for name in ("rearmed", "notified", "finished")}
        assert {"rearmed": 1, "notified": 1, "finished": 1} == counted


@pytest.fixture(scope="module")
def crowd() -> list[int]:
    """What was listed by three sweeps over 250 chats, of which the second page takes too long."""
    with World(SILENT) as world:
        for _ in range(250):
            world.twilio.chat("bot").says("bot")
        lose(world)
        slow = iter([False, True])

        def wait(call: Call) -> None:
            if call.name == "GET Services/IS/Conversations" and "State=inactive" in call.path and next(slow, False):
                world.wall.sleep(26)

        world.hooks.before = wait
        return [swept(world)["listed"] for _ in range(3)]


def test_a_list_that_is_too_long_goes_on_in_the_next_sweep(crowd: list[int]) -> None:
    """Half of the time is for the list; then it begins again."""
    assert [200, 50] == crowd[:2]
    assert crowd[2] > 50


def test_where_a_list_cannot_go_on_it_begins_again() -> None:
    """Twilio has forgotten that page, or refuses it."""
    with World(SILENT) as world:
        for _ in range(250):
            world.twilio.chat("bot").says("bot")
        lose(world)
        pages, forgotten = iter(range(100)), [Fault.MISSING]

        def wait(call: Call) -> None:
            if call.name == "GET Services/IS/Conversations" and "State=inactive" in call.path and next(pages) == 1:
                world.wall.sleep(26)

        def trouble(call: Call) -> Fault | None:
            going_on = "PageToken" in call.path and len(world.sweeper.summaries) == 1
            return forgotten.pop() if going_on and forgotten else None

        world.hooks.before, world.hooks.trouble = wait, trouble
        first, second = swept(world), swept(world)

        assert (200, 2) == (first["listed"], len(world.sweeper.summaries))
        assert second["listed"] > 50
