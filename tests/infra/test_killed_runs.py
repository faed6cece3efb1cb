"""Runs that were killed between a write and its recording, and states that were lost: nothing of ours stays behind."""

import pytest

from tests.infra.account import TwilioAccount
from tests.infra.deployment import ON_ACCEPT, UNMANAGED, URL, Deployment, KilledError, Wish

FOREIGN = "https://hooks.example.com/other-team"
OTHER_URL = URL.replace("us-central1", "europe-west1")


def test_a_lost_state_does_not_make_our_own_webhook_the_previous_one(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """A stack that finds its own URL remembers that there was none before."""
    deployment.up()
    again = Deployment(account)

    again.up()
    again.destroy()

    assert "post_webhook_url" not in account.settings()[account.service_webhook]


@pytest.mark.parametrize("kill_at", [0, 1, 2])
def test_a_run_killed_between_our_write_and_its_recording_is_healed_by_the_next_run(
    account: TwilioAccount, deployment: Deployment, kill_at: int
) -> None:
    """It is killed at each of the three resources: after another up and a destroy nothing of ours is left."""
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    before = account.settings()
    wish = Wish(takeover=True)
    with pytest.raises(KilledError):
        deployment.up(wish, kill_at=kill_at)

    deployment.up(wish)
    deployment.destroy()

    assert account.settings() == before


@pytest.mark.parametrize("kill_at", [0, 1, 2])
def test_a_killed_run_is_healed_by_destroy_alone(account: TwilioAccount, deployment: Deployment, kill_at: int) -> None:
    """The first resource restores what no state knows, because it recorded what was about to be written."""
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    before = account.settings()
    with pytest.raises(KilledError):
        deployment.up(Wish(takeover=True), kill_at=kill_at)

    deployment.destroy()

    assert account.settings() == before


@pytest.mark.parametrize("kill_at", [0, 1, 2])
def test_a_killed_change_is_healed_even_when_the_config_changes_again(
    account: TwilioAccount, deployment: Deployment, kill_at: int
) -> None:
    """Every URL and timer that we were about to write counts as ours until it is gone."""
    before = account.settings()
    deployment.up()
    with pytest.raises(KilledError):
        deployment.up(Wish(url=OTHER_URL, inactive="PT3M"), kill_at=kill_at)

    deployment.up(Wish(url=f"{URL}/third", inactive="PT4M"))
    deployment.destroy()

    assert account.settings() == before


@pytest.mark.parametrize("wish", [UNMANAGED, ON_ACCEPT], ids=["unmanaged", "on-accept"])
def test_timers_of_a_killed_run_go_back_when_the_config_does_not_want_any_now(
    account: TwilioAccount, deployment: Deployment, wish: Wish
) -> None:
    """They were written and never recorded; the next run restores the account's timers, before any destroy."""
    account.write("Configuration", DefaultInactiveTimer="PT30M", DefaultClosedTimer="PT12H")
    before = account.settings()
    with pytest.raises(KilledError):
        deployment.up(Wish(closed="PT1H", takeover=True), kill_at=2)
    assert account.settings()["Configuration"]["default_inactive_timer"] == "PT8M"

    deployment.up(wish)

    assert account.settings()["Configuration"] == before["Configuration"]
    deployment.destroy()
    assert account.settings() == before


def test_a_closed_timer_of_a_killed_run_goes_back_when_the_config_does_not_want_it_now(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """Only this timer is restored; the inactive timer is still wanted."""
    with pytest.raises(KilledError):
        deployment.up(Wish(closed="PT1H"), kill_at=2)

    deployment.up()

    configuration = account.settings()["Configuration"]
    assert configuration["default_inactive_timer"] == "PT8M"
    assert "default_closed_timer" not in configuration


@pytest.mark.parametrize("kill_at", [0, 1, None])
def test_a_webhook_of_a_killed_run_is_taken_back_although_the_config_names_another_service_now(
    account: TwilioAccount, deployment: Deployment, kill_at: int | None
) -> None:
    """It was written and never recorded, and the next run, killed or not, works on another service."""
    other = account.write_new_service("Another")
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    before = account.settings()
    with pytest.raises(KilledError):
        deployment.up(Wish(takeover=True), kill_at=1)
    assert account.settings()[account.service_webhook]["post_webhook_url"] == URL

    _up(deployment, Wish(takeover=True, service_sid=other), kill_at)
    deployment.destroy()

    assert account.settings() == before
    assert not account.read(f"Services/{other}/Configuration/Webhooks")["post_webhook_url"]


def test_a_webhook_of_a_killed_run_is_ours_when_the_config_names_its_service_again(
    account: TwilioAccount, deployment: Deployment
) -> None:
    """The settings from before us are still known, and no second takeover is needed."""
    other = account.write_new_service("Another")
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    before = account.settings()
    with pytest.raises(KilledError):
        deployment.up(Wish(takeover=True), kill_at=1)
    deployment.up(Wish(service_sid=other))

    deployment.up(Wish(url=OTHER_URL))
    assert account.settings()[account.service_webhook]["post_webhook_url"] == OTHER_URL
    assert [each["sid"] for each in deployment.state["prior"].outputs["left_services"]] == [other]
    deployment.destroy()

    assert account.settings() == before


@pytest.mark.parametrize("kill_at", [0, 1, 2])
def test_a_killed_destroy_is_finished_by_the_next_one(
    account: TwilioAccount, deployment: Deployment, kill_at: int
) -> None:
    """Restoring twice has the same result as once."""
    account.write(account.service_webhook, PostWebhookUrl=FOREIGN, Method="GET", Filters=["onMessageAdded"])
    before = account.settings()
    deployment.up(Wish(takeover=True))
    with pytest.raises(KilledError):
        deployment.destroy(kill_at=kill_at)

    deployment.destroy()

    assert account.settings() == before
    assert deployment.state == {}


def _up(deployment: Deployment, wish: Wish, kill_at: int | None) -> None:
    try:
        deployment.up(wish, kill_at=kill_at)
    except KilledError:
        return
