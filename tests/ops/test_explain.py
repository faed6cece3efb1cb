"""`inactivity explain`: a chat row by row, and what happened in one that was closed, without the log."""

import json
from pathlib import Path

import pytest

from tests.ops.test_command import run, silent
from tests.world.driving import Chat, Twilio


def lines(outputs: Path, *arguments: str) -> list[str]:
    """What `explain` prints."""
    said = run(outputs, "explain", *arguments)

    assert said.exit_code == 0, said.output
    return [line.strip() for line in said.output.splitlines()]


def document(outputs: Path, *arguments: str) -> dict[str, object]:
    """What `explain --json` prints."""
    said = run(outputs, "explain", "--json", *arguments)

    assert said.exit_code == 0, said.output
    return dict(json.loads(said.output))


def by_sweep(twilio: Twilio, outputs: Path, chat: Chat, minutes: int) -> None:
    """Time passes, and what is due is done; no webhook arrives here, so backfill does it."""
    twilio.advance(f"PT{minutes}M")
    run(outputs, "end", chat.conversation, "--yes")


def test_a_silence_is_explained_row_by_row_and_nothing_is_written(twilio: Twilio, outputs: Path) -> None:
    """A minute before the warning: what decides, what is next, when the timer fires."""
    chat = silent(twilio)
    twilio.advance("PT7M")
    twilio.clear_log()

    said = lines(outputs, chat.conversation)

    assert said[0] == f"{chat.conversation}  active, web, queue Everyone, rule default, agent agent"
    assert said[2] == "✗ unknown status    Twilio documents every status that it shows"
    assert said[-5:] == [
        "✓ not yet           silent for 7 min; warning 1 is due at 2026-01-05 00:08:00Z",
        "Now: leave it alone (rearm not_yet).",
        "00:08:00Z: warn the customer (warning 1), in 1 min, if nobody writes.",
        "00:10:00Z: end the chat, in 3 min, if nobody writes.",
        "Twilio's timer fires at 00:08:00Z.",
    ]
    assert {request.method for request in twilio.requests()} == {"GET"}


def test_what_is_due_is_said_with_what_follows(twilio: Twilio, outputs: Path) -> None:
    """The warning now, the end two minutes later."""
    chat = silent(twilio)
    twilio.advance("PT8M")

    said = lines(outputs, chat.conversation)

    assert said[-2:] == [
        "Now: warn the customer (warning 1) (warn customer_silent).",
        "00:10:00Z: end the chat, in 2 min, if nobody writes.",
    ]


def test_a_mode_that_holds_back_is_said(twilio: Twilio, outputs: Path) -> None:
    """Decided, and not done."""
    told = json.loads(outputs.read_text(encoding="utf-8"))
    told["settings"]["MODE"] = "observe"
    outputs.write_text(json.dumps(told), encoding="utf-8")
    chat = silent(twilio)
    twilio.advance("PT8M")

    assert "Now: warn the customer (warning 1), but mode is observe (warn customer_silent)." in lines(
        outputs, chat.conversation
    )


def test_a_chat_that_we_ended_tells_its_story_without_the_log(twilio: Twilio, outputs: Path) -> None:
    """Messages without their texts, our marks, the task with its queue, agent and outcome."""
    chat = silent(twilio)
    by_sweep(twilio, outputs, chat, 10)

    said = [" ".join(line.split()) for line in lines(outputs, chat.conversation)]

    assert said[1:10] == [
        "2026-01-05 00:00:00Z conversation created",
        f"2026-01-05 00:00:00Z task {chat.task} queued",
        f"2026-01-05 00:00:00Z task {chat.task} accepted (queue Everyone, by agent)",
        "2026-01-05 00:00:00Z customer message 0",
        "2026-01-05 00:00:00Z agent message 1",
        "2026-01-05 00:10:00Z we closing notice, 10 min after message 1",
        f"2026-01-05 00:10:00Z task {chat.task} completed (queue Everyone, outcome inactivity_timeout)",
        "2026-01-05 00:10:00Z conversation closed",
        "We ended it: the customer did not answer message 1 for 10 min.",
    ]


def test_the_story_is_there_when_taskrouter_has_forgotten_the_task(twilio: Twilio, outputs: Path) -> None:
    """Events are kept for 30 days; our messages stay."""
    chat = silent(twilio)
    by_sweep(twilio, outputs, chat, 10)
    twilio.advance("P31D")

    history = document(outputs, chat.conversation)["history"]

    assert isinstance(history, dict)
    assert history["verdict"] == "ended_by_us"
    assert [each["who"] for each in history["happened"]].count("task") == 0


def test_a_chat_that_somebody_else_closed_says_so(twilio: Twilio, outputs: Path) -> None:
    """No notice and no outcome of ours."""
    chat = silent(twilio)
    twilio.rest("POST", chat.path, State="closed")

    history = document(outputs, chat.conversation)["history"]

    assert isinstance(history, dict)
    assert (history["verdict"], history["sentence"]) == (
        "closed_by_others",
        "Somebody else closed it; it has no closing notice and no outcome of ours.",
    )


def test_a_complaint_is_found_by_address_and_time(twilio: Twilio, outputs: Path) -> None:
    """Of two chats of one customer, the one that was open then."""
    chat = silent(twilio, channel="whatsapp")
    by_sweep(twilio, outputs, chat, 10)
    address = next(each.address for each in chat.truth.participants if each.address) or ""

    then = lines(outputs, "--customer", address, "--at", "2026-01-05T00:05:00Z")
    elsewhere = lines(outputs, "--customer", address, "--at", "2026-01-05T02:05:00+01:00")

    assert then[0].split()[0] == chat.conversation
    nearest = "the nearest one lasted from 2026-01-05 00:00:00Z to 2026-01-05 00:10:00Z."
    assert elsewhere[:2] == [f"No conversation of this customer was open then; {nearest}", then[0]]


def test_json_says_whether_the_chat_was_open_then(twilio: Twilio, outputs: Path) -> None:
    """A script must not take the nearest chat for the right one."""
    chat = silent(twilio, channel="whatsapp")
    by_sweep(twilio, outputs, chat, 10)
    address = next(each.address for each in chat.truth.participants if each.address) or ""

    then, elsewhere = (
        document(outputs, "--customer", address, "--at", at) for at in ("2026-01-05T00:05:00Z", "2026-01-05T02:00:00Z")
    )

    nearest = "the nearest one lasted from 2026-01-05 00:00:00Z to 2026-01-05 00:10:00Z."
    assert then["remark"] is None
    assert elsewhere["remark"] == f"No conversation of this customer was open then; {nearest}"
    assert document(outputs, chat.conversation)["remark"] is None


def test_a_web_customer_is_found_by_identity(twilio: Twilio, outputs: Path) -> None:
    """They have no address."""
    chat = silent(twilio)
    identity = next(each.identity for each in chat.truth.participants if each.kind == "customer") or ""

    assert lines(outputs, "--customer", identity, "--at", "2026-01-05T00:00:00Z")[0].split()[0] == chat.conversation


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["CH123"], "the conversation 'CH123' is not CH followed by 32 hexadecimal digits"),
        ([""], "the conversation '' is not CH followed by 32 hexadecimal digits"),
        (["", "--customer", "+1", "--at", "2026-01-05T00:00:00Z"], "name either a conversation, CH..., or --customer"),
        (["--customer", "", "--at", "2026-01-05T00:00:00Z"], "--customer is '': write an address as Twilio does"),
        (["--customer", " ", "--at", "2026-01-05T00:00:00Z"], "--customer is ' ': write an address as Twilio does"),
        (["--customer", "+1", "--at", ""], "--at is '', not a time such as 2026-11-27T14:05:00Z"),
        (["IS" + "0" * 32], "is not CH followed by 32 hexadecimal digits"),
        ([], "name either a conversation, CH..., or --customer ADDRESS with --at TIME"),
        (["--customer", "+1"], "name either a conversation, CH..., or --customer ADDRESS with --at TIME"),
        (["--customer", "+1", "--at", "2026-01-05T00:00:00"], "without a zone: write 2026-01-05T00:00:00Z"),
        (["--customer", "+1", "--at", "noon"], "--at is 'noon', not a time such as 2026-11-27T14:05:00Z"),
        (["--customer", "+1", "--at", "2026-01-05T00:00:00Z"], "nobody with this address or identity"),
        (["CH" + "0" * 32], "check the SID, or choose another stack with --stack"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_line(outputs: Path, arguments: list[str], complaint: str) -> None:
    """Status 2, and what to write instead."""
    said = run(outputs, "explain", *arguments)

    assert said.exit_code == 2
    assert complaint in said.output
    assert len(said.output.splitlines()) == 1
