"""`inactivity what-if --from-twilio`, against the simulator: what becomes of Twilio's chats in the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops.command import app
from ops.what_if.history import Closer, History, PastChat, Sender
from tests.world.driving import Chat, Twilio


def run(file: Path, outputs: Path, *arguments: str, answer: str = "") -> Result:
    """Type the command."""
    typed = ["what-if", str(file), "--from-twilio", "--since", "P3D", "--outputs", str(outputs), *arguments]
    return CliRunner().invoke(app, typed, input=answer)


def exported(file: Path, outputs: Path) -> dict[str, PastChat]:
    """What is in the file afterwards."""
    done = run(file, outputs, "--yes")
    assert done.exit_code == 0, done.stderr
    return {each.id: each for each in History(file).chats()}


def talk(twilio: Twilio, **options: str) -> Chat:
    """A chat that an agent answered after a minute, and the customer after another."""
    chat = twilio.chat("assigned", **options)
    chat.says("customer")
    twilio.advance("PT1M")
    chat.says("agent")
    twilio.advance("PT1M")
    chat.says("customer")
    return chat


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the export goes."""
    return tmp_path / "chats.csv"


def test_who_wrote_when_is_exported_and_no_text(twilio: Twilio, outputs: Path, file: Path) -> None:
    """With the channel, for rules."""
    chat = talk(twilio, channel="sms")
    twilio.advance("P1D")
    found = exported(file, outputs)[chat.conversation]

    assert [each.by for each in found.messages] == [Sender.CUSTOMER, Sender.AGENT, Sender.CUSTOMER]
    assert (found.messages[2].at - found.messages[0].at).total_seconds() == 120
    assert (found.channel, found.closed_at, found.closed_by) == ("sms", None, Closer.UNKNOWN)
    assert {len(line.split(",")) for line in file.read_text().splitlines()} == {6}


def test_an_agent_who_has_left_a_closed_chat_is_still_the_agent(twilio: Twilio, outputs: Path, file: Path) -> None:
    """Customers do not leave."""
    chat = talk(twilio)
    chat.does("complete")
    twilio.advance("P1D")
    found = exported(file, outputs)[chat.conversation]

    assert [each.by for each in found.messages] == [Sender.CUSTOMER, Sender.AGENT, Sender.CUSTOMER]
    assert found.closed_at is not None


def test_a_chat_of_the_day_that_is_not_over_is_left_out(twilio: Twilio, outputs: Path, file: Path) -> None:
    """Only whole days are read."""
    yesterday = talk(twilio)
    twilio.advance("P1D")
    talk(twilio)

    assert set(exported(file, outputs)) == {yesterday.conversation}


def test_it_says_what_it_takes_and_asks_first(twilio: Twilio, outputs: Path, file: Path) -> None:
    """Without a yes nothing is read."""
    talk(twilio)
    twilio.advance("P1D")
    refused = run(file, outputs, answer="n\n")

    assert (refused.exit_code, refused.stdout, file.exists()) == (2, "", False)
    assert "3 of 3 days, about 1 chats: about 6 calls to Twilio, 1 min, into " in refused.stderr
    assert "nothing was read" in refused.stderr


def test_a_yes_reads_them_and_reports(twilio: Twilio, outputs: Path, file: Path) -> None:
    """The standard output is the report's alone."""
    talk(twilio)
    twilio.advance("P1D")
    done = run(file, outputs, "--json", answer="y\n")

    assert json.loads(done.stdout)["chats"] == 1
    assert done.stderr.endswith(f"Read them now? [y/N]: 1 chats are in {file}.\n")


def test_an_export_that_was_begun_continues_without_asking(twilio: Twilio, outputs: Path, file: Path) -> None:
    """It was confirmed before."""
    talk(twilio)
    twilio.advance("P1D")
    run(file, outputs, "--yes")
    again = run(file, outputs)

    assert again.exit_code == 0
    assert again.stderr.startswith("Continuing: 3 of 3 days")


@pytest.mark.parametrize(
    ("token", "complaint"),
    [
        ("0" * 32, "HTTP 401; try again, it continues where it was; Twilio refuses the credentials: check"),
        ("", "no credentials for Twilio: export TWILIO_AUTH_TOKEN"),
    ],
)
def test_wrong_credentials_are_one_line(
    outputs: Path, file: Path, monkeypatch: pytest.MonkeyPatch, token: str, complaint: str
) -> None:
    """With the way out."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", token)
    done = run(file, outputs, "--yes")

    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert complaint in done.stderr


def test_outputs_of_another_shape_are_one_line(twilio: Twilio, outputs: Path, file: Path) -> None:
    """Not a traceback."""
    outputs.write_text(json.dumps({"somethingElse": 1}))
    done = run(file, outputs, "--yes")

    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "the stack has no output" in done.stderr


def test_a_period_that_is_no_duration_is_one_line(twilio: Twilio, outputs: Path, file: Path) -> None:
    """As every duration."""
    done = CliRunner().invoke(
        app, ["what-if", str(file), "--from-twilio", "--since", "30d", "--outputs", str(outputs), "--yes"]
    )

    assert "--since is '30d', not an ISO 8601 duration" in done.stderr
