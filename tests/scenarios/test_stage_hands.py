"""What the demo uses: the simulator's process, the settings' reader, the measure of memory, Ctrl-C."""

import json
import os
import signal
import socket
import time
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from laptop.chat_player import LOG_PATIENCE, ChatPlayer, Happening
from laptop.chat_script import parse_script
from laptop.footprint import Footprint
from laptop.function_log import FunctionLog, LogEntry
from laptop.interruption import Interrupted, Interruption
from laptop.twilio_settings import SettingsError, SettingsReader, TwilioSettings
from simulator.client import HttpTransport, SimulatorClient
from simulator.process import SimulatorStartError, simulator_process
from simulator.running import RunningSimulator

WEBHOOK = "Services/IS1/Configuration/Webhooks"


def reader(simulator: RunningSimulator, *, token: str | None = None) -> SettingsReader:
    """A reader of the simulator's default service."""
    credentials = simulator.account_sid, token or simulator.auth_token
    return SettingsReader(SimulatorClient(HttpTransport(simulator.url, credentials)))


def test_the_simulators_process_returns_its_account_and_address_and_ends_with_the_block() -> None:
    """Nothing of it is left."""
    before = {process.pid for process in psutil.Process().children()}
    with simulator_process(0) as twilio:
        port = int(twilio.url.rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port)).close()
        assert twilio.account_sid.startswith("AC")
        assert len(twilio.auth_token) == 32
    assert {process.pid for process in psutil.Process().children()} == before


def test_a_simulator_that_cannot_start_says_why() -> None:
    """The error has its own last output, with the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(SimulatorStartError, match=rf"did not start on port {port}: cannot listen"),
            simulator_process(port),
        ):
            pass


def test_changed_settings_are_listed_by_field() -> None:
    """Only differences are listed; links and SIDs are not settings."""
    with RunningSimulator() as simulator:
        settings = reader(simulator)
        before = settings.read()
        assert before.fields() == []
        settings.change("Configuration", DefaultInactiveTimer="PT8M")
        settings.change(settings.service_webhook, PostWebhookUrl="https://example.com/x", Method="POST")
        after = settings.read()
        assert "Configuration default_inactive_timer: None -> 'PT8M'" in before.differences(after)
        assert any("post_webhook_url: None -> 'https://example.com/x'" in line for line in before.differences(after))
        assert ("Configuration", "default_inactive_timer", "PT8M") in after.fields()


def test_a_refusal_names_document_and_status() -> None:
    """It does not have the token."""
    with RunningSimulator() as simulator, pytest.raises(SettingsError, match="GET Configuration: 401") as caught:
        reader(simulator, token="f" * 32).read()
    assert "f" * 32 not in str(caught.value)


@pytest.mark.parametrize("nothing", [None, "", "PT0S"])
def test_null_and_missing_are_equal(nothing: str | None) -> None:
    """Twilio cannot store a null for a timer."""
    empty = TwilioSettings({"Configuration": {"default_inactive_timer": None}})
    assert empty.differences(TwilioSettings({"Configuration": {"default_inactive_timer": nothing}})) == []


def test_the_method_of_a_webhook_without_an_address_is_ignored() -> None:
    """With an address it counts."""
    unset = TwilioSettings({WEBHOOK: {"post_webhook_url": None, "method": None}})
    assert unset.differences(TwilioSettings({WEBHOOK: {"post_webhook_url": "", "method": "POST"}})) == []
    get = TwilioSettings({WEBHOOK: {"post_webhook_url": "https://example.com", "method": "GET"}})
    post = TwilioSettings({WEBHOOK: {"post_webhook_url": "https://example.com", "method": "POST"}})
    assert get.differences(post) == [f"{WEBHOOK} method: 'GET' -> 'POST'"]


def test_memory_is_that_of_all_processes_together() -> None:
    """A child's memory counts."""
    with Footprint() as alone:
        time.sleep(0.1)
    with simulator_process(0), Footprint() as together:
        time.sleep(0.1)
    assert together.peak_processes > alone.peak_processes
    assert together.peak > alone.peak + 10 * 2**20


def test_a_ctrl_c_takes_effect_at_the_next_step() -> None:
    """It is announced once, raises only at a check, and the old handler is restored."""
    before = signal.getsignal(signal.SIGINT)
    announced: list[str] = []
    with Interruption(lambda: announced.append("ending")) as interruption:
        interruption.check()
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Interrupted):
            interruption.check()
        interruption.wait()
    assert announced == ["ending"]
    assert signal.getsignal(signal.SIGINT) == before


def test_a_webhook_that_nobody_answered_is_not_awaited_in_the_log(tmp_path: Path) -> None:
    """Another receiver writes no line into our log, so playing continues at once."""
    script = parse_script("00:00 customer: Hi\n08:30 expect open\n", tmp_path / "a.chat")
    with RunningSimulator() as simulator:
        settings = reader(simulator)
        settings.change("Configuration", DefaultInactiveTimer="PT8M")
        nobody = {"PostWebhookUrl": "http://127.0.0.1:9/", "Filters": "onConversationStateUpdated", "Method": "POST"}
        settings.change(settings.service_webhook, **nobody)
        began = time.monotonic()
        player = ChatPlayer(SimulatorClient(simulator), FunctionLog(tmp_path / "log"), lambda _at, _happening: None)
        checks = player.play(script)
    assert [check.held for check in checks] == [True]
    assert time.monotonic() - began < LOG_PATIENCE.total_seconds()


def test_a_kept_chat_is_judged_by_what_the_sweep_decided_since(tmp_path: Path, httpserver: HTTPServer) -> None:
    """No webhook arrives in that interval, and the sweep's decision is the latest all the same."""
    script = parse_script("00:00 customer: Hi\n06:00 expect kept agent_silent\n", tmp_path / "a.chat")
    log = tmp_path / "log"
    shown: list[tuple[timedelta, str]] = []

    def tell(at: timedelta, happening: Happening) -> None:
        if isinstance(happening, LogEntry):
            shown.append((at, happening.reason))

    with RunningSimulator() as simulator:
        twilio = SimulatorClient(simulator)

        def sweep(_request: Request) -> Response:
            conversation = twilio.rest("GET", "conversations/v1/Conversations")["conversations"][0]["sid"]
            at = twilio.now().isoformat()
            decided = {"event": "decision", "decision": "keep", "reason": "agent_silent", "by": "sweep", "at": at}
            lines = [decided | {"conversation": conversation}, {"event": "sweep"}]
            log.write_text("".join(json.dumps(line) + "\n" for line in lines))
            return Response(status=200)

        httpserver.expect_request("/sweep").respond_with_handler(sweep)
        twilio.schedule("sweep", every="PT5M", url=httpserver.url_for("/sweep"))
        checks = ChatPlayer(twilio, FunctionLog(log), tell).play(script)

    assert [(check.held, check.found) for check in checks] == [(True, "active, keep agent_silent")]
    assert shown == [(timedelta(minutes=5), "agent_silent")]
