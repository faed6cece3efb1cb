"""`inactivity` as an operator types it: what it does, what it says, and its exit status."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops.command import app
from tests.ops.conftest import URL
from tests.world.driving import Chat, Twilio
from tests.world.operating import JOB, Google


def run(outputs: Path, *arguments: str) -> Result:
    """Type a command."""
    return CliRunner().invoke(app, [*arguments, "--outputs", str(outputs)])


def webhook(twilio: Twilio) -> tuple[str, list[str]]:
    """Who is called, and for what."""
    found = twilio.rest("GET", f"conversations/v1/Services/{twilio.account.service_sid}/Configuration/Webhooks")
    return found["post_webhook_url"] or "", found["filters"] or []


def silent(twilio: Twilio, stage: str = "assigned", **options: str) -> Chat:
    """A chat whose customer was asked something."""
    chat = twilio.chat(stage, **options)
    chat.says("customer")
    chat.says("bot" if stage == "bot" else "agent")
    return chat


def test_off_takes_both_away_and_on_puts_both_back(twilio: Twilio, google: Google, outputs: Path) -> None:
    """Each said in one line; doing it twice does no harm."""
    off, again = run(outputs, "off"), run(outputs, "off")
    when_off = (*webhook(twilio), google.state)
    on, once_more = run(outputs, "on"), run(outputs, "on")

    assert [each.exit_code for each in (off, again, on, once_more)] == [0] * 4
    assert when_off == ("", [], "PAUSED")
    assert (*webhook(twilio), google.state) == (URL, ["onConversationStateUpdated"], "ENABLED")
    assert "webhook: off: Twilio does not call us any more" in off.output
    assert "webhook: was off already" in again.output
    assert "webhook: was on already" in once_more.output
    assert {" ".join(asked.split()[2:]) for asked in google.asked} == {"Bearer a-token-of-google"}
    assert " ".join(google.asked[0].split()[:2]) == f"POST /v1/{JOB}:pause"


def test_status_changes_nothing(twilio: Twilio, google: Google, outputs: Path) -> None:
    """Before and after."""
    before = run(outputs, "status")
    run(outputs, "off")
    after = run(outputs, "status")

    assert (before.output, after.output) == ("✓ webhook: on\n✓ sweep: on\n", "✓ webhook: off\n✓ sweep: off\n")


def test_somebody_elses_webhook_is_neither_taken_away_nor_replaced(
    twilio: Twilio, google: Google, outputs: Path
) -> None:
    """Only the sweep is switched; on says that it did only half."""
    twilio.configure("https://example.com/theirs", "PT8M")
    off, on = run(outputs, "off"), run(outputs, "on")

    assert (off.exit_code, on.exit_code) == (0, 1)
    assert "somebody else's webhook" in on.output
    assert webhook(twilio)[0] == "https://example.com/theirs"
    assert google.state == "ENABLED"


def test_half_is_better_than_nothing_and_said(twilio: Twilio, google: Google, outputs: Path) -> None:
    """Google refuses: the webhook is off all the same, and the status is 1."""
    google.status = 403
    off = run(outputs, "off")

    assert off.exit_code == 1
    assert webhook(twilio)[0] == ""
    assert "cloudscheduler.jobs.pause" in off.output


def test_a_pre_webhook_of_somebody_else_stays(twilio: Twilio, google: Google, outputs: Path) -> None:
    """Its URL and its filters."""
    path = f"conversations/v1/Services/{twilio.account.service_sid}/Configuration/Webhooks"
    filters = ["onMessageAdd", "onConversationStateUpdated"]
    twilio.rest("POST", path, PreWebhookUrl="https://example.com/pre", Filters=filters)

    run(outputs, "off")
    off = twilio.rest("GET", path)
    run(outputs, "on")

    assert (off["pre_webhook_url"], off["filters"]) == ("https://example.com/pre", ["onMessageAdd"])
    assert set(webhook(twilio)[1]) == set(filters)


def test_on_does_not_change_the_method_of_somebody_elses_pre_webhook(
    twilio: Twilio, google: Google, outputs: Path
) -> None:
    """Only `pulumi up` with takeover does; one method is for both."""
    path = f"conversations/v1/Services/{twilio.account.service_sid}/Configuration/Webhooks"
    run(outputs, "off")
    twilio.rest("POST", path, PreWebhookUrl="https://example.com/pre", Method="GET")

    on = run(outputs, "on")

    assert on.exit_code == 1
    assert "by GET" in on.output
    assert (webhook(twilio)[0], twilio.rest("GET", path)["method"]) == ("", "GET")


def test_backfill_counts_first_and_does_only_what_is_asked(twilio: Twilio, outputs: Path) -> None:
    """One silence of days, one of minutes: the older is ended when asked to, the younger is the sweep's."""
    old = silent(twilio, "bot")
    twilio.advance("P3D")
    young = silent(twilio)
    twilio.advance("PT9M")

    counted = run(outputs, "backfill", "--older-than", "P1D", "--dry-run")
    untouched = old.ours
    refused = CliRunner().invoke(app, ["backfill", "--outputs", str(outputs)], input="n\n")
    done = run(outputs, "backfill", "--yes")

    assert "1 to be warned, 0 to be ended" in counted.output
    assert untouched == []
    assert refused.exit_code == 2
    assert "1 warned, 0 ended, 0 failed" in done.output
    assert (old.ours, young.ours) == (["warning"], [])


def test_backfill_carries_out_no_more_than_its_limit(twilio: Twilio, outputs: Path) -> None:
    """Two silences of days: one is warned, the other waits for the next run."""
    chats = [silent(twilio, "bot"), silent(twilio, "bot")]
    twilio.advance("P3D")

    done = run(outputs, "backfill", "--limit", "1", "--yes")

    assert "1 warned, 0 ended, 0 failed" in done.output
    assert sorted(chat.ours for chat in chats) == [[], ["warning"]]


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old stack's outputs; no pulumi; no credentials."""
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    old = tmp_path / "old.json"
    old.write_text('{"webhookUrl": "https://example.com"}')
    monkeypatch.setenv("PATH", str(tmp_path))

    no_settings, no_pulumi = run(old, "off"), CliRunner().invoke(app, ["off"])

    assert (no_settings.exit_code, no_pulumi.exit_code) == (2, 2)
    assert "serviceSid, settings" in no_settings.output
    assert "--outputs FILE" in no_pulumi.output
