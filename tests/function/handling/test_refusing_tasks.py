"""A task that cannot be ended keeps neither its conversation open nor the chat's other tasks from ending."""

import pytest

from function.handling.reading import Reader
from function.handling.releasing import Releaser
from function.twilio_api import Attempt
from function.twilio_api.errors import TwilioDownError
from tests.world.others import task_path
from tests.world.world import Chat, World

CHANNEL, TASK = r"POST .*/Channels/UO\w+$", r"POST .*/Tasks/WT\w+$"
PARTICIPANTS = r"GET .*/Channels/UO\w+/Participants"
DISMISSAL = r"POST .*/Channels/UO\w+/Participants/UT\w+$"
NO_LONGER_CLOSES = 45360


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("webhooks", [True, False], ids=["webhooks", "sweeps"])
def test_a_task_that_refuses_to_end_is_named_and_its_chat_is_closed(status: int, webhooks: bool) -> None:
    """The key may not change tasks, for instance: a person must complete it, and the customer is told once."""
    with World() as world:
        if not webhooks:
            world.configure(webhook="")
        world.schedule_sweep()
        chat = world.twilio.answered(interaction=False)
        world.twilio.advance("PT9M")
        world.twilio.fault(TASK, kind="status", status=status, times=None)
        world.twilio.advance("PT2H")
        lines = world.lines(conversation=chat.conversation)

        assert (chat.state, chat.ours, chat.task_statuses) == ("closed", ["warning", "closing"], ["assigned"])
        assert [line for line in lines if line["event"] == "failed"] == []
        (ended,) = (line for line in lines if line.get("decision") == "end")
        assert (ended["severity"], ended["facts"]["assigned"]) == ("ERROR", [chat.task])
        assert {line["severity"] for line in lines if line.get("decision") == "finish"} == {"ERROR"}
        assert len(lines) < 20


def two_tasks(world: World) -> tuple[Chat, list[str]]:
    """Return a chat without an interaction, and the SIDs of two assigned tasks that name it."""
    chat = world.twilio.answered(interaction=False)
    return chat, [chat.task, world.twilio.add_foreign_task(chat.conversation, stage="assigned")]


def released(world: World, chat: Chat, tasks: list[str]) -> tuple[str, ...]:
    """Release these tasks."""
    api, attempt = world.instance.function.handler.api, Attempt.lasting(9, clock=world.wall)
    snapshot = Reader(api, "system").read(attempt, chat.conversation)
    read = (api.task(attempt, sid, chat.conversation) for sid in tasks)
    return Releaser(api, attempt, chat.conversation).release(tuple(task for task in read if task), snapshot)


def statuses(world: World, tasks: list[str]) -> list[str]:
    """Return what Twilio shows of these tasks."""
    return [world.twilio.rest("GET", task_path(world, task))["assignment_status"] for task in tasks]


def test_a_refusal_does_not_keep_the_next_task() -> None:
    """It is returned."""
    with World() as world:
        chat, tasks = two_tasks(world)
        world.twilio.fault(f"POST .*/Tasks/{tasks[0]}$", kind="status", status=403, times=None)

        assert released(world, chat, tasks) == (tasks[0],)
        assert statuses(world, tasks) == ["assigned", "completed"]


def test_an_outage_does_not_keep_the_next_task() -> None:
    """It is an error, because the same call may work later."""
    with World() as world:
        chat, tasks = two_tasks(world)
        world.twilio.fault(f"POST .*/Tasks/{tasks[0]}$", kind="status", status=503, times=None)

        with pytest.raises(TwilioDownError):
            released(world, chat, tasks)
        assert statuses(world, tasks) == ["assigned", "completed"]


@pytest.mark.parametrize(
    ("match", "fault"),
    [
        (PARTICIPANTS, {"kind": "odd", "at": "participants.0", "value": None}),
        (PARTICIPANTS, {"kind": "odd", "at": "participants", "value": None}),
        (PARTICIPANTS, {"kind": "odd", "at": "meta", "value": None}),
        (PARTICIPANTS, {"kind": "odd", "at": "participants.*.routing_properties", "value": "x"}),
        (PARTICIPANTS, {"kind": "garbled"}),
        (PARTICIPANTS, {"kind": "status", "status": 500}),
        (DISMISSAL, {"kind": "status", "status": 500}),
        (DISMISSAL, {"kind": "status", "status": 400}),
    ],
)
def test_a_channel_whose_agents_cannot_be_removed_does_not_keep_their_task(
    match: str, fault: dict[str, object]
) -> None:
    """The site closed the conversation, so the channel no longer closes; then the task is ended by itself."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.rest("POST", chat.path, State="closed")
        world.twilio.fault(CHANNEL, kind="status", status=400, code=NO_LONGER_CLOSES, times=None)
        world.twilio.fault(match, times=None, **fault)
        world.twilio.advance("PT2H")

        assert (chat.task_statuses, world.lines(event="failed")) == (["completed"], [])
