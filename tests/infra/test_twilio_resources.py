"""The Twilio resources against the simulator: read first, refuse what is somebody else's, write, remember, restore."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest

from infra.twilio_resources.client import NoCredentialsError, OtherAccountError, TwilioError
from infra.twilio_resources.service_webhook import EVENT
from tests.infra.account import TwilioAccount
from tests.infra.deployment import EVENTS_URL, ON_ACCEPT, UNMANAGED, URL, Deployment, KilledError, RefusedError, Wish

FOREIGN = "https://hooks.example.com/other-team"
OTHER_URL = URL.replace("us-central1", "europe-west1")
TAKEOVER = replace(UNMANAGED, takeover=True)


def test_up_writes_the_url_the_method_the_event_and_the_inactive_timer(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """A new account gets exactly what the function needs."""
    deployment.up()

    assert {
        key: account.settings()[account.service_webhook][key] for key in ("post_webhook_url", "method", "filters")
    } == {
        "post_webhook_url": URL,
        "method": "POST",
        "filters": [EVENT],
    }
    assert account.settings()["Configuration"]["default_inactive_timer"] == "PT8M"


def test_the_default_service_and_the_workspace_of_flex_are_found(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Nobody has to copy a SID that the account knows."""
    deployment.up()

    found = deployment.state["prior"].outputs
    assert (found["service_sid"], found["workspace_sid"]) == (account.service_sid, account.workspace_sid)


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("takeover", [False, True])
@pytest.mark.parametrize(
    ("wish", "key"),
    [
        (Wish(service_sid="IS" + "0" * 32), "conversationsServiceSid"),
        (Wish(workspace_sid="WS" + "0" * 32), "workspaceSid"),
    ],
)
def test_a_place_that_is_not_there_is_refused_with_its_key(
    account: TwilioAccount, deployment: Deployment, wish: Wish, key: str, *, takeover: bool, exists: bool
) -> None:
    """Most often it is a SID of another account; nothing is written, whatever stands and may be taken over."""
    if exists:
        deployment.up()
    before = account.settings()

    with pytest.raises(RefusedError, match=f"{account.sid} does not have it: correct {key}"):
        deployment.up(replace(wish, takeover=takeover))

    assert account.settings() == before


def test_a_default_service_that_is_gone_is_refused_too(account: TwilioAccount, deployment: Deployment) -> None:
    """The account still names it, and the way out is to name another one."""
    account.twilio.fault("GET .*/Services/IS[0-9a-f]+/Configuration/Webhooks$", "status", status=404, times=None)

    with pytest.raises(RefusedError, match=r"account_sid: .* correct conversationsServiceSid"):
        deployment.up()


@pytest.mark.parametrize("takeover", [False, True])
def test_an_account_without_flex_is_told_to_name_the_workspace(
    account: TwilioAccount, deployment: Deployment, *, takeover: bool
) -> None:
    """In the preview already: timers need no workspace, but the function does."""
    account.twilio.fault("GET .*/flex-api/v1/Configuration$", "status", status=404, times=None)

    with pytest.raises(RefusedError, match=r"account_sid: could not read the Flex configuration.* set workspaceSid"):
        deployment.up(Wish(takeover=takeover))


def test_a_key_needs_no_right_to_the_workspace_before_the_stack_listens_to_it(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """The config names the workspace for the function, whose key is another one."""
    account.twilio.fault(r"GET .*/Workspaces/WS\w+$", "status", status=403, times=None)

    deployment.up(Wish(workspace_sid=account.workspace_sid))
    with pytest.raises(RefusedError, match="Twilio answered 403"):
        deployment.up(replace(ON_ACCEPT, workspace_sid=account.workspace_sid))


def test_credentials_that_may_not_do_this_are_refused_in_the_preview(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Twilio knows a restricted key, and answers 403 instead of 401."""
    account.twilio.fault("GET .*/v1/Configuration$", "status", status=403, times=None)

    with pytest.raises(RefusedError, match=r"account_sid: could not read the default timers: Twilio answered 403.*; "):
        deployment.up()


def test_a_second_up_changes_nothing_and_writes_nothing(account: TwilioAccount, deployment: Deployment) -> None:
    """The same config is deployed twice."""
    deployment.up()
    account.clear_log()

    assert deployment.up() == []
    assert account.writes() == []


def test_destroy_leaves_the_account_as_it_was(account: TwilioAccount, deployment: Deployment) -> None:
    """The earlier settings are restored, field for field."""
    account.write(account.service_webhook, PreWebhookUrl=FOREIGN, Method="POST", Filters=["onMessageAdd"])
    before = account.settings()

    deployment.up()
    deployment.destroy()

    assert account.settings() == before


def test_a_pre_webhook_keeps_its_url_and_its_filters(account: TwilioAccount, deployment: Deployment) -> None:
    """Two teams share one list of filters; ours is added to it."""
    account.write(account.service_webhook, PreWebhookUrl=FOREIGN, Method="POST", Filters=["onMessageAdd"])

    deployment.up()

    webhook = account.settings()[account.service_webhook]
    assert (
        webhook["pre_webhook_url"],
        webhook["post_webhook_url"],
        webhook["filters"],
    ) == (FOREIGN, URL, sorted(["onMessageAdd", EVENT]))


FOREIGN_VALUES = {
    "a post webhook of the service": ("service", {"PostWebhookUrl": FOREIGN, "Method": "POST"}, FOREIGN),
    "a pre-webhook that is called by GET": ("service", {"PreWebhookUrl": FOREIGN, "Method": "GET"}, FOREIGN),
    "a post webhook of the account": ("account", {"PostWebhookUrl": FOREIGN}, "silenced"),
    "a pre-webhook of the account": ("account", {"PreWebhookUrl": FOREIGN}, "silenced"),
    "another inactive timer": ("timers", {"DefaultInactiveTimer": "PT30M"}, "PT30M"),
}


@pytest.mark.parametrize(("where", "value", "named"), FOREIGN_VALUES.values(), ids=FOREIGN_VALUES.keys())
def test_a_foreign_value_is_refused_by_the_first_resource_with_the_way_out(
    account: TwilioAccount, deployment: Deployment, where: str, value: dict[str, str], named: str
) -> None:
    """The preview refuses, before minutes of work in Google, and nothing is written."""
    _set(account, where, value)
    before = account.settings()

    with pytest.raises(RefusedError) as refused:
        deployment.up()

    assert named in str(refused.value)
    assert "takeover" in str(refused.value)
    assert deployment.state == {}
    assert account.settings() == before


@pytest.mark.parametrize(("where", "value", "named"), FOREIGN_VALUES.values(), ids=FOREIGN_VALUES.keys())
def test_takeover_replaces_a_foreign_value_and_destroy_puts_it_back(
    account: TwilioAccount, deployment: Deployment, where: str, value: dict[str, str], named: str
) -> None:
    """This needs the setting."""
    _set(account, where, value)
    before = account.settings()

    deployment.up(Wish(takeover=True))
    assert account.settings()[account.service_webhook]["post_webhook_url"] == URL
    deployment.destroy()

    assert account.settings() == before


def test_a_closed_timer_of_somebody_else_is_refused_only_when_the_stack_sets_one(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Without closedTimeout it is not ours, and it stays."""
    account.write("Configuration", DefaultClosedTimer="PT12H")

    with pytest.raises(RefusedError, match="default closed timer of the account is PT12H"):
        deployment.up(Wish(closed="PT1H"))
    deployment.up()
    deployment.destroy()

    assert account.settings()["Configuration"]["default_closed_timer"] == "PT12H"


def test_a_closed_timer_of_somebody_else_is_said_to_break_the_promise(
    account: TwilioAccount, deployment: Deployment, capfd: pytest.CaptureFixture[str]
) -> None:
    """Twilio's closed timer also ends chats of customers who wait; we only report it."""
    account.write("Configuration", DefaultClosedTimer="PT12H")

    deployment.up()

    assert "closed timer is PT12H" in capfd.readouterr().err


def test_a_foreign_value_that_comes_while_google_works_is_refused_too(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Minutes pass between the first read and the write."""
    with pytest.raises(KilledError):
        deployment.up(kill_at=1)
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN)

    with pytest.raises(TwilioError, match=FOREIGN):
        deployment.up()


def test_the_owner_in_a_refusal_carries_no_password(account: TwilioAccount, deployment: Deployment) -> None:
    """A webhook's URL may contain credentials of somebody else."""
    account.write(account.service_webhook, PostWebhookUrl="https://user:hunter2@hooks.example.com/a?token=hunter3")

    with pytest.raises(RefusedError) as refused:
        deployment.up()

    assert "https://hooks.example.com/a" in str(refused.value)
    assert "hunter" not in str(refused.value)


@pytest.mark.parametrize("spelling", ["PT480S", "PT8M0S", "PT8M"])
def test_an_equal_timer_that_stood_there_is_shared_and_stays(
    account: TwilioAccount, deployment: Deployment, spelling: str
) -> None:
    """Durations are compared as durations; a value that is right already is neither written nor removed."""
    account.write("Configuration", DefaultInactiveTimer=spelling)
    account.clear_log()

    deployment.up()
    deployment.destroy()

    assert account.settings()["Configuration"]["default_inactive_timer"] == spelling
    assert not [path for path in account.writes() if path.endswith("/v1/Configuration")]


def test_a_timer_of_zero_is_no_timer(account: TwilioAccount, deployment: Deployment) -> None:
    """PT0S, empty and null are one value without an owner."""
    account.write("Configuration", DefaultInactiveTimer="PT0S")

    deployment.up()

    assert account.settings()["Configuration"]["default_inactive_timer"] == "PT8M"


def test_refresh_shows_drift_field_by_field_and_up_repairs_it(account: TwilioAccount, deployment: Deployment) -> None:
    """The state's inputs show the present values; what we wrote and found stays remembered."""
    deployment.up()
    written = deployment.state["webhook"].outputs["applied"]
    account.write(account.service_webhook, Method="GET", Filters=["onMessageAdded"])
    account.write("Configuration", DefaultInactiveTimer="PT45M")

    deployment.refresh()

    webhook, timers = deployment.state["webhook"], deployment.state["timers"]
    assert tuple(webhook.inputs[key] for key in ("method", "events", "url")) == ("GET", [], URL)
    assert timers.inputs["inactive"] == "PT45M"
    assert webhook.outputs["applied"] == written
    assert deployment.up() == ["webhook", "timers"]
    assert deployment.up() == []
    assert (
        account.settings()[account.service_webhook]["method"],
        account.settings()[account.service_webhook]["filters"],
        account.settings()["Configuration"]["default_inactive_timer"],
    ) == ("POST", [EVENT], "PT8M")


def test_a_refresh_without_drift_changes_nothing(account: TwilioAccount, deployment: Deployment) -> None:
    """This holds also if Twilio writes a duration in another form."""
    deployment.up()
    account.write("Configuration", DefaultInactiveTimer="PT480S")

    deployment.refresh()

    assert deployment.up() == []


@pytest.mark.parametrize("trouble", ["the token was exchanged since", "Twilio is in trouble"])
def test_what_a_refresh_could_not_look_at_is_looked_at_by_the_next_up(
    account: TwilioAccount, deployment: Deployment, capfd: pytest.CaptureFixture[str], trouble: str
) -> None:
    """A refresh has only the credentials of the last up, and does not fail; unnecessary writes are not made."""
    deployment.up()
    account.write(account.service_webhook, PostWebhookUrl="")
    _refresh_in_vain(account, deployment, trouble)
    account.clear_log()

    assert deployment.up() == ["webhook", "timers"]

    assert account.settings()[account.service_webhook]["post_webhook_url"] == URL
    assert account.writes() == [f"/conversations/v1/{account.service_webhook}"]
    assert deployment.up() == []
    said = capfd.readouterr().err
    assert f"could not look at {account.service_sid}/webhook, so it counts as changed" in said
    assert f"could not look at {account.sid}/default-timers, so it counts as changed" in said


def test_a_refresh_that_can_look_again_finds_nothing_to_do(account: TwilioAccount, deployment: Deployment) -> None:
    """A value that could not be read for a while is not marked as changed."""
    deployment.up()
    _refresh_in_vain(account, deployment)

    deployment.refresh()

    assert deployment.up() == []


def test_a_refresh_in_vain_forgets_nothing_that_destroy_needs(account: TwilioAccount, deployment: Deployment) -> None:
    """What we wrote and what was set before stay remembered."""
    account.write(account.service_webhook, PreWebhookUrl=FOREIGN, Method="POST", Filters=["onMessageAdd"])
    before = account.settings()
    deployment.up()

    _refresh_in_vain(account, deployment)
    deployment.destroy()

    assert account.settings() == before


def test_a_refresh_without_credentials_changes_nothing(
    account: TwilioAccount, deployment: Deployment, capfd: pytest.CaptureFixture[str]
) -> None:
    """A preview needs none, and says so."""
    deployment.up()
    before = deepcopy(deployment.state)

    token, account.token = account.token, ""
    deployment.refresh()
    account.token = token

    assert deployment.state == before
    assert f"did not look at {account.service_sid}/webhook: no credentials" in capfd.readouterr().err
    assert deployment.up() == []


def test_wrong_credentials_are_refused_first_on_a_stack_that_stands_too(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """The preview has one error before Google's secret is changed; a refresh does not use them."""
    deployment.up()
    before = deepcopy(deployment.state)

    token, account.token = account.token, "0" * 32
    with pytest.raises(RefusedError, match="refuses the credentials"):
        deployment.up(Wish(inactive="PT3M"))
    account.token = token

    assert deployment.state == before
    assert account.settings()["Configuration"]["default_inactive_timer"] == "PT8M"


def test_a_removed_webhook_is_drift_and_repaired(account: TwilioAccount, deployment: Deployment) -> None:
    """An empty webhook belongs to nobody."""
    deployment.up()
    account.write(account.service_webhook, PostWebhookUrl="")

    deployment.refresh()
    deployment.up()

    assert account.settings()[account.service_webhook]["post_webhook_url"] == URL


def test_up_refuses_to_repair_when_the_url_became_somebody_elses(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Drift of the URL itself is another owner."""
    deployment.up()
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN)
    deployment.refresh()

    with pytest.raises(TwilioError, match=FOREIGN):
        deployment.up()

    assert account.settings()[account.service_webhook]["post_webhook_url"] == FOREIGN


@pytest.mark.parametrize("after_off", [False, True], ids=["", "after off"])
def test_a_pre_webhook_beside_ours_is_asked_by_another_method_only_after_takeover(
    account: TwilioAccount, deployment: Deployment, after_off: bool
) -> None:
    """One method is for both, so ours would change how somebody else's is called; a new stack refuses that too."""
    deployment.up(UNMANAGED)
    changes = {"PostWebhookUrl": ""} if after_off else {}
    account.write(
        account.service_webhook, PreWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdd", EVENT], **changes
    )
    deployment.refresh()

    with pytest.raises(TwilioError, match=f"calls the pre-webhook {FOREIGN} by GET.*takeover"):
        deployment.up(UNMANAGED)
    assert account.settings()[account.service_webhook]["method"] == "GET"

    deployment.up(TAKEOVER)
    assert account.settings()[account.service_webhook]["method"] == "POST"
    deployment.destroy()

    webhook = account.settings()[account.service_webhook]
    assert (webhook["pre_webhook_url"], webhook["method"], webhook["filters"]) == (FOREIGN, "GET", ["onMessageAdd"])


def test_destroy_leaves_what_became_somebody_elses_and_says_so(
    account: TwilioAccount, deployment: Deployment, capfd: pytest.CaptureFixture[str]
) -> None:
    """Only what is still ours is restored."""
    deployment.up()
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN)
    account.write("Configuration", DefaultInactiveTimer="PT45M")

    deployment.destroy()

    assert account.settings()[account.service_webhook]["post_webhook_url"] == FOREIGN
    assert account.settings()["Configuration"]["default_inactive_timer"] == "PT45M"
    said = capfd.readouterr().err
    assert f"{account.service_sid}/webhook: url left as found" in said
    assert "default-timers: inactive left as found" in said


TAKEN_AWAY = {
    "as inactivity off does": {"PostWebhookUrl": "", "Filters": ["onMessageAdd"]},
    "the URL alone, by hand": {"PostWebhookUrl": ""},
    "all of it, by hand": {"PostWebhookUrl": "", "Filters": ""},
}


@pytest.mark.parametrize("meanwhile", ["", "refresh", "refresh and up"])
@pytest.mark.parametrize("taken", TAKEN_AWAY.values(), ids=TAKEN_AWAY.keys())
def test_destroy_puts_back_what_stood_there_when_ours_was_taken_away(
    account: TwilioAccount, deployment: Deployment, taken: dict[str, object], meanwhile: str
) -> None:
    """An empty webhook means that ours is gone, and the earlier one is restored."""
    account.write(
        account.service_webhook,
        PreWebhookUrl=FOREIGN,
        PostWebhookUrl=FOREIGN,
        Method="POST",
        Filters=["onMessageAdd", "onMessageAdded", EVENT],
    )
    before = account.settings()
    deployment.up(Wish(takeover=True))

    account.write(account.service_webhook, **taken)
    if "refresh" in meanwhile:
        deployment.refresh()
    if "up" in meanwhile:
        deployment.up()
    deployment.destroy()

    assert account.settings() == before


def test_destroy_puts_back_timers_that_were_cleared_meanwhile(account: TwilioAccount, deployment: Deployment) -> None:
    """The same rule for timers: a cleared timer belongs to nobody."""
    account.write("Configuration", DefaultInactiveTimer="PT30M", DefaultClosedTimer="P1D")
    before = account.settings()
    deployment.up(Wish(closed="PT2H", takeover=True))

    account.write("Configuration", DefaultInactiveTimer="PT0S", DefaultClosedTimer="PT0S")
    deployment.destroy()

    assert account.settings() == before


def test_off_and_up_and_destroy_put_back_what_stood_there(account: TwilioAccount, deployment: Deployment) -> None:
    """What is remembered outlives the repair."""
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    before = account.settings()
    deployment.up(Wish(takeover=True))
    account.write(account.service_webhook, PostWebhookUrl="", Filters="")

    deployment.refresh()
    deployment.up()
    assert account.settings()[account.service_webhook]["post_webhook_url"] == URL
    deployment.destroy()

    assert account.settings() == before


@pytest.mark.parametrize("theirs", ["PreWebhookUrl", "PostWebhookUrl"])
def test_up_after_off_asks_for_no_second_takeover(account: TwilioAccount, deployment: Deployment, theirs: str) -> None:
    """The account's webhook was replaced with permission, and off did not change that."""
    account.write("Configuration/Webhooks", **{theirs: FOREIGN})
    before = account.settings()
    deployment.up(Wish(takeover=True))
    deployment.up()
    account.write(account.service_webhook, PostWebhookUrl="", Filters="")

    deployment.refresh()
    deployment.up()

    assert account.settings()[account.service_webhook]["post_webhook_url"] == URL
    deployment.destroy()
    assert account.settings() == before


@pytest.mark.parametrize("changed", [{"inactive": "PT9M"}, {"closed": "PT3H"}, {"url": OTHER_URL}])
def test_drift_is_repaired_also_by_a_run_that_changes_the_config(
    account: TwilioAccount, deployment: Deployment, changed: dict[str, str]
) -> None:
    """Timers that somebody else changed, a webhook that was taken away: nobody has to take his own over."""
    before = account.settings()
    deployment.up(Wish(closed="PT2H"))
    account.write("Configuration", DefaultInactiveTimer="PT45M", DefaultClosedTimer="P7D")
    account.write("Configuration/Webhooks", PostWebhookUrl=FOREIGN)
    account.write(account.service_webhook, PostWebhookUrl="", Filters="")

    deployment.refresh()
    deployment.up(replace(Wish(closed="PT2H"), **changed))

    settings = account.settings()
    wanted = replace(Wish(closed="PT2H"), **changed)
    assert settings[account.service_webhook]["post_webhook_url"] == wanted.url
    timers = settings["Configuration"]
    assert (timers["default_inactive_timer"], timers["default_closed_timer"]) == (wanted.inactive, wanted.closed)
    deployment.destroy()
    account.write("Configuration/Webhooks", PostWebhookUrl="")
    assert account.settings() == before


def test_a_closed_timer_that_the_stack_did_not_set_before_is_no_drift(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Its inactive timer was ours, the other one is somebody else's still."""
    deployment.up()
    account.write("Configuration", DefaultClosedTimer="P7D")
    deployment.refresh()

    with pytest.raises(TwilioError, match="default closed timer of the account is P7D"):
        deployment.up(Wish(closed="PT1H"))


def _to_another_service(account: TwilioAccount) -> Wish:
    other = account.write_new_service("Another")
    account.write(f"Services/{other}/Configuration/Webhooks", PostWebhookUrl=FOREIGN)
    return Wish(inactive="", service_sid=other)


def _to_timers(account: TwilioAccount) -> Wish:
    account.write("Configuration", DefaultInactiveTimer="PT45M")
    return Wish()


def _to_events(account: TwilioAccount) -> Wish:
    account.write(account.workspace, EventCallbackUrl=FOREIGN)
    return ON_ACCEPT


@pytest.mark.parametrize("moved", [_to_another_service, _to_timers, _to_events])
def test_what_is_somebody_elses_is_refused_before_an_existing_stack_moves_there(
    account: TwilioAccount, deployment: Deployment, moved: Callable[[TwilioAccount], Wish]
) -> None:
    """In the preview, which compares and writes nothing; with `takeover` it is replaced."""
    deployment.up(UNMANAGED)
    wish = moved(account)
    before = account.settings()
    deployment.refresh()

    with pytest.raises(TwilioError, match="takeover"):
        deployment.preview(wish)
    deployment.preview(replace(wish, takeover=True))

    assert account.settings() == before


def test_a_preview_that_cannot_look_refuses_nothing(
    account: TwilioAccount, deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twilio is away for a moment, and the update looks again."""
    deployment.up(UNMANAGED)
    account.fail()

    deployment.preview(Wish())

    assert "could not look at Twilio yet" in capsys.readouterr().err


def test_a_default_service_that_was_deleted_gives_way_to_the_new_one(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Flex uses another one now, and the config names none."""
    before = account.settings()
    first = account.write_new_service("Another")
    account.write("Configuration", DefaultChatServiceSid=first)
    deployment.up()
    account.write("Configuration", DefaultChatServiceSid=account.service_sid)
    account.delete(f"Services/{first}")

    deployment.refresh()
    assert deployment.up() == ["prior", "webhook"]

    assert account.settings()[account.service_webhook]["post_webhook_url"] == URL
    assert deployment.state["prior"].outputs["service_sid"] == account.service_sid
    deployment.refresh()
    assert deployment.up() == []
    deployment.destroy()
    assert account.settings() == before


def test_destroy_after_a_refresh_that_saw_a_foreign_value_still_leaves_it(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """A refresh must not turn a foreign value into one of ours."""
    deployment.up()
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN)
    account.write("Configuration", DefaultInactiveTimer="PT45M")

    deployment.refresh()
    deployment.destroy()

    assert account.settings()[account.service_webhook]["post_webhook_url"] == FOREIGN
    assert account.settings()["Configuration"]["default_inactive_timer"] == "PT45M"


def test_filters_that_another_team_adds_survive_repair_and_destroy(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """A pre-webhook may be added meanwhile; it is no drift and is kept, also if ours is written again beside it."""
    deployment.up()
    account.write(account.service_webhook, PreWebhookUrl=FOREIGN, Filters=["onMessageAdd", EVENT])

    deployment.refresh()
    assert deployment.up() == []
    deployment.up(Wish(url=OTHER_URL))
    deployment.destroy()

    webhook = account.settings()[account.service_webhook]
    assert (webhook["pre_webhook_url"], webhook["filters"]) == (FOREIGN, ["onMessageAdd"])


def test_a_service_that_is_gone_is_gone_from_the_state(account: TwilioAccount, deployment: Deployment) -> None:
    """A destroy does not fail because of it."""
    deployment.up()
    gone = "IS" + "0" * 32
    deployment.state["webhook"].outputs["service_sid"] = gone
    deployment.state["prior"].outputs["service_sid"] = gone

    deployment.refresh()

    assert "webhook" not in deployment.state
    deployment.destroy()


@pytest.mark.parametrize("wish", [UNMANAGED, ON_ACCEPT], ids=["unmanaged", "on-accept"])
def test_a_key_of_another_account_takes_nothing_for_gone(
    account: TwilioAccount, deployment: Deployment, monkeypatch: pytest.MonkeyPatch, wish: Wish
) -> None:
    """Neither a refresh nor a destroy forgets what is to be restored; with the right key it is."""
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    account.write(account.workspace, EventCallbackUrl=FOREIGN, EventsFilter="task.created")
    before = account.settings()
    deployment.up(replace(wish, takeover=True))
    ours, made = account.settings(), set(deployment.state)
    other = account.twilio.another_account("parent")

    with monkeypatch.context() as shell:
        shell.setenv("TWILIO_API_KEY_SID", other.api_key_sid)
        shell.setenv("TWILIO_API_KEY_SECRET", other.api_key_secret)
        deployment.refresh()
        with pytest.raises(OtherAccountError, match=f"{other.account_sid}.*{account.sid}"):
            deployment.destroy()
    assert (account.settings(), set(deployment.state)) == (ours, made)

    deployment.destroy()
    assert account.settings() == before


def test_a_write_is_recorded_although_it_cannot_be_looked_at(
    account: TwilioAccount, deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twilio fails right after it: what was there before must not be lost for that."""
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    before = account.settings()
    account.twilio.fault(r"GET .*/Services/\w+/Configuration/Webhooks$", "status", status=500, nth=4)

    deployment.up(TAKEOVER)

    assert f"wrote {account.service_sid}/webhook, and could not look at it afterwards" in capsys.readouterr().err
    assert account.settings()[account.service_webhook]["post_webhook_url"] == URL
    deployment.destroy()
    assert account.settings() == before


WRITES = {
    "webhook": r"POST .*/Services/\w+/Configuration/Webhooks$",
    "timers": r"POST .*/v1/Configuration$",
    "events": r"POST .*/Workspaces/\w+$",
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_that_twilio_does_and_answers_with_an_error_is_recorded(
    account: TwilioAccount, deployment: Deployment, capsys: pytest.CaptureFixture[str], write: str
) -> None:
    """Otherwise nothing knows that it is ours, and what was there before is lost once ours is emptied."""
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    account.write("Configuration", DefaultInactiveTimer="PT30M")
    account.write(account.workspace, EventCallbackUrl=FOREIGN, EventsFilter="task.created")
    before = account.settings()
    account.twilio.fault(write, "status", status=500, when="after")

    deployment.up(Wish(events_url=EVENTS_URL, takeover=True))
    account.write(account.service_webhook, PostWebhookUrl="", Filters="")
    account.write("Configuration", DefaultInactiveTimer="PT0S")
    account.write(account.workspace, EventCallbackUrl="", EventsFilter="")
    deployment.destroy()

    assert account.twilio.hits() == [1]
    assert "is set, although Twilio answered with an error" in capsys.readouterr().err
    assert account.settings() == before


def test_a_write_that_twilio_does_not_do_stops_the_run(account: TwilioAccount, deployment: Deployment) -> None:
    """The error stands, and nothing is recorded as ours."""
    account.twilio.fault(WRITES["webhook"], "status", status=500)

    with pytest.raises(TwilioError, match="500"):
        deployment.up()

    assert list(deployment.state) == ["prior"]


@pytest.mark.parametrize("again", ["prior", "webhook", "timers", "events"])
def test_what_is_made_again_is_ours_in_the_end(account: TwilioAccount, deployment: Deployment, again: str) -> None:
    """A forced replacement puts back what was there before, so it does that first."""
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    account.write(account.workspace, EventCallbackUrl=FOREIGN, EventsFilter="task.created")
    account.write("Configuration", DefaultInactiveTimer="PT1H")
    before = (account.settings(), account.event_callback())
    wish = Wish(takeover=True, events_url=EVENTS_URL)
    deployment.up(wish)
    ours = (account.settings(), account.event_callback())

    deployment.refresh()
    deployment.up(wish, replace={again})

    assert (account.settings(), account.event_callback()) == ours
    deployment.refresh()
    assert deployment.up(wish) == []
    deployment.destroy()
    assert (account.settings(), account.event_callback()) == before


def test_what_somebody_set_before_a_cut_run_took_it_over_comes_back(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """The run wrote ours and recorded nothing; the refresh that it began with had noted what it was to replace."""
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    deployment.up(TAKEOVER)
    account.write(account.service_webhook, PostWebhookUrl=f"{FOREIGN}/newer", Filters=["onMessageAdded"])
    before = account.settings()

    deployment.refresh()
    with pytest.raises(KilledError):
        deployment.up(TAKEOVER, kill_at=1)
    deployment.refresh()
    assert deployment.up(TAKEOVER) == ["webhook"]
    assert deployment.up(TAKEOVER) == []
    deployment.destroy()

    assert account.settings() == before


def test_a_refresh_that_cannot_look_makes_a_run_with_takeover_look_again(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """It might replace something that nobody remembers."""
    deployment.up(TAKEOVER)
    account.fail()
    deployment.refresh()
    account.recover()
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    before = account.settings()

    with pytest.raises(KilledError):
        deployment.up(TAKEOVER, kill_at=1)
    deployment.up(TAKEOVER)
    deployment.destroy()

    assert account.settings() == before


def test_a_new_url_replaces_the_old_one_and_destroy_still_restores(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Another region, another project: our own earlier URL is not somebody else's."""
    before = account.settings()
    deployment.up()

    deployment.up(Wish(url=OTHER_URL, inactive="PT3M"))
    assert account.settings()[account.service_webhook]["post_webhook_url"] == OTHER_URL
    deployment.destroy()

    assert account.settings() == before


def test_a_new_service_gets_the_webhook_and_the_old_one_gets_its_own_back(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """The memory is kept, and the account's timers stay ours."""
    other = account.write_new_service("Another")
    before = (account.settings(), account.read(f"Services/{other}/Configuration/Webhooks")["post_webhook_url"])
    deployment.up()

    deployment.up(Wish(service_sid=other))

    assert account.read(f"Services/{other}/Configuration/Webhooks")["post_webhook_url"] == URL
    assert account.read(account.service_webhook)["post_webhook_url"] is None
    assert account.settings()["Configuration"]["default_inactive_timer"] == "PT8M"
    deployment.destroy()
    assert (account.settings(), account.read(f"Services/{other}/Configuration/Webhooks")["post_webhook_url"]) == before


def test_the_same_service_by_its_sid_is_no_other_service(account: TwilioAccount, deployment: Deployment) -> None:
    """Adding the default service's SID to the config forgets nothing."""
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    before = account.settings()
    deployment.up(Wish(takeover=True))

    deployment.up(Wish(url=OTHER_URL, service_sid=account.service_sid))
    deployment.destroy()

    assert account.settings() == before


def test_what_somebody_wrote_into_a_service_that_we_left_is_theirs_when_we_come_back(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """It is the new value to restore; the first one is no longer valid."""
    other = account.write_new_service("Another")
    account.write(account.service_webhook, PreWebhookUrl=FOREIGN, Method="POST", Filters=["onMessageAdd"])
    deployment.up()
    deployment.up(Wish(service_sid=other))
    account.write(account.service_webhook, PreWebhookUrl=OTHER_URL, Filters=["onConversationAdd"])
    before = account.settings()

    deployment.up()
    deployment.destroy()

    assert {**account.settings(), "Configuration": before["Configuration"]} == before
    assert not account.read(f"Services/{other}/Configuration/Webhooks")["post_webhook_url"]


def test_a_place_that_was_left_is_forgotten_once_ours_is_gone_from_it(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Only what may still be set there is remembered."""
    service, workspace = account.write_new_service("Another"), account.write_new_workspace("Another")
    deployment.up(ON_ACCEPT)

    deployment.up(replace(ON_ACCEPT, service_sid=service, workspace_sid=workspace))
    assert _left(deployment) == ([account.service_sid], [account.workspace_sid])
    deployment.up(replace(ON_ACCEPT, service_sid=service, workspace_sid=workspace, url=OTHER_URL))

    assert _left(deployment) == ([], [])


def test_a_place_that_was_left_and_is_gone_stops_nobody(account: TwilioAccount, deployment: Deployment) -> None:
    """It was deleted with our settings in it."""
    before = account.settings()
    service, workspace = account.write_new_service("Another"), account.write_new_workspace("Another")
    deployment.up(replace(ON_ACCEPT, service_sid=service, workspace_sid=workspace))
    deployment.up(ON_ACCEPT)
    prior = deployment.state["prior"].outputs
    for key, sid in (("left_services", "IS" + "0" * 32), ("left_workspaces", "WS" + "0" * 32)):
        prior[key][0]["sid"] = sid

    deployment.up(replace(ON_ACCEPT, takeover=True))
    assert _left(deployment) == ([], [])
    deployment.destroy()

    assert account.settings() == before


def test_a_state_that_knows_nothing_of_places_that_were_left_is_understood(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """An upgrade alone changes nothing, and the memory begins with the next change."""
    before = account.settings()
    other = account.write_new_service("Another")
    deployment.up()
    for key in ("left_services", "left_workspaces"):
        del deployment.state["prior"].outputs[key]

    assert deployment.up() == []
    deployment.up(Wish(service_sid=other))
    assert _left(deployment) == ([account.service_sid], [])
    deployment.destroy()

    assert account.settings() == before


def test_timers_that_are_not_managed_any_more_go_back(account: TwilioAccount, deployment: Deployment) -> None:
    """`timers: unmanaged` gives the account's timers back."""
    deployment.up(Wish(closed="PT1H"))

    deployment.up(UNMANAGED)

    assert "default_inactive_timer" not in account.settings()["Configuration"]
    assert "default_closed_timer" not in account.settings()["Configuration"]


def test_a_closed_timer_that_is_not_wanted_any_more_goes_back(account: TwilioAccount, deployment: Deployment) -> None:
    """Removing closedTimeout restores that timer alone."""
    account.write("Configuration", DefaultClosedTimer="PT1H")
    deployment.up(Wish(closed="PT2H", takeover=True))

    deployment.up(Wish())

    configuration = account.settings()["Configuration"]
    assert (configuration["default_inactive_timer"], configuration["default_closed_timer"]) == ("PT8M", "PT1H")


@pytest.mark.parametrize("after", [UNMANAGED, ON_ACCEPT], ids=["unmanaged", "on-accept"])
def test_timers_that_somebody_sets_after_ours_went_back_are_theirs(
    account: TwilioAccount, deployment: Deployment, after: Wish
) -> None:
    """Most often it is another stack of the account with the same eight minutes; a destroy leaves them."""
    deployment.up()
    deployment.up(after)
    account.write("Configuration", DefaultInactiveTimer="PT8M")

    deployment.refresh()
    deployment.destroy()

    assert account.settings()["Configuration"]["default_inactive_timer"] == "PT8M"


def test_a_closed_timer_that_somebody_sets_after_ours_went_back_is_theirs(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """The same holds for the closed timer alone."""
    deployment.up(Wish(closed="PT1H"))
    deployment.up()
    account.write("Configuration", DefaultClosedTimer="PT1H")

    deployment.destroy()

    configuration = account.settings()["Configuration"]
    assert configuration["default_closed_timer"] == "PT1H"
    assert "default_inactive_timer" not in configuration


def test_no_property_and_no_refusal_holds_a_credential(account: TwilioAccount, deployment: Deployment) -> None:
    """Many people can read state and errors."""
    deployment.up()

    everything = json.dumps({name: [each.inputs, each.outputs] for name, each in deployment.state.items()})
    assert account.token not in everything


def test_the_environments_token_wins_over_the_states(
    account: TwilioAccount, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change of tokens a destroy must not depend on an old state."""
    deployment.up()
    token, deployment.account.token = account.token, "0" * 32
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", token)

    deployment.destroy()

    deployment.account.token = token
    assert "post_webhook_url" not in account.settings()[account.service_webhook]


def test_a_stack_stays_with_its_account(account: TwilioAccount, deployment: Deployment) -> None:
    """Settings in another account could not be restored any more."""
    deployment.up()
    account.sid = "AC" + "1" * 32

    with pytest.raises(RefusedError, match="run pulumi destroy before it moves"):
        deployment.up()


def _left(deployment: Deployment) -> tuple[list[str], list[str]]:
    prior = deployment.state["prior"].outputs
    return [each["sid"] for each in prior["left_services"]], [each["sid"] for each in prior["left_workspaces"]]


def _set(account: TwilioAccount, where: str, value: dict[str, str]) -> None:
    paths = {"service": account.service_webhook, "account": "Configuration/Webhooks", "timers": "Configuration"}
    account.write(paths[where], **value)


def _refresh_in_vain(account: TwilioAccount, deployment: Deployment, trouble: str = "") -> None:
    token = account.token
    if trouble == "Twilio is in trouble":
        account.fail()
    else:
        account.token = "0" * 32
    deployment.refresh()
    account.token = token
    account.recover()


def test_a_destroy_without_a_token_names_what_helps_there(account: TwilioAccount, deployment: Deployment) -> None:
    """It reads the config of the last `up`, so a changed config alone would not help."""
    deployment.up()
    account.token = ""

    with pytest.raises(NoCredentialsError, match="export TWILIO_AUTH_TOKEN, or run pulumi destroy --run-program"):
        deployment.destroy()
