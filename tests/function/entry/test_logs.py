"""The form of a line of the log."""

import pytest

from function.chat import DecisionKind
from function.entry.log_lines import AcceptanceFacts, Accepted, entries
from function.entry.logs import Severity, as_json, frames, to_stdout, trace_of
from function.handling import Outcome

SECRET = "4711"
TRACE = "105445aa7843bc8bf206b12000100000"


def test_a_line_is_one_json_object() -> None:
    """It is compact, and readable in any language."""
    assert (
        as_json({"message": "für alle", "zero": 0, "off": False, "b": ["x"]})
        == '{"message":"für alle","zero":0,"off":false,"b":["x"]}'
    )


def test_a_line_is_written_where_the_platform_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output, one line each."""
    to_stdout("{}")
    to_stdout("[]")

    assert capsys.readouterr().out == "{}\n[]\n"


def test_empty_values_are_left_out_of_a_line_but_not_of_its_facts() -> None:
    """Zero and false are values; a fact without a value means something too."""
    facts = AcceptanceFacts(timer=None, state="active", task=None, task_status=None, channel_status=None)
    line = Accepted(
        severity=Severity.INFO,
        message="m",
        conversation="",
        decision=DecisionKind.KEEP,
        reason="closed",
        rule="",
        facts=facts,
        outcome=Outcome.KEPT,
    )

    shown = {"timer": None, "state": "active", "task": None, "taskStatus": None, "channelStatus": None}
    expected = {"severity": "INFO", "message": "m", "event": "accepted", "decision": "keep", "reason": "closed"}
    assert list(entries(line).items()) == list((expected | {"facts": shown, "outcome": "kept"}).items())


@pytest.mark.parametrize("header", [TRACE, f"{TRACE}/1;o=1", f"{TRACE}/1/2"])
def test_lines_of_one_request_belong_to_googles_trace(header: str) -> None:
    """The trace's id is the part before the slash."""
    assert trace_of(header, "a-project") == f"projects/a-project/traces/{TRACE}"


@pytest.mark.parametrize(
    ("header", "project"),
    [
        (None, "a-project"),
        ("", "a-project"),
        (TRACE, ""),
        (TRACE[:-1], "a-project"),
        (TRACE + "0", "a-project"),
        (TRACE[:-1] + "-", "a-project"),
        (TRACE[:-3] + "/..", "a-project"),
    ],
)
def test_a_malformed_trace_is_left_out(header: str | None, project: str) -> None:
    """Anybody may send the header."""
    assert trace_of(header, project) == ""


def test_an_error_is_logged_by_place_and_type_without_its_message() -> None:
    """The message may quote what a customer wrote."""

    def fail() -> None:
        raise LookupError(SECRET)

    try:
        fail()
    except LookupError as error:
        trace = frames(error).splitlines()

    assert trace[0] == "Traceback (most recent call last):"
    assert trace[1].lstrip().startswith("File ")
    assert trace[-1] == "builtins.LookupError"
    assert SECRET not in "".join(trace)


def test_half_a_surrogate_is_written_as_json_writes_it() -> None:
    """Twilio's data may have one, and no output can encode it."""
    line = as_json({"status": "on\ud83d", "name": "Zoë"})

    assert line.encode() == '{"status":"on\\ud83d","name":"Zoë"}'.encode()
