"""Fixtures: a simulator whose account is deployed to, and Google's REST APIs as far as the command calls them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from function.policy import parse_policy
from function.settings import Settings
from infra.twilio_resources.client import Credentials
from ops.deployment import Deployment
from simulator.running import RunningSimulator
from tests.world.driving import Twilio
from tests.world.operating import JOB, Google

URL = "https://function.example.com/conversations"


@pytest.fixture(scope="session")
def _simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def twilio(_simulator: RunningSimulator, without_credentials: None) -> Twilio:
    """An account whose service calls our function, and nobody's webhook arrives."""
    twilio = Twilio(_simulator)
    twilio.reset()
    twilio.disturb(drop=1.0)
    twilio.configure(URL, "PT8M")
    return twilio


@pytest.fixture
def deployment(twilio: Twilio) -> Deployment:
    """What the stack's outputs would say."""
    settings = Settings(
        account_sid=twilio.account.account_sid,
        auth_token=twilio.account.auth_token,
        service_sid=twilio.account.service_sid,
        workspace_sid=twilio.account.workspace_sid,
        public_url=URL.rpartition("/")[0],
        policy=parse_policy({}),
        twilio_base_url=twilio.url,
        rate_limits=False,
    )
    credentials = Credentials(auth_token=twilio.account.auth_token)
    return Deployment(URL, twilio.account.service_sid, JOB, settings.to_environment(), credentials)


@pytest.fixture
def outputs(deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that `pulumi stack output --json` would make; credentials in the environment."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", deployment.credentials.auth_token or "")
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(outputs_of(deployment)), encoding="utf-8")
    return path


def outputs_of(deployment: Deployment) -> dict[str, Any]:
    """What `pulumi stack output --json` says of a stack."""
    return {
        "webhookUrl": deployment.webhook_url,
        "serviceSid": deployment.service_sid,
        "sweepJob": deployment.sweep_job,
        "settings": dict(deployment.environment),
    }


@pytest.fixture
def google(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Google:
    """Google's REST APIs."""
    google = Google()
    for name, value in google.serve(httpserver).items():
        monkeypatch.setenv(name, value)
    return google
