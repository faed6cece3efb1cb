"""Lists of tasks and workers: filters, orders, pages; and a search that lags in one dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.running import RunningSimulator

from .conftest import World, connect


@pytest.fixture
def path(world: World) -> str:
    """Return the tasks' address."""
    return f"taskrouter/v1/Workspaces/{world.workspace_sid}/Tasks"


def numbers(world: World, path: str, query: str) -> list[int]:
    """Return the numbers in the attributes of what a list shows, page by page."""
    found, address = [], f"{path}?{query}"
    while address:
        body = world.call("GET", address).json()
        found += [json.loads(task["attributes"])["n"] for task in body["tasks"]]
        address = (body["meta"]["next_page_url"] or "").removeprefix(f"{world.simulator.url}/")
    return found


@pytest.fixture
def tasks(world: World) -> Any:
    """Five tasks, a minute apart, of mixed priorities; the second one is canceled."""
    made = []
    for n, priority in enumerate((5, 1, 5, 0, 9)):
        made.append(world.tasks.create(attributes=json.dumps({"n": n, "even": n % 2 == 0}), priority=priority))
        world.advance("PT1M")
    made[1].update(assignment_status="canceled")
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("PageSize=2", [0, 1, 2, 3, 4]),
        ("AssignmentStatus=canceled", [1]),
        ("AssignmentStatus=canceled,pending&Priority=5", [0, 2]),
        ("AssignmentStatus=canceled&AssignmentStatus=pending", [0, 1, 2, 3, 4]),
        ("Priority=9", [4]),
        ("TaskQueueName=Everyone", [0, 1, 2, 3, 4]),
        ("TaskQueueName=Nobody", []),
        ("WorkflowName=Assign%20to%20Anyone&Priority=0", [3]),
        ("WorkflowSid=WW00000000000000000000000000000000", []),
        ("RoutingTarget=WK00000000000000000000000000000000", []),
        ("HasAddons=true", []),
        ("EvaluateTaskAttributes=even==true", [0, 2, 4]),
        ("EvaluateTaskAttributes=n IN [1,3] OR n > 3", [1, 3, 4]),
        ("Ordering=DateCreated:desc", [4, 3, 2, 1, 0]),
        ("Ordering=Priority:desc", [4, 0, 2, 1, 3]),
        ("Ordering=Priority:desc,DateCreated:desc&PageSize=2", [4, 2, 0, 1, 3]),
        ("Ordering=Priority:asc, VirtualStartTime:desc", [3, 1, 2, 0, 4]),
    ],
)
def test_a_list_of_tasks_shows_what_is_requested(
    world: World, path: str, tasks: Any, query: str, expected: list[int]
) -> None:
    """Every filter alone and together, in the requested order, with any size of page."""
    assert len(tasks) == 5
    assert numbers(world, path, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "AssignmentStatus=lost",
        "Priority=high",
        "Priority=-1",
        "Ordering=Age:asc",
        "Ordering=Priority",
        "Ordering=DateCreated:asc,VirtualStartTime:asc",
        "EvaluateTaskAttributes=(n==1",
        "PageSize=0",
    ],
)
def test_an_invalid_list_is_refused(world: World, path: str, query: str) -> None:
    """20001."""
    answer = world.call("GET", f"{path}?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


@pytest.mark.parametrize(
    "form",
    [
        {"Timeout": "0"},
        {"Timeout": "1209601"},
        {"Timeout": "soon"},
        {"Priority": "2147483648"},
        {"Priority": "1.5"},
        {"VirtualStartTime": "2026-01-05T00:00:01Z"},
        {"VirtualStartTime": "1899-12-31T00:00:00Z"},
        {"VirtualStartTime": "yesterday"},
        {"RoutingTarget": "CH00000000000000000000000000000000"},
        {"Attributes": "[]"},
        {"Attributes": '{"n": NaN}'},
    ],
)
def test_an_invalid_task_is_refused(world: World, path: str, form: dict[str, str]) -> None:
    """20001, and there is no task."""
    answer = world.call("POST", path, form)

    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert world.tasks.list() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TaskChannel", "pigeon"),
        ("WorkflowSid", "WW00000000000000000000000000000000"),
        ("TaskQueueSid", "WQ00000000000000000000000000000000"),
        ("RoutingTarget", "WK00000000000000000000000000000000"),
    ],
)
def test_a_task_refers_to_existing_resources(world: World, path: str, name: str, value: str) -> None:
    """Others are 20404."""
    assert (world.call("POST", path, {name: value}).status_code, world.tasks.list()) == (404, [])


def test_a_task_counts_as_waiting_since_its_virtual_start(world: World) -> None:
    """Priority, start and channel can be changed later."""
    world.advance("PT1H")
    task = world.tasks.create(virtual_start_time="2026-01-05T00:30:00Z", priority=3, task_channel="voice")
    assert (
        task.virtual_start_time.isoformat(),
        task.priority,
        task.task_channel_unique_name,
    ) == ("2026-01-05T00:30:00+00:00", 3, "voice")

    changed = task.update(virtual_start_time="2026-01-05T00:10:00Z", priority=4, task_channel="chat")

    assert (
        changed.virtual_start_time.isoformat(),
        changed.priority,
        changed.task_channel_unique_name,
    ) == ("2026-01-05T00:10:00+00:00", 4, "chat")


def test_deleting_a_task_checks_its_revision(world: World) -> None:
    """412 for another one; then it is deleted."""
    task = world.tasks.create()
    etag = task.fetch_with_http_info().headers["ETag"]
    task.update(priority=1)
    workspace = f"taskrouter/v1/Workspaces/{world.workspace_sid}"
    old = world.call("DELETE", f"{workspace}/Tasks/{task.sid}", headers={"If-Match": etag}).status_code
    fresh = task.fetch_with_http_info().headers["ETag"]

    new = world.call("DELETE", f"{workspace}/Tasks/{task.sid}", headers={"If-Match": fresh}).status_code

    assert (old, new, world.tasks.list()) == (412, 204, [])


def test_workers_are_listed_by_their_properties(world: World) -> None:
    """Name, activity, availability, queue, and any expression about them."""
    workspace = world.twilio.taskrouter.v1.workspaces(world.workspace_sid)
    (on,) = workspace.activities.list(available="true")
    workspace.workers.create(friendly_name="Ada", attributes='{"level": 3}', activity_sid=on.sid)
    workspace.workers.create(friendly_name="Brigitte", attributes='{"level": 5}')
    queue = workspace.task_queues.create(friendly_name="Seniors", target_workers="level >= 4")

    asked: list[dict[str, str]] = [
        {"friendly_name": "Ada"},
        {"available": "true"},
        {"activity_name": "Offline"},
        {"activity_sid": on.sid},
        {"target_workers_expression": "level > 1 AND worker.activity_name != 'Offline'"},
        {"target_workers_expression": 'friendly_name == "Brigitte"'},
        {"task_queue_name": "Seniors"},
        {"task_queue_sid": queue.sid},
    ]

    assert [",".join(worker.friendly_name for worker in workspace.workers.list(**each)) for each in asked] == [
        "Ada",
        "Ada",
        "Brigitte",
        "Ada",
        "Ada",
        "Brigitte",
        "Brigitte",
        "Brigitte",
    ]
    assert [
        each.friendly_name
        for each in workspace.task_queues.list(evaluate_worker_attributes="level == 5")
        if each.friendly_name != "Everyone"
    ] == ["Seniors"]


def test_in_the_other_dialect_the_search_lags(running: RunningSimulator) -> None:
    """Two seconds of virtual time: new tasks are not found, changed ones by what they were; fetching never lags."""
    world = connect(running, dialect={"attributeSearch": "lags"})
    chat = world.chat()
    query = f'conversationSid=="{chat["conversation"]}"'

    def found() -> int:
        return len(world.tasks.list(evaluate_task_attributes=query))

    at_first = found()
    world.advance("PT2S")
    then = found()
    world.tasks(chat["task"]).update(attributes='{"conversationSid":"CHother"}')
    changed = found(), len(world.tasks.list(evaluate_task_attributes='conversationSid=="CHother"'))
    world.advance("PT2S")

    assert (at_first, then, changed, found()) == (0, 1, (1, 0), 0)
    assert world.tasks(chat["task"]).fetch().attributes == '{"conversationSid":"CHother"}'
    assert len(world.tasks.list(assignment_status=["pending"])) == 1
