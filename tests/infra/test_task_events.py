"""`timers: on-accept`: the workspace's event callback is read first, refused, written, remembered and restored."""

import json
from dataclasses import replace

import pytest

from infra.twilio_resources.client import TwilioError
from infra.twilio_resources.task_events import EVENT
from tests.infra.account import TwilioAccount
from tests.infra.deployment import EVENTS_URL, ON_ACCEPT, Deployment, KilledError, RefusedError, Wish

FOREIGN = "https://hooks.example.com/other-team"
TAKEOVER = replace(ON_ACCEPT, takeover=True)


def test_up_sends_accepted_reservations_to_the_function_and_sets_no_default_timer(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """The function gives each conversation its own timer, so the account needs none."""
    deployment.up(ON_ACCEPT)

    assert account.event_callback() == (EVENTS_URL, EVENT)
    assert "default_inactive_timer" not in account.settings()["Configuration"]


def test_a_second_up_changes_nothing_and_writes_nothing(account: TwilioAccount, deployment: Deployment) -> None:
    """A refresh between them sees no drift."""
    deployment.up(ON_ACCEPT)
    account.clear_log()

    assert deployment.up(ON_ACCEPT) == []
    deployment.refresh()
    assert deployment.up(ON_ACCEPT) == []
    assert account.writes() == []


def test_without_on_accept_the_workspace_is_not_looked_at(account: TwilioAccount, deployment: Deployment) -> None:
    """Credentials without rights to TaskRouter's settings are enough then."""
    account.write(account.workspace, EventCallbackUrl=FOREIGN)
    account.clear_log()

    deployment.up()
    deployment.destroy()

    assert not [path for path in account.calls() if account.workspace in path]


def test_destroy_leaves_the_callback_as_it_was(account: TwilioAccount, deployment: Deployment) -> None:
    """A filter without a URL is restored too."""
    account.write(account.workspace, EventsFilter="task.created,workflow.timeout")
    before = account.settings()

    deployment.up(ON_ACCEPT)
    deployment.destroy()

    assert account.settings() == before


def test_a_foreign_callback_is_refused_in_the_preview_already_with_the_way_out(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """A workspace has one callback, and its owner needs it. The error shows no password of theirs."""
    account.write(account.workspace, EventCallbackUrl="https://user:hunter2@hooks.example.com/a?token=hunter3")
    before = account.settings()

    with pytest.raises(RefusedError) as refused:
        deployment.up(ON_ACCEPT)

    for part in ("events_url", "https://hooks.example.com/a", account.workspace_sid, "takeover", "timers: account"):
        assert part in str(refused.value)
    assert "hunter" not in str(refused.value)
    assert deployment.state == {}
    assert account.settings() == before


def test_another_stack_of_ours_on_the_same_workspace_is_refused_by_name(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Two stacks use one account: the URL names the owner of the callback."""
    deployment.up(ON_ACCEPT)
    staging = EVENTS_URL.replace("timeout-test", "timeout-staging")

    with pytest.raises(RefusedError, match="flex-chat-inactivity-timeout-test/tasks"):
        Deployment(account).up(replace(ON_ACCEPT, url=f"{staging}/conversations", events_url=staging, takeover=False))

    assert account.event_callback() == (EVENTS_URL, EVENT)


def test_takeover_replaces_a_foreign_callback_and_destroy_puts_it_back(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Its filter is restored too."""
    account.write(account.workspace, EventCallbackUrl=FOREIGN, EventsFilter="task.created,task.canceled")
    before = account.settings()

    deployment.up(TAKEOVER)
    assert account.event_callback() == (EVENTS_URL, EVENT)
    deployment.destroy()

    assert account.settings() == before


def test_refresh_shows_drift_field_by_field_and_up_repairs_it(account: TwilioAccount, deployment: Deployment) -> None:
    """Somebody changed the filter at our URL or removed its retries: the callback is still ours."""
    deployment.up(ON_ACCEPT)
    bare = EVENTS_URL.partition("#")[0]
    account.write(account.workspace, EventsFilter="reservation.accepted,task.created", EventCallbackUrl=bare)

    deployment.refresh()

    inputs = deployment.state["events"].inputs
    assert (inputs["url"], inputs["events"]) == (bare, ["reservation.accepted", "task.created"])
    assert deployment.up(ON_ACCEPT) == ["events"]
    assert account.event_callback() == (EVENTS_URL, EVENT)


@pytest.mark.parametrize("url", ["", EVENTS_URL])
def test_a_callback_that_listens_to_everything_or_to_nothing_is_repaired(
    account: TwilioAccount, deployment: Deployment, url: str
) -> None:
    """No filter means every event; a callback without a URL belongs to nobody."""
    deployment.up(ON_ACCEPT)
    account.write(account.workspace, EventsFilter="", EventCallbackUrl=url)

    deployment.refresh()
    deployment.up(ON_ACCEPT)

    assert account.event_callback() == (EVENTS_URL, EVENT)


def test_destroy_takes_our_callback_away_although_its_filter_was_changed(
    account: TwilioAccount, deployment: Deployment, capfd: pytest.CaptureFixture[str]
) -> None:
    """A filter belongs to its URL; nothing is left, and no message says otherwise."""
    before = account.settings()
    deployment.up(ON_ACCEPT)
    account.write(account.workspace, EventsFilter="task.created")

    deployment.destroy()

    assert account.settings() == before
    assert "left as found" not in capfd.readouterr().err


@pytest.mark.parametrize("filters", ["", EVENT], ids=["all of it", "the URL alone"])
def test_destroy_puts_back_what_stood_there_when_ours_was_taken_away(
    account: TwilioAccount, deployment: Deployment, filters: str
) -> None:
    """`inactivity off` or a person removed it: an empty URL means that ours is gone."""
    account.write(account.workspace, EventCallbackUrl=FOREIGN, EventsFilter="task.created,task.canceled")
    before = account.settings()
    deployment.up(TAKEOVER)

    account.write(account.workspace, EventCallbackUrl="", EventsFilter=filters)
    deployment.refresh()
    deployment.destroy()

    assert account.settings() == before


def test_a_callback_that_became_somebody_elses_is_neither_repaired_nor_taken_away(
    account: TwilioAccount, deployment: Deployment, capfd: pytest.CaptureFixture[str]
) -> None:
    """Up refuses, and destroy leaves it and says so; a refresh in between changes nothing about that."""
    deployment.up(ON_ACCEPT)
    account.write(account.workspace, EventCallbackUrl=FOREIGN, EventsFilter="task.created")
    deployment.refresh()

    with pytest.raises(TwilioError, match=FOREIGN):
        deployment.up(ON_ACCEPT)
    deployment.destroy()

    assert account.event_callback() == (FOREIGN, "task.created")
    assert f"{account.workspace_sid}/task-events: url, events left as found" in capfd.readouterr().err


@pytest.mark.parametrize(("before", "after"), [(Wish(), ON_ACCEPT), (ON_ACCEPT, Wish())], ids=["to", "from"])
def test_changing_who_arms_the_timers_gives_the_other_place_back(
    account: TwilioAccount, deployment: Deployment, before: Wish, after: Wish
) -> None:
    """The stack owns either the account's default timers or the callback, never both."""
    fresh = account.settings()
    deployment.up(before)

    deployment.up(after)

    callback, configuration = account.event_callback()[0], account.settings()["Configuration"]
    assert (after.events_url, after.inactive) == (callback, configuration.get("default_inactive_timer", ""))
    deployment.destroy()
    assert account.settings() == fresh


def test_another_workspace_gets_the_callback_and_the_old_one_gets_its_own_back(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """The remembered callback of one is not written into the other."""
    account.write(account.workspace, EventsFilter="task.created")
    other = account.write_new_workspace("Another")
    before = (account.event_callback(), account.event_callback(other))
    deployment.up(ON_ACCEPT)

    deployment.up(replace(ON_ACCEPT, workspace_sid=other))

    assert (account.event_callback(), account.event_callback(other)) == (before[0], (EVENTS_URL, EVENT))
    deployment.destroy()
    assert (account.event_callback(), account.event_callback(other)) == before


def test_a_workspace_that_is_gone_is_gone_from_the_state(account: TwilioAccount, deployment: Deployment) -> None:
    """A destroy does not fail because of it."""
    deployment.up(ON_ACCEPT)
    deployment.state["events"].outputs["workspace_sid"] = "WS" + "0" * 32
    deployment.state["prior"].outputs["workspace_sid"] = "WS" + "0" * 32

    deployment.refresh()

    assert "events" not in deployment.state
    deployment.destroy()


@pytest.mark.parametrize("kill_at", [0, 1, 2])
@pytest.mark.parametrize("again", [True, False])
def test_a_run_killed_between_our_write_and_its_recording_is_healed(
    account: TwilioAccount, deployment: Deployment, kill_at: int, again: bool
) -> None:
    """By the next run, or by destroy alone."""
    account.write(account.workspace, EventCallbackUrl=FOREIGN, EventsFilter="task.created")
    before = account.settings()
    with pytest.raises(KilledError):
        deployment.up(TAKEOVER, kill_at=kill_at)

    if again:
        deployment.up(TAKEOVER)
    deployment.destroy()

    assert account.settings() == before


def test_what_a_killed_run_left_is_taken_back_although_the_config_has_changed_since(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """The callback was written and never recorded, and now the stack has no callback any more."""
    before = account.settings()
    with pytest.raises(KilledError):
        deployment.up(ON_ACCEPT, kill_at=2)
    assert account.event_callback() == (EVENTS_URL, EVENT)

    deployment.up(Wish())
    deployment.destroy()

    assert account.settings() == before


@pytest.mark.parametrize("wish", [ON_ACCEPT, Wish()], ids=["on-accept", "account"])
def test_what_a_killed_run_left_is_taken_back_although_the_config_names_another_workspace_now(
    account: TwilioAccount, deployment: Deployment, wish: Wish
) -> None:
    """Whether a callback is still wanted there or not."""
    other = account.write_new_workspace("Another")
    account.write(account.workspace, EventCallbackUrl=FOREIGN, EventsFilter="task.created")
    before = (account.settings(), account.event_callback(other))
    with pytest.raises(KilledError):
        deployment.up(TAKEOVER, kill_at=2)

    deployment.up(replace(wish, workspace_sid=other))
    deployment.destroy()

    assert (account.settings(), account.event_callback(other)) == before


def test_a_callback_of_a_killed_run_is_ours_when_the_config_names_its_workspace_again(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """The callback from before us is still known, and no second takeover is needed."""
    other = account.write_new_workspace("Another")
    account.write(account.workspace, EventCallbackUrl=FOREIGN, EventsFilter="task.created")
    before = account.settings()
    with pytest.raises(KilledError):
        deployment.up(TAKEOVER, kill_at=2)
    deployment.up(replace(ON_ACCEPT, workspace_sid=other))

    moved = EVENTS_URL.replace("tasks", "moved/tasks")
    deployment.up(replace(ON_ACCEPT, events_url=moved))
    assert account.event_callback() == (moved, EVENT)
    assert [each["sid"] for each in deployment.state["prior"].outputs["left_workspaces"]] == [other]
    deployment.destroy()

    assert account.settings() == before


def test_the_same_workspace_by_its_sid_is_no_other_workspace(account: TwilioAccount, deployment: Deployment) -> None:
    """Adding the SID to the config changes nothing."""
    account.write(account.workspace, EventCallbackUrl=FOREIGN, EventsFilter="task.created")
    before = account.settings()
    deployment.up(TAKEOVER)

    moved = EVENTS_URL.replace("tasks", "moved/tasks")
    deployment.up(replace(ON_ACCEPT, workspace_sid=account.workspace_sid, events_url=moved))
    deployment.destroy()

    assert account.settings() == before


def test_a_state_of_the_time_before_on_accept_is_understood(account: TwilioAccount, deployment: Deployment) -> None:
    """After an upgrade the state has no callback yet."""
    before = account.settings()
    deployment.up()
    for props in (deployment.state["prior"].inputs, deployment.state["prior"].outputs):
        for key in ("events_url", "previous_events", "own_event_urls"):
            props.pop(key, None)

    deployment.up(ON_ACCEPT)
    assert account.event_callback() == (EVENTS_URL, EVENT)
    deployment.destroy()

    assert account.settings() == before


def test_the_callback_of_a_lost_state_is_ours_and_nobody_elses(account: TwilioAccount, deployment: Deployment) -> None:
    """A stack that finds its own URL remembers that there was none before."""
    deployment.up(ON_ACCEPT)
    again = Deployment(account)

    again.up(ON_ACCEPT)
    again.destroy()

    assert account.event_callback() == ("", "")


def test_no_property_holds_a_credential(account: TwilioAccount, deployment: Deployment) -> None:
    """Many people can read the state."""
    deployment.up(ON_ACCEPT)

    everything = json.dumps({name: [each.inputs, each.outputs] for name, each in deployment.state.items()})
    assert account.token not in everything
