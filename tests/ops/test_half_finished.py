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


def test_off_reaches_every_place_that_a_broken_move_left(
    twilio: Twilio, google: Google, deployment: Deployment, pulumi: Pulumi, prior: dict[str, Any]
) -> None:
    """Service, workspace and region were changed; the outputs name the earlier ones, which are still to be deleted."""
    url, events = deployment.webhook_url, "https://moved.example.com/tasks"
    earlier, later = deployment.service_sid, twilio.rest("POST", "conversations/v1/Services", FriendlyName="b")["sid"]
    workspaces = [
        deployment.workspace_sid,
        twilio.rest("POST", "taskrouter/v1/Workspaces", FriendlyName="b")["sid"],
    ]
    webhooks = [f"conversations/v1/Services/{sid}/Configuration/Webhooks" for sid in (earlier, later)]
    callbacks = [f"taskrouter/v1/Workspaces/{sid}" for sid in workspaces]
    moved = "https://moved.example.com/conversations"
    twilio.rest("POST", webhooks[1], PostWebhookUrl=moved, Filters=["onConversationStateUpdated"])
    for path in callbacks:
        twilio.rest("POST", path, EventCallbackUrl=events, EventsFilter="reservation.accepted")
    prior["outputs"] |= {"service_sid": later, "workspace_sid": workspaces[1], "webhook_url": moved}
    pulumi(
        {
            "resources": [
                prior,
                resource("gcp:cloudscheduler/job:Job", JOB.replace("/l/", "/new/")),
                resource("gcp:cloudscheduler/job:Job", JOB) | {"delete": True},
                resource("pulumi-python:dynamic/twilio:ServiceWebhook", "1", service_sid=later, url=moved),
                resource("pulumi-python:dynamic/twilio:ServiceWebhook", "2", service_sid=earlier, url=url)
                | {"delete": True},
                *(
                    resource("pulumi-python:dynamic/twilio:TaskEvents", sid, workspace_sid=sid, url=f"{events}#rc=2")
                    for sid in workspaces
                ),
            ]
        },
        outputs_of(deployment),
    )

    off = CliRunner().invoke(app, ["off"])
    asked = {line.split()[1] for line in google.asked}
    on = CliRunner().invoke(app, ["on"])

    assert off.exit_code == 0, off.output
    assert [line.split(": ")[1] for line in off.output.splitlines()] == [
        "off",
        later,
        "off",
        workspaces[1],
        "off",
        JOB.replace("/l/", "/new/"),
    ]
    assert asked == {f"/v1/{JOB}:pause", f"/v1/{JOB.replace('/l/', '/new/')}:pause"}
    assert on.exit_code == 1
    assert f"✗ webhook: {later}: off: run pulumi up, which finishes the run that broke off" in on.output
    assert [twilio.rest("GET", path)["post_webhook_url"] or "" for path in webhooks] == [url, ""]
    assert [twilio.rest("GET", path)["event_callback_url"] or "" for path in callbacks] == [f"{events}#rc=2", ""]


def test_a_service_that_is_gone_calls_nobody(
    twilio: Twilio, google: Google, deployment: Deployment, pulumi: Pulumi, prior: dict[str, Any]
) -> None:
    """Somebody deleted it, and the run that was to forget it broke off."""
    gone = resource("pulumi-python:dynamic/twilio:ServiceWebhook", "1", service_sid="IS" + "0" * 32)
    pulumi({"resources": [prior, gone]}, outputs_of(deployment))

    off = CliRunner().invoke(app, ["off"])

    assert off.exit_code == 0, off.output
    assert f"✓ webhook: IS{'0' * 32}: is gone: Twilio does not have it" in off.output


def test_a_destroy_that_broke_off_after_it_restored_somebody_elses_webhook_is_off(
    twilio: Twilio, google: Google, deployment: Deployment, pulumi: Pulumi, prior: dict[str, Any]
) -> None:
    """What Pulumi says of its stack is no copy of earlier: the schedule is gone because it was deleted."""
    twilio.configure("https://example.com/theirs", "PT8M")
    google.status = 404
    pulumi({"resources": [prior]}, outputs_of(deployment))

    off = CliRunner().invoke(app, ["off"])

    assert off.exit_code == 0, off.output
    assert "✓ sweep: is gone: Google has no such schedule" in off.output


def test_outputs_are_enough_when_the_state_cannot_be_exported(
    twilio: Twilio, google: Google, deployment: Deployment, pulumi: Pulumi
) -> None:
    """Less is known, and what is known is switched."""
    pulumi(None, outputs_of(deployment))

    assert CliRunner().invoke(app, ["off"]).exit_code == 0
    assert webhook(twilio)[0] == ""
