"""`inactivity report`: a week against the week before, from the function's log or from Twilio."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.command import app
from ops.report.chats import Ended, Lost, Observed, Reply, ToLookAt, Waited, Warned
from ops.report.figures import EndedBy, report_of
from ops.report.log_source import Line, LogError, observed_in, read_log
from tests.ops.test_command import run, silent
from tests.world.driving import Twilio

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)
A, B = "CH" + "a" * 32, "CH" + "b" * 32
WEEK = timedelta(days=7)


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def decision(minutes: float, decided: str, *, conversation: str = A, **more: Any) -> Line:
    """A line about a chat."""
    fields: dict[str, Any] = {"outcome": "done", "rule": "default", "last_word": "agent", "answers": 1}
    return Line(at(minutes), "decision", conversation, decided, **{**fields, **more})


def entry(minutes: float, **payload: Any) -> dict[str, Any]:
    """The same as Cloud Logging has it."""
    said = {"event": "decision", "conversation": A, "decision": "keep", "reason": "queued", "outcome": "kept"}
    return {"timestamp": at(minutes).isoformat(), "jsonPayload": {**said, **payload}, "severity": "INFO"}


# -- the log ----------------------------------------------------------------------------------------------------------


def test_a_log_is_read_as_gcloud_prints_it_or_line_by_line() -> None:
    """Oldest first, whatever the order; others' lines are left out."""
    payload = {"facts": {"answers": 3.0, "silentFor": "PT20M", "lastWord": "customer"}, "at": "2026-01-20T12:01:00Z"}
    entries = [entry(2), entry(1, **payload)]
    plain = "\n".join(["Serving on 8080", json.dumps({"other": 1}), *(json.dumps(each) for each in entries)])

    expected = (
        Line(
            *(at(1), "decision", A, "keep", "queued"),
            outcome="kept",
            last_word="customer",
            answers=3,
            waited=timedelta(minutes=20),
        ),
        Line(at(2), "decision", A, "keep", "queued", outcome="kept"),
    )
    assert read_log(json.dumps(entries), "x") == expected
    assert read_log(plain, "x") == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[{"jsonPayload": ', "x is cut off or damaged"),
        ('{"event": "decision"}\n{"event": ', "x: line 2 is cut off or damaged: fetch it again"),
        ("", "x has no line of the function: fetch it with gcloud logging read"),
        ("[]", "x has no line of the function"),
        ('{"event": 3}\n[1]', "x has no line of the function"),
    ],
)
def test_a_log_that_cannot_be_read_says_what_to_do(text: str, complaint: str) -> None:
    """Half a file is no file."""
    with pytest.raises(LogError) as raised:
        read_log(text, "x")

    assert str(raised.value).startswith(complaint)


@pytest.mark.parametrize(
    ("later", "reply"),
    [
        ((), Reply.NOTHING),
        ((decision(10, "end"),), Reply.NOTHING),
        ((decision(10, "keep", answers=3, last_word="customer"),), Reply.CUSTOMER),
        ((decision(10, "rearm", answers=4, last_word="agent"),), Reply.AGENT),
    ],
)
def test_what_followed_a_warning_is_the_next_counted_message(later: tuple[Line, ...], reply: Reply) -> None:
    """A line with the same message shows that nobody wrote."""
    assert observed_in([decision(8, "warn"), *later]).warned == (Warned(A, at(8), "default", reply),)


def test_a_silence_with_two_warnings_counts_once() -> None:
    """Both answer the same message; the next silence counts anew."""
    lines = [decision(5, "warn"), decision(8, "warn"), decision(20, "warn", answers=4)]

    assert [each.at for each in observed_in(lines).warned] == [at(5), at(20)]


def test_a_warning_or_an_end_that_was_not_applied_does_not_count() -> None:
    """Withheld by the mode, deferred, or taken back."""
    outcomes = ("withheld", "deferred", "claimed_elsewhere", "too_old")
    lines = [decision(8, kind, outcome=outcome) for kind in ("warn", "end") for outcome in outcomes]

    found = observed_in(lines)

    assert (found.warned, found.ended) == ((), ())


def test_ends_have_their_rule_and_reason() -> None:
    """One for each chat."""
    lines = [decision(10, "end", rule="night", reason="customer_silent"), decision(11, "keep", reason="closed")]

    assert observed_in(lines).ended == (Ended(A, at(10), "night", reason="customer_silent"),)


def test_the_longest_wait_of_a_chat_counts_if_it_is_long() -> None:
    """For an agent's answer, or in the queue."""
    lines = [
        decision(8, "keep", reason="agent_silent", waited=timedelta(minutes=8)),
        decision(20, "keep", reason="queued", waited=timedelta(minutes=20)),
        decision(8, "keep", conversation=B, reason="agent_silent", waited=timedelta(minutes=15)),
        decision(60, "end", conversation=B, reason="customer_silent", waited=timedelta(minutes=60)),
    ]

    assert observed_in(lines).waited == (Waited(A, at(20), timedelta(minutes=20)),)


def test_what_somebody_must_look_at_is_named_once() -> None:
    """Late replies, chats and tasks, each with its reason."""
    lines = [
        decision(1, "end", outcome="late_reply"),
        decision(2, "end", outcome="late_reply"),
        decision(3, "end", conversation=B, outcome="too_old"),
        decision(4, "keep", conversation=B, alarm="fate_unknown"),
        decision(5, "end", conversation=B, assigned=("WT1",)),
        Line(at(6), "orphans", "CH3", left=("WT2",)),
        Line(at(7), "failed", "CH4"),
        Line(at(8), "failed", "CH5"),
        decision(9, "keep", conversation="CH5", outcome="kept"),
    ]

    found = [(each.kind, each.sid, each.at) for each in observed_in(lines).to_look_at]

    assert found == [
        (Lost.LATE_REPLY, A, at(2)),
        (Lost.TASK, "WT1", at(5)),
        (Lost.CHAT, B, at(4)),
        (Lost.TASK, "WT2", at(6)),
        (Lost.CHAT, "CH4", at(7)),
    ]


# -- the figures ------------------------------------------------------------------------------------------------------


def test_each_period_counts_what_happened_in_it() -> None:
    """The last moment of the newer one is its end; older things count nowhere."""
    when = [NOON, NOON - timedelta(days=6), NOON - timedelta(days=8), NOON - timedelta(days=15)]
    observed = Observed(
        until=NOON,
        warned=tuple(Warned(A, each, "default", Reply.CUSTOMER) for each in when),
        waited=tuple(Waited(A, each, WEEK) for each in when),
    )

    report = report_of(observed, WEEK)

    assert [(each.warned, each.returned, each.waited_long) for each in (report.period, report.before)] == [
        (2, 2, 2),
        (1, 1, 1),
    ]


def test_ends_are_counted_by_rule_and_queue() -> None:
    """The most frequent first; who wrote again counts only where it is known."""
    ended = [("default", "Everyone", True), ("night", "", None), ("default", "Everyone", False)]
    observed = Observed(
        until=NOON, ended=tuple(Ended(A, NOON, rule, queue, wrote_again=again) for rule, queue, again in ended)
    )

    figures = report_of(observed, WEEK).period

    assert figures.ended_by == (EndedBy("default", "Everyone", 2, 1), EndedBy("night", "", 1, 0))
    assert (figures.ended, figures.known_again, figures.wrote_again) == (3, 2, 1)


def test_what_to_look_at_is_counted_by_kind() -> None:
    """And named."""
    late = ToLookAt(Lost.LATE_REPLY, A, NOON, "why")
    figures = report_of(Observed(until=NOON, to_look_at=(late,)), WEEK).period

    assert [figures.count(kind) for kind in Lost] == [1, 0, 0]


# -- the command ------------------------------------------------------------------------------------------------------


def figures(outputs: Path, *arguments: str) -> Mapping[str, Any]:
    """The newer period, as `report --json` prints it."""
    said = run(outputs, "report", "--json", *arguments)

    assert said.exit_code == 0, said.output
    return dict(json.loads(said.output)["period"])


def counted(period: Mapping[str, Any], *names: str) -> list[int]:
    """Some of its figures."""
    return [period[name] for name in names]


def test_twilio_shows_warnings_returns_ends_and_waits(twilio: Twilio, outputs: Path) -> None:
    """From our marks on messages alone."""
    back, gone, waits = silent(twilio), silent(twilio), twilio.chat()
    waits.says("customer")
    twilio.advance("PT9M")
    run(outputs, "backfill", "--older-than", "PT1M", "--yes")
    too_early = back.ours
    twilio.advance("PT3M")
    run(outputs, "backfill", "--older-than", "PT1M", "--yes")
    back.says("customer")
    twilio.advance("PT10M")
    run(outputs, "backfill", "--older-than", "PT1M", "--yes")

    period = figures(outputs)

    assert (too_early, back.ours, gone.ours) == ([], ["warning"], ["warning", "closing"])
    assert counted(period, "warned", "returned", "agentWrote", "ended", "waitedLong") == [2, 1, 0, 1, 1]
    assert period["endedBy"] == [{"rule": "default", "queue": "Everyone", "ended": 1, "wroteAgain": 0}]


def test_a_log_is_enough_and_twilio_adds_queue_and_customer(
    twilio: Twilio, outputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without credentials the rest is shown."""
    chat = silent(twilio)
    run(outputs, "explain", chat.conversation)
    run(outputs, "end", chat.conversation, "--yes")
    now = twilio.now()
    log = tmp_path / "log.json"
    log.write_text(
        json.dumps(
            {
                "event": "decision",
                "at": now.isoformat(),
                "conversation": chat.conversation,
                "decision": "end",
                "reason": "customer_silent",
                "rule": "default",
                "outcome": "done",
                "facts": {"task": chat.task, "answers": 1},
            }
        ),
        encoding="utf-8",
    )

    looked_up = figures(outputs, "--log", str(log))
    monkeypatch.delenv("TWILIO_AUTH_TOKEN")
    alone = figures(outputs, "--log", str(log))

    assert looked_up["endedBy"] == [{"rule": "default", "queue": "Everyone", "ended": 1, "wroteAgain": 0}]
    assert alone["endedBy"] == [{"rule": "default", "queue": "", "ended": 1, "wroteAgain": 0}]
    assert (looked_up["knownAgain"], alone["knownAgain"]) == (1, 0)


def test_a_log_is_read_from_standard_input(outputs: Path) -> None:
    """A pipe from gcloud."""
    said = CliRunner().invoke(app, ["report", "--log", "-", "--no-look-up"], input=json.dumps([entry(1)]))

    assert said.exit_code == 0
    assert said.output.splitlines()[0].split("  ")[-1] == "difference"


def test_a_week_is_shown_beside_the_week_before(outputs: Path, tmp_path: Path) -> None:
    """With shares and the difference."""
    log = tmp_path / "log.json"
    warn = {"decision": "warn", "reason": "customer_silent", "outcome": "done", "rule": "default"}
    lines = [
        entry(0, **warn, facts={"answers": 1, "lastWord": "agent"}),
        entry(9, facts={"answers": 3, "lastWord": "customer"}),
        entry(-9 * 24 * 60, **warn, conversation=B, facts={"answers": 1, "lastWord": "agent"}),
    ]
    log.write_text(json.dumps(lines), encoding="utf-8")

    said = run(outputs, "report", "--log", str(log), "--no-look-up").output.splitlines()

    assert [" ".join(line.split()) for line in said[:3]] == [
        "13 Jan 12:09 to 20 Jan 12:09 06 Jan 12:09 to 13 Jan 12:09 difference",
        "silences with a warning 1 1 same",
        "the customer returned 1 (100 %) 0 (0 %) +1",
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--since", "week"], "--since is 'week', not an ISO 8601 duration"),
        (["--since", "PT1M"], "--since is PT1M, less than the minimum of PT1H"),
        (["--until", "2026-01-05T00:00:00"], "--until is '2026-01-05T00:00:00', without a zone"),
        (["--until", ""], "--until is '', not a time such as"),
        (["--log", "/nowhere/log.json"], "--log /nowhere/log.json cannot be read"),
    ],
)
def test_what_cannot_be_reported_is_said_in_one_line(outputs: Path, arguments: list[str], complaint: str) -> None:
    """Status 2."""
    said = run(outputs, "report", *arguments)

    assert said.exit_code == 2
    assert said.output.startswith(complaint)
    assert len(said.output.splitlines()) == 1


def test_a_customer_who_begins_another_chat_soon_wrote_again(twilio: Twilio, outputs: Path) -> None:
    """By address; the agent of both chats is not it."""
    chat = silent(twilio, channel="whatsapp")
    run(outputs, "end", chat.conversation, "--yes")
    address = next(each.address for each in chat.truth.participants if each.address)
    before = figures(outputs)
    twilio.advance("PT2H")
    service = f"conversations/v1/Services/{twilio.account.service_sid}/Conversations"
    other = twilio.rest("POST", service, FriendlyName="another")["sid"]
    binding = {"MessagingBinding.Address": address, "MessagingBinding.ProxyAddress": "whatsapp:+15550009999"}
    twilio.rest("POST", f"{service}/{other}/Participants", **binding)

    assert counted(before, "knownAgain", "wroteAgain") == [1, 0]
    assert counted(figures(outputs), "knownAgain", "wroteAgain") == [1, 1]
