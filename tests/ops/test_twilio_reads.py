"""Reads of Twilio that only operators need: whole lists, and one line for every bad answer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from function.twilio_api import NotFoundError, OtherAccountError, RefusedError, TwilioDownError, TwilioError
from ops.deployment import Deployment, DeploymentError
from ops.twilio_reads import TwilioReads
from tests.world.driving import Twilio


def test_a_list_is_read_to_its_end(twilio: Twilio, deployment: Deployment) -> None:
    """Conversations come a hundred at a time; those outside the period are left out."""
    before = twilio.chat("bot")
    twilio.advance("PT1H")
    wanted = {twilio.chat("bot").conversation for _ in range(101)}
    now = twilio.now()

    found = TwilioReads(deployment).conversations_between(now - timedelta(minutes=1), now + timedelta(minutes=1))

    assert {each.sid for each in found} == wanted
    assert before.conversation not in wanted


@pytest.mark.parametrize(
    ("status", "error"), [(401, RefusedError), (403, RefusedError), (404, NotFoundError), (500, TwilioDownError)]
)
def test_a_refusal_is_known_by_its_status(
    httpserver: HTTPServer, deployment: Deployment, status: int, error: type[TwilioError]
) -> None:
    """As the function knows it, with Twilio's code."""
    httpserver.expect_request("/conversations/v1/Configuration").respond_with_json({"code": 20003}, status)

    with pytest.raises(error, match=rf"fetch_configuration: HTTP {status} \(code 20003\)"):
        TwilioReads(at(deployment, httpserver)).time()


@pytest.mark.parametrize("body", ["", "[]", "<html>"])
def test_an_answer_that_is_not_twilios_is_said(httpserver: HTTPServer, deployment: Deployment, body: str) -> None:
    """A proxy's page, for one."""
    httpserver.expect_request("/conversations/v1/Configuration").respond_with_data(body)

    with pytest.raises(TwilioError, match="no JSON object; is twilioBaseUrl Twilio's"):
        TwilioReads(at(deployment, httpserver)).time()


def test_an_answer_of_another_account_is_refused(httpserver: HTTPServer, deployment: Deployment) -> None:
    """Both are named."""
    other = "AC" + "5" * 32
    httpserver.expect_request("/conversations/v1/Configuration").respond_with_json({"account_sid": other})

    with pytest.raises(
        OtherAccountError, match=rf"open account {other}, and this stack is for {deployment.account_sid}"
    ):
        TwilioReads(at(deployment, httpserver)).time()


def test_a_row_of_another_account_is_refused(httpserver: HTTPServer, deployment: Deployment) -> None:
    """A list names its account in its rows only."""
    page = {"meta": {"key": "conversations"}, "conversations": [{"account_sid": "AC" + "5" * 32}]}
    path = f"/conversations/v1/Services/{deployment.service_sid}/ParticipantConversations"
    httpserver.expect_request(path).respond_with_json(page)

    with pytest.raises(OtherAccountError):
        TwilioReads(at(deployment, httpserver)).conversations_of("+1")


def test_nobody_reads_without_credentials(deployment: Deployment) -> None:
    """The line says what to export."""
    with pytest.raises(DeploymentError, match="export TWILIO_AUTH_TOKEN"):
        TwilioReads(replace(deployment, credentials=replace(deployment.credentials, auth_token=None)))


def at(deployment: Deployment, server: HTTPServer) -> Deployment:
    """The same deployment, whose Twilio is elsewhere."""
    environment = {**deployment.environment, "TWILIO_BASE_URL": server.url_for("").rstrip("/")}
    return replace(deployment, environment=environment)
