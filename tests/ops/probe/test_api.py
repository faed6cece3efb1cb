"""How a probe calls Twilio: what is tried again, what a refusal is, and that no secret gets into an error."""

import pytest

from ops.probe.errors import CredentialsError, NoAnswerError, UnexpectedError
from simulator.client import SimulatorClient
from simulator.faults import Kind
from tests.ops.probe.laboratory import api_of

CONFIGURATION = "conversations/v1/Configuration"
SERVICES = "conversations/v1/Services"


def calls(twilio: SimulatorClient, path: str) -> list[int]:
    """The statuses of the requests to a path, in order."""
    return [request.status for request in twilio.requests() if request.path.partition("?")[0] == f"/{path}"]


@pytest.mark.parametrize(("method", "expected"), [("GET", [429, 200]), ("POST", [429, 200])])
def test_what_a_limit_refuses_is_tried_again(twilio: SimulatorClient, method: str, expected: list[int]) -> None:
    """Whatever it is, because Twilio has not processed it (https://www.twilio.com/docs/api/errors/20429, 2026)."""
    twilio.fault(f"{method} /{CONFIGURATION}", "status", status=429, code=20429)

    answer = api_of(twilio).ask(method, CONFIGURATION)

    assert (answer.ok, calls(twilio, CONFIGURATION)) == (True, expected)


@pytest.mark.parametrize(("method", "statuses"), [("GET", [503, 200]), ("DELETE", [503, 404])])
def test_a_failure_of_a_call_that_can_be_repeated_is_tried_again(
    twilio: SimulatorClient, method: str, statuses: list[int]
) -> None:
    """Reads and deletions."""
    path = CONFIGURATION if method == "GET" else f"{SERVICES}/IS{'0' * 32}"
    twilio.fault(f"{method} /{path}", "status", status=503)

    api_of(twilio).ask(method, path)

    assert calls(twilio, path) == statuses


@pytest.mark.parametrize("kind", ["status", "reset"])
def test_a_failure_of_a_write_is_not_repeated(twilio: SimulatorClient, kind: Kind) -> None:
    """It may have happened, and would happen twice."""
    twilio.fault(f"POST /{SERVICES}", kind, status=503 if kind == "status" else None)

    with pytest.raises(NoAnswerError):
        api_of(twilio).ask("POST", SERVICES, {"FriendlyName": "once"})

    assert len(calls(twilio, SERVICES)) == 1


def test_a_twilio_that_stays_down_is_given_up(twilio: SimulatorClient) -> None:
    """After four attempts, in one line."""
    twilio.fault(f"GET /{CONFIGURATION}", "status", times=None, status=503)

    with pytest.raises(NoAnswerError, match=r"503.*try again later"):
        api_of(twilio).ask("GET", CONFIGURATION)

    assert calls(twilio, CONFIGURATION) == [503] * 4


def test_a_refusal_is_an_answer_unless_success_is_required(twilio: SimulatorClient) -> None:
    """With Twilio's status, code and message."""
    path = f"{SERVICES}/IS{'0' * 32}"
    answer = api_of(twilio).ask("GET", path)

    assert (answer.ok, answer.status, answer.code) == (False, 404, 20404)
    with pytest.raises(UnexpectedError, match="could not read a service: Twilio answered 404, error 20404: The requ"):
        api_of(twilio).require("read a service", "GET", path)


def test_a_list_has_all_its_pages(twilio: SimulatorClient) -> None:
    """Each row once, in order."""
    for number in range(5):
        twilio.rest("POST", SERVICES, FriendlyName=f"service {number}")

    names = [row["friendly_name"] for row in api_of(twilio).rows(SERVICES, "services", {"PageSize": 2})]

    assert names == ["Flex Chat Service", *(f"service {number}" for number in range(5))]
    assert len(calls(twilio, SERVICES)) == 5 + 3


def test_wrong_credentials_are_said_without_them(twilio: SimulatorClient) -> None:
    """401 ends everything."""
    twilio.fault(f"GET /{CONFIGURATION}", "status", status=401, code=20003, message=twilio.account.auth_token)

    with pytest.raises(CredentialsError) as failed:
        api_of(twilio).ask("GET", CONFIGURATION)

    assert twilio.account.auth_token not in str(failed.value)
