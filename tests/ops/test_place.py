"""Where the operator's command calls: where the deployment itself calls, whatever the shell says."""

import json
from pathlib import Path

import pytest

from ops.deployment import Deployment
from tests.infra.proxy import Proxy
from tests.ops.conftest import outputs_of
from tests.ops.test_command import run


@pytest.mark.parametrize("edge", ["", "sydney"])
@pytest.mark.parametrize("command", ["status", "list"])
def test_the_command_goes_by_the_deployments_edge(
    deployment: Deployment, outputs: Path, monkeypatch: pytest.MonkeyPatch, command: str, edge: str
) -> None:
    """A shell in which somebody works with voice in Ireland changes nothing."""
    told = {**outputs_of(deployment), "sweepJob": ""}
    told["settings"] |= {"TWILIO_BASE_URL": "", "TWILIO_EDGE": edge}
    outputs.write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")

    with Proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        said = run(outputs, command)

    host = "conversations.sydney.us1.twilio.com:443" if edge else "conversations.twilio.com:443"
    assert set(proxy.asked) == {host}
    assert said.exit_code != 0
