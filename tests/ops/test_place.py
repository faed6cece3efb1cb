"""Where the operator's command calls: where the deployment itself calls, whatever the shell says."""

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from ops.deployment import Deployment
from tests.ops.conftest import outputs_of
from tests.ops.test_command import run


@pytest.mark.parametrize("edge", ["", "sydney"])
@pytest.mark.parametrize("command", ["status", "list"])
def test_the_command_goes_by_the_deployments_edge(
    deployment: Deployment,
    outputs: Path,
    *,
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    edge: str,
) -> None:
    """A shell in which somebody works with voice in Ireland changes nothing: a proxy logs the hosts."""
    told = {**outputs_of(deployment), "sweepJob": ""}
    told["settings"] |= {"TWILIO_BASE_URL": "", "TWILIO_EDGE": edge}
    outputs.write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("HTTPS_PROXY", httpserver.url_for(""))

    said = run(outputs, command)

    host = "conversations.sydney.us1.twilio.com:443" if edge else "conversations.twilio.com:443"
    assert {request.environ["RAW_URI"] for request, _ in httpserver.log} == {host}
    assert said.exit_code != 0
