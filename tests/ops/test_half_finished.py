"""A stack without outputs: what a run that broke off has left in Pulumi's state is enough for `inactivity off`."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.command import app
from ops.deployment import Deployment
from tests.ops.conftest import outputs_of
from tests.ops.test_command import webhook
from tests.world.driving import Twilio
from tests.world.operating import JOB, Google

Pulumi = Callable[..., None]


@pytest.fixture
def pulumi(deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    """Puts a command `pulumi` on the path, for a stack with this state and no outputs unless given."""

    def install(state: dict[str, Any] | None, outputs: dict[str, Any] | None = None) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        told = {"stack-output": outputs or {}, "config---json": config_of(deployment)}
        for words, answer in (told if state is None else told | {"stack-export": {"deployment": state}}).items():
            (folder / words).write_text(json.dumps(answer), encoding="utf-8")
        command = folder / "pulumi"
        command.write_text(f'#!/bin/sh\nexec /bin/cat "{folder}/$1-$2"\n', encoding="utf-8")
        command.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return install


def resource(kind: str, id_: str, **outputs: Any) -> dict[str, Any]:
    """A resource in an exported state."""
    return {"type": kind, "id": id_, "urn": f"urn:pulumi:test::p::{kind}::n", "outputs": outputs}


@pytest.fixture
def prior(deployment: Deployment) -> dict[str, Any]:
    """The first resource of every stack."""
    return resource(
        "pulumi-python:dynamic/twilio:PriorSettings",
        "AC/prior-settings",
        account_sid=deployment.account_sid,
        service_sid=deployment.service_sid,
        workspace_sid=deployment.workspace_sid,
        webhook_url=deployment.webhook_url,
        events_url="",
    )


@pytest.fixture
def job() -> dict[str, Any]:
    """The schedule."""
    return resource("gcp:cloudscheduler/job:Job", JOB)


@pytest.fixture
def function(deployment: Deployment) -> dict[str, Any]:
    """The public function."""
    service = {"environmentVariables": dict(deployment.environment)}
    return resource("gcp:cloudfunctionsv2/function:Function", "f", serviceConfig=service)


def config_of(deployment: Deployment) -> dict[str, Any]:
    """What `pulumi config` says."""
    values = {
        "twilioAuthToken": deployment.credentials.auth_token,
        "twilioBaseUrl": deployment.twilio_base_url,
    }
    return {f"p:{key}": {"value": value} for key, value in values.items()}


@pytest.mark.parametrize("made", ["prior", "prior function", "prior function job"])
def test_off_works_on_what_a_broken_run_left(
    twilio: Twilio, google: Google, pulumi: Pulumi, request: pytest.FixtureRequest, made: str
) -> None:
    """However far it came: the webhook goes, and the schedule is paused if there is one."""
    resources = [request.getfixturevalue(name) for name in made.split()]
    pulumi({"resources": resources})

    off = CliRunner().invoke(app, ["off"])

    assert off.exit_code == 0, off.output
    assert webhook(twilio)[0] == ""
    assert google.state == ("PAUSED" if "job" in made else "ENABLED")


def test_a_stack_with_nothing_in_it_says_so(pulumi: Pulumi) -> None:
    """In one line, with status 2."""
    pulumi({})

    off = CliRunner().invoke(app, ["off"])

    assert off.exit_code == 2
    assert "webhookUrl, serviceSid, settings" in off.output
    assert len(off.output.splitlines()) == 1


def test_off_takes_away_what_a_run_that_broke_off_wrote_under_another_url(
    twilio: Twilio, google: Google, deployment: Deployment, pulumi: Pulumi, prior: dict[str, Any]
) -> None:
    """The outputs are those of the run before it; the state knows both URLs, and the callback that came with it."""
    moved, callback = "https://moved.example.com/conversations", "https://moved.example.com/tasks"
    twilio.configure(moved, "PT8M")
    workspace = f"taskrouter/v1/Workspaces/{twilio.account.workspace_sid}"
    twilio.rest("POST", workspace, EventCallbackUrl=callback, EventsFilter="reservation.accepted")
    prior["outputs"] |= {"own_urls": [deployment.webhook_url, moved], "own_event_urls": [f"{callback}#rc=2"]}
    pulumi({"resources": [prior]}, outputs_of(deployment))

    status, on = (CliRunner().invoke(app, [word]) for word in ("status", "on"))
    still = webhook(twilio)[0]
    off, after = (CliRunner().invoke(app, [word]) for word in ("off", "status"))

    assert (on.exit_code, still) == (0, moved)
    assert status.output.splitlines() == ["✓ webhook: on", "✓ event callback: on", "✓ sweep: on"]
    assert off.exit_code == 0
    assert after.output.splitlines() == ["✓ webhook: off", "✓ event callback: off", "✓ sweep: off"]
    assert (webhook(twilio)[0], twilio.rest("GET", workspace)["event_callback_url"] or None) == ("", None)


def test_outputs_are_enough_when_the_state_cannot_be_exported(
    twilio: Twilio, google: Google, deployment: Deployment, pulumi: Pulumi
) -> None:
    """Less is known, and what is known is switched."""
    pulumi(None, outputs_of(deployment))

    assert CliRunner().invoke(app, ["off"]).exit_code == 0
    assert webhook(twilio)[0] == ""
