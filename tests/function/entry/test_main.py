"""What shows only inside the process: defects of ours, the form of a line, and the start."""

import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Request
from twilio.request_validator import RequestValidator
from werkzeug.test import EnvironBuilder

from function.bootstrap import bootstrap
from function.entry.sweep_endpoint import SweepEndpoint
from function.entry.webhook_endpoint import WebhookEndpoint
from function.handling import Handler, Report, Summary, Sweep
from function.policy import parse_policy
from function.settings import Settings
from function.twilio_api.errors import DeferredError
from function.twilio_api.rate_limiter import RateLimit

ROOT = Path(__file__).resolve().parents[3]
TRACE = "105445aa7843bc8bf206b12000100000/1;o=1"
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


class Broken(Handler):
    """A handler with a defect."""

    def handle(self, *_: object, **__: object) -> Report:
        """Fail, and quote a customer."""
        return broken()


class Crowded(Handler):
    """A handler that finds no room under Twilio's rate limits."""

    def handle(self, *_: object, **__: object) -> Report:
        """Leave it to the sweep."""
        raise DeferredError("find_tasks", RateLimit.TASK_SEARCH)


class BrokenSweep(Sweep):
    """A sweep with a defect."""

    def run(self, *_: object, **__: object) -> Summary:
        """Fail, and quote a customer."""
        return broken()


def broken() -> Any:
    """Return a handler with a defect."""
    raise KeyError("what the customer wrote")


def endpoint(handler: type[Handler], log: list[str]) -> WebhookEndpoint:
    """Return the public entry point with such a handler."""
    behind = handler(SETTINGS, bootstrap(SETTINGS).api, chance=Random(0))
    return WebhookEndpoint(SETTINGS, behind, clock=time, log=log.append)


def request_of(path: str, method: str = "POST", data: str = "", **headers: str) -> Request:
    """Return a request as the platform passes it on."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(EnvironBuilder(path=path, method=method, data=data, headers=named).get_environ())


def event_of(event: dict[str, str]) -> Request:
    """Return a signed event."""
    signature = RequestValidator("token").compute_signature("https://example.com/timeout/conversations", event)
    return request_of(
        "/conversations",
        data=urlencode(event),
        X_Twilio_Signature=signature,
        X_Cloud_Trace_Context=TRACE,
        Content_Type="application/x-www-form-urlencoded",
    )


def test_a_defect_is_answered_503_without_details() -> None:
    """Never 500; the log says where it was, but no value."""
    log: list[str] = []

    response = endpoint(Broken, log).answer(event_of(EVENT))

    (line,) = map(json.loads, log)
    assert response.status_code == 503
    assert (
        line["severity"],
        line["message"],
        line["event"],
    ) == ("ERROR", "A bug: this event was not handled", "failed")
    assert "in broken" in line["error"]
    assert line["error"].endswith("KeyError")
    assert "what the customer wrote" not in line["error"].replace('raise KeyError("what the customer wrote")', "")


def test_an_event_without_room_under_the_rate_limits_is_left_to_the_sweep() -> None:
    """204, because a retry at once would add to the load."""
    log: list[str] = []

    response = endpoint(Crowded, log).answer(event_of(EVENT))

    (line,) = map(json.loads, log)
    assert (response.status_code, response.content_type) == (204, "application/json")
    assert "no room under the limit of searching tasks by attributes" in line.pop("error")
    assert line == {
        "severity": "WARNING",
        "message": "No room under Twilio's limits: left to the sweep",
        "event": "failed",
        "conversation": EVENT["ConversationSid"],
        "outcome": "deferred",
        "durationMs": line["durationMs"],
        "logging.googleapis.com/trace": "projects/project-1/traces/105445aa7843bc8bf206b12000100000",
    }
    assert 0 <= line["durationMs"] < 4_000


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_only_a_post_sweeps(method: str) -> None:
    """405, as for the webhook."""
    response = bootstrap(SETTINGS).sweep.answer(request_of("/", method))

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_only_a_post_is_an_event() -> None:
    """405, with the allowed method."""
    log: list[str] = []

    response = bootstrap(SETTINGS, log=log.append).webhook.answer(request_of("/conversations", "GET"))

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_a_defect_in_a_sweep_is_answered_503() -> None:
    """Scheduler reports it; the log says where it was."""
    log: list[str] = []
    sweep = BrokenSweep(bootstrap(SETTINGS).handler, max_ends=1)
    answering = SweepEndpoint(SETTINGS, sweep, clock=time, log=log.append)

    assert answering.answer(request_of("/", X_Cloud_Trace_Context=TRACE)).status_code == 503
    (line,) = map(json.loads, log)
    assert "in broken" in line.pop("error")
    assert line == {
        "severity": "ERROR",
        "message": "A bug: this sweep broke off",
        "event": "sweep",
        "logging.googleapis.com/trace": "projects/project-1/traces/105445aa7843bc8bf206b12000100000",
    }


def test_an_unreachable_twilio_is_answered_503() -> None:
    """The line names the failed call and has Google's trace of the request."""
    log: list[str] = []

    response = bootstrap(SETTINGS, log=log.append).webhook.answer(event_of(EVENT))

    (line,) = map(json.loads, log)
    assert response.status_code == 503
    assert (line["event"], line["outcome"]) == ("failed", "failed")
    assert "ConnectionError" in line["error"]
    assert line["logging.googleapis.com/trace"] == "projects/project-1/traces/105445aa7843bc8bf206b12000100000"


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Load the module as a process with this environment does."""
    load = [sys.executable, "-c", "import function.main"]
    return subprocess.run(load, check=False, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_a_process_without_settings_does_not_start() -> None:
    """A deployment without a setting fails at once and names it."""
    started = start({**SETTINGS.to_environment(), "FUNCTION_TARGET": "webhook"})

    assert started.returncode == 1
    assert "SettingsError: the environment lacks TWILIO_AUTH_TOKEN" in started.stderr


def test_loading_the_module_elsewhere_needs_no_settings() -> None:
    """Only the platform needs them; nothing is built before a call."""
    assert (start({}).returncode, start({}).stderr) == (0, "")
