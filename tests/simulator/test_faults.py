"""Faults of REST requests: what is applied, what is answered, on which request."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time

import pytest
import requests

from simulator.client import SimulatorError

from .conftest import World

MATCH = "POST /conversations/v1/Conversations/CH[^/]+/Messages$"


def post(world: World, chat: dict[str, str]) -> requests.Response:
    """Post a message, the request that the faults here hit."""
    return world.call("POST", f"conversations/v1/Conversations/{chat['conversation']}/Messages", {"Body": "x"})


def applied(world: World, chat: dict[str, str]) -> int:
    """Return how many messages there really are."""
    return len(world.truth(chat)["messages"])


@pytest.mark.parametrize(("when", "messages"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("kind", ["reset", "timeout"])
def test_an_answer_that_is_lost_is_not_a_request_that_is_lost(
    world: World, kind: str, when: str, messages: int
) -> None:
    """Both look the same to the client, and only one has changed something."""
    chat = world.chat()
    world.control("POST", "faults", {"match": MATCH, "kind": kind, "when": when, "seconds": 0.2})

    with pytest.raises(requests.ConnectionError):
        post(world, chat)

    assert applied(world, chat) == messages
    assert tuple(world.control("GET", "requests")["requests"][-1][key] for key in ("status", "fault")) == (
        None,
        f"{kind} {when}",
    )
    assert post(world, chat).status_code == 201


@pytest.mark.parametrize(("when", "messages"), [("before", 0), ("after", 1)])
def test_a_status_has_twilios_body(world: World, when: str, messages: int) -> None:
    """It has Retry-After if asked for."""
    chat = world.chat()
    world.control("POST", "faults", {"match": MATCH, "kind": "status", "status": 429, "retryAfter": 2, "when": when})

    answer = post(world, chat)

    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, 20429, "2")
    assert applied(world, chat) == messages


def test_a_garbled_body_is_not_json(world: World) -> None:
    """The change is applied, the status is good, the body is not."""
    chat = world.chat()
    world.control("POST", "faults", {"match": MATCH, "kind": "garbled"})

    answer = post(world, chat)

    assert answer.status_code == 201
    with pytest.raises(ValueError, match=r".*"):
        answer.json()
    assert applied(world, chat) == 1


def test_a_body_that_is_cut_off_ends_before_its_length(world: World) -> None:
    """The change is applied."""
    chat = world.chat()
    world.control("POST", "faults", {"match": MATCH, "kind": "cut"})

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        post(world, chat)

    assert applied(world, chat) == 1


def test_slow_delays_and_composes_with_another(world: World) -> None:
    """The delay comes first."""
    chat = world.chat()
    world.control(
        "POST",
        "faults",
        [{"match": MATCH, "kind": "slow", "seconds": 0.3}, {"match": MATCH, "kind": "status", "status": 500}],
    )
    began = time.monotonic()

    assert post(world, chat).status_code == 500
    assert time.monotonic() - began >= 0.3


def test_close_ends_the_connection_after_a_whole_answer(world: World) -> None:
    """The client's pool then has a closed connection."""
    world.control("POST", "faults", {"match": "GET", "kind": "close"})

    answers = [world.call("GET", "conversations/v1/Configuration") for _ in range(2)]

    assert [answer.headers.get("Connection") for answer in answers] == ["close", None]
    first, second = (one["connection"] for one in world.control("GET", "requests")["requests"][-2:])
    assert first != second


def fetched(world: World, chat: dict[str, str]) -> dict[str, object]:
    """Read a conversation with the request that the faults of a field hit."""
    body: dict[str, object] = world.unchecked("GET", f"conversations/v1/Conversations/{chat['conversation']}").json()
    return body


@pytest.mark.parametrize("value", ["levitating", None, 7, [], {"a": 1}])
def test_a_field_may_have_an_unknown_value(world: World, value: object) -> None:
    """Null and another type too; in this answer only, and the change that it answers is applied."""
    chat = world.chat()
    before = fetched(world, chat)
    world.control("POST", "faults", {"match": "GET .*/CH", "kind": "odd", "at": "state", "value": value})

    assert fetched(world, chat) == {**before, "state": value}
    assert fetched(world, chat) == before


def test_a_field_may_be_missing(world: World) -> None:
    """Without a value; all others are there."""
    chat = world.chat()
    before = fetched(world, chat)
    world.control("POST", "faults", {"match": "GET .*/CH", "kind": "odd", "at": "links.messages"})

    links = dict(before["links"])  # type: ignore[call-overload]  # it is an object
    del links["messages"]
    assert fetched(world, chat) == {**before, "links": links}


@pytest.mark.parametrize(
    ("at", "value", "rows"),
    [
        ("conversations.1.sid", {"value": None}, ["A", None, "C"]),
        ("conversations.*.sid", {"value": 7}, [7, 7, 7]),
        ("conversations.0.sid", {}, ["missing", "B", "C"]),
        ("conversations.1", {}, ["A", "C"]),
        ("conversations.1", {"value": None}, ["A", "no row", "C"]),
        ("conversations.9.sid", {"value": 7}, ["A", "B", "C"]),
        ("tasks.0.sid", {"value": 7}, ["A", "B", "C"]),
    ],
)
def test_a_row_of_a_list_may_be_odd(world: World, at: str, value: dict[str, object], rows: list[object]) -> None:
    """One row, every row, a removed row; an unknown path changes nothing."""
    sids = [world.chat()["conversation"] for _ in range(3)]
    letters = dict(zip(sids, "ABC", strict=True))
    world.control("POST", "faults", {"match": "GET .*/Conversations", "kind": "odd", "at": at, **value})

    listed = world.unchecked("GET", "conversations/v1/Conversations").json()["conversations"]

    sids_seen = [row.get("sid", "missing") if isinstance(row, dict) else "no row" for row in listed]
    assert [letters.get(sid, sid) for sid in sids_seen] == rows


@pytest.mark.parametrize("page", [0, 1])
def test_a_page_may_lead_to_itself(world: World, page: int) -> None:
    """The first page or a later one, while the fault exists."""
    for _ in range(3):
        world.chat()
    url = f"{world.simulator.url}/conversations/v1/Conversations?PageSize=1"
    for _ in range(page):
        url = world.http.get(url, timeout=10).json()["meta"]["next_page_url"]
    true = world.http.get(url, timeout=10).json()
    world.control("POST", "faults", {"match": "GET .*/Conversations", "kind": "repeat", "times": 2})

    first = world.http.get(url, timeout=10).json()
    second = world.http.get(first["meta"]["next_page_url"], timeout=10).json()
    third = world.http.get(second["meta"]["next_page_url"], timeout=10).json()

    assert true["conversations"] == first["conversations"] == second["conversations"] == third["conversations"]
    assert third["meta"]["next_page_url"] == true["meta"]["next_page_url"]


def test_an_answer_may_drip(world: World) -> None:
    """The bytes arrive one by one; a client that waits receives all of them, and the change is applied."""
    chat = world.chat()
    world.control("POST", "faults", {"match": MATCH, "kind": "drip", "perSecond": 20, "seconds": 0.5})
    began = time.monotonic()

    path = f"conversations/v1/Conversations/{chat['conversation']}/Messages"
    with world.unchecked("POST", path, {"Body": "x"}, stream=True) as answer:
        first = time.monotonic() - began
        body = b"".join(answer.iter_content(1))
    took = time.monotonic() - began

    assert applied(world, chat) == 1
    assert json.loads(body)["body"] == "x"
    assert first < 0.4 < took < 5


def test_a_drip_ends_with_its_client(world: World) -> None:
    """When a client disconnects, the request ends and is logged soon after."""
    world.control("POST", "faults", {"match": "GET", "kind": "drip", "perSecond": 20, "seconds": 60})
    url = f"{world.simulator.url}/conversations/v1/Configuration"
    with world.unchecked("GET", url, stream=True) as answer:
        assert next(answer.iter_content(1)) == b"{"

    until = time.monotonic() + 5
    while not world.control("GET", "requests")["requests"]:
        assert time.monotonic() < until, "the answer still drips"
        time.sleep(0.02)


ALONE: dict[str, dict[str, object]] = {
    "slow": {"kind": "slow", "seconds": 0.05},
    "status before": {"kind": "status", "status": 500},
    "status after": {"kind": "status", "status": 502, "when": "after"},
    "reset before": {"kind": "reset"},
    "reset after": {"kind": "reset", "when": "after"},
    "timeout before": {"kind": "timeout", "seconds": 0.05},
    "timeout after": {"kind": "timeout", "seconds": 0.05, "when": "after"},
    "garbled": {"kind": "garbled"},
    "cut": {"kind": "cut"},
    "drip": {"kind": "drip", "perSecond": 100_000},
    "close": {"kind": "close"},
}
LOSING = ("reset", "timeout")


def expected(names: tuple[str, ...]) -> tuple[int, str]:
    """Return what faults do together: messages applied, and the client's result; `before` counts before `after`."""
    losing = [name for name in names if name.startswith((*LOSING, "status"))]
    first = next((name for when in ("before", "after") for name in losing if name.endswith(when)), "")
    applied_messages = 0 if first.endswith("before") else 1
    if first.startswith(LOSING):
        return applied_messages, "nothing"
    seen = {"status before": "500", "status after": "502"}.get(first, "201")
    if "cut" in names:
        return applied_messages, "half an answer"
    return applied_messages, f"{seen} garbled" if "garbled" in names else seen


@pytest.mark.parametrize("names", itertools.permutations(ALONE, 2), ids=" and ".join)
def test_faults_compose(world: World, names: tuple[str, ...]) -> None:
    """Any two of them, set in any order, take effect in the order of a request's life."""
    chat = world.chat()
    world.control("POST", "faults", [{"match": MATCH, **ALONE[name]} for name in names])
    try:
        answer = post(world, chat)
    except requests.exceptions.ChunkedEncodingError:
        seen = "half an answer"
    except requests.ConnectionError:
        seen = "nothing"
    else:
        whole = answer.content.startswith(b"{")
        seen = str(answer.status_code) if whole else f"{answer.status_code} garbled"

    assert expected(names) == (applied(world, chat), seen)
    assert world.control("GET", "requests")["requests"][-1]["fault"] == " + ".join(names)


def test_a_fault_hits_the_nth_match_and_so_many_from_there(world: World) -> None:
    """Others pass; clearing ends it."""
    chat = world.chat()
    world.control("POST", "faults", {"match": MATCH, "kind": "status", "status": 503, "nth": 2, "times": 2})
    assert [post(world, chat).status_code for _ in range(4)] == [201, 503, 503, 201]

    world.control("POST", "faults", {"match": "GET", "kind": "status", "times": None})
    assert world.call("GET", "conversations/v1/Configuration").status_code == 503
    assert post(world, chat).status_code == 201
    world.control("DELETE", "faults")
    assert world.call("GET", "conversations/v1/Configuration").status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"match": "GET", "kind": "nonsense"},
        {"match": "(", "kind": "reset"},
        {"match": "GET", "kind": "reset", "when": "meanwhile"},
        {"match": "GET", "kind": "reset", "typo": 1},
        {"match": "GET", "kind": "odd", "value": 1},
        {"match": "GET", "kind": "drip", "perSecond": 0},
        [1],
    ],
)
def test_an_invalid_fault_is_refused(world: World, fault: object) -> None:
    """400, with what is possible."""
    with pytest.raises(SimulatorError) as caught:
        world.control("POST", "faults", fault)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "reset", {"dialect": {"nonsense": "x"}}, 400),
        ("POST", "reset", {"dialect": {"timerOrigin": "x"}}, 400),
        ("POST", "reset", {"now": "2026-01-05T00:00:00"}, 400),
        ("POST", "clock", {}, 400),
        ("POST", "clock", {"advance": "10m"}, 400),
        ("POST", "clock", {"advanse": "PT1M"}, 400),
        ("POST", "chats", {"channel": "fax"}, 409),
        ("POST", "chats", {"stage": "done"}, 409),
        ("GET", "chats/CH0", None, 404),
        ("PUT", "schedules/x", {"every": "PT0S", "url": "http://127.0.0.1:9/"}, 400),
    ],
)
def test_the_control_plane_says_what_is_wrong(world: World, method: str, path: str, body: object, status: int) -> None:
    """A typo is an error, never a default."""
    with pytest.raises(SimulatorError) as caught:
        world.control(method, path, body)
    assert caught.value.status == status


def test_a_request_from_before_a_reset_is_not_in_the_new_log(world: World) -> None:
    """The log is empty after a reset, even if a request still waits for its answer."""
    world.control("POST", "faults", {"match": "GET", "kind": "timeout", "seconds": 0.3})
    waiting = threading.Thread(target=lambda: _ignoring_loss(world), daemon=True)
    waiting.start()
    time.sleep(0.1)
    world.control("POST", "reset", {})
    waiting.join()
    time.sleep(0.05)

    assert world.control("GET", "requests")["requests"] == []


def _ignoring_loss(world: World) -> None:
    with contextlib.suppress(requests.ConnectionError):
        world.call("GET", "conversations/v1/Configuration")
