"""A workspace's event callback: its events, parameters, signature, filter and retries."""

from __future__ import annotations

import json
import time

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from .conftest import Receiver, World

ON_THE_WAY = ["task.created", "workflow.entered", "task-queue.entered"]


def listen(world: World, url: str, events_filter: str | None = None) -> None:
    """Point the workspace's callback at a receiver."""
    more = {} if events_filter is None else {"events_filter": events_filter}
    world.twilio.taskrouter.v1.workspaces(world.workspace_sid).update(event_callback_url=url, **more)


def received(receiver: Receiver) -> list[str | None]:
    """Return every event so far, sorted, because events of one change arrive in any order."""
    events = sorted(str(event) for event in receiver.events())
    receiver.got.clear()
    return list(events)


def test_a_chat_fires_its_events_in_order(world: World, receiver: Receiver) -> None:
    """Created and queued, reserved and accepted, wrapped up, completed; the purge five minutes later has no event."""
    listen(world, receiver.url)
    chat = world.chat(stage="queued")
    assert received(receiver) == sorted(ON_THE_WAY)
    world.do(chat, "accept")
    assert [event for event in received(receiver) if str(event).startswith("reservation")] == [
        "reservation.accepted",
        "reservation.created",
    ]
    world.do(chat, "wrap")
    assert received(receiver) == ["reservation.wrapup", "task.wrapup"]
    world.do(chat, "complete")
    assert received(receiver) == ["reservation.completed", "task.completed"]

    world.advance("PT5M")

    assert received(receiver) == []


def test_the_parameters_of_an_accepted_reservation(world: World, receiver: Receiver) -> None:
    """The common parameters, the task with its attributes as JSON, the worker, the reservation."""
    listen(world, receiver.url, "reservation.accepted")
    chat = world.chat(stage="queued", attributes={"note": "Grüße"})
    world.advance("PT30S")
    world.do(chat, "accept")

    (got,) = receiver.got
    (reservation,) = world.tasks(chat["task"]).reservations.list()
    task = world.tasks(chat["task"]).fetch()
    expected = {
        "EventType": "reservation.accepted",
        "AccountSid": world.simulator.account_sid,
        "WorkspaceSid": world.workspace_sid,
        "WorkspaceName": "Flex Task Assignment",
        "ResourceType": "reservation",
        "ResourceSid": reservation.sid,
        "TaskSid": chat["task"],
        "TaskAge": "30",
        "TaskPriority": "0",
        "TaskAssignmentStatus": "assigned",
        "TaskQueueSid": task.task_queue_sid,
        "TaskChannelUniqueName": "chat",
        "WorkflowSid": task.workflow_sid,
        "WorkerSid": reservation.worker_sid,
        "WorkerName": "agent",
        "ReservationSid": reservation.sid,
    }
    assert {name: got.value(name) for name in expected} == expected
    assert json.loads(str(got.value("TaskAttributes")))["conversationSid"] == chat["conversation"]
    assert json.loads(str(got.value("TaskAttributes")))["note"] == "Grüße"
    assert json.loads(str(got.value("WorkerAttributes")))["contact_uri"] == "client:agent"
    assert got.value("EventDescription")
    assert got.value("Timestamp") == str(int(task.date_created.timestamp()) + 30)


def test_an_event_callback_verifies_with_the_official_validator(world: World, receiver: Receiver) -> None:
    """Query string signed, fragment neither sent nor signed."""
    listen(world, f"{receiver.url}?env=test#rc=2&rp=all", "task.created")
    world.chat(attributes={"empty": "", "odd": "a&b=c + 日本"})

    (got,) = receiver.got
    params = {name: values[0] for name, values in got.params.items()}
    signature = got.headers["X-Twilio-Signature"]
    assert RequestValidator(world.simulator.auth_token).validate(f"{receiver.url}?env=test", params, signature)
    assert got.path.endswith("?env=test")


def test_only_listed_events_are_sent(world: World, receiver: Receiver) -> None:
    """The filter is a list with commas, and blanks are allowed; an empty one means all events."""
    listen(world, receiver.url, "task.created, reservation.accepted")
    chat = world.chat(stage="assigned")
    assert received(receiver) == ["reservation.accepted", "task.created"]

    listen(world, receiver.url, "")
    world.do(chat, "wrap")

    assert received(receiver) == ["reservation.wrapup", "task.wrapup"]
    assert world.twilio.taskrouter.v1.workspaces(world.workspace_sid).fetch().events_filter is None


@pytest.mark.parametrize(
    "text", ["task.creatd", "task.created,nonsense", "task.*", "task.created reservation.accepted"]
)
def test_a_filter_names_events_that_exist(world: World, text: str) -> None:
    """Another name is 20001, and the filter is not changed."""
    listen(world, "https://example.com/events", "task.created")
    with pytest.raises(TwilioRestException) as caught:
        listen(world, "https://example.com/other", text)

    read = world.twilio.taskrouter.v1.workspaces(world.workspace_sid).fetch()
    assert (caught.value.status, caught.value.code) == (400, 20001)
    assert (read.event_callback_url, read.events_filter) == ("https://example.com/events", "task.created")


@pytest.mark.parametrize("url", ["example.com/events", "ftp://example.com", "https://", "http://a b", "http://[1"])
def test_a_callback_is_an_http_address(world: World, url: str) -> None:
    """Another address is refused; an empty one disables the events."""
    with pytest.raises(TwilioRestException):
        listen(world, url)


def test_without_a_url_nothing_is_sent(world: World, receiver: Receiver) -> None:
    """It is empty at first, or was cleared."""
    listen(world, receiver.url)
    listen(world, "")
    world.chat(stage="assigned")

    assert receiver.got == []


def test_a_rest_request_fires_events_too(world: World, receiver: Receiver) -> None:
    """Unlike Conversations, TaskRouter fires for its own API; the clock waits for it."""
    listen(world, receiver.url, "task.updated,task.canceled,task.deleted")
    first, second = world.chat()["task"], world.chat()["task"]
    world.tasks(first).update(attributes="{}")
    world.tasks(first).update(assignment_status="canceled", reason="gone away")
    world.tasks(second).delete()
    world.advance("PT0S")

    canceled = next(got for got in receiver.got if got.value("EventType") == "task.canceled")
    assert (canceled.value("TaskCanceledReason"), canceled.value("TaskAssignmentStatus")) == ("gone away", "canceled")
    assert received(receiver) == ["task.canceled", "task.deleted", "task.updated"]


def test_a_canceled_task_cancels_its_reservation(world: World, receiver: Receiver) -> None:
    """The worker cannot answer any more."""
    listen(world, receiver.url, "reservation.canceled")
    chat = world.chat()
    world.do(chat, "reserve")
    world.tasks(chat["task"]).update(assignment_status="canceled")
    world.advance("PT0S")

    (reservation,) = world.tasks(chat["task"]).reservations.list()
    assert (reservation.reservation_status, received(receiver)) == ("canceled", ["reservation.canceled"])


def test_the_log_of_deliveries_names_the_chat_of_an_event(world: World, receiver: Receiver) -> None:
    """It is the conversation in the task's attributes."""
    listen(world, receiver.url, "reservation.accepted")
    chat = world.chat(stage="assigned")

    (delivery,) = world.truth(chat)["deliveries"]

    assert (
        delivery["kind"],
        delivery["status"],
        delivery["conversation"],
    ) == ("reservation.accepted", 204, chat["conversation"])


@pytest.mark.parametrize(
    ("fragment", "status", "attempts"),
    [
        ("", 503, 1),
        ("#rc=2&rp=5xx", 503, 3),
        ("#rc=0&rp=all", 503, 1),
        ("#rp=4xx,5xx", 404, 2),
        ("#rc=3&rp=4xx", 503, 1),
        ("#rc=5&rp=all", 204, 1),
        ("#rc=9&rp=all", 503, 2),
    ],
)
def test_a_callbacks_fragment_asks_for_retries(
    world: World, receiver: Receiver, fragment: str, status: int, attempts: int
) -> None:
    """Count and policy as connection overrides have them; by default once more, and only without a connection."""
    receiver.status = status
    listen(world, receiver.url + fragment, "task.created")
    world.chat()

    assert len(receiver.got) == attempts


def test_without_a_connection_it_is_tried_once_more(world: World) -> None:
    """The platform's default policy, `ct`."""
    listen(world, "http://127.0.0.1:9/nobody", "task.created")
    chat = world.chat()

    assert [delivery["status"] for delivery in world.truth(chat)["deliveries"]] == [None, None]


def test_a_fragment_shortens_the_timeout(world: World, receiver: Receiver) -> None:
    """Fifteen seconds without one; `rt` in milliseconds."""
    receiver.delay = 3
    listen(world, f"{receiver.url}#rt=300&rc=0", "task.created")
    began = time.monotonic()

    chat = world.chat()

    assert [(each["status"], each["error"]) for each in world.truth(chat)["deliveries"]] == [(None, "timeout")]
    assert time.monotonic() - began < 2.5


def test_a_slow_receiver_has_more_time_than_with_conversations(world: World, receiver: Receiver) -> None:
    """More than five seconds are no failure."""
    receiver.delay = 5.5
    listen(world, receiver.url, "task.created")
    chat = world.chat()

    assert [each["status"] for each in world.truth(chat)["deliveries"]] == [204]


def test_workers_activities_and_queues_have_events(world: World, receiver: Receiver) -> None:
    """Tools that manage a workspace see changes."""
    listen(world, receiver.url)
    workspace = world.twilio.taskrouter.v1.workspaces(world.workspace_sid)
    lunch = workspace.activities.create(friendly_name="Lunch")
    queue = workspace.task_queues.create(friendly_name="Sales")
    worker = workspace.workers.create(friendly_name="Ada")
    worker.update(activity_sid=lunch.sid, attributes='{"skills": ["sales"]}')
    queue.delete()
    world.advance("PT0S")

    moved = next(got for got in receiver.got if got.value("EventType") == "worker.activity.update")
    assert (moved.value("WorkerActivityName"), moved.value("WorkerPreviousActivityName")) == ("Lunch", "Offline")
    assert received(receiver) == [
        "activity.created",
        "task-queue.created",
        "task-queue.deleted",
        "worker.activity.update",
        "worker.attributes.update",
        "worker.created",
    ]
