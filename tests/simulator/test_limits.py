"""The documented rate limits: off by default, counted in real time, refused in Twilio's body."""

from __future__ import annotations

import contextlib
import time

import pytest

from simulator.client import SimulatorError
from simulator.limits import LIMITS, Limits, counted
from simulator.running import RunningSimulator
from simulator.shared.dialect import Dialect
from simulator.shared.dialect.taskrouter import EventLimit
from simulator.shared.errors import TwilioError

from .conftest import World, connect

SEARCH = 'EvaluateTaskAttributes=conversationSid=="CH1"'


def search(world: World) -> int:
    """Search tasks by attributes, and return the status."""
    return world.call("GET", f"taskrouter/v1/Workspaces/{world.workspace_sid}/Tasks?{SEARCH}").status_code


def test_the_limits_are_off_until_they_are_switched_on_and_after_a_reset(world: World) -> None:
    """By default ten searches at once are allowed."""
    assert {search(world) for _ in range(10)} == {200}

    world.control("POST", "limits", {})
    assert 429 in {search(world) for _ in range(10)}

    world.control("DELETE", "limits")
    assert {search(world) for _ in range(10)} == {200}

    world.control("POST", "limits", {})
    world.control("POST", "reset", {})
    assert world.control("GET", "limits") == {}


def test_the_fourth_search_within_a_second_is_refused_and_the_next_second_is_free(world: World) -> None:
    """Three searches by attributes a second; a list without a filter is not counted."""
    world.control("POST", "limits", {})

    assert [search(world) for _ in range(4)] == [200, 200, 200, 429]
    assert world.call("GET", f"taskrouter/v1/Workspaces/{world.workspace_sid}/Tasks").ok
    time.sleep(1.05)
    assert search(world) == 200


def test_a_refusal_changes_nothing_and_has_twilios_body(world: World) -> None:
    """A refused request is not carried out."""
    chat = world.chat()
    world.control("POST", "limits", {"conversation": 2})
    path = f"conversations/v1/Conversations/{chat['conversation']}/Messages"

    answers = [world.call("POST", path, {"Body": "x"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert (answers[2].json()["code"], answers[2].json()["status"]) == (20429, 429)
    assert "Retry-After" not in answers[2].headers
    assert len(world.truth(chat)["messages"]) == 2


def test_the_dialect_decides_the_code_and_retry_after(running: RunningSimulator) -> None:
    """Neither is documented."""
    world = connect(running, dialect={"limitCode": "product", "retryAfter": "sent"})
    chat = world.chat()
    world.control("POST", "limits", {"interactions": 1})

    answers = [world.call("GET", f"flex-api/v1/Interactions/{chat['interaction']}") for _ in range(2)]

    assert (answers[1].status_code, answers[1].json()["code"], answers[1].headers["Retry-After"]) == (429, 45780, "1")


@pytest.mark.parametrize(("answer", "statuses"), [("none", [200] * 4), ("as_search", [200, 200, 200, 429])])
def test_reads_of_events_may_be_counted(running: RunningSimulator, answer: str, statuses: list[int]) -> None:
    """The switch eventLimit: an explicit number applies either way."""
    world = connect(running, dialect={"eventLimit": answer})
    path = f"taskrouter/v1/Workspaces/{world.workspace_sid}/Events"
    world.control("POST", "limits", {})
    assert [world.call("GET", path).status_code for _ in range(4)] == statuses

    world.control("POST", "limits", {"events": 1})
    assert [world.call("GET", path).status_code for _ in range(2)] == [200, 429]


def test_each_limit_has_its_own_number(world: World) -> None:
    """The documented ones are the default; null means no limit."""
    limits = world.control("POST", "limits", {"interactions": None, "service": 5})

    assert limits == {
        "evaluateTaskAttributes": 3,
        "interactions": None,
        "conversation": 30,
        "service": 5,
        "events": None,
    }


@pytest.mark.parametrize(
    ("body", "complaint"), [({"message": 1}, "no key message"), ({"service": 0}, "service cannot be 0")]
)
def test_a_bad_limit_is_refused(world: World, body: dict[str, int], complaint: str) -> None:
    """The message lists the limits."""
    with pytest.raises(SimulatorError, match=complaint):
        world.control("POST", "limits", body)


_C, _S = "/v1/Conversations", "/v1/Services/IS1/Conversations"


@pytest.mark.parametrize(
    ("product", "method", "template", "path", "found"),
    [
        ("conversations", "GET", f"{_C}/{{sid}}", f"{_C}/CH1", None),
        ("conversations", "POST", f"{_C}/{{sid}}", f"{_C}/CH1", ("conversation", "CH1")),
        ("conversations", "POST", f"{_S}/{{sid}}/Messages", f"{_S}/CH1/Messages", ("conversation", "CH1")),
        ("conversations", "DELETE", f"{_S}/{{sid}}/Messages/{{m}}", f"{_S}/CH1/Messages/IM1", ("conversation", "CH1")),
        ("conversations", "POST", f"{_S}", f"{_S}", ("service", "IS1")),
        ("conversations", "DELETE", f"{_S}/{{sid}}", f"{_S}/CH1", ("service", "IS1")),
        ("conversations", "POST", "/v1/Services/{s}/Users/{sid}", "/v1/Services/IS1/Users/US1", ("service", "IS1")),
        ("conversations", "POST", "/v1/Configuration", "/v1/Configuration", None),
        ("taskrouter", "POST", "/v1/Workspaces/{w}/Tasks", "/v1/Workspaces/WS1/Tasks", None),
        ("taskrouter", "GET", "/v1/Workspaces/{w}/Events/{sid}", "/v1/Workspaces/WS1/Events/EV1", ("events", "")),
        ("flex-api", "GET", "/v1/Configuration", "/v1/Configuration", None),
        (
            "flex-api",
            "GET",
            "/v1/Interactions/{sid}",
            "/v1/Interactions/KD1",
            ("interactions", "GET /v1/Interactions/{sid}"),
        ),
    ],
)
def test_which_calls_share_a_limit(
    product: str, method: str, template: str, path: str, found: tuple[str, str] | None
) -> None:
    """Writes by conversation or by service; Interactions by endpoint; reads of Conversations are not counted."""
    assert counted(product, method, template, path, filtered=False) == found


@pytest.mark.parametrize("name", LIMITS)
def test_as_many_as_documented_pass_in_any_second(name: str) -> None:
    """The window slides: no second, wherever it begins, has more."""
    now = 0.0
    limits = Limits(Dialect(event_limit=EventLimit.AS_SEARCH), lambda: now)
    limits.switch_on({})
    request = {
        "evaluateTaskAttributes": ("taskrouter", "GET", "/v1/Workspaces/{w}/Tasks", "/v1/Workspaces/WS1/Tasks"),
        "events": ("taskrouter", "GET", "/v1/Workspaces/{w}/Events", "/v1/Workspaces/WS1/Events"),
        "interactions": ("flex-api", "POST", "/v1/Interactions", "/v1/Interactions"),
        "conversation": ("conversations", "POST", f"{_C}/{{sid}}", f"{_C}/CH1"),
        "service": ("conversations", "POST", _S, _S),
    }[name]
    passed: list[float] = []
    for step in range(400):
        now = step / 100
        with contextlib.suppress(TwilioError):
            limits.check(*request, filtered=True)
            passed.append(now)

    per_second = LIMITS[name].per_second
    assert len(passed) == per_second * 4
    assert all(sum(at <= other < at + 1 for other in passed) <= per_second for at in passed)
