"""Fixtures: a simulator whose account is deployed to, and Scheduler's REST API as far as the command calls it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from function.policy import parse_policy
from function.settings import Settings
from infra.twilio_resources.client import Credentials
from ops.deployment import Deployment
from ops.scheduler import BASE_VARIABLE, TOKEN_VARIABLE
from simulator.running import RunningSimulator
from tests.world.driving import Twilio

URL = "https://function.example.com/conversations"
JOB = "projects/p/locations/l/jobs/sweep"


@pytest.fixture(scope="session")
def _simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def twilio(_simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch) -> Twilio:
    """An account whose service calls our function, and nobody's webhook arrives."""
    for variable in ("ACCOUNT_SID", "AUTH_TOKEN", "AUTH_TOKEN_SECONDARY", "API_KEY_SID", "API_KEY_SECRET"):
        monkeypatch.delenv(f"TWILIO_{variable}", raising=False)
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


class Google:
    """Cloud Scheduler with one job."""

    def __init__(self) -> None:
        self.state = "ENABLED"
        self.status = 200
        self.body: bytes | None = None
        self.asked: list[str] = []


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    """Scheduler's REST API."""
    google = Google()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            google.asked.append(f"{self.command} {self.path} {self.headers['Authorization']}")
            verb = self.path.rpartition(":")[2]
            if google.status == 200:
                google.state = {"pause": "PAUSED", "resume": "ENABLED"}.get(verb, google.state)
            body = json.dumps({"state": google.state}).encode() if google.body is None else google.body
            self.send_response(google.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 -- the standard library's names

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv(BASE_VARIABLE, f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv(TOKEN_VARIABLE, "a-token-of-google")
    yield google
    server.shutdown()
    server.server_close()
