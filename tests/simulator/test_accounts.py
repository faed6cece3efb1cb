"""Accounts besides the first: each key belongs to one account, and no account sees another."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from twilio.request_validator import RequestValidator

from simulator.client import SimulatorClient, SimulatorError
from simulator.facts import AccountFacts

from .conftest import Receiver, World

SETTINGS = "conversations/v1/Configuration"


@pytest.fixture
def other(world: World) -> AccountFacts:
    """The other account."""
    return SimulatorClient(world.simulator).another_account("parent")


def ask(
    world: World, who: tuple[str, str], path: str = SETTINGS, form: dict[str, Any] | None = None
) -> requests.Response:
    """Call Twilio's API with these credentials."""
    with requests.Session() as http:
        http.trust_env = False
        method = "GET" if form is None else "POST"
        return http.request(method, f"{world.simulator.url}/{path}", data=form, auth=who, timeout=10)


def keys(account: AccountFacts) -> list[tuple[str, str]]:
    """Return its token and its API key."""
    return [(account.account_sid, account.auth_token), (account.api_key_sid, account.api_key_secret)]


def test_each_key_belongs_to_its_account(world: World, other: AccountFacts) -> None:
    """This holds for token and API key; the answer names the account."""
    first = SimulatorClient(world.simulator).account

    for account in (first, other):
        assert [ask(world, key).json()["account_sid"] for key in keys(account)] == [account.account_sid] * 2
    assert first.account_sid != other.account_sid


def test_a_key_writes_into_its_account(world: World, other: AccountFacts) -> None:
    """The first account does not see the result."""
    written = ask(world, keys(other)[1], form={"DefaultInactiveTimer": "PT7M"}).json()

    assert (written["account_sid"], written["default_inactive_timer"]) == (other.account_sid, "PT7M")
    assert world.call("GET", SETTINGS).json()["default_inactive_timer"] is None


def test_nothing_of_one_account_is_found_in_another(world: World, other: AccountFacts) -> None:
    """404 with 20404: services, conversations, workspaces, tasks, interactions."""
    chat = world.chat(stage="assigned")
    paths = [
        f"conversations/v1/Services/{world.service_sid}",
        f"conversations/v1/Conversations/{chat['conversation']}",
        f"taskrouter/v1/Workspaces/{world.workspace_sid}",
        f"taskrouter/v1/Workspaces/{other.workspace_sid}/Tasks/{chat['task']}",
        f"flex-api/v1/Interactions/{chat['interaction']}",
    ]
    answers = [ask(world, keys(other)[0], path) for path in paths]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, 20404)] * 5
    assert ask(world, keys(other)[0], f"taskrouter/v1/Workspaces/{other.workspace_sid}").status_code == 200
    assert ask(world, keys(other)[0], "conversations/v1/Conversations").json()["conversations"] == []


def test_one_accounts_sid_with_anothers_secret_opens_nothing(world: World, other: AccountFacts) -> None:
    """401 with 20003, in every combination."""
    first = SimulatorClient(world.simulator).account
    mixed = [
        (user, password)
        for mine, theirs in ((first, other), (other, first))
        for (user, _), (_, password) in zip(keys(mine), keys(theirs), strict=True)
    ]
    crossed = [(other.account_sid, other.api_key_secret), (other.api_key_sid, other.auth_token)]
    answers = [ask(world, key) for key in [*mixed, *crossed]]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(401, 20003)] * 6


def test_an_accounts_webhooks_are_signed_with_its_own_token(
    world: World, other: AccountFacts, receiver: Receiver
) -> None:
    """They also name the account; the clock is the same for all accounts."""
    hook = {"PostWebhookUrl": receiver.url, "Filters": "onConversationStateUpdated", "Method": "POST"}
    ask(world, keys(other)[0], f"{SETTINGS}/Webhooks", hook)
    ask(world, keys(other)[0], "conversations/v1/Conversations", {"State": "active", "Timers.Inactive": "PT10M"})
    world.advance("PT10M")

    (got,) = receiver.got
    params = {name: values[0] for name, values in got.params.items()}
    assert got.value("AccountSid") == other.account_sid
    assert RequestValidator(other.auth_token).validate(receiver.url, params, got.headers["X-Twilio-Signature"])
    assert not RequestValidator(world.simulator.auth_token).validate(
        receiver.url, params, got.headers["X-Twilio-Signature"]
    )


def test_a_name_is_one_account_until_a_reset(world: World, other: AccountFacts) -> None:
    """Then its keys are refused until it is created again, with the same keys."""
    client = SimulatorClient(world.simulator)
    assert client.another_account("parent") == other
    assert other.account_sid != client.another_account("sibling").account_sid
    client.reset()
    assert ask(world, keys(other)[0]).status_code == 401

    assert client.another_account("parent") == other
    assert ask(world, keys(other)[0]).status_code == 200


def test_the_first_accounts_name_is_the_first_account(world: World) -> None:
    """Nobody can create a second one with its credentials."""
    client = SimulatorClient(world.simulator)
    chat = world.chat()

    assert client.another_account("simulator") == client.account
    assert world.conversation(chat).fetch().sid == chat["conversation"]


def test_an_account_has_a_name(world: World) -> None:
    """An empty one is refused."""
    with pytest.raises(SimulatorError):
        SimulatorClient(world.simulator).another_account("")
