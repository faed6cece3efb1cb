"""`inactivity probe` as an operator types it: what it says, what it writes, its exit status."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner

from ops.command import app
from ops.probe.command import Surroundings
from simulator.client import SimulatorClient
from simulator.running import RunningSimulator
from simulator.shared.dialect import Dialect
from tests.ops.probe.laboratory import VirtualClock
from tests.ops.probe.test_probing import contents

ROOT = Path(__file__).resolve().parents[3]


def environment(twilio: SimulatorClient) -> dict[str, str]:
    """The credentials of the simulator's account."""
    return {"TWILIO_ACCOUNT_SID": twilio.account.account_sid, "TWILIO_AUTH_TOKEN": twilio.account.auth_token}


def run(twilio: SimulatorClient, *arguments: str, url: str | None = None, stdin: str = "", **changed: str) -> Result:
    """Type the command."""
    surroundings = Surroundings(VirtualClock(twilio), {**environment(twilio), **changed})
    typed = ["probe", "--base-url", url or twilio.url, *arguments]
    return CliRunner().invoke(app, typed, obj=surroundings, input=stdin)


def test_it_says_what_it_costs_and_asks(twilio: SimulatorClient) -> None:
    """A no means that nothing was created."""
    before = contents(twilio)

    asked = run(twilio, "--any-account", stdin="n\n")

    assert asked.exit_code == 2
    assert "calls, 3 chat messages (no SMS, no WhatsApp) and 17 minutes; then it stops." in asked.stderr
    assert "Without --listen these stay open: restReactivation" in asked.stderr
    assert asked.stderr.endswith("nothing was done\n")
    assert {request.method for request in twilio.requests()} == {"GET"}
    assert contents(twilio) == before


def test_it_shows_a_table_and_writes_a_file(twilio: SimulatorClient, tmp_path: Path) -> None:
    """Which the simulator reads; an answer that is not its default is marked."""
    twilio.reset(dialect={"taskRefusal": "conflict"})
    out = tmp_path / "dialect.json"

    done = run(twilio, "--any-account", "--yes", "--out", str(out))

    assert (done.exit_code, done.stderr.count("Traceback")) == (0, 0)
    assert "conflict *" in done.stdout
    assert "not settled" in done.stdout
    assert f"python -m simulator --dialect {out} speaks like this." in done.stdout
    assert Dialect.read(out.read_text("utf-8")).as_json()["taskRefusal"] == "conflict"


def test_json_is_all_of_its_standard_output(twilio: SimulatorClient) -> None:
    """Progress goes to standard error. With a tunnel, here none is needed, webhooks are heard."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    done = run(twilio, "--any-account", "--yes", "--json", "--listen", f"http://127.0.0.1:{port}", "--port", str(port))
    told = json.loads(done.stdout)

    assert done.exit_code == 0
    assert told["account"] == twilio.account.account_sid
    assert told["date"] == "2026-01-05T00:00:00Z"
    assert told["dialect"]["timerOrigin"] == "latest_activity"
    assert told["seen"]["flexStateChange"] == "the closing of the channel was not told in 20 s"
    assert told["notSettled"].keys() == {"limitCode", "retryAfter"}


def test_clean_says_when_nothing_is_left(twilio: SimulatorClient) -> None:
    """It asks for no confirmation, because it removes only what has the probe's name."""
    done = run(twilio, "--clean")

    assert (done.exit_code, done.stdout) == (0, "Nothing of a probe is left.\n")


def test_what_cannot_be_removed_is_named(twilio: SimulatorClient) -> None:
    """With Twilio's reason, status 1, and the command that tries again."""
    twilio.fault("DELETE .*/Workers/.*", "status", times=None, status=403, code=20003, message="No rights")

    done = run(twilio, "--any-account", "--yes", "--json")
    twilio.clear_faults()
    cleaned = run(twilio, "--clean")

    assert done.exit_code == 1
    assert [line.partition(": ")[2] for line in json.loads(done.stdout)["left"]] == [
        "Twilio answered 403, error 20003: No rights"
    ]
    assert cleaned.exit_code == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"TWILIO_ACCOUNT_SID": ""}, "export TWILIO_ACCOUNT_SID, AC followed by 32 hexadecimal digits"),
        ({"TWILIO_ACCOUNT_SID": "AC123"}, "export TWILIO_ACCOUNT_SID, AC followed by 32 hexadecimal digits"),
        ({"TWILIO_AUTH_TOKEN": ""}, "no credentials for Twilio: export TWILIO_AUTH_TOKEN, or TWILIO_API_KEY_SID"),
        ({"TWILIO_AUTH_TOKEN": "wrong"}, "(401): check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"),
        ({}, "does not say whether AC"),
    ],
)
def test_a_failure_is_one_line_that_says_what_to_do(
    twilio: SimulatorClient, changed: dict[str, str], said: str
) -> None:
    """Status 2: nothing was done."""
    failed = run(twilio, "--yes", **changed)

    assert failed.exit_code == 2
    assert said in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_an_account_with_too_many_services_ends_in_one_line(twilio: SimulatorClient) -> None:
    """The look at the account is bounded too."""
    for number in range(50):
        twilio.rest("POST", "conversations/v1/Services", FriendlyName=f"service {number}")

    failed = run(twilio, "--yes", "--any-account")

    assert failed.exit_code == 2
    assert "has 51 Conversations services, more than 50: use a scratch subaccount" in failed.stderr


def test_a_file_that_cannot_be_written_ends_in_one_line(twilio: SimulatorClient) -> None:
    """Before anything is spent."""
    failed = run(twilio, "--yes", "--any-account", "--out", "/missing/dialect.json")

    assert failed.exit_code == 2
    assert failed.stderr == "cannot write /missing/dialect.json: choose another with --out\n"


@pytest.mark.parametrize("option", ["--yes", "--clean"])
def test_credentials_of_another_account_end_in_one_line(twilio: SimulatorClient, option: str) -> None:
    """A key of one account, and the SID of another."""
    key = {
        "TWILIO_API_KEY_SID": twilio.account.api_key_sid,
        "TWILIO_API_KEY_SECRET": twilio.account.api_key_secret,
        "TWILIO_ACCOUNT_SID": "AC" + "5" * 32,
    }

    failed = run(twilio, option, **key)

    assert failed.exit_code == 2
    assert f"the credentials open account {twilio.account.account_sid}, not AC555" in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_a_twilio_that_is_down_ends_in_one_line(twilio: SimulatorClient) -> None:
    """Nobody listens at the address."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        failed = run(twilio, "--yes", url=f"http://127.0.0.1:{unused.getsockname()[1]}")

    assert failed.exit_code == 2
    assert failed.stderr == "Twilio does not answer (ConnectionError): check the network, and try again\n"


def test_an_address_that_is_not_twilios_ends_in_one_line(twilio: SimulatorClient, httpserver: HTTPServer) -> None:
    """It answers 404, in HTML."""
    httpserver.expect_request("/conversations/v1/Configuration").respond_with_data("<html>", status=404)

    failed = run(twilio, "--yes", url=httpserver.url_for(""))

    assert failed.exit_code == 2
    assert failed.stderr == "could not read the Conversations configuration: Twilio answered 404\n"


def test_a_tunnel_that_leads_elsewhere_ends_in_one_line(twilio: SimulatorClient, httpserver: HTTPServer) -> None:
    """Found out before anything is created."""
    failed = run(twilio, "--yes", "--any-account", "--listen", httpserver.url_for(""), "--port", "0")

    assert failed.exit_code == 2
    assert "does not lead here (500): let the tunnel forward to http://127.0.0.1:" in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_a_port_that_is_in_use_ends_in_one_line(twilio: SimulatorClient, httpserver: HTTPServer) -> None:
    """With the option that chooses another."""
    failed = run(twilio, "--yes", "--any-account", "--listen", "https://a.example", "--port", str(httpserver.port))

    assert failed.exit_code == 2
    assert f"cannot listen on port {httpserver.port}" in failed.stderr
    assert "choose another with --port" in failed.stderr


@pytest.mark.parametrize("edge", [[], ["--edge", "sydney"]], ids=["Twilio's choice", "an edge"])
def test_it_calls_twilio_by_its_own_names(edge: list[str]) -> None:
    """Without another address, and from any edge."""
    with RunningSimulator(tls=True) as tls:
        twilio = SimulatorClient(tls)
        done = subprocess.run(
            [sys.executable, "-m", "ops", "probe", "--clean", *edge],
            cwd=ROOT,
            env={**os.environ, **tls.client_environment()},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        called = {request.path.partition("?")[0] for request in twilio.requests()}

    assert (done.returncode, done.stdout) == (0, "Nothing of a probe is left.\n")
    assert called == {"/conversations/v1/Configuration", "/conversations/v1/Services"}


def test_an_edge_that_is_typed_wins_over_an_address_that_is_exported(
    monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer
) -> None:
    """Of a simulator, say, whose answers would be taken for Twilio's: a proxy logs the host."""
    monkeypatch.setenv("TWILIO_BASE_URL", httpserver.url_for("/simulator"))
    monkeypatch.setenv("HTTPS_PROXY", httpserver.url_for(""))
    surroundings = Surroundings(environment={"TWILIO_ACCOUNT_SID": f"AC{'1' * 32}", "TWILIO_AUTH_TOKEN": "2" * 32})

    done = CliRunner().invoke(app, ["probe", "--clean", "--edge", "sydney"], obj=surroundings)

    hosts = {request.environ["RAW_URI"] for request, _ in httpserver.log}
    assert (done.exit_code, hosts) == (2, {"conversations.sydney.us1.twilio.com:443"})


def test_an_edge_at_another_address_is_refused(twilio: SimulatorClient) -> None:
    """Both are typed, and only one can count."""
    done = run(twilio, "--clean", "--edge", "sydney")

    assert done.exit_code == 2
    assert done.stderr == (
        f"--base-url is {twilio.url} and --edge is sydney, which only Twilio's own address has: give one\n"
    )
    assert twilio.requests() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_however_it_ends_nothing_stays(twilio: SimulatorClient, tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM remove everything; after SIGKILL, `--clean` does."""
    before = contents(twilio)
    command = [sys.executable, "-m", "ops", "probe", "--any-account", "--yes", "--base-url", twilio.url]
    process = subprocess.Popen(
        [*command, "--out", str(tmp_path / "dialect.json")],
        cwd=ROOT,
        env={**os.environ, **environment(twilio)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    while "lag of events: " not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(number)
    process.communicate(timeout=60)
    killed = number is signal.SIGKILL
    left = contents(twilio) != before
    cleaned = run(twilio, "--clean")

    assert (process.returncode, left) == ((-signal.SIGKILL, True) if killed else (1, False))
    assert cleaned.exit_code == 0
    assert contents(twilio) == before
