"""Settings from before us, under the real engine: taken over, removed, drifted, and restored."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.twilio_resources.client import Credentials, TwilioClient
from laptop.gcp_provider.front import SCHEDULER
from laptop.stack import LocalStack
from ops.deployment import Deployment, outputs_in
from ops.google import SCHEDULER_VARIABLE, TOKEN_VARIABLE, Scheduler
from ops.switch import NO_SCHEDULE, Switch
from tests.engine_failures import why_it_fails
from tests.infra.account import TwilioAccount
from tests.infra.conftest import MakeStack

pytestmark = [pytest.mark.engine, pytest.mark.story, pytest.mark.timeout(280)]

PASSWORD, TOKEN = "hunter2hunter2", "t0ken4theirs"
THEIRS = f"https://user:{PASSWORD}@hooks.example.com/a?token={TOKEN}"
ELSEWHERE = f"https://user:{PASSWORD}@elsewhere.example.com/b?token={TOKEN}"


def switch_of(stack: LocalStack, account: TwilioAccount) -> Switch:
    """The operator's switch for this stack, as its outputs make it."""
    google = {SCHEDULER_VARIABLE: f"{stack.front_url}/{SCHEDULER}", TOKEN_VARIABLE: "a token"}
    credentials = Credentials(auth_token=account.token)
    told = stack.outputs
    deployment = Deployment(told["webhookUrl"], told["serviceSid"], told["sweepJob"], told["settings"], credentials)
    client = TwilioClient(deployment.account_sid, credentials, deployment.twilio_base_url)
    return Switch(deployment, client, Scheduler(deployment.sweep_job, google))


def secrets_in(texts: list[str]) -> list[str]:
    """Return somebody else's secrets that occur in one of these texts, each with its text."""
    return [text[:200] for text in texts if PASSWORD in text or TOKEN in text]


def test_taken_over_switched_off_and_destroyed(
    account: TwilioAccount, make_stack: MakeStack, lines: list[str], tmp_path: Path
) -> None:
    """Webhook and event callback are restored with their passwords, which appear nowhere in between."""
    account.write(account.service_webhook, PostWebhookUrl=THEIRS, Method="GET", Filters=["onMessageAdded"])
    account.write(account.workspace, EventCallbackUrl=THEIRS, EventsFilter="task.created")
    before = account.settings()

    with make_stack(timers="on-accept", takeover="true") as stack:
        stack.up(preview=False)
        assert _told(outputs_in(_resources(tmp_path), config=dict)) == _told(stack.outputs)
        assert all(step.succeeded for step in switch_of(stack, account).off())
        assert account.event_callback() == ("", "")
        assert "post_webhook_url" not in account.settings()[account.service_webhook]

        stack.configure({"timers": "on-accept"})  # all of it is put back by an update that takes nothing over
        stack.up(preview=False)
        assert stack.up(preview=False).changed == 0
        assert all(step.succeeded for step in switch_of(stack, account).off())
        stack.destroy()

    assert account.settings() == before
    states = [path.read_text() for path in (tmp_path / "home" / "backend").rglob("*.json*")]
    assert len(states) > 4
    assert secrets_in([*states, *lines]) == []


@pytest.mark.parametrize("again", [["ServiceWebhook", "DefaultTimers"], ["PriorSettings"]], ids=str)
def test_made_again_by_force(
    account: TwilioAccount, make_stack: MakeStack, lines: list[str], tmp_path: Path, again: list[str]
) -> None:
    """`pulumi up --replace` ends with ours at Twilio, and a destroy restores what was there before the stack."""
    account.write(account.service_webhook, PostWebhookUrl=THEIRS, Method="GET", Filters=["onMessageAdded"])
    account.write("Configuration", DefaultInactiveTimer="PT1H")
    before = account.settings()

    with make_stack(monitoring="false", takeover="true") as stack:
        stack.up(preview=False)
        ours = account.settings()
        urns = [each["urn"] for each in stack.export()["resources"] if each["type"].rpartition(":")[2] in again]
        assert len(urns) == len(again)

        stack.up(preview=False, replace=urns)
        assert account.settings() == ours
        assert stack.up(preview=False).changed == 0

        stack.destroy()

    assert account.settings() == before


def test_moving_onto_somebody_elses_settings_is_refused_by_the_preview(
    account: TwilioAccount, make_stack: MakeStack, lines: list[str]
) -> None:
    """The service that the config names now has a webhook already; the line has its URL without the password."""
    other = account.write_new_service("Another")
    account.write(f"Services/{other}/Configuration/Webhooks", PostWebhookUrl=THEIRS)

    with make_stack(monitoring="false") as stack:
        stack.up(preview=False)
        ours = account.settings()
        stack.configure({"conversationsServiceSid": other})
        lines.clear()
        assert re.search(r"hooks\.example\.com/a.*takeover", why_it_fails(stack.preview))
        assert account.settings() == ours
        assert secrets_in(lines) == []


def test_drift_to_somebody_elses_url_shows_no_secret(
    account: TwilioAccount, make_stack: MakeStack, lines: list[str], tmp_path: Path
) -> None:
    """Neither difference, refusal, state nor history has it; destroy leaves the foreign URL alone."""
    with make_stack(timers="on-accept") as stack:
        stack.up(preview=False)
        account.write(account.service_webhook, PostWebhookUrl=ELSEWHERE)
        account.write(account.workspace, EventCallbackUrl=ELSEWHERE)
        drifted = account.settings()

        stack.preview(diff=True)
        assert "elsewhere.example.com" in "\n".join(lines)
        assert re.search(r"elsewhere\.example\.com/b.*takeover", why_it_fails(lambda: stack.up(preview=False)))
        stack.refresh()
        assert account.settings() == drifted

        stack.destroy()
        assert account.settings()[account.service_webhook]["post_webhook_url"] == ELSEWHERE
        assert account.event_callback()[0] == ELSEWHERE

    states = [path.read_text() for path in (tmp_path / "home" / "backend").rglob("*.json*")]
    assert len(states) > 4
    assert secrets_in([*states, *lines]) == []


def test_drift_of_the_accounts_timer_is_repaired_and_what_stood_before_us_comes_back(
    account: TwilioAccount, make_stack: MakeStack, lines: list[str]
) -> None:
    """With `timers: account` the stack owns the default timers; `takeover` is about the timer from before."""
    account.write("Configuration", DefaultInactiveTimer="PT30M", DefaultClosedTimer="P1D")
    before = account.settings()
    with make_stack() as stack:
        assert re.search("PT30M, and this stack wants PT8M", why_it_fails(stack.preview))
        stack.configure({"takeover": "true"})
        stack.up(preview=False)

        stack.configure({})
        stack.up(preview=False)
        account.write("Configuration", DefaultInactiveTimer="PT45M", DefaultClosedTimer="P2D")
        assert _changes(stack) == {"update": 1}
        stack.up(preview=False)
        assert any("default-timers updating" in line and "~inactive" in line for line in lines)
        configuration = account.settings()["Configuration"]
        assert (configuration["default_inactive_timer"], configuration["default_closed_timer"]) == ("PT8M", "P2D")
        account.write("Configuration", DefaultInactiveTimer="PT0S", DefaultClosedTimer="P1D")
        stack.destroy()

    assert account.settings() == before


def test_nothing_of_twilio_is_set_before_the_sweep_is_scheduled(
    account: TwilioAccount, make_stack: MakeStack, lines: list[str], tmp_path: Path
) -> None:
    """Google refuses the schedule: there is no webhook and no timer, and the rest can be switched off and destroyed."""
    before = account.settings()
    with make_stack(**{"gcp:region": "europe-west9"}) as stack:
        assert re.search("europe-west9", why_it_fails(lambda: stack.up(preview=False)))
        assert "run pulumi config set schedulerRegion" in "\n".join(lines)
        assert account.settings() == before
        assert stack.outputs == {}

        told = outputs_in(_resources(tmp_path), config=dict)
        deployment = Deployment(
            told["webhookUrl"], told["serviceSid"], told["sweepJob"], told["settings"], Credentials()
        )
        client = TwilioClient(deployment.account_sid, Credentials(auth_token=account.token), account.url)
        assert [step.message for step in Switch(deployment, client, None).off()] == ["was off already", NO_SCHEDULE]
        stack.destroy()
    assert account.settings() == before


def _resources(home: Path) -> list[dict[str, Any]]:
    """The resources in the stack's state."""
    (state,) = (home / "home" / "backend" / ".pulumi" / "stacks").rglob("local.json")
    resources: list[dict[str, Any]] = json.loads(state.read_text())["checkpoint"]["latest"]["resources"]
    return resources


def _told(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the operator's command needs of the outputs; the platform's own variables are no settings."""
    told = {name: outputs[name] for name in ("webhookUrl", "serviceSid", "sweepJob", "settings")}
    platform = {"THREADS", "LOG_EXECUTION_ID"}
    return told | {"settings": {name: value for name, value in told["settings"].items() if name not in platform}}


def _changes(stack: LocalStack) -> dict[str, int]:
    """What a preview would change, by kind."""
    return {kind: count for kind, count in stack.preview().counts.items() if kind != "same"}
