"""TaskRouter's log of events: what it keeps and for how long, its filters, and the events of a deleted task."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from simulator.client import SimulatorError
from simulator.running import RunningSimulator

from .conftest import Receiver, World, connect

ACCEPTED = ["task.created", "workflow.entered", "task-queue.entered", "reservation.created", "reservation.accepted"]


def log(world: World) -> Any:
    """The SDK's events of the default workspace."""
    return world.twilio.taskrouter.v1.workspaces(world.workspace_sid).events


def types(world: World, **wanted: Any) -> list[str]:
    """Return the types of the events that a list shows, oldest first."""
    return [event.event_type for event in reversed(log(world).list(**wanted))]


def of(world: World, chat: dict[str, str], **wanted: Any) -> list[str]:
    """Return the types of all events of a chat's task, oldest first."""
    return types(world, task_sid=chat["task"], start_date="2026-01-01T00:00:00Z", **wanted)


def test_events_are_logged_without_a_callback(world: World) -> None:
    """The list has a task's events in order, and none of another task's."""
    chat = world.chat(stage="assigned")
    world.chat()

    assert of(world, chat) == ACCEPTED


def test_the_log_and_the_callback_agree_on_an_event(world: World, receiver: Receiver) -> None:
    """SID, time and details are equal; the log uses snake case."""
    world.twilio.taskrouter.v1.workspaces(world.workspace_sid).update(
        event_callback_url=receiver.url, events_filter="reservation.accepted"
    )
    chat = world.chat(stage="assigned", attributes={"note": "Grüße"})

    (event,) = receiver.got
    (kept,) = log(world).list(event_type="reservation.accepted")
    assert kept.sid == event.value("Sid")
    assert str(kept.event_date_ms) == event.value("TimestampMs")
    assert (kept.resource_type, kept.resource_sid) == ("reservation", event.value("ReservationSid"))
    assert kept.description == event.value("EventDescription")
    names = ["TaskSid", "TaskAttributes", "TaskAssignmentStatus", "WorkerSid", "WorkerName", "TaskQueueSid"]
    keys = ["task_sid", "task_attributes", "task_assignment_status", "worker_sid", "worker_name", "task_queue_sid"]
    assert [kept.event_data[key] for key in keys] == [event.value(name) for name in names]
    assert kept.event_data["task_sid"] == chat["task"]


def test_an_event_keeps_the_details_of_its_time(world: World) -> None:
    """Later changes of its task do not change it."""
    chat = world.chat()
    world.tasks(chat["task"]).update(attributes='{"later": true}')

    created, updated = (log(world).list(event_type=name)[0] for name in ("task.created", "task.updated"))
    assert chat["conversation"] in created.event_data["task_attributes"]
    assert updated.event_data["task_attributes"] == '{"later": true}'


def test_one_event_is_fetched_by_its_sid(world: World) -> None:
    """It is as in the list; an unknown one is 20404."""
    world.chat()
    listed = log(world).list()[0]

    fetched = log(world)(listed.sid).fetch()

    assert (fetched.event_type, fetched.event_data) == (listed.event_type, listed.event_data)
    with pytest.raises(TwilioRestException) as caught:
        log(world)(f"EV{'0' * 32}").fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_a_list_shows_the_newest_first_and_pages_through_all(world: World) -> None:
    """New events do not shift the pages."""
    for _ in range(3):
        world.chat()
    everything = [event.sid for event in log(world).list()]
    first = log(world).page(page_size=4)
    rows = [event.sid for event in first]
    world.chat()
    rest = first.next_page()
    while rest is not None:
        rows += [event.sid for event in rest]
        rest = rest.next_page()

    dates = [event.event_date for event in log(world).list()]
    assert rows == everything
    assert sorted(dates, reverse=True) == dates


def test_a_list_shows_fifteen_minutes_unless_asked_for_more(world: World) -> None:
    """`Minutes` and `StartDate` reach further back; `EndDate` alone does not."""
    chat = world.chat()
    world.advance("PT15M1S")

    task = chat["task"]
    assert types(world, task_sid=task) == []
    assert types(world, task_sid=task, end_date="2026-01-05T00:01:00Z") == []
    assert types(world, task_sid=task, minutes=16) == ACCEPTED[:3]
    assert types(world, task_sid=task, start_date="2026-01-05T00:00:00Z") == ACCEPTED[:3]
    assert types(world, task_sid=task, start_date="2026-01-05T00:00:01Z") == []


def test_an_event_is_found_by_what_it_is_about(world: World) -> None:
    """Worker, reservation, queue, workflow, task channel, type and SID; another one finds nothing."""
    chat = world.chat(stage="assigned")
    (reservation,) = world.tasks(chat["task"]).reservations.list()
    task = world.tasks(chat["task"]).fetch()
    (accepted,) = log(world).list(event_type="reservation.accepted")

    both = ["reservation.created", "reservation.accepted"]
    assert types(world, worker_sid=reservation.worker_sid, task_sid=chat["task"]) == both
    assert types(world, reservation_sid=reservation.sid) == both
    assert types(world, sid=accepted.sid) == ["reservation.accepted"]
    assert [
        name for name in types(world, task_queue_sid=task.task_queue_sid) if name != "task-queue.created"
    ] == ACCEPTED[1:]
    assert types(world, workflow_sid=task.workflow_sid, task_sid=chat["task"]) == ACCEPTED
    assert types(world, task_channel="chat", task_sid=chat["task"]) == ACCEPTED
    assert types(world, task_channel="sms") == []
    assert types(world, reservation_sid=f"WR{'0' * 32}") == []
    assert types(world, event_type="task.nonsense") == []


def test_an_event_is_gone_after_thirty_days(world: World) -> None:
    """To the second; then the task has no events."""
    chat = world.chat()
    created = log(world).list(event_type="task.created")[0].sid
    world.advance("P30D")
    assert log(world)(created).fetch().sid == created
    assert "task.created" in of(world, chat)
    world.advance("PT1S")

    with pytest.raises(TwilioRestException):
        log(world)(created).fetch()
    assert "task.created" not in of(world, chat)
    world.chat()
    assert "task.created" not in of(world, chat)


@pytest.mark.parametrize("query", ["StartDate=yesterday", "EndDate=x", "Minutes=-1", "Minutes=soon", "PageToken=x"])
def test_an_invalid_time_is_refused(world: World, query: str) -> None:
    """20001, naming it."""
    refused = world.call("GET", f"taskrouter/v1/Workspaces/{world.workspace_sid}/Events?{query}")

    assert (refused.status_code, refused.json()["code"]) == (400, 20001)
    assert query.partition("=")[0] in refused.json()["message"]


@pytest.mark.parametrize(
    ("answer", "at_once", "later"), [("at_once", ACCEPTED[:3], ACCEPTED[:3]), ("a_minute", [], ACCEPTED[:3])]
)
def test_an_event_may_be_read_later_than_it_happens(
    running: RunningSimulator, answer: str, at_once: list[str], later: list[str]
) -> None:
    """The switch eventLag: it is listed a minute later, with its own date."""
    world = connect(running, dialect={"eventLag": answer})
    chat = world.chat()

    world.advance("PT59S")
    assert of(world, chat) == at_once
    world.advance("PT1S")
    assert of(world, chat) == later
    assert {event.event_date.isoformat() for event in log(world).list(task_sid=chat["task"])} == {
        "2026-01-05T00:00:00+00:00"
    }


def ended_by(world: World, chat: dict[str, str]) -> list[tuple[str, str | None]]:
    """Return the events about the end of a chat's task, oldest first, each with its reason."""
    ends = {"task.wrapup", "task.completed", "task.canceled", "task.deleted", "task.system-deleted"}
    events = reversed(log(world).list(task_sid=chat["task"], start_date="2026-01-01T00:00:00Z"))
    return [
        (event.event_type, event.event_data.get("task_canceled_reason")) for event in events if event.event_type in ends
    ]


def test_a_task_that_nobody_accepted_in_time_was_canceled(world: World) -> None:
    """After 24 hours, with the reason; the conversation stays open."""
    chat = world.chat()
    world.advance("P1DT6M")

    assert ended_by(world, chat) == [("task.canceled", "Task TTL Exceeded")]
    assert world.conversation(chat).fetch().state == "active"


def test_a_task_that_was_assigned_too_long_was_deleted_by_the_platform(world: World) -> None:
    """After 24 hours without an end, and nothing precedes it; the conversation stays open."""
    chat = world.chat(stage="assigned")
    world.advance("P1D")

    assert ended_by(world, chat) == [("task.system-deleted", None)]
    assert world.conversation(chat).fetch().state == "active"


@pytest.mark.parametrize(("answer", "more"), [("told_when_overdue", []), ("told_always", ["task.system-deleted"])])
@pytest.mark.parametrize("end", ["completed", "canceled"])
def test_the_purge_of_an_ended_task_may_be_reported(
    running: RunningSimulator, answer: str, more: list[str], end: str
) -> None:
    """The switch taskDeletion: five minutes after the end, which has an event of its own."""
    world = connect(running, dialect={"taskDeletion": answer})
    chat = world.chat(stage="assigned" if end == "completed" else "queued")
    world.tasks(chat["task"]).update(assignment_status=end)
    world.advance("PT5M")

    assert [name for name, _ in ended_by(world, chat)] == [f"task.{end}", *more]


@pytest.mark.parametrize(
    ("stage", "action", "end"),
    [
        ("queued", "cancel", ("task.canceled", "Workflow Timeout")),
        ("queued", "expire", ("task.canceled", "Task TTL Exceeded")),
        ("assigned", "expire", ("task.system-deleted", None)),
        ("wrapping", "expire", ("task.system-deleted", None)),
        ("queued", "delete", ("task.deleted", None)),
        ("assigned", "delete", ("task.deleted", None)),
    ],
)
def test_a_task_is_lost_by_an_action(world: World, stage: str, action: str, end: tuple[str, str | None]) -> None:
    """The control plane's actions do at once what takes a day; the chat stays open with the same participants."""
    chat = world.chat(stage=stage)
    people = world.truth(chat)["participants"]
    world.do(chat, action)

    assert ended_by(world, chat)[-1] == end
    assert (world.truth(chat)["state"], world.truth(chat)["participants"]) == ("active", people)


@pytest.mark.parametrize("by", ["channel", "participant", "agent"])
@pytest.mark.parametrize(("stage", "action"), [("assigned", "expire"), ("wrapping", "expire"), ("assigned", "delete")])
def test_a_deleted_task_does_not_change(world: World, stage: str, action: str, by: str) -> None:
    """If somebody closes the chat afterwards, the chat ends and the task has no second end."""
    chat = world.chat(stage=stage)
    channel = world.twilio.flex_api.v1.interaction(chat["interaction"]).channels(chat["channel"])
    agent = next(each.sid for each in channel.participants.list() if each.type == "agent")
    world.do(chat, action)
    before = ended_by(world, chat)
    if by == "channel":
        channel.update(status="closed", routing={"status": "closed"})
    elif by == "participant":
        channel.participants(agent).update(status="closed")
    else:
        with pytest.raises(SimulatorError, match="it needs a task"):
            world.do(chat, "complete")
    world.advance("PT1H")

    assert ended_by(world, chat) == before
    assert world.conversation(chat).fetch().state == ("closed" if by == "channel" else "active")


@pytest.mark.parametrize(
    ("stage", "actions"),
    [("assigned", ["cancel"]), ("bot", ["expire"]), ("queued", ["delete", "delete"]), ("queued", ["expire", "expire"])],
)
def test_a_task_is_lost_once(world: World, stage: str, actions: list[str]) -> None:
    """An impossible second loss is refused."""
    chat = world.chat(stage=stage)
    *before, last = actions
    for action in before:
        world.do(chat, action)

    with pytest.raises(SimulatorError):
        world.do(chat, last)


@pytest.mark.parametrize("stage", ["queued", "assigned", "wrapping"])
def test_a_deleted_task_has_an_event(world: World, stage: str) -> None:
    """Its status does not matter; it is removed at once, and the conversation stays open."""
    chat = world.chat(stage=stage)
    world.tasks(chat["task"]).delete()

    assert ended_by(world, chat)[-1][0] == "task.deleted"
    assert world.conversation(chat).fetch().state == "active"
    with pytest.raises(TwilioRestException):
        world.tasks(chat["task"]).fetch()
