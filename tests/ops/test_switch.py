"""`inactivity off` in the hour in which not everything is there: each half is tried, and what others say is text."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from infra.names import task_events_url
from ops.deployment import Deployment
from tests.ops.conftest import URL, outputs_of
from tests.ops.test_command import run, webhook
from tests.world.driving import Twilio
from tests.world.operating import TOKEN, Google

CALLBACK = task_events_url(URL.rpartition("/")[0])
THEIRS = "https://example.com/theirs"


def write(path: Path, told: dict[str, Any]) -> Path:
    """Make these the stack's outputs."""
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def callback(twilio: Twilio) -> tuple[str, str]:
    """Whom TaskRouter calls, and for what."""
    found = twilio.rest("GET", f"taskrouter/v1/Workspaces/{twilio.account.workspace_sid}")
    return found["event_callback_url"] or "", found["events_filter"] or ""


def listen(twilio: Twilio, url: str) -> None:
    """Send accepted reservations somewhere."""
    path = f"taskrouter/v1/Workspaces/{twilio.account.workspace_sid}"
    twilio.rest("POST", path, EventCallbackUrl=url, EventsFilter="reservation.accepted")


@pytest.fixture
def on_accept(deployment: Deployment, outputs: Path) -> Path:
    """The outputs of a stack with `timers: on-accept`."""
    told = outputs_of(deployment)
    told["settings"]["ARM_ON_ACCEPT"] = "yes"
    return write(outputs, told)


@pytest.fixture
def over_tls(deployment: Deployment, google: Google, outputs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The outputs of a stack whose APIs are called over TLS, which neither of them speaks."""
    monkeypatch.setenv("CLOUDSCHEDULER_BASE_URL", os.environ["CLOUDSCHEDULER_BASE_URL"].replace("http:", "https:"))
    told = outputs_of(deployment)
    told["settings"]["TWILIO_BASE_URL"] = told["settings"]["TWILIO_BASE_URL"].replace("http:", "https:")
    return write(outputs, told)


def test_off_takes_the_event_callback_away_and_on_puts_it_back(twilio: Twilio, google: Google, on_accept: Path) -> None:
    """Where an agent's acceptance gives chats their timers, off stops that too."""
    listen(twilio, CALLBACK)

    off, again = run(on_accept, "off"), run(on_accept, "off")
    when_off = (callback(twilio), run(on_accept, "status").output)
    on, once_more = run(on_accept, "on"), run(on_accept, "on")

    assert [each.exit_code for each in (off, again, on, once_more)] == [0] * 4
    assert when_off == (("", ""), "✓ webhook: off\n✓ event callback: off\n✓ sweep: off\n")
    assert callback(twilio) == (CALLBACK, "reservation.accepted")
    assert "event callback: off: TaskRouter does not call us any more" in off.output
    assert "event callback: was off already" in again.output
    assert "event callback: was on already" in once_more.output


def test_an_event_callback_without_its_retries_is_ours(twilio: Twilio, google: Google, on_accept: Path) -> None:
    """A fragment does not say who is called."""
    listen(twilio, CALLBACK.partition("#")[0])

    assert run(on_accept, "off").exit_code == 0
    assert callback(twilio) == ("", "")


def test_somebody_elses_event_callback_is_neither_taken_away_nor_replaced(
    twilio: Twilio, google: Google, on_accept: Path
) -> None:
    """Everything else is switched all the same."""
    listen(twilio, THEIRS)
    off, on = run(on_accept, "off"), run(on_accept, "on")

    assert (off.exit_code, on.exit_code) == (0, 1)
    assert "event callback: is somebody else's" in off.output
    assert "somebody else's event callback" in on.output
    assert callback(twilio)[0] == THEIRS


def test_without_credentials_for_twilio_the_sweep_is_paused_all_the_same(
    twilio: Twilio, google: Google, outputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 1, and the line with ✗ says what was not done."""
    monkeypatch.delenv("TWILIO_AUTH_TOKEN")

    off = run(outputs, "off")

    assert off.exit_code == 1
    assert [":".join(line.split(":")[:2]) for line in off.output.splitlines()] == [
        "✗ webhook: no credentials for Twilio",
        "✓ sweep: off",
    ]
    assert google.state == "PAUSED"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}"])
def test_an_answer_of_google_that_makes_no_sense_is_said(
    twilio: Twilio, google: Google, outputs: Path, body: bytes
) -> None:
    """The webhook is off, and nobody believes that the sweep is."""
    google.body = body

    off = run(outputs, "off")

    assert off.exit_code == 1
    assert webhook(twilio)[0] == ""
    assert "✗ sweep: Google's answer for" in off.output


def test_what_google_says_is_text(twilio: Twilio, google: Google, outputs: Path) -> None:
    """Markup and control characters of others neither crash nor colour the line."""
    google.status, google.body = 403, b'{"error": {"message": "denied on [/] [red]resource[/red]\\u001b[2J\\nnow"}}'

    off = run(outputs, "off")

    assert off.exit_code == 1
    assert "denied on [/] [red]resource[/red]" in off.output
    assert "\x1b" not in off.output
    assert len(off.output.splitlines()) == 2


def test_what_twilio_says_is_text(twilio: Twilio, google: Google, outputs: Path) -> None:
    """Here in the name of a service."""
    told = json.loads(outputs.read_text(encoding="utf-8"))
    off = run(write(outputs, {**told, "serviceSid": "[/nobody]"}), "off")

    assert off.exit_code == 1
    assert "[/nobody]" in off.output
    assert google.state == "PAUSED"


@pytest.mark.parametrize("lacking", [["sweepJob"], ["sweepJob", "functionName"]])
def test_off_works_without_a_schedule(
    twilio: Twilio, google: Google, deployment: Deployment, outputs: Path, lacking: list[str]
) -> None:
    """A run that broke off before it was made."""
    told = {name: value for name, value in outputs_of(deployment).items() if name not in lacking}

    off = run(write(outputs, told), "off")

    assert off.exit_code == 0
    assert webhook(twilio)[0] == ""
    assert "sweep: there is none" in off.output


def test_off_works_when_only_the_schedule_is_known(twilio: Twilio, google: Google, outputs: Path) -> None:
    """That half is done, and the other is said to be unknown."""
    told = json.loads(outputs.read_text(encoding="utf-8"))

    off = run(write(outputs, {"sweepJob": told["sweepJob"]}), "off")

    assert off.exit_code == 1
    assert google.state == "PAUSED"
    assert "✗ webhook: the stack has no outputs" in off.output


def test_settings_without_an_account_are_not_a_lack_of_credentials(
    twilio: Twilio, google: Google, outputs: Path
) -> None:
    """The token is exported; what is not known is whose it is."""
    told = json.loads(outputs.read_text(encoding="utf-8"))

    off = run(write(outputs, {**told, "settings": [1]}), "off")

    assert off.exit_code == 1
    assert "✗ webhook: the stack's output settings has no TWILIO_ACCOUNT_SID" in off.output
    assert google.state == "PAUSED"


def test_a_schedule_that_is_gone_calls_nobody(twilio: Twilio, google: Google, outputs: Path) -> None:
    """A destroy that broke off: off is as asked, and on is not."""
    google.status = 404

    off, on, status = run(outputs, "off"), run(outputs, "on"), run(outputs, "status")

    assert (off.exit_code, on.exit_code, status.exit_code) == (0, 1, 1)
    assert "✓ sweep: is gone" in off.output
    assert "✗ sweep: Google knows no schedule" in on.output


def test_outputs_of_an_earlier_deployment_do_not_make_off_a_success(
    twilio: Twilio, google: Google, outputs: Path
) -> None:
    """Webhook and schedule have moved on since: Twilio calls us all the same, and the line says how to mend it."""
    twilio.configure(THEIRS, "PT8M")
    google.status = 404

    off = run(outputs, "off")

    why = f"is gone, and the webhook is somebody else's: {outputs} may be of an earlier deployment"
    way_out = f"write it again (pulumi stack output --json > {outputs}) and run this again, or with --stack instead"
    assert off.exit_code == 1
    assert off.output.splitlines() == [
        "✓ webhook: is somebody else's, so it was not changed",
        f"✗ sweep: {why}; {way_out}",
    ]
    assert webhook(twilio)[0] == THEIRS


def test_without_a_schedule_somebody_elses_webhook_is_no_sign_of_old_outputs(
    twilio: Twilio, google: Google, deployment: Deployment, outputs: Path
) -> None:
    """A stack with `functionUrl` never had one."""
    twilio.configure(THEIRS, "PT8M")

    off = run(write(outputs, {**outputs_of(deployment), "sweepJob": ""}), "off")

    assert off.exit_code == 0
    assert "✓ sweep: there is none" in off.output


def test_somebodys_netrc_does_not_replace_our_token(
    twilio: Twilio, google: Google, outputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may name Google's host for another tool, or have an entry for every host."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password theirs\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))

    assert run(outputs, "off").exit_code == 0
    assert {" ".join(asked.split()[2:]) for asked in google.asked} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("proxy", "error", "way_out"),
    [
        ("", "SSLError", "REQUESTS_CA_BUNDLE=FILE"),
        ("http://127.0.0.1:9", "ProxyError", "check HTTPS_PROXY and NO_PROXY"),
        ("http://", "InvalidProxyURL", "check HTTPS_PROXY and NO_PROXY"),
        ("http://user:hunter2@p..x:9", "LocationParseError", "check HTTPS_PROXY and NO_PROXY"),
        ("http://user:hunter2#@p:9", "InvalidURL", "check HTTPS_PROXY and NO_PROXY"),
        ("socks5://127.0.0.1:9", "InvalidSchema", "of an HTTP proxy"),
    ],
)
def test_a_network_that_is_in_between_is_said_with_the_way_out(
    over_tls: Path, monkeypatch: pytest.MonkeyPatch, proxy: str, error: str, way_out: str
) -> None:
    """For both halves; what stands there speaks no TLS that anybody trusts, or is a proxy that does not work."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "")

    off = run(over_tls, "off")

    assert off.exit_code == 1
    lines = [line for line in off.output.splitlines() if error in line]
    assert [way_out in line for line in lines] == [True, True], off.output
    assert "Twilio" not in lines[1]
    assert "hunter2" not in off.output


def test_a_network_that_is_down_is_said_with_the_way_out(
    google: Google, outputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google's half does not send anybody to Twilio's edge."""
    monkeypatch.setenv("CLOUDSCHEDULER_BASE_URL", "http://127.0.0.1:9")

    off = run(outputs, "off")

    assert "Google does not answer: ConnectionError; check the network and the proxy, and try again" in off.output
