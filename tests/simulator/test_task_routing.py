"""How a task finds a worker: workflows, queues, capacity, reservations, and timeouts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from .conftest import Receiver, World


@pytest.fixture
def workspace(world: World) -> Any:
    """The SDK's workspace."""
    return world.twilio.taskrouter.v1.workspaces(world.workspace_sid)


def available(workspace: Any) -> str:
    """The SID of the activity in which workers accept tasks."""
    (activity,) = workspace.activities.list(available="true")
    sid: str = activity.sid
    return sid


def hire(workspace: Any, name: str = "Ada", **attributes: object) -> Any:
    """Create a worker who accepts tasks."""
    return workspace.workers.create(
        friendly_name=name, activity_sid=available(workspace), attributes=json.dumps(attributes)
    )


def refused(call: Any, *arguments: Any, **named: Any) -> tuple[int, int]:
    """Status and code of a refusal."""
    with pytest.raises(TwilioRestException) as caught:
        call(*arguments, **named)
    return caught.value.status, caught.value.code


def configuration(*filters: dict[str, object], default: str | None = None) -> str:
    """A workflow's configuration."""
    routing: dict[str, object] = {"filters": list(filters)}
    if default is not None:
        routing["default_filter"] = {"queue": default}
    return json.dumps({"task_routing": routing})


# -- queues and workflows ----------------------------------------------------------------------------------------------


def test_a_workflow_routes_tasks_by_their_attributes(workspace: Any) -> None:
    """The first filter that matches decides, with its priority; else the default."""
    sales, support = (workspace.task_queues.create(friendly_name=name) for name in ("Sales", "Support"))
    workflow = workspace.workflows.create(
        friendly_name="By topic",
        configuration=configuration(
            {"expression": 'topic == "sales"', "targets": [{"queue": sales.sid, "priority": 7}]},
            {"expression": "vip == true", "targets": [{"queue": sales.sid}]},
            default=support.sid,
        ),
    )

    sent = [
        workspace.tasks.create(workflow_sid=workflow.sid, attributes=json.dumps(attributes), priority=2)
        for attributes in ({"topic": "sales"}, {"vip": True}, {"topic": "other"})
    ]

    assert [(task.task_queue_friendly_name, task.priority) for task in sent] == [
        ("Sales", 7),
        ("Sales", 2),
        ("Support", 2),
    ]


def test_a_task_that_nothing_matches_is_canceled(workspace: Any) -> None:
    """Without a default there is no queue for it."""
    workflow = workspace.workflows.create(friendly_name="Nowhere", configuration=configuration())

    task = workspace.tasks.create(workflow_sid=workflow.sid)

    assert (task.assignment_status, task.task_queue_sid) == ("canceled", None)
    assert task.reason


def test_a_task_moves_on_when_its_targets_time_is_up(world: World, workspace: Any, receiver: Receiver) -> None:
    """It moves step by step with the clock, and is canceled with the workflow's reason at the end."""
    first, second = (workspace.task_queues.create(friendly_name=name) for name in ("First", "Second"))
    targets = [{"queue": first.sid, "timeout": 60}, {"queue": second.sid, "timeout": 30, "priority": 5}]
    workflow = workspace.workflows.create(
        friendly_name="Steps", configuration=configuration({"expression": "1==1", "targets": targets})
    )
    task = workspace.tasks.create(workflow_sid=workflow.sid)
    workspace.update(event_callback_url=receiver.url)
    seen = [task.fetch().task_queue_friendly_name]
    for length in ("PT59S", "PT1S", "PT30S"):
        world.advance(length)
        seen.append(task.fetch().task_queue_friendly_name)

    read = task.fetch()
    assert seen == ["First", "First", "Second", "Second"]
    assert (read.assignment_status, read.reason, read.priority) == ("canceled", "Workflow Timeout", 5)
    assert {"task-queue.timeout", "workflow.timeout", "task-queue.entered", "task.canceled"} <= set(receiver.events())


def test_a_task_lives_for_its_timeout(world: World, workspace: Any) -> None:
    """Twenty-four hours by default; then it is canceled with Twilio's reason, and deleted five minutes later."""
    short, usual = workspace.tasks.create(timeout=60), workspace.tasks.create()
    world.advance("PT1M")
    read = short.fetch()
    assert (read.assignment_status, read.reason) == ("canceled", "Task TTL Exceeded")
    assert usual.fetch().assignment_status == "pending"
    world.advance("PT5M")
    assert refused(short.fetch) == (404, 20404)
    world.advance("PT23H54M")

    assert (usual.fetch().assignment_status, usual.fetch().timeout) == ("canceled", 86400)


def test_a_task_assigned_for_a_day_is_deleted(world: World, receiver: Receiver) -> None:
    """The limit is the platform's; the conversation is not changed."""
    chat = world.chat(stage="assigned")
    world.twilio.taskrouter.v1.workspaces(world.workspace_sid).update(
        event_callback_url=receiver.url, events_filter="task.system-deleted"
    )
    world.advance("P1D", before=True)
    assert world.tasks(chat["task"]).fetch().assignment_status == "assigned"
    world.advance("PT0S")

    assert refused(world.tasks(chat["task"]).fetch) == (404, 20404)
    assert receiver.events() == ["task.system-deleted"]
    assert world.conversation(chat).fetch().state == "active"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"task_routing": []}',
        '{"task_routing": {"filters": {}}}',
        '{"task_routing": {"filters": [{"targets": []}]}}',
        '{"task_routing": {"filters": [{"expression": "nonsense", "targets": []}]}}',
        '{"task_routing": {"filters": [{"expression": "1==1", "targets": [{}]}]}}',
        '{"task_routing": {"default_filter": {"queue": 3}}}',
    ],
)
def test_an_invalid_configuration_is_refused(workspace: Any, text: str) -> None:
    """It is checked when it is set, not when a task is created."""
    assert refused(workspace.workflows.create, friendly_name="Broken", configuration=text) == (400, 20001)


def test_a_workflow_names_queues_that_exist(workspace: Any) -> None:
    """It keeps its configuration as it was written."""
    text = configuration(default="WQ" + "0" * 32)
    assert refused(workspace.workflows.create, friendly_name="Lost", configuration=text) == (404, 20404)

    queue = workspace.task_queues.create(friendly_name="Sales")
    written = '{ "task_routing" : {"default_filter": {"queue": "' + queue.sid + '"}}}'
    workflow = workspace.workflows.create(friendly_name="Kept", configuration=written)

    assert workflow.fetch().configuration == written


def test_with_several_workflows_a_task_names_one(workspace: Any) -> None:
    """With one it need not."""
    workspace.tasks.create()
    workspace.workflows.create(friendly_name="Second", configuration=configuration())

    assert refused(workspace.tasks.create) == (400, 20001)


def test_reevaluating_sends_waiting_tasks_through_the_new_configuration(workspace: Any) -> None:
    """Without it they stay in their queues."""
    first, second = (workspace.task_queues.create(friendly_name=name) for name in ("First", "Second"))
    workflow = workspace.workflows.create(friendly_name="Moves", configuration=configuration(default=first.sid))
    task = workspace.tasks.create(workflow_sid=workflow.sid)
    workflow.update(configuration=configuration(default=second.sid))
    before = task.fetch().task_queue_friendly_name

    workflow.update(re_evaluate_tasks="true")

    assert (before, task.fetch().task_queue_friendly_name) == ("First", "Second")


# -- what is used stays ------------------------------------------------------------------------------------------------


def test_a_resource_in_use_is_not_deleted(world: World, workspace: Any) -> None:
    """Queues with tasks or in workflows, workflows with tasks, activities with workers, working workers."""
    queue = workspace.task_queues.create(friendly_name="Sales")
    workflow = workspace.workflows.create(friendly_name="To sales", configuration=configuration(default=queue.sid))
    activity = workspace.activities.create(friendly_name="Lunch")
    worker = workspace.workers.create(friendly_name="Ada", activity_sid=activity.sid)
    task = workspace.tasks.create(workflow_sid=workflow.sid)

    assert {refused(each.delete) for each in (queue, workflow, activity)} == {(400, 20001)}
    worker.update(activity_sid=available(workspace))
    assert refused(worker.delete) == (400, 20001)

    task.delete()
    worker.update(activity_sid=activity.sid)
    for each in (workflow, queue, worker, activity):
        each.delete()
        assert refused(each.fetch) == (404, 20404)


def test_a_resource_that_flex_uses_is_not_deleted(world: World, workspace: Any) -> None:
    """Its workspace, its queue, its workflow, and the default activity."""
    (queue,) = workspace.task_queues.list(friendly_name="Everyone")
    (workflow,) = workspace.workflows.list()
    (offline,) = workspace.activities.list(friendly_name="Offline")

    assert {refused(each.delete) for each in (workspace, queue, workflow, offline)} == {(400, 20001)}


@pytest.mark.parametrize("collection", ["activities", "task_queues", "workers"])
def test_names_are_unique_in_a_workspace(workspace: Any, collection: str) -> None:
    """409; another workspace may use them."""
    getattr(workspace, collection).create(friendly_name="Twice")

    assert refused(getattr(workspace, collection).create, friendly_name="Twice") == (409, 20409)


def test_a_new_workspace_has_its_own_resources(world: World) -> None:
    """NONE has activities and channels, FIFO a queue and a workflow too; deleting it deletes everything in it."""
    router = world.twilio.taskrouter.v1.workspaces
    bare, first_in = router.create(friendly_name="Bare"), router.create(friendly_name="First in", template="FIFO")
    task = router(first_in.sid).tasks.create()

    assert sorted(one.friendly_name for one in bare.activities.list()) == ["Available", "Offline", "Unavailable"]
    assert (bare.workflows.list(), len(first_in.workflows.list())) == ([], 1)
    assert task.task_queue_friendly_name == "Sample Queue"
    assert refused(router(bare.sid).tasks.create) == (400, 20001)
    assert router.list(friendly_name="Bare")[0].friendly_name == "Bare"
    first_in.delete()
    assert refused(task.fetch) == (404, 20404)
    assert refused(router.create, friendly_name="Odd", template="LIFO") == (400, 20001)


# -- reservations ------------------------------------------------------------------------------------------------------


def test_a_waiting_task_is_offered_to_an_eligible_worker(workspace: Any) -> None:
    """The queue's expression selects workers; an unavailable one is offered nothing."""
    queue = workspace.task_queues.create(friendly_name="German", target_workers='languages HAS "de"')
    hire(workspace, "Ada", languages=["en"])
    brigitte = hire(workspace, "Brigitte", languages=["de", "en"])
    workspace.workers.create(friendly_name="Clara", attributes='{"languages": ["de"]}')

    task = workspace.tasks.create(task_queue_sid=queue.sid)

    (reservation,) = task.reservations.list()
    assert (
        task.fetch().assignment_status,
        reservation.reservation_status,
        reservation.worker_name,
    ) == ("reserved", "pending", "Brigitte")
    assert [each.sid for each in brigitte.reservations.list()] == [reservation.sid]


def test_an_offer_waits_for_capacity_and_goes_by_priority(workspace: Any) -> None:
    """One task a channel by default; the more urgent one first when there is room again."""
    ada = hire(workspace)
    first, low, high = (workspace.tasks.create(priority=priority) for priority in (0, 0, 9))
    assert [each.fetch().assignment_status for each in (first, low, high)] == ["reserved", "pending", "pending"]
    first.reservations.list()[0].update(reservation_status="accepted")
    assert ada.worker_channels("default").fetch().available_capacity_percentage == 0

    first.update(assignment_status="completed")
    assert [each.fetch().assignment_status for each in (low, high)] == ["pending", "reserved"]
    ada.worker_channels("default").update(capacity=2)

    assert [each.fetch().assignment_status for each in (low, high)] == ["reserved", "reserved"]


@pytest.mark.parametrize(
    ("steps", "statuses"),
    [
        (["accepted"], ("accepted", "assigned")),
        (["accepted", "wrapping"], ("wrapping", "wrapping")),
        (["accepted", "completed"], ("completed", "completed")),
        (["accepted", "wrapping", "completed"], ("completed", "completed")),
    ],
)
def test_a_reservation_changes_its_task(workspace: Any, steps: list[str], statuses: tuple[str, str]) -> None:
    """Accepted, wrapped up, completed; the worker's own view is the same reservation."""
    worker = hire(workspace)
    task = workspace.tasks.create()
    (reservation,) = worker.reservations.list()
    for step in steps:
        reservation = reservation.update(reservation_status=step)

    assert (reservation.reservation_status, task.fetch().assignment_status) == statuses
    assert task.reservations(reservation.sid).fetch().reservation_status == statuses[0]


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ([], "completed"),
        ([], "wrapping"),
        ([], "canceled"),
        ([], "timeout"),
        ([], "nonsense"),
        (["accepted"], "accepted"),
        (["accepted"], "rejected"),
        (["accepted", "wrapping"], "accepted"),
        (["accepted", "completed"], "wrapping"),
    ],
)
def test_a_reservation_goes_one_way_only(workspace: Any, before: list[str], wanted: str) -> None:
    """Any other change is 20001 and changes nothing."""
    hire(workspace)
    task = workspace.tasks.create()
    (reservation,) = task.reservations.list()
    for step in before:
        reservation.update(reservation_status=step)
    status = reservation.fetch().reservation_status

    assert refused(reservation.update, reservation_status=wanted) == (400, 20001)
    assert reservation.fetch().reservation_status == status


def test_a_rejected_task_is_offered_to_somebody_else(workspace: Any) -> None:
    """The worker who rejected it can change their activity in the same request."""
    ada = hire(workspace, "Ada")
    task = workspace.tasks.create()
    hire(workspace, "Brigitte")
    (offline,) = workspace.activities.list(friendly_name="Offline")

    task.reservations.list()[0].update(reservation_status="rejected", worker_activity_sid=offline.sid)

    assert [(each.worker_name, each.reservation_status) for each in task.reservations.list()] == [
        ("Ada", "rejected"),
        ("Brigitte", "pending"),
    ]
    assert ada.fetch().activity_name == "Offline"


def test_a_worker_who_does_not_answer_loses_the_task_and_goes_offline(
    world: World, workspace: Any, receiver: Receiver
) -> None:
    """The workflow's timeout decides, 120 seconds by default."""
    ada = hire(workspace)
    task = workspace.tasks.create()
    workspace.update(event_callback_url=receiver.url, events_filter="reservation.timeout,worker.activity.update")
    world.advance("PT2M", before=True)
    assert task.fetch().assignment_status == "reserved"
    world.advance("PT0S")

    assert (
        task.fetch().assignment_status,
        task.reservations.list()[0].reservation_status,
        ada.fetch().activity_name,
    ) == ("pending", "timeout", "Offline")
    assert sorted(str(each) for each in receiver.events()) == ["reservation.timeout", "worker.activity.update"]


def test_a_reservation_and_a_worker_have_revisions_too(workspace: Any) -> None:
    """With If-Match only one of two writers succeeds."""
    worker = hire(workspace)
    workspace.tasks.create()
    (reservation,) = worker.reservations.list()
    for context, change in ((reservation, {"reservation_status": "accepted"}), (worker, {"attributes": '{"a": 1}'})):
        etag = context.fetch_with_http_info().headers["ETag"]
        context.update(if_match=etag, **change)
        assert refused(context.update, if_match=etag, **change)[0] == 412


def test_a_task_can_be_created_for_one_worker(workspace: Any) -> None:
    """The worker may be unavailable; capacity is ignored unless asked for."""
    clara = workspace.workers.create(friendly_name="Clara")
    hire(workspace, "Ada")

    meant = workspace.tasks.create(routing_target=clara.sid)
    patient = workspace.tasks.create(routing_target=clara.sid, ignore_capacity="false")

    assert [each.worker_name for each in meant.reservations.list()] == ["Clara"]
    assert (patient.assignment_status, meant.ignore_capacity, patient.ignore_capacity) == ("pending", True, False)


def test_agents_of_the_control_plane_are_offered_nothing(world: World, workspace: Any) -> None:
    """They become available when an action assigns them a task, and accept no other."""
    chat = world.chat(stage="assigned")
    world.do(chat, "complete")
    workspace.tasks.create()

    assert {worker.friendly_name: worker.activity_name for worker in workspace.workers.list()} == {"agent": "Available"}
    assert world.tasks(world.chat()["task"]).fetch().assignment_status == "pending"


def test_an_offline_agent_is_available_again_when_they_accept(world: World, workspace: Any) -> None:
    """An agent who logs in again does the same."""
    world.do(world.chat(stage="assigned"), "offline")
    assert [worker.activity_name for worker in workspace.workers.list()] == ["Offline"]
    world.chat(stage="assigned")

    assert [worker.activity_name for worker in workspace.workers.list()] == ["Available"]


def test_an_agent_whose_activity_is_set_is_offered_waiting_tasks(world: World, workspace: Any) -> None:
    """From then on they work as any other worker."""
    chat = world.chat()
    available = next(each.sid for each in workspace.activities.list() if each.friendly_name == "Available")
    workspace.workers.list()[0].update(activity_sid=available)

    assert world.tasks(chat["task"]).fetch().assignment_status == "reserved"


def test_a_queues_activities_are_cleared_by_an_empty_sid(workspace: Any) -> None:
    """A parameter that is not sent keeps its value."""
    activity = workspace.activities.list()[0].sid
    queue = workspace.task_queues.create(
        friendly_name="Sales", reservation_activity_sid=activity, assignment_activity_sid=activity
    )
    queue.update(reservation_activity_sid="")

    read = queue.fetch()
    assert (
        read.reservation_activity_sid,
        read.reservation_activity_name,
        read.assignment_activity_sid,
    ) == (None, None, activity)


def test_a_reserved_chat_waits_for_its_agent(world: World) -> None:
    """The control plane can do each step: reserved, rejected, reserved, accepted."""
    chat = world.chat()
    seen = []
    for action in ("reserve", "reject", "reserve", "accept"):
        world.do(chat, action)
        seen.append(world.tasks(chat["task"]).fetch().assignment_status)

    assert seen == ["reserved", "pending", "reserved", "assigned"]
    assert [each.reservation_status for each in world.tasks(chat["task"]).reservations.list()] == [
        "rejected",
        "accepted",
    ]


def test_accepting_over_rest_adds_the_worker_to_the_chat(world: World, workspace: Any) -> None:
    """Flex's own button does the same: the agent takes part under the identity in their attributes."""
    chat = world.chat()
    hire(workspace, "Ada", contact_uri="client:ada_lovelace")
    (ada,) = workspace.workers.list(friendly_name="Ada")
    (reservation,) = ada.reservations.list()

    reservation.update(reservation_status="accepted")
    world.say(chat, "agent", "hello")

    assert [message["author"] for message in world.truth(chat)["messages"]] == ["ada_lovelace"]
    assert world.tasks(chat["task"]).fetch().assignment_status == "assigned"
