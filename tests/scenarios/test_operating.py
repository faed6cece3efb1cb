"""The operator's command works on the stack that the laptop keeps, with the variables that `KEEP=1` prints."""

import shlex

import pytest
from typer.testing import CliRunner, Result

from laptop.operating import operator_lines
from ops.command import app
from tests.scenarios.conftest import Deployed

pytestmark = pytest.mark.engine


def types(deployed: Deployed, *arguments: str) -> Result:
    """Type a command in a terminal that has these variables."""
    return CliRunner(env=dict(deployed.operator)).invoke(app, [*arguments])


def sweeps(deployed: Deployed) -> int:
    """How often the schedule calls in a quarter of an hour."""
    return sum(delivery.kind.startswith("schedule") for delivery in deployed.twilio.advance("PT15M"))


def test_doctor_has_nothing_to_mend(deployed: Deployed) -> None:
    """Webhook, signature, revisions, schedule: end to end."""
    sweeps(deployed)

    examined = types(deployed, "doctor", "--no-chats")

    assert examined.exit_code == 0, examined.output
    assert "✓ verified     it accepts a test event that this auth token signs" in examined.output
    assert "✓ sweep        the schedule runs, and the last sweep succeeded" in examined.output


def test_off_reaches_the_simulators_schedule_and_on_brings_it_back(deployed: Deployed) -> None:
    """No sweep while it is off."""
    before = sweeps(deployed)
    off = types(deployed, "off")
    while_off = sweeps(deployed)
    on = types(deployed, "on")
    after = sweeps(deployed)

    assert (off.exit_code, on.exit_code) == (0, 0), off.output + on.output
    assert (before, while_off, after) == (3, 0, 3)


def test_the_variables_are_one_line_of_a_shell(deployed: Deployed) -> None:
    """And the second line is a command that changes nothing."""
    variables, command = operator_lines({**deployed.operator, "INACTIVITY_OUTPUTS": "/a b/outputs.json"})

    words = shlex.split(variables)
    assert words[0] == "export"
    assert dict(word.split("=", 1) for word in words[1:]) == {
        **deployed.operator,
        "INACTIVITY_OUTPUTS": "/a b/outputs.json",
    }
    assert command == "bin/inactivity doctor"


def test_a_chat_that_the_deployed_function_ended_is_explained(deployed: Deployed) -> None:
    """By the marks that it left."""
    twilio = deployed.twilio
    chat = twilio.create_chat(stage="assigned").conversation
    twilio.say(chat, "customer", "Hello?")
    twilio.say(chat, "agent", "Hi, how can I help?")
    twilio.advance("PT11M")

    explained = types(deployed, "explain", chat)

    assert "We ended it: the customer did not answer message 1 for 10 min." in explained.output.splitlines()
