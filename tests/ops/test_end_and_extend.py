"""`inactivity end` and `inactivity extend`: one chat now, or none for a while."""

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner

from ops.command import app
from tests.ops.test_command import run, silent
from tests.world.driving import Twilio


def test_end_says_who_wrote_last_asks_and_ends_in_the_safe_order(twilio: Twilio, outputs: Path) -> None:
    """Notice, task, channel, conversation; and the task is noted, so that `explain` finds it."""
    chat = silent(twilio)
    typed = ["end", chat.conversation, "--outputs", str(outputs)]

    refused = CliRunner().invoke(app, typed, input="n\n")
    untouched = (chat.state, chat.ours)
    done = CliRunner().invoke(app, typed, input="y\n")

    assert (refused.exit_code, untouched) == (2, ("active", []))
    assert refused.output.splitlines()[0] == (f"{chat.conversation} is active, with agent; agent wrote last, 0 s ago.")
    assert (done.exit_code, chat.state, chat.task_statuses, chat.ours) == (0, "closed", ["completed"], ["closing"])
    assert done.output.splitlines()[-1] == f"{chat.conversation}: ended."


def test_a_customer_who_waits_is_told_so(twilio: Twilio, outputs: Path) -> None:
    """The text is not about a silence of theirs."""
    chat = twilio.chat()
    chat.says("customer")

    assert run(outputs, "end", chat.conversation, "--yes").exit_code == 0
    assert chat.truth.messages[-1].text == (
        "We are sorry that nobody could answer you. This chat ends now; write to us again at any time."
    )


def test_without_a_notice_nothing_is_said(twilio: Twilio, outputs: Path) -> None:
    """The chat ends all the same."""
    chat = silent(twilio)

    assert run(outputs, "end", chat.conversation, "--no-notice", "--yes").exit_code == 0
    assert (chat.state, chat.ours) == ("closed", [])


def test_a_closed_chat_is_released(twilio: Twilio, outputs: Path) -> None:
    """Somebody closed the conversation, and the task still holds its agent's capacity."""
    chat = silent(twilio)
    twilio.rest("POST", chat.path, State="closed")
    before = chat.task_statuses

    done, again = (run(outputs, "end", chat.conversation, "--yes") for _ in range(2))

    assert (before, done.exit_code, chat.task_statuses) == (["assigned"], 0, ["completed"])
    assert "was closed already, and nothing is left over" in again.output


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["lines", "JSON"])
def test_an_end_that_failed_half_way_is_not_nothing(twilio: Twilio, outputs: Path, options: list[str]) -> None:
    """The notice was posted and the task completed: status 1, what Twilio said, and what comes of it."""
    chat = silent(twilio, interaction=False)
    twilio.fault(r"POST /conversations/v1/Services/\w+/Conversations/CH\w+$", "status", status=500, times=None)

    said = run(outputs, "end", chat.conversation, "--yes", *options)

    assert (said.exit_code, chat.ours, chat.state) == (1, ["closing"], "active")
    message = json.loads(said.output)["message"] if options else said.output.splitlines()[-1]
    assert "half ended: " in message
    assert "HTTP 500" in message
    assert "run it again" in message


def test_extend_holds_a_chat_and_keeps_its_other_attributes(twilio: Twilio, outputs: Path) -> None:
    """To the letter; the decision respects it."""
    chat = twilio.chat(attributes={"vip": 1.50})
    chat.says("customer")
    chat.says("agent")
    twilio.rest("POST", chat.path, Attributes='{"vip": 1.50, "other": "é"}')

    said = run(outputs, "extend", chat.conversation, "--by", "PT2H")
    twilio.advance("PT30M")

    assert said.output == f"{chat.conversation} is held until 2026-01-05 02:00:00Z\n"
    attributes = twilio.rest("GET", chat.path)["attributes"]
    assert attributes == '{"vip":1.50,"other":"é","doNotTimeOutUntil":"2026-01-05T02:00:00Z"}'
    assert "do_not_time_out" in run(outputs, "explain", chat.conversation).output


def test_a_longer_hold_stays(twilio: Twilio, outputs: Path) -> None:
    """Nothing is shortened by mistake."""
    chat = silent(twilio)
    run(outputs, "extend", chat.conversation, "--by", "P1D")

    said = run(outputs, "extend", chat.conversation, "--until", "2026-01-05T01:00:00Z", "--json")

    assert json.loads(said.output) == [
        {
            "conversation": chat.conversation,
            "until": "2026-01-06T00:00:00Z",
            "changed": False,
            "succeeded": True,
            "message": "was held until 2026-01-06 00:00:00Z already",
        }
    ]


@pytest.mark.parametrize(
    ("until", "complaint"),
    [
        ("2020-01-05T00:00:00Z", "2020-01-05 00:00:00Z, not in the future: at Twilio it is 2026-01-05 00:00:00Z"),
        ("2026-01-05T00:00:00Z", "2026-01-05 00:00:00Z, not in the future: at Twilio it is 2026-01-05 00:00:00Z"),
        ("2026-02-04T00:00:01Z", "2026-02-04 00:00:01Z, more than P30D ahead: write 2026-02-04T00:00:00Z or earlier"),
        ("9999-12-31T23:59:59Z", "9999-12-31 23:59:59Z, more than P30D ahead: write 2026-02-04T00:00:00Z or earlier"),
    ],
)
def test_a_hold_that_is_over_or_lasts_too_long_is_refused(
    twilio: Twilio, outputs: Path, until: str, complaint: str
) -> None:
    """The first would hold nothing, and no command shortens the second."""
    chat = silent(twilio)

    said = [run(outputs, "extend", *chats, "--until", until) for chats in ([chat.conversation], ["--all", "--yes"])]

    assert [each.exit_code for each in said] == [2, 2]
    for each in said:
        assert each.output.startswith(f"--until is {complaint}")
        assert len(each.output.splitlines()) == 1
    assert "doNotTimeOutUntil" not in twilio.rest("GET", chat.path)["attributes"]


def test_the_longest_hold_is_the_same_by_time_and_by_length(twilio: Twilio, outputs: Path) -> None:
    """What the refusal says to write is accepted."""
    by_length, by_time = silent(twilio), silent(twilio)

    held = run(outputs, "extend", by_length.conversation, "--by", "P30D")
    same = run(outputs, "extend", by_time.conversation, "--until", "2026-02-04T00:00:00Z")

    assert (held.exit_code, same.exit_code) == (0, 0)
    assert [each.output.split(maxsplit=1)[1] for each in (held, same)] == ["is held until 2026-02-04 00:00:00Z\n"] * 2


def test_all_open_chats_are_held_at_once(twilio: Twilio, outputs: Path) -> None:
    """It asks first, with their number; closed ones are left."""
    chats = [silent(twilio), silent(twilio)]
    closed = silent(twilio)
    twilio.rest("POST", closed.path, State="closed")
    typed = ["extend", "--all", "--by", "PT2H", "--outputs", str(outputs)]

    refused, done = (CliRunner().invoke(app, typed, input=answer) for answer in ("n\n", "y\n"))

    assert (refused.exit_code, done.exit_code) == (2, 0)
    assert "Hold 2 open chats?" in refused.output
    held = [line.split()[0] for line in done.output.splitlines() if "is held until" in line]
    assert sorted(held) == sorted(chat.conversation for chat in chats)


def test_what_cannot_be_held_is_said_and_the_others_are_held(twilio: Twilio, outputs: Path) -> None:
    """Closed, gone, or with attributes that are no object: status 1."""
    closed, odd, fine = (silent(twilio) for _ in range(3))
    twilio.rest("POST", closed.path, State="closed")
    twilio.rest("POST", odd.path, Attributes="[]")
    gone = "CH" + "0" * 32

    said = run(outputs, "extend", closed.conversation, odd.conversation, gone, fine.conversation, "--by", "PT2H")

    assert said.exit_code == 1
    assert said.output.splitlines() == [
        f"{closed.conversation} is closed already",
        f"{odd.conversation} its attributes are no JSON object: end it, or change its policy",
        f"{gone} fetch_conversation: HTTP 404 (code 20404)",
        f"{fine.conversation} is held until 2026-01-05 02:00:00Z",
    ]


def test_attributes_that_cannot_be_sent_do_not_keep_the_others_from_being_held(
    twilio: Twilio, outputs: Path, httpserver: HTTPServer
) -> None:
    """Somebody else left half a letter in them, which no request can contain."""
    chats = [silent(twilio), silent(twilio)]
    hostile, fine = (twilio.rest("GET", chat.path) for chat in chats)
    for document in (hostile | {"attributes": '{"name": "x\ud83d"}'}, fine):
        path = f"/conversations/v1/Services/{document['chat_service_sid']}/Conversations/{document['sid']}"
        httpserver.expect_request(path).respond_with_json(document)
    told = json.loads(outputs.read_text(encoding="utf-8"))
    told["settings"]["TWILIO_BASE_URL"] = httpserver.url_for("").rstrip("/")
    outputs.write_text(json.dumps(told), encoding="utf-8")

    said = run(outputs, "extend", hostile["sid"], fine["sid"], "--by", "PT2H")

    assert said.exit_code == 1
    refused, held = said.output.splitlines()
    assert refused == f"{hostile['sid']} its attributes cannot be written: end it, or change its policy"
    assert held.startswith(f"{fine['sid']} is held until ")


@pytest.mark.parametrize("command", [["end"], ["extend", "--all", "--by", "PT2H"], ["backfill"]], ids=" ".join)
def test_where_nobody_answers_nothing_is_done(twilio: Twilio, outputs: Path, command: list[str]) -> None:
    """In a cron job there is no terminal: status 2, as for a no, and what to add."""
    chat = silent(twilio, "bot")
    twilio.advance("P3D")
    typed = [*command, *([chat.conversation] if command == ["end"] else []), "--outputs", str(outputs)]

    said = CliRunner().invoke(app, typed, input="")

    assert (said.exit_code, chat.ours) == (2, [])
    assert said.output.splitlines()[-1].endswith("nothing was done: nobody answered; --yes asks no question")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["extend", "--by", "PT2H"], "name conversations, CH..., or --all"),
        (["extend", "--all"], "say for how long: --by PT2H, or --until 2026-11-27T18:00:00Z"),
        (["extend", "--all", "--by", "2h"], "--by is '2h', not an ISO 8601 duration"),
        (["extend", "--all", "--until", "2026-01-05T00:00:00"], "--until is '2026-01-05T00:00:00', without a zone"),
        (["extend", "--all", "--by", "PT2H", "--json"], "--json asks no questions: add --yes"),
        (["extend", "--all", "--by", ""], "--by is '', not an ISO 8601 duration"),
        (["extend", "--all", "--until", ""], "--until is '', not a time such as"),
        (["extend", "--all", "--by", "PT2H", "--until", ""], "say for how long"),
        (["extend", "CH1", "--by", "PT2H"], "the conversation 'CH1' is not CH followed by 32 hexadecimal digits"),
        (["extend", "", "--by", "PT2H"], "the conversation '' is not CH followed by 32 hexadecimal digits"),
        (["end", "CH1"], "the conversation 'CH1' is not CH followed by 32 hexadecimal digits"),
        (["end", ""], "the conversation '' is not CH followed by 32 hexadecimal digits"),
        (["end", "CH" + "0" * 32, "--json"], "--json asks no questions: add --yes"),
        (["end", "CH" + "0" * 32], "check the SID, or choose another stack with --stack"),
        (["backfill", "--json"], "--json asks no questions: add --yes or --dry-run"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(outputs: Path, arguments: list[str], complaint: str) -> None:
    """Status 2, and nothing was done."""
    said = run(outputs, *arguments)

    assert said.exit_code == 2
    assert complaint in said.output
    assert len(said.output.splitlines()) == 1
