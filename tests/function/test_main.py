"""What only shows inside the process: bugs of ours, and how a line of the log looks."""

import importlib
import json
from types import ModuleType
from urllib.parse import urlencode

import pytest
from flask import Flask, Request, Response, request
from twilio.request_validator import RequestValidator

from function.budget import Limited
from function.handling import Handler
from function.policy import parse_policy
from function.settings import Settings, SettingsError
from function.sweep import Sweep
from function.transport import DeferredError

SETTINGS = Settings(
    account_sid="AC" + "a" * 32,
    auth_token="token",
    service_sid="IS" + "b" * 32,
    workspace_sid="WS" + "c" * 32,
    public_url="https://example.com/timeout",
    policy=parse_policy({}),
    twilio_base_url="http://127.0.0.1:9",
    google_cloud_project="project-1",
)
EVENT = {
    "EventType": "onConversationStateUpdated",
    "AccountSid": SETTINGS.account_sid,
    "ChatServiceSid": SETTINGS.service_sid,
    "ConversationSid": "CH" + "d" * 32,
    "StateTo": "inactive",
    "Reason": "TIMER",
}


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as a process with these settings loads it."""
    for name, value in {**SETTINGS.to_environment(), "TWILIO_AUTH_TOKEN": SETTINGS.auth_token}.items():
        monkeypatch.setenv(name, value)
    return importlib.reload(importlib.import_module("function.main"))


def answer(main: ModuleType, event: dict[str, str]) -> Response:
    """Let the entry point answer a signed event."""
    signature = RequestValidator("token").compute_signature("https://example.com/timeout/conversations", event)
    headers = {
        "X-Twilio-Signature": signature,
        "X-Cloud-Trace-Context": "105445aa7843bc8bf206b12000100000/1;o=1",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with Flask("test").test_request_context("/conversations", method="POST", data=urlencode(event), headers=headers):
        current: Request = request._get_current_object()  # type: ignore[attr-defined]
        response: Response = main.webhook(current)
        return response


def broken(*_: object, **__: object) -> None:
    """A bug of ours."""
    raise KeyError("what the customer wrote")


def test_a_bug_of_ours_is_worth_another_try_and_tells_nothing(
    main: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """503, never 500; the log says where it was, and not what the value was."""
    monkeypatch.setattr(Handler, "handle", broken)

    response = answer(main, EVENT)

    written = capsys.readouterr().out
    line = json.loads(written)
    assert 503 == response.status_code
    assert ("ERROR", "A bug: this event was not handled", "failed") == (
        line["severity"],
        line["message"],
        line["event"],
    )
    assert "in broken" in line["error"]
    assert line["error"].endswith("KeyError")
    assert "what the customer wrote" not in line["error"].replace('raise KeyError("what the customer wrote")', "")


def test_what_twilios_limits_leave_no_room_for_is_left_to_the_sweep(
    main: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """204: to be called again at once would only add to it."""

    def no_room(*_: object, **__: object) -> None:
        raise DeferredError("find_tasks", Limited.TASK_SEARCH)

    monkeypatch.setattr(Handler, "handle", no_room)

    response = answer(main, EVENT)

    line = json.loads(capsys.readouterr().out)
    assert (204, "application/json") == (response.status_code, response.content_type)
    assert "no room under the limit of searching tasks by attributes" in line.pop("error")
    assert {
        "severity": "WARNING",
        "message": "No room under Twilio's limits: left to the sweep",
        "event": "failed",
        "conversation": EVENT["ConversationSid"],
        "outcome": "deferred",
        "durationMs": line["durationMs"],
        "logging.googleapis.com/trace": "projects/project-1/traces/105445aa7843bc8bf206b12000100000",
    } == line
    assert 0 <= line["durationMs"] < 4_000


def swept(main: ModuleType, method: str = "POST") -> Response:
    """What the private entry point answers."""
    headers = {"X-Cloud-Trace-Context": "105445aa7843bc8bf206b12000100000/1;o=1"}
    with Flask("test").test_request_context("/", method=method, headers=headers):
        current: Request = request._get_current_object()  # type: ignore[attr-defined]
        response: Response = main.sweep(current)
        return response


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_only_a_post_sweeps(main: ModuleType, method: str) -> None:
    """405, as for the webhook."""
    response = swept(main, method)

    assert (405, "POST") == (response.status_code, response.headers["Allow"])


def test_only_a_post_is_an_event(main: ModuleType) -> None:
    """405, and the way out."""
    with Flask("test").test_request_context("/conversations", method="GET"):
        response = main.webhook(request._get_current_object())  # type: ignore[attr-defined]

    assert (405, "POST") == (response.status_code, response.headers["Allow"])


def test_a_bug_in_a_sweep_is_told_too_and_no_500(
    main: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """503, so that it stands out at Scheduler; the log says where it was."""
    monkeypatch.setattr(Sweep, "run", broken)

    assert 503 == swept(main).status_code
    line = json.loads(capsys.readouterr().out)
    assert "in broken" in line.pop("error")
    assert {
        "severity": "ERROR",
        "message": "A bug: this sweep broke off",
        "event": "sweep",
        "logging.googleapis.com/trace": "projects/project-1/traces/105445aa7843bc8bf206b12000100000",
    } == line


def test_an_unreachable_twilio_is_worth_another_try(main: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """503; the line names the call that failed, and belongs to Google's trace of the request."""
    response = answer(main, EVENT)

    line = json.loads(capsys.readouterr().out)
    assert 503 == response.status_code
    assert ("failed", "failed") == (line["event"], line["outcome"])
    assert "ConnectionError" in line["error"]
    assert "projects/project-1/traces/105445aa7843bc8bf206b12000100000" == line["logging.googleapis.com/trace"]


def test_a_process_without_settings_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment that lacks something fails at once, and says what."""
    for name, value in SETTINGS.to_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)

    with pytest.raises(SettingsError, match="TWILIO_AUTH_TOKEN"):
        importlib.reload(importlib.import_module("function.main"))
