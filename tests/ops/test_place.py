"""Which deployment a command is about, and where it calls: what is typed counts, whatever the shell says."""

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner

from ops.command import app
from ops.deployment import Deployment
from tests.ops.conftest import URL, outputs_of
from tests.ops.test_command import run, webhook
from tests.world.driving import Twilio
from tests.world.operating import Google

BOTH = ["--stack", "acme/prod", "--outputs", "outputs.json"]


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


def test_a_stack_that_is_typed_wins_over_exported_outputs(
    twilio: Twilio, google: Google, outputs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody exported those of dev long ago: `off` asks Pulumi for prod, which is not installed here."""
    monkeypatch.setenv("INACTIVITY_OUTPUTS", str(outputs))
    monkeypatch.setenv("PATH", str(tmp_path))

    exported = CliRunner().invoke(app, ["status"])
    off = CliRunner().invoke(app, ["off", "--stack", "acme/prod"])

    assert exported.output == "✓ webhook: on\n✓ sweep: on\n"
    assert (off.exit_code, off.output.partition(" (")[0]) == (2, "pulumi does not run")
    assert (webhook(twilio)[0], google.state) == (URL, "ENABLED")


def test_outputs_that_are_typed_win_over_exported_ones(
    twilio: Twilio, google: Google, outputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exported ones are not even read."""
    monkeypatch.setenv("INACTIVITY_OUTPUTS", "/gone/outputs.json")

    assert CliRunner().invoke(app, ["status"]).exit_code == 2
    assert run(outputs, "status").exit_code == 0


@pytest.mark.parametrize(
    "command",
    [["off"], ["list"], ["report"], ["report", "--log", "log.json"], ["what-if", "chats.csv", "--from-twilio"]],
    ids=" ".join,
)
@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        (BOTH, "--stack is 'acme/prod' and --outputs is outputs.json, which may be of another stack: give one of them"),
        (["--stack", ""], "--stack is '', which names no stack: write its name, or leave --stack out"),
    ],
    ids=["both", "an unset variable"],
)
def test_a_place_that_is_not_clear_is_refused(
    twilio: Twilio,
    outputs: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    command: list[str],
    place: list[str],
    complaint: str,
) -> None:
    """In one line, by every command that reads a deployment, although outputs are exported."""
    monkeypatch.setenv("INACTIVITY_OUTPUTS", str(outputs))
    monkeypatch.chdir(outputs.parent)
    (outputs.parent / "log.json").write_text("[]", encoding="utf-8")

    said = CliRunner().invoke(app, [*command, *place])

    assert (said.exit_code, said.output) == (2, f"{complaint}\n")
