"""The program under the real Pulumi engine: the stack `local`, the simulator for Twilio, a provider for Google here."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.twilio_resources.client import Credentials, TwilioClient
from infra.twilio_resources.service_webhook import EVENT
from infra.twilio_resources.task_events import EVENT as TASK_EVENT
from laptop.chat_player import ChatPlayer
from laptop.chat_script import Expect, find_scripts, policy_beside, read_script
from laptop.function_log import FunctionLog
from laptop.gcp_provider.front import SCHEDULER
from laptop.stack import EngineFailedError, LocalStack
from ops.deployment import Deployment
from ops.google import SCHEDULER_VARIABLE, TOKEN_VARIABLE, Scheduler
from ops.switch import Switch
from simulator.running import RunningSimulator
from tests.engine_failures import why_it_fails
from tests.infra.account import TwilioAccount
from tests.infra.conftest import MakeStack
from tests.world.processes import processes_of

MONITORING = {"Metric", "Dashboard", "AlertPolicy", "Monitoring", "Service"}
"""What only looks at the function, and an API that stays on: they may go before what calls it."""

pytestmark = [pytest.mark.engine, pytest.mark.timeout(280)]

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = "https://hooks.example.com/other-team"
PASSWORD = "hunter2hunter2"
PRE_WEBHOOK = f"https://user:{PASSWORD}@hooks.example.com/pre"


def switch_of(stack: LocalStack, account: TwilioAccount) -> Switch:
    """The operator's switch for this stack, as its outputs make it."""
    google = {SCHEDULER_VARIABLE: f"{stack.front_url}/{SCHEDULER}", TOKEN_VARIABLE: "a token"}
    credentials = Credentials(auth_token=account.token)
    told = stack.outputs
    deployment = Deployment(told["webhookUrl"], told["serviceSid"], told["sweepJob"], told["settings"], credentials)
    client = TwilioClient(deployment.account_sid, credentials, deployment.twilio_base_url)
    return Switch(deployment, client, Scheduler(deployment.sweep_job, google))


@pytest.fixture
def restored(account: TwilioAccount) -> Iterator[None]:
    """Whatever a test does, its last destroy restores Twilio's settings from before the test."""
    account.write(account.service_webhook, PreWebhookUrl=PRE_WEBHOOK, Method="POST", Filters=["onMessageAdd"])
    before = account.settings()
    yield
    assert account.settings() == before


@pytest.mark.usefixtures("restored")
def test_one_life_of_a_stack(
    account: TwilioAccount,
    make_stack: MakeStack,
    lines: list[str],
    tmp_path: Path,
) -> None:
    """Preview, up, off, on, drift, repair, a foreign URL, other timers, destroy; no secret is shown in any of it."""
    with make_stack() as stack:
        before = account.settings()
        assert set(stack.preview().counts) == {"create"}
        assert account.settings() == before

        stack.up(preview=False)
        told = dict(stack.outputs)
        assert told.pop("settings")["TWILIO_ACCOUNT_SID"] == account.sid
        assert {
            "webhookUrl": f"{stack.front_url}/{stack.function_name}/conversations",
            "functionName": stack.function_name,
            "sweepJob": f"projects/local-laptop/locations/europe-west1/jobs/sweep-{stack.function_name}",
            "serviceSid": account.service_sid,
            "workspaceSid": account.workspace_sid,
        } == told
        webhook = account.settings()[account.service_webhook]
        assert (
            webhook["post_webhook_url"],
            webhook["method"],
            webhook["pre_webhook_url"],
            webhook["filters"],
        ) == (stack.outputs["webhookUrl"], "POST", PRE_WEBHOOK, sorted([EVENT, "onMessageAdd"]))
        assert account.settings()["Configuration"]["default_inactive_timer"] == "PT8M"

        switch = switch_of(stack, account)
        _switch_off(switch, account)
        account.write("Configuration", DefaultInactiveTimer="PT45M")
        assert stack.preview().counts["update"] == 3
        assert [step.message for step in switch.status()] == ["off", "off"]
        assert stack.up(preview=False).counts["update"] == 3
        assert "[diff: ~events,url]" in "\n".join(lines)
        assert "[diff: ~inactive]" in "\n".join(lines)
        assert "[diff: ~paused]" in "\n".join(lines)
        assert [step.message for step in switch.status()] == ["on", "on"]
        assert account.settings()["Configuration"]["default_inactive_timer"] == "PT8M"

        account.write(account.service_webhook, PostWebhookUrl=FOREIGN)
        assert re.search(FOREIGN, why_it_fails(lambda: stack.up(preview=False)))
        account.write(account.service_webhook, PostWebhookUrl=stack.outputs["webhookUrl"])

        states = [path.read_text() for path in (tmp_path / "home" / "backend").rglob("*.json")]
        assert states
        for text in [*states, *lines]:  # somebody else's password in a webhook's URL is a secret too
            assert account.token not in text
            assert PASSWORD not in text

    # The state keeps the token that was refused; the next refresh asks with it, and stops nobody who has the right one.
    with make_stack(token="0" * 32) as stack:
        assert re.search("refuses the credentials", why_it_fails(lambda: stack.up(preview=False)))

        policy = policy_beside([ROOT / "chats"])
        # The chats last for hours, and none of them needs a sweep every five minutes.
        on_accept = {"timers": "on-accept", "policy": policy or "{}", "sweepEvery": "PT15M"}
        stack.configure(on_accept, {"twilioAuthToken": account.token})
        changes = stack.up(preview=False).counts
        assert (changes["create"], changes["delete"]) == (1, 1)
        assert "default_inactive_timer" not in account.settings()["Configuration"]
        callback = f"{stack.front_url}/{stack.function_name}/tasks#rc=2&rp=5xx,ct,rt"
        assert account.event_callback() == (callback, TASK_EVENT)
        _play_every_chat_that_an_agent_accepts(account, stack)
        assert stack.up(preview=False).changed == 0

        lines.clear()
        stack.destroy()
        deleted = [_type_of(line) for line in lines if " deleted (" in line]
        nobody_calls_it = [each for each in deleted if each not in MONITORING]
        assert set(nobody_calls_it[:2]) == {"ServiceWebhook", "TaskEvents"}
        assert deleted[-1] == "PriorSettings"


def _switch_off(switch: Switch, account: TwilioAccount) -> None:
    """Off, on, and off again; `status` shows each."""
    assert [step.message for step in switch.status()] == ["on", "on"]
    for _ in range(2):
        assert all(step.succeeded for step in (*switch.off(), *switch.on()))
    assert [step.message for step in switch.status()] == ["on", "on"]
    assert all(step.succeeded for step in switch.off())
    assert [step.message for step in switch.status()] == ["off", "off"]
    assert account.settings()[account.service_webhook]["filters"] == ["onMessageAdd"]


def _play_every_chat_that_an_agent_accepts(account: TwilioAccount, stack: LocalStack) -> None:
    """The same chats have the same end with either kind of timers; only the reason to keep one may be more exact.

    The channel that was noted when the agent accepted shows that they left it, long after their task is gone.
    """
    scripts = [read_script(path) for path in find_scripts([ROOT / "chats"])]
    player = ChatPlayer(account.twilio, FunctionLog(stack.function_log()), lambda _at, _happening: None)
    accepted = [script for script in scripts if any(getattr(step, "name", "") == "accept" for step in script.steps)]
    assert len(accepted) > 8
    checks = [check for script in accepted for check in player.play(script)]
    failed = [check for check in checks if not check.held and check.expectation.kind is not Expect.KEPT]
    assert [f"{check.script.path}:{check.expectation.line}: {check.found}" for check in failed] == []


def test_a_bad_config_stops_the_preview_with_every_problem_and_no_traceback(
    account: TwilioAccount, make_stack: MakeStack, lines: list[str]
) -> None:
    """Each problem has its key, value and bound."""
    with make_stack(timeout="5m", timout="PT5M", minInstances="-1") as stack, pytest.raises(EngineFailedError):
        stack.preview()

    said = "\n".join(lines)
    for part in ("timeout is '5m'", "timout is not a setting; did you mean timeout?", "minInstances is -1"):
        assert part in said
    assert "Traceback" not in said


@pytest.mark.story
@pytest.mark.usefixtures("restored")
def test_kill_9_in_the_middle_of_up_is_healed_by_the_next_run(
    account: TwilioAccount, simulator: RunningSimulator, make_stack: MakeStack, tmp_path: Path
) -> None:
    """It is killed while Twilio is written; then up with another timeout, and destroy, need no help."""
    command = [sys.executable, "-m", "tests.infra.one_up", str(tmp_path / "home"), account.url, account.sid]
    child = subprocess.Popen(
        [*command, account.token], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert child.stdout
    for line in child.stdout:
        if "service-webhook creat" in line:
            os.killpg(child.pid, signal.SIGKILL)
            break
    child.wait(10)

    with make_stack(timeout="PT5M", warnBefore="PT1M") as stack:
        stack.up(preview=False)
        assert account.settings()["Configuration"]["default_inactive_timer"] == "PT4M"
        stack.destroy()
    assert processes_of(tmp_path / "home") == []


def _type_of(line: str) -> str:
    return next(word for word in line.split() if ":" in word).rpartition(":")[2]
