"""What an error says to do: the way out of each refusal, whichever client of ours met it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from function.twilio_api import TwilioError as CallError
from infra.twilio_resources.client import MissingError, TwilioError
from ops.messages import explained
from tests.ops.test_command import run
from tests.world.driving import Twilio
from tests.world.operating import Google

WAYS_OUT = {
    401: "Twilio refuses the credentials: check TWILIO_AUTH_TOKEN",
    403: "these credentials may not do that: use the account's token, or an API key with more rights",
    404: "check the SID, or choose another stack with --stack",
    429: "Twilio's rate limit is reached: try again in a minute",
    500: "Twilio has a problem: try again, and look at https://status.twilio.com",
    503: "Twilio has a problem: try again, and look at https://status.twilio.com",
}


@pytest.mark.parametrize(("status", "way_out"), WAYS_OUT.items())
@pytest.mark.parametrize(
    "refused",
    [
        lambda status: CallError("list_active", f"HTTP {status}"),
        lambda status: TwilioError(f"could not read it: Twilio answered {status}, error 20001: no", status),
    ],
    ids=["the function's client", "the deployer's client"],
)
def test_a_refusal_has_its_way_out_whoever_met_it(
    refused: Callable[[int], Exception], status: int, way_out: str
) -> None:
    """Both say the status in their own words."""
    assert way_out in explained(refused(status))


def test_an_error_that_says_its_own_way_out_gets_no_second_one() -> None:
    """A service that is gone is not a wrong SID on the command line."""
    text = "could not read it: Twilio answered 404, error 20404: no; correct conversationsServiceSid"

    assert explained(MissingError(text)) == text


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize("command", [["off"], ["on"], ["status"], ["doctor", "--no-chats"]], ids=" ".join)
def test_every_command_says_the_way_out_of_twilios_refusal(
    twilio: Twilio, google: Google, outputs: Path, command: list[str], status: int
) -> None:
    """On the line of the webhook, which Twilio refuses to show."""
    twilio.fault("GET .*/Configuration/Webhooks", "status", status=status, times=None)

    said = run(outputs, *command)
    twilio.clear_faults()

    refused = [line for line in said.output.splitlines() if f"Twilio answered {status}" in line]
    assert said.exit_code == 1
    assert [WAYS_OUT[status] in line for line in refused] == [True], said.output
