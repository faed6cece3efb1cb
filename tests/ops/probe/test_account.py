"""Which accounts a probe refuses, and that it only reads to find out."""

import pytest
from pytest_httpserver import HTTPServer

from infra.twilio_resources.client import Credentials
from ops.probe.account import check
from ops.probe.api import TwilioApi
from ops.probe.clock import SystemClock
from ops.probe.errors import RefusedAccountError
from simulator.client import SimulatorClient
from tests.ops.probe.laboratory import api_of

ACCOUNT, PARENT = "AC" + "a" * 32, "AC" + "b" * 32


def account_at(server: HTTPServer, status: int, body: dict[str, str], *, opened: str = ACCOUNT) -> TwilioApi:
    """An account without a conversation, whose Accounts API answers this."""
    server.expect_request("/conversations/v1/Configuration").respond_with_json({"account_sid": opened})
    server.expect_request(f"/api/2010-04-01/Accounts/{ACCOUNT}.json").respond_with_json(body, status=status)
    server.expect_request("/conversations/v1/Services").respond_with_json({"services": [], "meta": {}})
    return TwilioApi(ACCOUNT, Credentials(auth_token="token"), SystemClock(), base_url=server.url_for(""))


def test_a_subaccount_is_accepted(httpserver: HTTPServer) -> None:
    """Another account owns it."""
    check(account_at(httpserver, 200, {"owner_account_sid": PARENT}), any_account=False)

    assert {request.method for request, _ in httpserver.log} == {"GET"}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, {"owner_account_sid": ACCOUNT}, "is a main account: create a subaccount"),
        (401, {}, r"does not say whether AC\w+ is a subaccount \(401\): export its auth token"),
        (403, {"message": "No"}, r"does not say whether AC\w+ is a subaccount \(403: No\): export its auth token"),
        (404, {}, r"does not say whether AC\w+ is a subaccount \(404\)"),
        (200, {}, r"does not say whether AC\w+ is a subaccount"),
    ],
)
def test_any_other_account_is_refused(httpserver: HTTPServer, status: int, body: dict[str, str], said: str) -> None:
    """Also one of which nobody knows."""
    with pytest.raises(RefusedAccountError, match=said):
        check(account_at(httpserver, status, body), any_account=False)


def test_the_operator_may_say_that_the_account_is_theirs(httpserver: HTTPServer) -> None:
    """Then nobody is asked whether it is a subaccount."""
    check(account_at(httpserver, 200, {"owner_account_sid": ACCOUNT}), any_account=True)

    assert [request.path for request, _ in httpserver.log if "Accounts" in request.path] == []


def test_credentials_of_another_account_are_refused(httpserver: HTTPServer) -> None:
    """As an API key of the parent account has them."""
    with pytest.raises(RefusedAccountError, match=f"the credentials open account {PARENT}, not {ACCOUNT}"):
        check(account_at(httpserver, 200, {}, opened=PARENT), any_account=True)


@pytest.mark.parametrize("state", ["active", "inactive"])
def test_an_account_with_open_conversations_is_refused(twilio: SimulatorClient, state: str) -> None:
    """In any of its services; one of them is named."""
    other = twilio.rest("POST", "conversations/v1/Services", FriendlyName="theirs")["sid"]
    made = twilio.rest("POST", f"conversations/v1/Services/{other}/Conversations", State=state)

    with pytest.raises(RefusedAccountError, match=f"open conversations, {made['sid']} among them"):
        check(api_of(twilio), any_account=True)


def test_closed_conversations_do_no_harm(twilio: SimulatorClient) -> None:
    """They are over."""
    made = twilio.rest("POST", "conversations/v1/Conversations")
    twilio.rest("POST", f"conversations/v1/Conversations/{made['sid']}", State="closed")

    check(api_of(twilio), any_account=True)
